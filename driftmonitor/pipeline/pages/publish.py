"""Build the site: which pages and files there are, from history and reports alone."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config.params import NAME_PATTERN, RESERVED_NAMES, Monitor
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts import backtest, calibration
from driftmonitor.pipeline.pages import api, cards, feed, site_folder
from driftmonitor.pipeline.pages.backtest import publish_backtest
from driftmonitor.pipeline.pages.frame import page_links, template
from driftmonitor.pipeline.pages.monitor_history import History, MonitorView, late_days
from driftmonitor.pipeline.pages.monitor_page import publish_monitor
from driftmonitor.pipeline.pages.run_pages import publish_runs, report_files, worst_picture
from driftmonitor.pipeline.pages.site_folder import Build, replacing
from driftmonitor.pipeline.pages.templates import ASSETS, asset


def check_site(site_dir: Path, reports_dir: Path) -> None:
    """Refuse a site folder that holds something else, that the reports are in, or that can't be written."""
    if reports_dir.resolve().is_relative_to(site_dir.resolve()):
        raise DriftMonitorError(f"{site_dir}: the reports are inside it ({reports_dir}); choose another --site.")
    site_folder.check(site_dir)


def publish(
    history: History,
    reports_dir: Path,
    site_dir: Path,
    monitors: Sequence[Monitor],
    now: dt.datetime,
    site_url: str | None = None,
) -> list[str]:
    """Build the site from history and reports, swap it in whole, and return warnings, one line each.

    What did not change since the previous site is taken over from it. `now` decides whose run is overdue and is not
    shown. `site_url` begins the addresses in the feed and the JSON, which are relative without it. Raises
    DriftMonitorError when `site_dir` can't be written or holds something else; readers then keep what they had.
    """
    check_site(site_dir, reports_dir)
    root = f"{site_url.rstrip('/')}/" if site_url else ""
    warnings: list[str] = []
    with replacing(site_dir) as build:
        _publish_assets(build, reports_dir)
        stories = list(_read(history, reports_dir, monitors, now, warnings))
        for view in stories:
            publish_runs(build, history, view, reports_dir / view.name)
            publish_monitor(build, history, view, root, worst_picture(view, reports_dir / view.name))
            publish_backtest(build, view, reports_dir)
        _publish_index(build, stories, root)
    return warnings


def _read(
    history: History, reports_dir: Path, monitors: Sequence[Monitor], now: dt.datetime, warnings: list[str]
) -> Iterator[MonitorView]:
    """Yield every monitor that is run or was: those with a params file first."""
    current = {monitor.name: monitor for monitor in monitors}
    names = [*current, *sorted(set(history.monitors()) - set(current))]
    runs = {name: list(history.runs(name)) for name in names if NAME_PATTERN.fullmatch(name)}
    last_day = max((own[-1].run_date for own in runs.values() if own), default=None)
    for name in names:
        if name not in runs or name in RESERVED_NAMES:
            warnings.append(f"history: {name!r} is not a monitor's name; its runs are left out of the site.")
            continue
        monitor, own = current.get(name), runs[name]
        good = next((run.run_date for run in reversed(own) if run.status != "failed"), None)
        dates = {run.run_date for run in own}
        yield MonitorView(
            name=name,
            title=monitor.title if monitor else name,
            runs=own,
            good=history.record_of(name, good) if good else None,
            files={
                day: report_files(reports_dir / name / f"{day}")
                for day in reports.days(reports_dir, name)
                if day in dates
            },
            settings=monitor.settings.alert if monitor else AlertSettings(),
            retired=monitor is None,
            last_day=last_day,
            late_days=late_days(own[-1].recorded_at, now) if own and monitor else 0,
            replayed=(reports_dir / name / backtest.NAME).is_file(),
            calibration=calibration.Calibration.read(reports_dir / name / calibration.NAME),
        )


def _publish_assets(build: Build, reports_dir: Path) -> None:
    for name, content in map(asset, ASSETS):
        build.write(f"assets/{name}", content)
    build.write(".nojekyll", b"")  # GitHub Pages would leave out what Jekyll doesn't know
    for bundle in sorted((reports_dir / "assets").glob("evidently-*.js")):
        build.copy(f"assets/{bundle.name}", bundle)


def _publish_index(build: Build, stories: Sequence[MonitorView], root: str) -> None:
    """Publish what speaks of all monitors: the index, its JSON and the feed."""
    made = [(view, cards.make_card(view)) for view in stories]
    current = [card for view, card in made if not view.retired]
    recorded_at = max((view.recorded_at for view in stories if view.recorded_at), default=None)
    summary = cards.summarise(current, recorded_at)
    page = template("index.html.j2").render(
        **page_links("", recorded_at if current else None),
        summary=summary,
        cards=cards.worst_first(current),
        retired=[card for view, card in made if view.retired],
    )
    build.write("index.html", page)
    build.write("api/summary.json", api.summary_json(stories, summary, root or "../"))
    build.write("feed.xml", feed.feed_xml(stories, root))
