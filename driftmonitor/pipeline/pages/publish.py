"""Build the site: decide which pages and files it has, from the history and the reports alone."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from driftmonitor import DriftMonitorError, __version__, reports
from driftmonitor.config.names import is_valid
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts import backtest, calibration
from driftmonitor.facts.backtest import Backtest
from driftmonitor.facts.calibration import Calibration
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.alerts.state import overdue_days
from driftmonitor.pipeline.dated_notes import read_notes
from driftmonitor.pipeline.failures import Failures
from driftmonitor.pipeline.pages import site_swap
from driftmonitor.pipeline.pages.frame import look_key, make_frame
from driftmonitor.pipeline.pages.monitor_view import MonitorView, as_reviewed
from driftmonitor.pipeline.pages.publish_backtest import publish_backtest
from driftmonitor.pipeline.pages.publish_monitor import publish_monitor
from driftmonitor.pipeline.pages.publish_runs import list_report_files, publish_runs
from driftmonitor.pipeline.pages.roles import list_roles
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.templates import ASSETS, asset, get_template
from driftmonitor.pipeline.upgrades.known_version import say_newer
from driftmonitor.regular_files import Folder

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def check_site(site_dir: Path, reports_dir: Path) -> None:
    """Refuse a site folder that contains other files or the reports, or that cannot be written."""
    if reports_dir.resolve().is_relative_to(site_dir.resolve()):
        raise DriftMonitorError(f"{site_dir}: contains the reports ({reports_dir}); choose another --site.")
    site_swap.check(site_dir)


class Published(NamedTuple):
    """What a reader of the console must know: warnings, and the pages that could not be built, one line each."""

    warnings: list[str]
    failures: list[str]


def publish(
    history: "History",
    reports_dir: Path,
    site_dir: Path,
    monitors: Sequence[Monitor],
    now: dt.datetime,
    site_url: str | None = None,
) -> Published:
    """Build the site from history and reports, and swap it in whole; a page that cannot be built says why.

    Unchanged files are reused from the previous site. `now` decides which monitors are overdue and is not shown.
    `site_url` is the start of the addresses in feed and JSON, which are relative without it. Raises DriftMonitorError
    if `site_dir` cannot be written or contains other files; the previous site then stays.
    """
    check_site(site_dir, reports_dir)
    root = f"{site_url.rstrip('/')}/" if site_url else ""
    names, warnings = _name_monitors(history, monitors)
    failures = Failures()
    with site_swap.replacing(site_dir) as build:
        failures.attempt("reports", partial(_publish_assets, build, reports_dir), lambda why: None)
        views = _read_views(history, reports_dir, names, now, failures)
        views = [_publish_view(build, history, view, reports_dir, root, now, failures) for view in views]
        newer = failures.attempt("version", partial(say_newer, reports_dir), lambda why: "")
        _publish_not_found(build, root)
        _publish_index(build, history, views, root, newer)
    return Published(warnings, failures.lines)


def _name_monitors(history: "History", monitors: Sequence[Monitor]) -> tuple[dict[str, Monitor | None], list[str]]:
    """Return every monitor with a params file, then every other one that has runs; and warnings."""
    current: dict[str, Monitor | None] = {monitor.name: monitor for monitor in monitors}
    names = current | dict.fromkeys(name for name in history.monitors() if name not in current)
    invalid = [name for name in names if not is_valid(name)]
    warnings = [f"history: {name!r} is not a valid monitor name; its runs are not published." for name in invalid]
    return {name: monitor for name, monitor in names.items() if name not in invalid}, warnings


def _read_views(
    history: "History", reports_dir: Path, names: Mapping[str, Monitor | None], now: dt.datetime, failures: Failures
) -> list[MonitorView]:
    """Return a view of each monitor; one that cannot be read has a failed run that says so."""
    runs = {name: failures.attempt(name, partial(history.runs, name), partial(_fail, name, now)) for name in names}
    last_day = max((own[-1].run_date for own in runs.values() if own), default=None)

    def read(name: str) -> MonitorView:
        def fail(why: str) -> MonitorView:
            return _make_view(name, names[name], _fail(name, now, why), last_day, now)

        return failures.attempt(
            name, lambda: _read_view(history, reports_dir, name, names[name], runs[name], last_day, now, failures), fail
        )

    return [read(name) for name in names]


def _fail(name: str, now: dt.datetime, why: str) -> list[Run]:
    """Return what the pages show of a monitor that cannot be read: a failed run, never nothing."""
    return [Run(name, now.date(), "failed", error=why, recorded_at=now)]


def _make_view(
    name: str,
    monitor: Monitor | None,
    runs: Sequence[Run],
    last_day: dt.date | None,
    now: dt.datetime,
    **found: Any,
) -> MonitorView:
    return MonitorView(
        name=name,
        title=monitor.title if monitor else name,
        runs=runs,
        settings=monitor.settings.alert if monitor else AlertSettings(),
        group=monitor.settings.group if monitor else "",
        owner=monitor.settings.owner if monitor else "",
        problem=monitor.problem if monitor else "",
        roles=list_roles(monitor.parameters) if monitor else {},
        retired=monitor is None,
        last_day=last_day,
        overdue_days=overdue_days(runs[-1], now) if runs and monitor else 0,
        **found,
    )


def _read_view(
    history: "History",
    reports_dir: Path,
    name: str,
    monitor: Monitor | None,
    runs: Sequence[Run],
    last_day: dt.date | None,
    now: dt.datetime,
    failures: Failures,
) -> MonitorView:
    home = Folder(reports_dir) / name
    last_success = next((run for run in reversed(runs) if run.status != "failed"), None)
    days = {run.run_date for run in runs}.intersection(reports.days(reports_dir, name))
    return _make_view(
        name,
        monitor,
        runs,
        last_day,
        now,
        last_success=last_success and as_reviewed(history.record_of(name, last_success.run_date), last_success),
        files={day: list_report_files(home / f"{day}") for day in sorted(days)},
        backtest=failures.attempt(name, partial(Backtest.read, home, backtest.NAME), lambda why: None),
        calibration=failures.attempt(name, partial(Calibration.read, home, calibration.NAME), lambda why: None),
        notes=failures.attempt(name, partial(read_notes, monitor), lambda why: ()) if monitor else (),
    )


def _publish_view(
    build: Build,
    history: "History",
    view: MonitorView,
    reports_dir: Path,
    root: str,
    now: dt.datetime,
    failures: Failures,
) -> MonitorView:
    """Publish a monitor's pages; return the view that they show."""
    home = Folder(reports_dir) / view.name

    def publish_pages(view: MonitorView) -> MonitorView:
        publish_runs(build, history, view, home, failures)
        publish_monitor(build, history, view, root, failures)
        publish_backtest(build, view)
        return view

    def publish_why(why: str) -> MonitorView:
        plain = replace(
            view, runs=_fail(view.name, now, why), last_success=None, files={}, calibration=None, backtest=None
        )
        publish_monitor(build, None, plain, root)
        return plain

    return failures.attempt(view.name, lambda: publish_pages(view), publish_why)


def _publish_assets(build: Build, reports_dir: Path) -> None:
    for name, content in map(asset, ASSETS):
        build.write(f"assets/{name}", content)
    build.write(".nojekyll", b"")  # GitHub Pages would leave out what Jekyll does not know
    for name, _ in reports.shared_scripts(Folder(reports_dir)):
        build.copy(f"assets/{name}", Folder(reports_dir) / "assets", name)


def _publish_not_found(build: Build, root: str) -> None:
    """Publish the page for addresses without one; unless the site's address is known, it needs no other file."""
    key = content_key(look_key(), root)
    if build.reuse("404.html", key):
        return
    home = urlsplit(root).path if root else None
    frame = make_frame(home or "", script=False)
    if home is None:
        frame |= {"stylesheet": None, "feed": None}
    build.write("404.html", get_template("404.html.j2").render(**frame, home=home), key)


def _publish_index(build: Build, history: "History", views: Sequence[MonitorView], root: str, newer: str) -> None:
    """Publish what covers all monitors: the index, its JSON and the feed; reuse them if no monitor's page changed."""
    silenced = history.silenced()
    pages = [(view.name, build.keys.get(f"{view.name}/index.html")) for view in views]
    told = [(name, sorted(silenced[name])) for name in sorted(silenced)]
    key = content_key(look_key(), repr((pages, told, root, newer, __version__)))
    if not build.reuse_all(["index.html", "api/summary.json", "feed.xml"], key):
        from driftmonitor.pipeline.pages.index_files import feed_xml, make_index  # a site without changes needs neither

        page, summary = make_index(views, root, newer)
        build.write("index.html", page, key)
        build.write("api/summary.json", summary, key)
        build.write("feed.xml", feed_xml(views, root, silenced), key)
