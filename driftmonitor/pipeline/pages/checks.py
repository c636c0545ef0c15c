"""Show a monitor's checks: how each stands, and its numbers by day with the limit. Pure functions."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from driftmonitor.facts.checks import LONGEST_NAME, Check
from driftmonitor.facts.limits import parse_limit
from driftmonitor.formats import counted, number, one_line, say_day
from driftmonitor.pipeline.pages.charts import LEAST_SPARK, SPARK_HEIGHT, draw_line
from driftmonitor.pipeline.pages.monitor_view import DAYS_SHOWN, MonitorView
from driftmonitor.words.checks import say_standing, say_value

if TYPE_CHECKING:
    from driftmonitor.pipeline.history.store import CheckValue

STATES = {"Holds": "healthy", "Fails": "drift", "Not computed": "drift", "Watched": "stable", "Not known": "none"}
MARGIN = 0.1  # of the range, above and below a line


class CheckTrend(NamedTuple):
    """A check's numbers over the last 90 days; `limits` are the heights of those limits that are in the picture."""

    path: str
    words: str
    low: str
    high: str
    limits: Sequence[float]


class CheckView(NamedTuple):
    """One check in words."""

    name: str
    state: str
    state_words: str
    value: str
    must: str
    rows: str
    trend: CheckTrend | None = None


def make_checks(view: MonitorView, values: Iterable["CheckValue"]) -> list[CheckView]:
    """Return the checks of the last successful run, those that fail first; `values` are those of the last year."""
    if view.last_success is None or not view.last_success.checks:
        return []
    by_name: dict[str, dict[dt.date, float]] = {}
    for each in values:
        if each.value is not None:
            by_name.setdefault(each.name, {})[each.run_date] = each.value
    checks = sorted(view.last_success.checks, key=lambda check: not check.fails)
    return [show_check(check, make_trend(view, check, by_name.get(check.name, {}))) for check in checks]


def show_check(check: Check, trend: CheckTrend | None = None) -> CheckView:
    """Return one check in words."""
    standing = say_standing(check)
    value = f"not since {say_day(check.missing_since)}" if check.missing_since else say_value(check)
    if check.reason and not check.missing_since:
        value = one_line(check.reason, 80)
    return CheckView(
        name=one_line(check.name, LONGEST_NAME),
        state=STATES[standing],
        state_words=standing,
        value=value,
        must=check.must or "as usual",
        rows="" if check.rows is None else counted(check.rows, "row"),
        trend=trend,
    )


def make_trend(view: MonitorView, check: Check, values: dict[dt.date, float]) -> CheckTrend | None:
    """Return a check's line over the last 90 days; None as long as too few values are known."""
    shown = [values.get(day) for day in view.days_shown]
    known = [value for value in shown if value is not None]
    if len(known) < LEAST_SPARK:
        return None
    low, high = min(known), max(known)
    bounds = [bound.number for bound in parse_limit(check.must).bounds] if check.must and not check.words else []
    near = [each for each in bounds if low - (high - low) <= each <= high + (high - low)] or bounds
    bottom, top = min([low, *near]), max([high, *near])
    pad = (top - bottom or abs(top) or 1.0) * MARGIN
    bottom, top = bottom - pad, top + pad
    path = draw_line([None if value is None else value - bottom for value in shown], top - bottom)
    heights = [(1 - (each - bottom) / (top - bottom)) * (SPARK_HEIGHT - 4) + 2 for each in near]
    words = (
        f"{one_line(check.name)} over {DAYS_SHOWN} days: {number(low)} to {number(high)}, latest {number(known[-1])}"
    )
    return CheckTrend(path, words, number(low), number(high), heights)
