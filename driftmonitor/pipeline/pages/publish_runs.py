"""The page of each run: rendered once, and again only when its report, its neighbours or its incident changed."""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from driftmonitor import reports
from driftmonitor.facts.record import RunRecord, read_json
from driftmonitor.formats import say_day
from driftmonitor.pipeline.pages import render
from driftmonitor.pipeline.pages.changes import say_change
from driftmonitor.pipeline.pages.frame import made_by, page_links
from driftmonitor.pipeline.pages.incidents import anchor, incident_of
from driftmonitor.pipeline.pages.monitor_history import History, MonitorView
from driftmonitor.pipeline.pages.pictures import Picture, png_size, take_out, without_pictures
from driftmonitor.pipeline.pages.run_page import Day, Link, RunPage
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.timeline import FILES, STATUS_WORDS
from driftmonitor.pipeline.pages.wording import name_columns, say_count, say_label, say_rows, say_strange

UPWARD = re.compile(rb'(?<=["\'])(?=(\.\./)+(assets/|index\.html))')  # an Evidently page's links out of its folder
COLUMNS_ON_TOP = 3
PICTURE = "shift.png"


def report_files(folder: Path) -> tuple[str, ...]:
    """Return the files of a report that are published as they are."""
    present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return tuple(name for name in FILES.values() if name in present)


def publish_runs(build: Build, history: History, view: MonitorView, home: Path) -> None:
    """Publish the pages of all runs of a monitor that have a report in `home`."""
    for day in view.published:
        around = _around(view, day, home)
        report, place = home / f"{day}", f"{view.name}/{day}"
        files = [*view.files[day], *_picture(view, day, report)]
        made = content_key(made_by(), repr((vars(view.by_date[day]), files)), *_made_from(report))
        key = f"{made} {content_key(repr((view.title, around)))}"
        kept = build.reuse_folder(place, made)
        if not (kept and build.reuse(f"{place}/index.html", key)):
            page = _page(view, history.record_of(view.name, day), "../../", view.files[day])
            _publish_run(build, report, place, replace(page, **around), key, files, kept)
        if around["last_good"] and around["last_good"].href.startswith(reports.LAST_GOOD.replace("_", "-")):
            _publish_kept(build, view, report / reports.LAST_GOOD, f"{place}/last-good", day)


def worst_picture(view: MonitorView, home: Path) -> Picture | None:
    """Return the picture of the last good run's worst column; None where its page has none."""
    day = view.good.run_date if view.good else None
    if day not in view.files or not _picture(view, day, home / f"{day}"):
        return None
    size = png_size((home / f"{day}" / PICTURE).read_bytes())
    return Picture(f"{day}/{PICTURE}", f"{day}/index.html", *size) if size else None


def _picture(view: MonitorView, day: dt.date, report: Path) -> list[str]:
    """Return the picture of a drifted day's worst column, which alerts show from here."""
    return [PICTURE] if view.by_date[day].status == "drift" and (report / PICTURE).is_file() else []


def _publish_run(
    build: Build, report: Path, place: str, page: RunPage, key: str, files: Sequence[str], kept: bool
) -> None:
    """Publish one run's page and what is beside it, `kept` if that is there already: then the notebook is not read."""
    path, made = f"{place}/index.html", key.split()[0]
    before = build.read_previous(path) if kept and f"{build.previous_keys.get(path)}".startswith(f"{made} ") else ""
    if before and page.status != "failed":
        build.write(path, render.render_anew(before, page), key)
        return
    _write(build, report, place, page, made)
    _copy(build, report, place, files, made)
    build.keys[path] = key


def _around(view: MonitorView, day: dt.date, home: Path) -> dict[str, Any]:
    """Return what stands on a run's page beside the run itself: its neighbours, its incident, what changed."""
    days = view.published
    place = bisect_left(days, day)
    return {
        "previous": _beside(days[place - 1]) if place else None,
        "following": _beside(days[place + 1]) if place + 1 < len(days) else None,
        "incident": _incident(view, day),
        "change": say_change(view.until(day)),
        "label": say_label(view.by_date[day]),
        "last_good": _last_good(view, day, home) if view.by_date[day].status == "failed" else None,
    }


def _beside(day: dt.date) -> Day:
    return Day(day, f"../{day}/index.html")


def _incident(view: MonitorView, day: dt.date) -> Link | None:
    incident = incident_of(view, day)
    if incident is None:
        return None
    words = f"Day {(day - incident.start).days + 1} of the drift since {say_day(incident.start)}"
    return Link(words, f"../index.html#{anchor(incident)}")


def _last_good(view: MonitorView, day: dt.date, home: Path) -> Day | None:
    """Return the good run of the same day that the failed one replaced, or else the newest of the days before."""
    if (home / f"{day}" / reports.LAST_GOOD / "record.json").is_file():
        return Day(day, "last-good/index.html")
    good = [other for other in view.published if other < day and view.by_date[other].status != "failed"]
    return _beside(good[-1]) if good else None


def _page(view: MonitorView, record: RunRecord, root: str, files: Sequence[str]) -> RunPage:
    links = page_links(root, script=False)
    return RunPage(
        title=view.title,
        monitor=view.name,
        run_date=record.run_date,
        status=record.status,
        status_words=STATUS_WORDS[record.status],
        headline=say_count(record),
        columns=name_columns(record)[:COLUMNS_ON_TOP],
        note=say_rows(record),
        strange=say_strange(record),
        index=f"{root}index.html",
        monitor_page=f"{root}{view.name}/index.html",
        stylesheet=links["stylesheet"],
        favicon=links["favicon"],
        **{name.split(".")[0]: name if name in files else None for name in FILES.values()},
    )


def _publish_kept(build: Build, view: MonitorView, report: Path, place: str, day: dt.date) -> None:
    """Publish the good run that a failed one of the same day replaced, one folder deeper."""
    files = report_files(report)
    page = _page(view, read_json(report / "record.json"), "../../../", files)
    page = replace(page, following=Day(day, "../index.html"))
    key = content_key(made_by(), repr((page, files)), *_made_from(report))
    if build.reuse_folder(place, key):
        return
    _write(build, report, place, page, key)
    _copy(build, report, place, [name for name in files if name != "evidently.html"], key)
    if "evidently.html" in files:  # its links were made for a folder further up
        html = (report / "evidently.html").read_bytes()
        build.write(f"{place}/evidently.html", UPWARD.sub(b"../", html), key)


def _made_from(report: Path) -> tuple[bytes, str]:
    """Return what tells a report from another of its day: its record, and its notebook's size.

    The record says how long the run took, so no two are alike; to read the notebooks of all days would take seconds.
    """
    notebook = report / "notebook.ipynb"
    return _read(report / "record.json"), str(notebook.stat().st_size if notebook.is_file() else "")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _write(build: Build, report: Path, place: str, page: RunPage, key: str) -> None:
    """Write a run's page, its pictures and its notebook: together, so that they are taken over together."""
    html, pictures = take_out(render.render_notebook(report / "notebook.ipynb", page))
    files: dict[str, str | bytes] = {"index.html": html, **pictures}
    if page.notebook:
        files[page.notebook] = without_pictures(_read(report / "notebook.ipynb"))
    for name, content in files.items():
        build.write(f"{place}/{name}", content, key)


def _copy(build: Build, report: Path, place: str, files: Sequence[str], key: str) -> None:
    for name in files:
        if name != "notebook.ipynb":
            build.copy(f"{place}/{name}", report / name, key)
