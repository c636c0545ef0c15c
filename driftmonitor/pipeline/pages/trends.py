"""The trend of a monitor: its share by day with threshold and incidents, and the map of columns by days. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from driftmonitor.formats import percent
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.anomaly import TOP, ratio
from driftmonitor.pipeline.pages.charts import RIBBON, Bars, axis_top, band, bars, map_path
from driftmonitor.pipeline.pages.columns import ColumnHistory, short, stored, stretches
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.templates import say_day

RANGES = {30: "30 days", 90: "90 days", 365: "A year"}
SHOWN_FIRST = 90
LEAST_DAYS = 14
ROWS_SHOWN = 40
STRETCHES_TOLD = 12
# Level -> where its blocks begin in a row of height 1, and how high they are: a shape of its own beside the colour.
BLOCKS = {
    "stable": (0.43, 0.14), "not_testable": (0.35, 0.3), "drifted-1": (0.28, 0.44), "drifted-2": (0.2, 0.6),
    "drifted-3": (0.12, 0.76), "drifted-4": (0.04, 0.92),
}  # fmt: skip


class Range(NamedTuple):
    """A range of days to look at: its first unit and how many."""

    key: str
    label: str
    start: int
    days: int
    dates: Sequence[dt.date]
    shown_first: bool


class Name(NamedTuple):
    """A row's column: its name, and its place in the table of columns, None if it is no longer there.

    `drifted` says in words when it did, `peak` how far it moved at most; "" if it never drifted.
    """

    text: str
    row: int | None
    drifted: str = ""
    peak: str = ""


@dataclass(frozen=True)
class Trend:
    """All that the picture needs; heights are in percent from the top."""

    ranges: Sequence[Range]
    top_words: str
    threshold: float
    threshold_words: str
    label: str
    bars: Sequence[Bars]
    incidents: str
    ribbons: str
    words: str
    names: Sequence[Name]
    levels: Sequence[Bars]
    hidden: int
    map_words: str


def make_trend(view: MonitorView, pasts: Mapping[str, ColumnHistory]) -> Trend | None:
    """Return the trend up to the last day; None while there are fewer than two runs that compared."""
    good = [run for run in view.runs if run.drift_share is not None]
    if len(good) < 2:
        return None
    first = min(view.runs[0].run_date, view.last_shown - dt.timedelta(LEAST_DAYS - 1))
    scale = _strangeness_scale(view) if view.budgeted else _share_scale(good)
    heights = {(run.run_date - first).days: (run.verdict, scale.height(run) or 0.0) for run in view.runs}
    top = scale.top
    names, levels, hidden = make_map(view, pasts, first)
    return Trend(
        ranges=make_ranges(first, view.last_shown),
        top_words=percent(top),
        threshold=100 * (1 - scale.limit / top),
        threshold_words=percent(scale.limit),
        label=scale.label,
        bars=bars(heights, top),
        incidents=band(_spans(view, first)),
        ribbons=band(_spans(view, first), RIBBON),
        words=f"{scale.words} on {sum(run.verdict == 'drift' for run in good)} of {len(good)} days. "
        "The list of runs below has every day.",
        names=names,
        levels=levels,
        hidden=hidden,
        map_words=f"Map of {len(names)} columns by days; below it stands in words which drifted when.",
    )


class Scale(NamedTuple):
    """What the bars' heights are: of a run, where the axis ends, where its limit lies, and all in words."""

    height: Callable[[Run], float | None]
    top: float
    limit: float
    label: str
    words: str


def _share_scale(good: Sequence[Run]) -> Scale:
    peak, limit = max(good, key=lambda run: run.drift_share), good[-1].threshold
    return Scale(
        lambda run: run.drift_share,
        axis_top(peak.drift_share, limit),
        limit,
        f"Share of drifted columns, and the threshold of {percent(limit)}",
        f"The share of drifted columns by day: {percent(peak.drift_share)} at most, on {say_day(peak.run_date)}; "
        "over the threshold",
    )


def _strangeness_scale(view: MonitorView) -> Scale:
    known = [value for run in view.runs if (value := ratio(run)) is not None]
    highest = f": {percent(max(known))} at most" if known else ""
    later = "" if known else "; shown once enough comparable days are known"
    return Scale(
        ratio,
        TOP,
        1.0,
        f"How strange each day was, in percent of the strangest comparable day before it{later}",
        f"The strangeness by day, in percent of the strangest comparable day’s{highest}; an alarm",
    )


def make_ranges(first: dt.date, last: dt.date) -> list[Range]:
    """Return the ranges that a history from `first` to `last` can be looked at in, the longest last."""
    days = (last - first).days + 1
    lengths = {str(n): (label, n) for n, label in RANGES.items() if n < days} | {"all": ("All", days)}
    shown = str(SHOWN_FIRST) if str(SHOWN_FIRST) in lengths else "all"
    return [
        Range(key, label, days - n, n, [last - dt.timedelta(n - 1), last - dt.timedelta(n // 2), last], key == shown)
        for key, (label, n) in lengths.items()
    ]


def _spans(view: MonitorView, first: dt.date) -> list[tuple[int, int]]:
    last = view.runs[-1].run_date + dt.timedelta(1)
    return [
        ((incident.start - first).days, ((incident.end or last) - incident.start).days)
        for incident in view.state.drift_incidents
    ]


def make_map(
    view: MonitorView, pasts: Mapping[str, ColumnHistory], first: dt.date
) -> tuple[list[Name], list[Bars], int]:
    """Return the rows' names, the blocks of each level, and how many columns find no room."""
    order = [stored(score.name) for score in view.good.worst_columns] if view.good else []
    gone = [name for name, past in pasts.items() if name not in set(order) and past.drifted]
    shown = sorted([*order, *gone], key=lambda name: _last_drifted(pasts.get(name)), reverse=True)[:ROWS_SHOWN]
    rows = {name: row for row, name in enumerate(order)}
    good_days = [run.run_date for run in view.runs if run.status != "failed"]
    names = [Name(short(name), rows.get(name), *_say_drifted(pasts.get(name), good_days)) for name in shown]
    levels = [Bars(level, _blocks(shown, pasts, first, level)) for level in BLOCKS]
    return names, [each for each in levels if each.path], len(order) + len(gone) - len(shown)


def _say_drifted(past: ColumnHistory | None, good_days: Sequence[dt.date]) -> tuple[str, str]:
    if past is None or not past.drifted:
        return "", ""
    told = stretches(past.drifted, good_days)
    days = [say_day(a) if a == b else f"{say_day(a, a.year != b.year)} to {say_day(b)}" for a, b in told]
    more = f", and {len(days) - STRETCHES_TOLD} times before" if len(days) > STRETCHES_TOLD else ""
    farthest, day = max(((past.distances.get(day, -1.0), day) for day in past.drifted), key=lambda moved: moved[0])
    peak = f"{farthest:.2f} on {say_day(day)}" if farthest >= 0 else ""
    return ", ".join(days[:STRETCHES_TOLD]) + more, peak


def _last_drifted(past: ColumnHistory | None) -> dt.date:
    return max(past.drifted, default=dt.date.min) if past else dt.date.min


def _blocks(shown: Sequence[str], pasts: Mapping[str, ColumnHistory], first: dt.date, level: str) -> str:
    start = first.toordinal()
    days = {
        row: [(block.start - start, block.end - block.start) for block in pasts[name].blocks if block.level == level]
        for row, name in enumerate(shown)
        if name in pasts
    }
    return map_path(days, *BLOCKS[level])
