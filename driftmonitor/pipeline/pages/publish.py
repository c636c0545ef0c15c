"""Build the site: decide which pages and files it has, from the history and the reports alone."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config.params import NAME_PATTERN, RESERVED_NAMES, Monitor
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts import backtest, calibration
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages import api, cards, feed, site_swap
from driftmonitor.pipeline.pages.frame import make_frame
from driftmonitor.pipeline.pages.monitor_view import MonitorView, overdue_days
from driftmonitor.pipeline.pages.publish_backtest import publish_backtest
from driftmonitor.pipeline.pages.publish_monitor import publish_monitor
from driftmonitor.pipeline.pages.publish_runs import find_picture, list_report_files, publish_runs
from driftmonitor.pipeline.pages.site_folder import Build
from driftmonitor.pipeline.pages.templates import ASSETS, asset, get_template

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def check_site(site_dir: Path, reports_dir: Path) -> None:
    """Refuse a site folder that contains other files or the reports, or that cannot be written."""
    if reports_dir.resolve().is_relative_to(site_dir.resolve()):
        raise DriftMonitorError(f"{site_dir}: contains the reports ({reports_dir}); choose another --site.")
    site_swap.check(site_dir)


def publish(
    history: "History",
    reports_dir: Path,
    site_dir: Path,
    monitors: Sequence[Monitor],
    now: dt.datetime,
    site_url: str | None = None,
) -> list[str]:
    """Build the site from history and reports, swap it in whole, and return warnings, one line each.

    Unchanged files are reused from the previous site. `now` decides which monitors are overdue and is not shown.
    `site_url` is the start of the addresses in feed and JSON, which are relative without it. Raises DriftMonitorError
    if `site_dir` cannot be written or contains other files; the previous site then stays.
    """
    check_site(site_dir, reports_dir)
    root = f"{site_url.rstrip('/')}/" if site_url else ""
    warnings: list[str] = []
    with site_swap.replacing(site_dir) as build:
        _publish_assets(build, reports_dir)
        views = list(_read_views(history, reports_dir, monitors, now, warnings))
        for view in views:
            publish_runs(build, history, view, reports_dir / view.name)
            publish_monitor(build, history, view, root, find_picture(view, reports_dir / view.name))
            publish_backtest(build, view, reports_dir)
        _publish_index(build, views, root)
    return warnings


def _read_views(
    history: "History", reports_dir: Path, monitors: Sequence[Monitor], now: dt.datetime, warnings: list[str]
) -> Iterator[MonitorView]:
    """Yield every monitor with a params file, then every other one that has runs."""
    current = {monitor.name: monitor for monitor in monitors}
    names = [*current, *sorted(set(history.monitors()) - set(current))]
    valid = [name for name in names if NAME_PATTERN.fullmatch(name) and name not in RESERVED_NAMES]
    invalid = [name for name in names if name not in valid]
    warnings += [f"history: {name!r} is not a valid monitor name; its runs are not published." for name in invalid]
    runs = {name: history.runs(name) for name in valid}
    last_day = max((own[-1].run_date for own in runs.values() if own), default=None)
    for name in valid:
        yield _read_view(history, reports_dir, name, current.get(name), runs[name], last_day, now)


def _read_view(
    history: "History",
    reports_dir: Path,
    name: str,
    monitor: Monitor | None,
    runs: Sequence[Run],
    last_day: dt.date | None,
    now: dt.datetime,
) -> MonitorView:
    last_success = next((run.run_date for run in reversed(runs) if run.status != "failed"), None)
    days = {run.run_date for run in runs}.intersection(reports.days(reports_dir, name))
    return MonitorView(
        name=name,
        title=monitor.title if monitor else name,
        runs=runs,
        last_success=history.record_of(name, last_success) if last_success else None,
        files={day: list_report_files(reports_dir / name / f"{day}") for day in sorted(days)},
        settings=monitor.settings.alert if monitor else AlertSettings(),
        retired=monitor is None,
        last_day=last_day,
        overdue_days=overdue_days(runs[-1].recorded_at, now) if runs and monitor else 0,
        has_backtest=(reports_dir / name / backtest.NAME).is_file(),
        calibration=calibration.Calibration.read(reports_dir / name / calibration.NAME),
    )


def _publish_assets(build: Build, reports_dir: Path) -> None:
    for name, content in map(asset, ASSETS):
        build.write(f"assets/{name}", content)
    build.write(".nojekyll", b"")  # GitHub Pages would leave out what Jekyll does not know
    for bundle in sorted((reports_dir / "assets").glob("evidently-*.js")):
        build.copy(f"assets/{bundle.name}", bundle)


def _publish_index(build: Build, views: Sequence[MonitorView], root: str) -> None:
    """Publish what covers all monitors: the index, its JSON and the feed."""
    all_cards = [(view, cards.make_card(view)) for view in views]
    current = [card for view, card in all_cards if not view.retired]
    recorded_at = max((view.recorded_at for view in views if view.recorded_at), default=None)
    summary = cards.summarise(current, recorded_at)
    page = get_template("index.html.j2").render(
        **make_frame("", recorded_at if current else None),
        summary=summary,
        cards=cards.worst_first(current),
        retired=[card for view, card in all_cards if view.retired],
    )
    build.write("index.html", page)
    build.write("api/summary.json", api.summary_json(views, summary, root or "../"))
    build.write("feed.xml", feed.feed_xml(views, root))
