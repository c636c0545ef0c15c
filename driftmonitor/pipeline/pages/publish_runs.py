"""Publish the page of each run; render it again only if its report, its neighbours or its incident changed."""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from driftmonitor import reports
from driftmonitor.facts.record import RunRecord, failed, read_report
from driftmonitor.formats import say_day
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.failures import Failures
from driftmonitor.pipeline.pages import render
from driftmonitor.pipeline.pages.changes import say_change
from driftmonitor.pipeline.pages.frame import look_key, make_frame
from driftmonitor.pipeline.pages.incidents import MOST_PAGES, find_incident, list_newest, make_anchor
from driftmonitor.pipeline.pages.model import say_run
from driftmonitor.pipeline.pages.monitor_view import MonitorView, as_reviewed
from driftmonitor.pipeline.pages.multiples import make_multiples
from driftmonitor.pipeline.pages.pictures import extract_pictures, remove_pictures
from driftmonitor.pipeline.pages.reading import show_reading
from driftmonitor.pipeline.pages.run_page import DayLink, Link, RunPage
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.timeline import FILES, STATUS_WORDS, choose_run_look
from driftmonitor.pipeline.pages.wording import name_columns, say_anomaly, say_count, say_review, say_rows
from driftmonitor.regular_files import Folder, Missing
from driftmonitor.words.checks import failing, say_check
from driftmonitor.words.where import say_each

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

UPWARD = re.compile(rb'(?<=["\'])(?=(\.\./)+(assets/|index\.html))')  # an Evidently page's links out of its folder
COLUMNS_ON_TOP = 3
KEPT = "last-good"  # a run's folder for the successful report that a failed one of the same day replaced


@dataclass(frozen=True)
class Context:
    """What a run's page shows that depends on other runs or on a review; None or "" for nothing.

    `with_page`: the columns that have a page of their own.
    """

    previous: DayLink | None
    following: DayLink | None
    incident: Link | None
    change: str
    review: str
    last_success: DayLink | None
    with_page: Sequence[str] = ()


def list_report_files(report: Folder) -> tuple[str, ...]:
    """Return the files of a report that are published as they are."""
    present = report.names()
    return tuple(name for name in FILES.values() if name in present)


def publish_runs(build: Build, history: "History", view: MonitorView, home: Folder, failures: Failures) -> None:
    """Publish the pages of all runs of a monitor that have a report in `home`."""
    for day in view.published:
        failures.attempt(
            f"{view.name} {day}",
            partial(_publish_day, build, history, view, home, day),
            partial(_publish_why, build, view, day),
        )


def _publish_day(build: Build, history: "History", view: MonitorView, home: Folder, day: dt.date) -> None:
    context = _read_context(view, day, home)
    report, folder = home / f"{day}", f"{view.name}/{day}"
    files = [*view.files[day], *_list_picture(view, day, report)]
    report_key = content_key(look_key(), repr((vars(view.by_date[day]), files)), *_read_identity(report))
    key = f"{report_key} {content_key(repr((view.title, context)))}"
    reused = build.reuse_folder(folder, report_key)
    record = None if reused and build.reuse(f"{folder}/index.html", key) else _read_record(history, view, day)
    if record:
        multiples = make_multiples(record, "../../", frozenset(context.with_page))
        around = {name: value for name, value in vars(context).items() if name != "with_page"}
        page = replace(_make_page(view, record, "../../", view.files[day]), multiples=multiples, **around)
        _publish_run(build, report, folder, page, key, files, reused)
    if context.last_success and context.last_success.href.startswith(KEPT):
        _publish_kept(build, view, report / reports.LAST_GOOD, f"{folder}/{KEPT}", day)


def _read_record(history: "History", view: MonitorView, day: dt.date) -> RunRecord | None:
    return as_reviewed(history.record_of(view.name, day), view.by_date[day])


def _publish_why(build: Build, view: MonitorView, day: dt.date, why: str) -> None:
    """Publish why a run's page could not be built, where other pages link it."""
    page = _make_page(view, failed(view.name, day, why), "../../", ())
    build.write(f"{view.name}/{day}/index.html", render.render_problem(page))


def _list_picture(view: MonitorView, day: dt.date, report: Folder) -> list[str]:
    """Return the picture of a drift day's most drifted column, which alerts show from here."""
    return [reports.PICTURE] if view.by_date[day].status == "drift" and report.has(reports.PICTURE) else []


def _publish_run(
    build: Build, report: Folder, folder: str, page: RunPage, key: str, files: Sequence[str], reused: bool
) -> None:
    """Publish one run's page and files. If they were `reused`, the notebook need not be read again."""
    path, report_key = f"{folder}/index.html", key.split()[0]
    same_report = reused and f"{build.previous_keys.get(path)}".startswith(f"{report_key} ")
    previous = build.read_previous(path) if same_report else ""
    if previous and page.status != "failed":
        build.write(path, render.replace_frame(previous, page), key)
        return
    _write_page(build, report, folder, page, report_key)
    _copy_files(build, report, folder, files, report_key)
    build.keys[path] = key


def _read_context(view: MonitorView, day: dt.date, home: Folder) -> Context:
    days = view.published
    index = bisect_left(days, day)
    return Context(
        previous=_link_day(days[index - 1]) if index else None,
        following=_link_day(days[index + 1]) if index + 1 < len(days) else None,
        incident=_link_incident(view, day),
        change=say_change(view.runs_until(day)),
        review=say_review(view.by_date[day]),
        last_success=_link_last_success(view, day, home) if view.by_date[day].status == "failed" else None,
        with_page=view.columns_with_page,
    )


def _link_day(day: dt.date) -> DayLink:
    return DayLink(day, f"../{day}/index.html")


def _link_incident(view: MonitorView, day: dt.date) -> Link | None:
    incident = find_incident(view, day)
    if incident is None:
        return None
    runs = sum(incident.start <= run.run_date for run in view.runs_until(day))
    words = f"Open the incident (run {runs}, since {say_day(incident.start)})"
    anchor, has_page = make_anchor(incident), incident in list_newest(view)[:MOST_PAGES]
    return Link(words, f"../incidents/{anchor}/index.html" if has_page else f"../index.html#{anchor}")


def _link_last_success(view: MonitorView, day: dt.date, home: Folder) -> DayLink | None:
    """Return the successful run of the same day that the failed one replaced, or else the newest one before."""
    if (home / f"{day}" / reports.LAST_GOOD).has(FILES["Record"]):
        return DayLink(day, f"{KEPT}/index.html")
    earlier = [other for other in view.published if other < day and view.by_date[other].status != "failed"]
    return _link_day(earlier[-1]) if earlier else None


def _make_page(view: MonitorView, record: RunRecord, root: str, files: Sequence[str]) -> RunPage:
    frame, look = make_frame(root, script=False), choose_run_look(Run.of(record))
    evidently, record_json, notebook = (name if name in files else None for name in FILES.values())
    return RunPage(
        title=view.title,
        monitor=view.name,
        run_date=record.run_date,
        status=look,
        status_words=STATUS_WORDS[look],
        headline=say_count(record),
        columns=name_columns(record)[:COLUMNS_ON_TOP] if record.budgeted else (),
        checks=[] if record.shown_status == "check_failed" else [say_check(check) for check in failing(record.checks)],
        harm=say_run(view, record),
        where=say_each(record),
        rows=say_rows(record),
        reading=show_reading(record.reading),
        anomaly=say_anomaly(record),
        index=f"{root}index.html",
        monitor_page=f"{root}{view.name}/index.html",
        stylesheet=frame["stylesheet"],
        favicon=frame["favicon"],
        evidently=evidently,
        record=record_json,
        notebook=notebook,
    )


def _publish_kept(build: Build, view: MonitorView, report: Folder, folder: str, day: dt.date) -> None:
    """Publish the successful run that a failed one of the same day replaced, one folder deeper."""
    files = list_report_files(report)
    record = read_report(report)
    page = _make_page(view, record, "../../../", files)
    multiples = make_multiples(record, "../../../", frozenset(view.columns_with_page))
    page = replace(page, multiples=multiples, following=DayLink(day, "../index.html"))
    key = content_key(look_key(), repr((page, files)), *_read_identity(report))
    if build.reuse_folder(folder, key):
        return
    _write_page(build, report, folder, page, key)
    _copy_files(build, report, folder, [name for name in files if name != FILES["Evidently"]], key)
    if FILES["Evidently"] in files:  # its links were made for the folder above
        html = report.read(FILES["Evidently"])
        build.write(f"{folder}/{FILES['Evidently']}", UPWARD.sub(b"../", html), key)


def _read_identity(report: Folder) -> tuple[bytes, str]:
    """Return what distinguishes a report from another of its day: its record, and its notebook's size.

    A record contains the run's duration, so no two are alike; reading the notebooks of all days would take seconds.
    """
    notebook = report.status(FILES["Notebook"])
    return _read(report, FILES["Record"]), str(notebook.st_size if notebook else "")


def _read(report: Folder, name: str) -> bytes:
    try:
        return report.read(name)
    except Missing:
        return b""


def _write_page(build: Build, report: Folder, folder: str, page: RunPage, key: str) -> None:
    """Write a run's page, its pictures and its notebook under one key, so that they are reused together."""
    html, pictures = extract_pictures(render.render_notebook(report, page))
    files: dict[str, str | bytes] = {"index.html": html, **pictures}
    if page.notebook:
        files[page.notebook] = remove_pictures(report.read(page.notebook))
    for name, content in files.items():
        build.write(f"{folder}/{name}", content, key)


def _copy_files(build: Build, report: Folder, folder: str, files: Sequence[str], key: str) -> None:
    for name in files:
        if name != FILES["Notebook"]:
            build.copy(f"{folder}/{name}", report, name, key)
