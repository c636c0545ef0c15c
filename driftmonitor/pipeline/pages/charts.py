"""Draw shares, scores and columns by day as SVG paths in which one day is one unit wide. Pure functions.

Equal neighbouring days become one piece of the path, so that a year stays small.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from driftmonitor.formats import percent
from driftmonitor.pipeline.pages.monitor_view import DAYS_SHOWN, MonitorView

SPARK_HEIGHT = 24
LEAST_SPARK = 7  # runs
AXIS_TOPS = (0.1, 0.2, 0.3, 0.5, 1.0)  # where an axis of shares may end
CHART_HEIGHT = 100
RIBBON = 4  # height of the mark above an incident
STUB = 3  # height of a day without drift, which shows that it ran
FAILED = 8.0  # height of a failed day


class Spark(NamedTuple):
    """A line over the last 90 days, and its description. `threshold` is the height of the threshold, None without."""

    path: str
    words: str
    threshold: float | None = None


class Bars(NamedTuple):
    """The bars of one state."""

    state: str
    path: str


def draw_line(values: Sequence[float | None], top: float) -> str:
    """Return a line through the `values` that are known, one unit apart, with `top` at the upper edge."""
    path, before = [], None
    for x, value in enumerate(values):
        if value is None:
            continue
        y = round((1 - min(1.0, value / top)) * (SPARK_HEIGHT - 4) + 2)
        path.append(f"M{x} {y}h.1" if before is None else f"H{x}" if y == before else f"L{x} {y}")
        before = y
    return "".join(path)


def make_spark(name: str, values: Sequence[float | None], top: float, threshold: float) -> Spark:
    """Return the line of a share over the last 90 days, with its highest and latest value in words."""
    known = [value for value in values if value is not None]
    words = f"{name} over {DAYS_SHOWN} days: highest {percent(max(known))}, latest {percent(known[-1])}"
    return Spark(draw_line(values, top), words, (1 - threshold / top) * (SPARK_HEIGHT - 4) + 2)


def make_share_spark(view: MonitorView) -> Spark | None:
    """Return the drift share over 90 days; None as long as there are too few runs for a line."""
    shares = [view.by_date[day].drift_share if day in view.by_date else None for day in view.days_shown]
    known = [share for share in shares if share is not None]
    if len(known) < LEAST_SPARK:
        return None
    threshold = next(run.threshold for run in reversed(view.runs) if run.threshold is not None)
    return make_spark("Drift share", shares, choose_axis_top(max(known), threshold), threshold)


def choose_axis_top(highest: float, threshold: float) -> float:
    """Return where an axis of shares ends: at or above the highest, with the threshold not at the edge."""
    return next((top for top in AXIS_TOPS if top >= highest and top > threshold * 1.2), 1.0)


def draw_bars(days: Mapping[int, tuple[str, float]], top: float) -> list[Bars]:
    """Return the bars of each state; `days` gives the state and the value of each day."""
    heights = {x: (state, _bar_height(state, value, top)) for x, (state, value) in days.items()}
    return [
        Bars(state, "".join(_draw_bar(x, width, heights[x][1]) for x, width in merge_days(heights, state)))
        for state in ("healthy", "none", "differs", "drift", "failed")
        if any(of == state for of, _ in heights.values())
    ]


def _bar_height(state: str, value: float, top: float) -> float:
    return FAILED if state == "failed" else round(max(STUB, CHART_HEIGHT * min(1.0, value / top)), 1)


def _draw_bar(x: int, width: int, height: float) -> str:
    return f"M{x} {CHART_HEIGHT}v-{height:g}h{width}v{height:g}z"


def merge_days(heights: Mapping[int, tuple[str, float]], state: str) -> Iterable[tuple[int, int]]:
    """Yield (first day, number of days) of neighbouring days with this state and the same height."""
    days = sorted(x for x, (of, _) in heights.items() if of == state)
    for _, group in groupby(enumerate(days), key=lambda pair: (pair[1] - pair[0], heights[pair[1]][1])):
        stretch = [x for _, x in group]
        yield stretch[0], len(stretch)


def draw_bands(spans: Iterable[tuple[int, int]], height: int = CHART_HEIGHT) -> str:
    """Return a path that goes down from the top over each (first day, number of days)."""
    return "".join(f"M{x} 0h{width}v{height}h-{width}z" for x, width in spans)


def draw_blocks(rows: Mapping[int, Sequence[tuple[int, int]]], top: float, height: float) -> str:
    """Return a path of blocks in rows one unit high; `rows` gives the (first day, number of days) of each block."""
    return "".join(
        f"M{first} {row + top:g}h{days}v{height:g}h-{days}z" for row, blocks in rows.items() for first, days in blocks
    )
