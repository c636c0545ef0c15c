"""Make a monitor's page, its JSON, its badge and its CSV files."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from driftmonitor.budget.budget_rule import list_detected, say_budget_rule
from driftmonitor.budget.share_rule import expect
from driftmonitor.formats import counted, number, say_day
from driftmonitor.pipeline.pages import api, badge, csv_files
from driftmonitor.pipeline.pages.anomaly import make_anomaly_panel
from driftmonitor.pipeline.pages.calibration import make_calibration
from driftmonitor.pipeline.pages.cards import make_card
from driftmonitor.pipeline.pages.charts import draw_line
from driftmonitor.pipeline.pages.checks import make_checks
from driftmonitor.pipeline.pages.columns import list_differing, make_rows
from driftmonitor.pipeline.pages.frame import make_frame
from driftmonitor.pipeline.pages.incidents import make_incidents
from driftmonitor.pipeline.pages.listing import make_column_finder
from driftmonitor.pipeline.pages.model import make_model
from driftmonitor.pipeline.pages.monitor_view import DAYS_SHOWN, MonitorView
from driftmonitor.pipeline.pages.moved import make_moved
from driftmonitor.pipeline.pages.publish_columns import Days
from driftmonitor.pipeline.pages.publish_scores import first_day
from driftmonitor.pipeline.pages.templates import get_template
from driftmonitor.pipeline.pages.timeline import make_months
from driftmonitor.pipeline.pages.trends import make_trend

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History
    from driftmonitor.pipeline.history.store import CheckValue, EventStatus, ModelPoint


class Durations(NamedTuple):
    """How long the runs took, in words and as a line over the last 90 days."""

    words: str
    path: str


def make_files(
    history: "History | None",
    view: MonitorView,
    days: Days,
    messages: Sequence["EventStatus"],
    site_url: str,
) -> tuple[str, ...]:
    """Return the contents of the files, in their order."""
    values = history.checks(first_day(view), view.name) if history and view.runs else []
    points = history.model_points(first_day(view), view.name) if history and view.runs else []
    durations = history.durations(view.name) if history else {}
    monitor_badge = badge.make_badge(view)
    return (
        _make_page(view, days, values, points, messages, durations),
        csv_files.runs_csv(view.runs, durations),
        api.monitor_json(view, site_url or "../", list_differing(days.marks)),
        badge.badge_json(monitor_badge),
        badge.badge_svg(monitor_badge),
        csv_files.checks_csv(values),
    )


def _make_page(
    view: MonitorView,
    days: Days,
    values: Iterable["CheckValue"],
    points: Iterable["ModelPoint"],
    messages: Sequence["EventStatus"],
    durations: Mapping[dt.date, float],
) -> str:
    histories = days.histories
    rows = make_rows(view, histories)
    return get_template("monitor.html.j2").render(
        **make_frame("../", view.checked_at),
        recorded_at=view.recorded_at,
        card=make_card(view),
        name=view.name,
        group=view.group,
        owner=view.owner,
        trend=make_trend(view, histories),
        anomaly=make_anomaly_panel(view),
        rows=rows,
        column_finder=make_column_finder(rows),
        with_page=len(view.columns_with_page),
        checks=make_checks(view, values),
        model=make_model(view, points),
        moved=make_moved(view, histories, days.distributions),
        findings=[finding.message for finding in view.last_success.quality] if view.last_success else [],
        incidents=make_incidents(view, messages),
        durations=make_durations(view, durations),
        rule=say_rule(view),
        detected=list_detected(view.last_success) if view.last_success else [],
        silence=say_silence(view),
        calibration=make_calibration(view.calibration),
        has_backtest=view.has_backtest,
        months=make_months(view),
        runs_words=counted(len(view.runs), "run"),
    )


def say_silence(view: MonitorView) -> str:
    """Return until when and why alerts are silenced on the next day; "" if they are not."""
    if view.retired or view.last_day is None or not view.settings.silent_on(view.last_day + dt.timedelta(days=1)):
        return ""
    return f"Alerts are {view.settings.say_silence(say_day)}."


def say_rule(view: MonitorView) -> list[str]:
    """Return what to expect of the monitor's alert rule, in sentences."""
    if view.budgeted:
        return say_budget_rule(view.settings.false_alarms_per_year, view.last_success)
    expectation = expect(view.last_success) if view.last_success else None
    return expectation.sentences() if expectation else []


def make_durations(view: MonitorView, durations: Mapping[dt.date, float]) -> Durations | None:
    """Return how long the runs of the last 90 days took; None if none of them was timed."""
    timed = [(durations[day], day) for day in view.days_shown if day in durations]
    if not timed:
        return None
    longest, day = max(timed)
    words = f"The last run took {say_seconds(timed[-1][0])}."
    if len(timed) > 1:
        middle = say_seconds(median(seconds for seconds, _ in timed))
        words += f" The median of the last {DAYS_SHOWN} days is {middle}. "
        words += f"The longest run, on {say_day(day)}, took {say_seconds(longest)}."
    return Durations(words, draw_line([durations.get(day) for day in view.days_shown], longest or 1.0))


def say_seconds(seconds: float) -> str:
    """Return a duration in words: `3.1 s`, `12 min`."""
    return f"{number(seconds)} s" if seconds < 120 else f"{number(seconds / 60)} min"
