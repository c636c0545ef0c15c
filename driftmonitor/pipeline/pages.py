"""Build the site: a pure function of history and reports. Which pages there are, and what each is made from."""

import datetime as dt
import importlib.metadata
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from driftmonitor import DriftMonitorError, reports
from driftmonitor.params import NAME_PATTERN, RESERVED_NAMES, AlertSettings, Monitor
from driftmonitor.pipeline import render, sanitize, site, tables, timeline, views
from driftmonitor.pipeline.alerts import Run, State
from driftmonitor.pipeline.render import Day, RunPage
from driftmonitor.pipeline.site import Build, content_key, replacing
from driftmonitor.pipeline.templates import FOLDER, environment, stylesheet, templates_digest
from driftmonitor.pipeline.timeline import Link
from driftmonitor.pipeline.views import Told
from driftmonitor.record import RunRecord, read_json

COPIED = {"Evidently": "evidently.html", "Record": "record.json", "Notebook": "notebook.ipynb"}
FIELDS = {name.split(".")[0]: name for name in COPIED.values()}  # of a RunPage
UPWARD = re.compile(rb'(?<=["\'])(?=(\.\./)+(assets/|index\.html))')  # an Evidently page's links out of its folder


class History(Protocol):
    """What the pages ask of the history: the monitors' names, their runs in date order, and single records."""

    def monitors(self) -> Sequence[str]: ...
    def runs(self, monitor: str) -> Sequence[Run]: ...
    def record_of(self, monitor: str, run_date: dt.date) -> RunRecord | None: ...


@dataclass(frozen=True)
class Folder:
    """A folder of reports of one monitor, `reports/<monitor>/`."""

    path: Path

    def files(self, day: str) -> list[str]:
        """Return the files of a report that are published as they are; `day` may go on into `last_good`."""
        return [name for name in COPIED.values() if (self.path / day / name).is_file()]


def check_site(site_dir: Path, reports_dir: Path) -> None:
    """Refuse a site folder that holds something else, that the reports are in, or that can't be written."""
    if reports_dir.resolve().is_relative_to(site_dir.resolve()):
        raise DriftMonitorError(f"{site_dir}: the reports are inside it ({reports_dir}); choose another --site.")
    site.check(site_dir)


def publish(
    history: History, reports_dir: Path, site_dir: Path, monitors: Sequence[Monitor], now: dt.datetime
) -> list[str]:
    """Build the site from history and reports, swap it in whole, and return warnings, one line each.

    What did not change since the previous site is taken over from it. `now` is not shown: the pages tell when the
    newest run was recorded, so that the same history gives the same bytes. Raises DriftMonitorError when `site_dir`
    can't be written or holds something else; readers then keep what they had.
    """
    check_site(site_dir, reports_dir)
    warnings: list[str] = []
    with replacing(site_dir) as build:
        told = list(_tell(history, reports_dir, monitors, warnings))
        last_day = max((each.runs[-1].run_date for each in told if each.runs), default=None)
        _publish_assets(build, reports_dir)
        cards = [_publish_monitor(build, history, Folder(reports_dir / each.name), each, last_day) for each in told]
        _publish_index(build, told, cards)
    return warnings


def _tell(history: History, reports_dir: Path, monitors: Sequence[Monitor], warnings: list[str]) -> Iterator[Told]:
    """Yield every monitor that is run or was: those with a params file first."""
    current = {monitor.name: monitor for monitor in monitors}
    for name in [*current, *sorted(set(history.monitors()) - set(current))]:
        if not NAME_PATTERN.fullmatch(name) or name in RESERVED_NAMES:
            warnings.append(f"history: {name!r} is not a monitor's name; its runs are left out of the site.")
            continue
        runs = list(history.runs(name))
        good = next((run.run_date for run in reversed(runs) if run.status != "failed"), None)
        with_report = set(reports.days(reports_dir, name))
        monitor = current.get(name)
        yield Told(
            name=name,
            title=monitor.title if monitor else name,
            runs=runs,
            good=history.record_of(name, good) if good else None,
            published=[run.run_date for run in runs if run.run_date in with_report],
            settings=monitor.settings.alert if monitor else AlertSettings(),
            retired=monitor is None,
        )


def _publish_assets(build: Build, reports_dir: Path) -> None:
    name, content = stylesheet()
    build.write(f"assets/{name}", content)
    build.write("assets/favicon.svg", (FOLDER / "favicon.svg").read_bytes())
    build.write(".nojekyll", b"")  # GitHub Pages would leave out what Jekyll doesn't know
    for bundle in sorted((reports_dir / "assets").glob("evidently-*.js")):
        build.copy(f"assets/{bundle.name}", bundle)


def _publish_index(build: Build, told: Sequence[Told], cards: Sequence[views.Card]) -> None:
    current = [card for each, card in zip(told, cards, strict=True) if not each.retired]
    retired = [card for each, card in zip(told, cards, strict=True) if each.retired]
    recorded_at = max((run.recorded_at for each in told for run in each.runs if run.recorded_at), default=None)
    page = _template("index.html.j2").render(
        **_links(""),
        summary=views.summarise(current, recorded_at),
        cards=views.worst_first(current),
        retired=retired,
    )
    build.write("index.html", page)


def _publish_monitor(
    build: Build, history: History, folder: Folder, told: Told, last_day: dt.date | None
) -> views.Card:
    """Publish a monitor's page and those of its runs; return its card."""
    state = told.state
    for day in told.published:
        _publish_run(build, folder, told, state, history.record_of(told.name, day))
    card = views.make_card(told, last_day)
    page = _template("monitor.html.j2").render(
        **_links("../"),
        card=card,
        columns=[views.make_column(score) for score in told.good.worst_columns] if told.good else [],
        findings=[finding.message for finding in told.good.quality] if told.good else [],
        incidents=timeline.make_incidents(state),
        months=timeline.make_months(told.runs, {day: _run_links(folder, day) for day in told.published}),
        runs_words="One run" if len(told.runs) == 1 else f"{len(told.runs)} runs",
    )
    build.write(f"{told.name}/index.html", page)
    return card


def _run_links(folder: Folder, day: dt.date) -> list[Link]:
    present = folder.files(f"{day}")
    files = [Link(text, f"{day}/{name}") for text, name in COPIED.items() if name in present]
    return [Link("Report", f"{day}/index.html"), *files]


def _publish_run(build: Build, folder: Folder, told: Told, state: State, record: RunRecord) -> None:
    """Publish the page of one run, what stands beside it, and the good run that a failed one of that day replaced."""
    day = record.run_date
    kept = f"{day}/{reports.LAST_GOOD}"
    was_good = record.status == "failed" and "record.json" in folder.files(kept)
    page = _run_page(told, state, record, "../../", folder.files(f"{day}"))
    page = replace(page, **_neighbours(told, day))
    if record.status == "failed":
        page = replace(page, last_good=Day(day, "last-good/index.html") if was_good else _last_good(told, day))
    _publish_report(build, folder.path / f"{day}", f"{told.name}/{day}", page)
    if was_good:
        good = _run_page(told, state, read_json(folder.path / kept / "record.json"), "../../../", folder.files(kept))
        good = replace(good, following=Day(day, "../index.html"))
        _publish_report(build, folder.path / kept, f"{told.name}/{day}/last-good", good)


def _neighbours(told: Told, day: dt.date) -> dict[str, Day | None]:
    earlier = [other for other in told.published if other < day]
    later = [other for other in told.published if other > day]
    return {"previous": _beside(earlier[-1]) if earlier else None, "following": _beside(later[0]) if later else None}


def _beside(day: dt.date) -> Day:
    return Day(day, f"../{day}/index.html")


def _last_good(told: Told, day: dt.date) -> Day | None:
    """Return the newest good page of the days before `day`."""
    good = [run.run_date for run in told.runs if run.status != "failed" and run.run_date < day]
    pages = [other for other in good if other in told.published]
    return _beside(pages[-1]) if pages else None


def _run_page(told: Told, state: State, record: RunRecord, root: str, files: Sequence[str]) -> RunPage:
    return RunPage(
        title=told.title,
        monitor=told.name,
        run_date=record.run_date,
        status=record.status,
        status_words=timeline.STATUS_WORDS[record.status],
        headline=views.say_headline(record),
        note=views.say_run_note(record, state),
        index=f"{root}index.html",
        monitor_page=f"{root}{told.name}/index.html",
        **_links(root),
        **{field: name if name in files else None for field, name in FIELDS.items()},
    )


def _publish_report(build: Build, report: Path, place: str, page: RunPage) -> None:
    """Publish one report folder: the rendered notebook, taken over if it is what it was, and the files beside it."""
    notebook = report / "notebook.ipynb"
    content = notebook.read_bytes() if page.notebook else b""
    key = content_key(_made_by(), repr(page), content)
    if not build.reuse(f"{place}/index.html", key):
        build.write(f"{place}/index.html", render.render_notebook(notebook, page), key)
    for name in (page.record, page.notebook):
        if name:
            build.copy(f"{place}/{name}", report / name)
    if page.evidently and page.index.count("../") == 2:
        build.copy(f"{place}/evidently.html", report / "evidently.html")
    elif page.evidently:  # published one folder deeper than it was made for
        html = (report / "evidently.html").read_bytes()
        build.write(f"{place}/evidently.html", UPWARD.sub(b"../", html))


@cache
def _made_by() -> str:
    """Return what else decides how a run's page looks: templates, the code that fills them, nbconvert's version."""
    code = b"".join(Path(module.__file__).read_bytes() for module in (render, sanitize, tables))
    return content_key(templates_digest(), code, importlib.metadata.version("nbconvert"))


def _links(root: str) -> dict[str, str]:
    """Return what every page links: the stylesheet and the icon, seen from `root`."""
    return {"stylesheet": f"{root}assets/{stylesheet()[0]}", "favicon": f"{root}assets/favicon.svg"}


def _template(name: str) -> Any:
    return environment().get_template(name)
