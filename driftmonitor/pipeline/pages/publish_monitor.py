"""Publish a monitor's page, JSON, badge and CSV files; reuse them all from the previous site if nothing changed."""

from typing import TYPE_CHECKING

from driftmonitor.pipeline.failures import Failures
from driftmonitor.pipeline.pages.frame import look_key
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.publish_columns import Days, publish_columns
from driftmonitor.pipeline.pages.publish_incidents import publish_incidents
from driftmonitor.pipeline.pages.publish_moved_incidents import publish_moved_incidents
from driftmonitor.pipeline.pages.publish_scores import publish_scores
from driftmonitor.pipeline.pages.site_folder import Build, content_key

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def publish_monitor(
    build: Build, history: "History | None", view: MonitorView, site_url: str, failures: Failures | None = None
) -> None:
    """Publish a monitor's page, its JSON, its badge and its CSV files; without `history`, from the view alone.

    `failures` is told of the days whose values are damaged.
    """
    paths = [
        f"{view.name}/index.html", f"{view.name}/history.csv", f"api/{view.name}.json",
        f"badge/{view.name}.json", f"badge/{view.name}.svg",
    ]  # fmt: skip
    has_checks = view.last_success is not None and bool(view.last_success.checks)
    paths += [f"{view.name}/checks.csv"] * has_checks
    messages = history.messages(view.name) if history else []
    # The last successful record is not part of the key: a run that is recorded again has another recorded_at.
    about = (
        view.title,
        view.retired,
        view.settings,
        view.last_day,
        view.overdue_days,
        site_url,
        view.calibration,
        view.has_backtest,
        view.notes,
        view.group,
        view.owner,
        view.problem,
        view.roles,
    )
    key = content_key(look_key(), repr((about, view.run_keys[-1], sorted(view.files.items()), messages)))
    is_unchanged, days = build.reuse_all(paths, key), Days(history, view)
    if not is_unchanged:
        from driftmonitor.pipeline.pages.monitor_files import make_files  # a site without changes needs none of it

        contents = make_files(history, view, days, messages, site_url)
        for path, content in zip(paths, contents, strict=False):  # without checks, the last is left out
            build.write(path, content, key)
        if failures:
            lines = (f"{view.name} {day}: its columns' values are damaged; run that day again." for day in days.damaged)
            failures.lines.extend(lines)
    if history:
        publish_scores(build, history, view)
        publish_columns(build, view, days, key)
    publish_incidents(build, view, days, messages, is_unchanged)
    if is_unchanged:
        build.reuse_folder(f"{view.name}/incidents", key)
    elif history:
        publish_moved_incidents(build, view, history.announced(view.name), key)
