"""Draw a monitor's trend: its drift share or anomaly score, its columns and its segments by day. Pure."""

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from driftmonitor.formats import number, percent, say_day
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.anomaly import TOP, compare_with_threshold
from driftmonitor.pipeline.pages.charts import RIBBON, Bars, choose_axis_top, draw_bands, draw_bars
from driftmonitor.pipeline.pages.columns import ColumnHistory
from driftmonitor.pipeline.pages.day_map import DayMap, make_day_map
from driftmonitor.pipeline.pages.map_code import encode_runs, encode_words
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.segment_map import SegmentMap, make_segment_map
from driftmonitor.pipeline.pages.timeline import choose_run_look, say_size, say_status

RANGES = {30: "30 days", 90: "90 days", 365: "1 year"}
SHOWN_FIRST = 90
LEAST_DAYS = 14
SCORE_TOPS = (TOP, 3.0, 5.0)  # times the threshold, where their axis may end: a higher one would hide ordinary days
LEAST_TOP_SCORE = 4  # of the axis of anomaly scores


class Range(NamedTuple):
    """A range of days to show: its first unit, and the number of days."""

    key: str
    label: str
    start: int
    days: int
    dates: Sequence[dt.date]
    shown_first: bool


class RangeWords(NamedTuple):
    """What chart and maps show of one range, in words."""

    chart: str
    columns: str
    segments: str


@dataclass(frozen=True)
class Trend:
    """Everything the picture shows; heights are in percent from the top. `said` has the words of each range, by key.

    For the script, `days` has each run's result in words and `pages` which runs have a page (see `map_code`).
    """

    first: dt.date
    ranges: Sequence[Range]
    said: Mapping[str, RangeWords]
    top_words: str
    threshold: float | None
    threshold_words: str
    label: str
    value_name: str
    bars: Sequence[Bars]
    incidents: str
    ribbons: str
    columns: DayMap
    segments: SegmentMap | None
    budgeted: bool
    days: str
    pages: str


def make_trend(view: MonitorView, histories: Mapping[str, ColumnHistory]) -> Trend | None:
    """Return the trend up to the last day; None with fewer than two successful runs."""
    compared = [run for run in view.runs if run.drift_share is not None]
    if len(compared) < 2:
        return None
    first = min(view.runs[0].run_date, view.last_shown - dt.timedelta(LEAST_DAYS - 1))
    scale = _make_score_scale(view) if view.budgeted else _make_share_scale(compared)
    looks = {run.run_date: "none" if choose_run_look(run) == "warm_up" else run.verdict for run in view.runs}
    values = {(run.run_date - first).days: (looks[run.run_date], scale.value(run) or 0.0) for run in view.runs}
    columns, segments = make_day_map(view, histories, first), make_segment_map(view, first)
    ranges, spans = make_ranges(first, view.last_shown), _span_incidents(view, first)
    return Trend(
        first=first,
        ranges=ranges,
        said={each.key: _say_range(each, compared, scale, columns, segments) for each in ranges},
        top_words=_say_top(view, scale),
        threshold=None if scale.threshold is None else 100 * (1 - scale.threshold / scale.top),
        threshold_words="" if scale.threshold is None else percent(scale.threshold),
        label=scale.label,
        value_name="anomaly score" if view.budgeted else "drift share",
        bars=draw_bars(values, scale.top),
        incidents=draw_bands(spans),
        ribbons=draw_bands(spans, RIBBON),
        columns=columns,
        segments=segments,
        budgeted=view.budgeted,
        days=encode_words([((run.run_date - first).days, _say_run(run)) for run in view.runs]),
        pages=_encode_pages(view, first),
    )


class Scale(NamedTuple):
    """What the bars show: a run's value, how it is said, where the axis ends, the threshold, and the axis label.

    Without a threshold, the values are no shares of it.
    """

    value: Callable[[Run], float | None]
    say: Callable[[float], str]
    top: float
    threshold: float | None
    label: str
    name: str


def _say_top(view: MonitorView, scale: Scale) -> str:
    """Return the upper end of the axis: `200%`, or `500%+` if some bars end there that are higher."""
    if scale.threshold is None:
        return number(scale.top)
    is_cut = any((scale.value(run) or 0.0) > scale.top for run in view.runs)
    return f"{percent(scale.top)}{'+' if is_cut else ''}"


def _make_share_scale(compared: Sequence[Run]) -> Scale:
    threshold = compared[-1].threshold or 0.0
    top = choose_axis_top(max(run.drift_share or 0.0 for run in compared), threshold)
    label = f"Drift share by day (line: threshold {percent(threshold)})"
    return Scale(lambda run: run.drift_share, percent, top, threshold, label, "Drift share by day")


def _make_score_scale(view: MonitorView) -> Scale:
    if all(compare_with_threshold(run) is None for run in view.runs):
        return _make_warm_up_scale(view)
    label = "Anomaly score by day (100% = the threshold)"
    highest = max(compare_with_threshold(run) or 0.0 for run in view.runs)
    top = next((top for top in SCORE_TOPS if top >= highest), SCORE_TOPS[-1])
    return Scale(compare_with_threshold, percent, top, 1.0, label, label)


def _make_warm_up_scale(view: MonitorView) -> Scale:
    """Return the anomaly scores as they are: there is no threshold yet."""
    highest = max((run.strangeness or 0.0 for run in view.runs), default=0.0)
    label = "Anomaly score by day (warm-up: no threshold yet)"
    top = float(max(LEAST_TOP_SCORE, math.ceil(highest)))
    return Scale(lambda run: run.strangeness, number, top, None, label, label)


def make_ranges(first: dt.date, last: dt.date) -> list[Range]:
    """Return the ranges in which a history from `first` to `last` can be shown, the longest last."""
    days = (last - first).days + 1
    lengths = {str(n): (label, n) for n, label in RANGES.items() if n < days} | {"all": ("All", days)}
    shown = str(SHOWN_FIRST) if str(SHOWN_FIRST) in lengths else "all"
    return [
        Range(key, label, days - n, n, [last - dt.timedelta(n - 1), last - dt.timedelta(n // 2), last], key == shown)
        for key, (label, n) in lengths.items()
    ]


def _say_range(
    shown: Range, compared: Sequence[Run], scale: Scale, columns: DayMap, segments: SegmentMap | None
) -> RangeWords:
    """Return what chart and maps show of a range."""
    label, start, end = shown.label, shown.dates[0].toordinal(), shown.dates[-1].toordinal() + 1
    runs = [run for run in compared if start <= run.run_date.toordinal() < end]
    return RangeWords(
        chart=f"{label}. {_say_chart(runs, scale)}",
        columns=columns.say(start, end, label),
        segments=segments.say(start, end, label) if segments else "",
    )


def _say_chart(runs: Sequence[Run], scale: Scale) -> str:
    known = [(value, run.run_date) for run in runs if (value := scale.value(run)) is not None]
    if not known:
        return f"{scale.name}: no value in this range."
    highest, day = max(known, key=lambda peak: peak[0])
    threshold = f"; threshold {percent(scale.threshold)}" if scale.threshold is not None and scale.threshold < 1 else ""
    drift = sum(run.verdict == "drift" for run in runs)
    days = f"{drift} of {len(runs)} days {'was a drift day' if drift == 1 else 'were drift days'}"
    return (
        f"{scale.name}: highest {scale.say(highest)}, on {say_day(day)}{threshold}. {days}. "
        "The list of runs below shows every day."
    )


def _span_incidents(view: MonitorView, first: dt.date) -> list[tuple[int, int]]:
    after_last = view.runs[-1].run_date + dt.timedelta(1)
    return [
        ((incident.start - first).days, ((incident.end or after_last) - incident.start).days)
        for incident in view.state.drift_incidents
    ]


def _say_run(run: Run) -> str:
    size = say_size(run)
    return f"{say_status(run).lower()}{f', {size}' if size else ''}"


def _encode_pages(view: MonitorView, first: dt.date) -> str:
    """Return for each day from the first on whether its run has a page: `p`, or a dot."""
    last = (view.runs[-1].run_date - first).days
    return encode_runs("p" if first + dt.timedelta(day) in view.files else "." for day in range(last + 1))
