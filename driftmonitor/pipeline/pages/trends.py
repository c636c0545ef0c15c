"""Draw a monitor's trend: its drift share or anomaly score by day with incidents, and a map of its columns. Pure."""

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from driftmonitor.formats import counted, number, percent, say_day
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.anomaly import TOP, compare_with_threshold
from driftmonitor.pipeline.pages.charts import RIBBON, Bars, choose_axis_top, draw_bands, draw_bars, draw_blocks
from driftmonitor.pipeline.pages.columns import ColumnHistory, list_stretches, shorten, to_stored_name
from driftmonitor.pipeline.pages.monitor_view import MonitorView

RANGES = {30: "30 days", 90: "90 days", 365: "1 year"}
SHOWN_FIRST = 90
LEAST_DAYS = 14
LEAST_TOP_SCORE = 4  # of the axis of anomaly scores
ROWS_SHOWN = 40
STRETCHES_LISTED = 12
# Level -> where its blocks begin in a row of height 1, and their height: each has its own shape beside its colour.
BLOCKS = {
    "stable": (0.43, 0.14), "not_testable": (0.35, 0.3), "drifted-1": (0.28, 0.44), "drifted-2": (0.2, 0.6),
    "drifted-3": (0.12, 0.76), "drifted-4": (0.04, 0.92),
}  # fmt: skip


class Range(NamedTuple):
    """A range of days to show: its first unit, and the number of days."""

    key: str
    label: str
    start: int
    days: int
    dates: Sequence[dt.date]
    shown_first: bool


class MapRow(NamedTuple):
    """A row of the map: its column's name, and that column's row in the table, None if it is no longer there.

    `drifted` lists when it drifted, `peak` gives its largest distance; "" if it never drifted.
    """

    text: str
    row: int | None
    drifted: str = ""
    peak: str = ""


@dataclass(frozen=True)
class Trend:
    """Everything the picture shows; heights are in percent from the top."""

    ranges: Sequence[Range]
    top_words: str
    threshold: float | None
    threshold_words: str
    label: str
    bars: Sequence[Bars]
    incidents: str
    ribbons: str
    words: str
    names: Sequence[MapRow]
    levels: Sequence[Bars]
    hidden: int
    map_words: str
    budgeted: bool


def make_trend(view: MonitorView, histories: Mapping[str, ColumnHistory]) -> Trend | None:
    """Return the trend up to the last day; None with fewer than two successful runs."""
    compared = [run for run in view.runs if run.drift_share is not None]
    if len(compared) < 2:
        return None
    first = min(view.runs[0].run_date, view.last_shown - dt.timedelta(LEAST_DAYS - 1))
    scale = _make_score_scale(view) if view.budgeted else _make_share_scale(compared)
    values = {(run.run_date - first).days: (run.verdict, scale.value(run) or 0.0) for run in view.runs}
    names, levels, hidden = make_map(view, histories, first)
    spans = _span_incidents(view, first)
    return Trend(
        ranges=make_ranges(first, view.last_shown),
        top_words=percent(scale.top) if scale.threshold is not None else number(scale.top),
        threshold=None if scale.threshold is None else 100 * (1 - scale.threshold / scale.top),
        threshold_words="" if scale.threshold is None else percent(scale.threshold),
        label=scale.label,
        bars=draw_bars(values, scale.top),
        incidents=draw_bands(spans),
        ribbons=draw_bands(spans, RIBBON),
        words=f"{scale.words}. {sum(run.verdict == 'drift' for run in compared)} of {len(compared)} days were drift "
        "days. The list of runs below shows every day.",
        names=names,
        levels=levels,
        hidden=hidden,
        map_words=_say_map(names),
        budgeted=view.budgeted,
    )


class Scale(NamedTuple):
    """What the bars show: a run's value, where the axis ends, the threshold, the axis label, and all of it in words.

    Without a threshold, the values are no shares of it.
    """

    value: Callable[[Run], float | None]
    top: float
    threshold: float | None
    label: str
    words: str


def _make_share_scale(compared: Sequence[Run]) -> Scale:
    threshold = compared[-1].threshold or 0.0
    highest, day = max(((run.drift_share or 0.0, run.run_date) for run in compared), key=lambda peak: peak[0])
    return Scale(
        lambda run: run.drift_share,
        choose_axis_top(highest, threshold),
        threshold,
        f"Drift share by day (line: threshold {percent(threshold)})",
        f"Drift share by day: highest {percent(highest)}, on {say_day(day)}; threshold {percent(threshold)}",
    )


def _make_score_scale(view: MonitorView) -> Scale:
    known = [value for run in view.runs if (value := compare_with_threshold(run)) is not None]
    if not known:
        return _make_warm_up_scale(view)
    label = "Anomaly score by day (100% = the threshold)"
    return Scale(compare_with_threshold, TOP, 1.0, label, f"{label}: highest {percent(max(known))}")


def _make_warm_up_scale(view: MonitorView) -> Scale:
    """Return the anomaly scores as they are: there is no threshold yet."""
    highest = max((run.strangeness or 0.0 for run in view.runs), default=0.0)
    label = "Anomaly score by day (warm-up: no threshold yet)"
    top = float(max(LEAST_TOP_SCORE, math.ceil(highest)))
    return Scale(lambda run: run.strangeness, top, None, label, f"{label}: highest {number(highest)}")


def make_ranges(first: dt.date, last: dt.date) -> list[Range]:
    """Return the ranges in which a history from `first` to `last` can be shown, the longest last."""
    days = (last - first).days + 1
    lengths = {str(n): (label, n) for n, label in RANGES.items() if n < days} | {"all": ("All", days)}
    shown = str(SHOWN_FIRST) if str(SHOWN_FIRST) in lengths else "all"
    return [
        Range(key, label, days - n, n, [last - dt.timedelta(n - 1), last - dt.timedelta(n // 2), last], key == shown)
        for key, (label, n) in lengths.items()
    ]


def _span_incidents(view: MonitorView, first: dt.date) -> list[tuple[int, int]]:
    after_last = view.runs[-1].run_date + dt.timedelta(1)
    return [
        ((incident.start - first).days, ((incident.end or after_last) - incident.start).days)
        for incident in view.state.drift_incidents
    ]


def make_map(
    view: MonitorView, histories: Mapping[str, ColumnHistory], first: dt.date
) -> tuple[list[MapRow], list[Bars], int]:
    """Return the map's rows, the blocks of each level, and how many columns are left out."""
    scores = view.last_success.worst_columns if view.last_success else []
    table = {to_stored_name(score.name): row for row, score in enumerate(scores)}
    gone = [name for name, history in histories.items() if name not in table and history.drifted]
    order = sorted([*table, *gone], key=lambda name: _last_drifted(histories.get(name)), reverse=True)
    shown = order[:ROWS_SHOWN]
    names = [
        MapRow(shorten(name), table.get(name), *_say_stretches(histories.get(name), view.successful_days))
        for name in shown
    ]
    levels = [Bars(level, _draw_level(shown, histories, first, level)) for level in BLOCKS]
    return names, [bars for bars in levels if bars.path], len(order) - len(shown)


def _say_map(names: Sequence[MapRow]) -> str:
    drifted = "the table below lists when each drifted" if any(name.drifted for name in names) else "none drifted"
    return f"Map of {len(names)} columns by day; {drifted}."


def _say_stretches(history: ColumnHistory | None, successful_days: Sequence[dt.date]) -> tuple[str, str]:
    if history is None or not history.drifted:
        return "", ""
    stretches = list_stretches(history.drifted, successful_days)
    days = [say_day(a) if a == b else f"{say_day(a, a.year != b.year)} to {say_day(b)}" for a, b in stretches]
    more = f", and {counted(len(days) - STRETCHES_LISTED, 'earlier time')}" if len(days) > STRETCHES_LISTED else ""
    distance, day = max(((history.distances.get(day, -1.0), day) for day in history.drifted), key=lambda peak: peak[0])
    peak = f"{distance:.2f} on {say_day(day)}" if distance >= 0 else ""
    return ", ".join(days[:STRETCHES_LISTED]) + more, peak


def _last_drifted(history: ColumnHistory | None) -> dt.date:
    return max(history.drifted, default=dt.date.min) if history else dt.date.min


def _draw_level(shown: Sequence[str], histories: Mapping[str, ColumnHistory], first: dt.date, level: str) -> str:
    start = first.toordinal()
    days = {
        row: [
            (block.start - start, block.end - block.start) for block in histories[name].blocks if block.level == level
        ]
        for row, name in enumerate(shown)
        if name in histories
    }
    return draw_blocks(days, *BLOCKS[level])
