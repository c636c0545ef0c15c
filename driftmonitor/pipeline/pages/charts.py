"""Geometry of the pictures: shares and levels by day become SVG paths, one day a unit wide. Pure functions.

A path holds neighbours that are equal as one piece, so that a year weighs little.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from driftmonitor.formats import percent
from driftmonitor.pipeline.pages.monitor_history import MonitorView

SPARK_DAYS, SPARK_HEIGHT = 90, 24
LEAST_SPARK = 7  # runs
TOPS = (0.1, 0.2, 0.3, 0.5, 1.0)  # where an axis of shares may end
CHART_HEIGHT = 100
RIBBON = 4  # height of the mark over an incident
STUB = 3  # height of a day without drift: it ran


class Spark(NamedTuple):
    """A line over the last 90 days, and what it shows in words. `threshold` is its height, None without one."""

    path: str
    words: str
    threshold: float | None = None


class Bars(NamedTuple):
    """The bars of one state."""

    state: str
    path: str


def spark_path(values: Sequence[float | None], top: float) -> str:
    """Return a line through the `values` there are, one unit apart, `top` at the upper edge."""
    pieces, before = [], None
    for x, value in enumerate(values):
        if value is None:
            continue
        y = round((1 - min(1.0, value / top)) * (SPARK_HEIGHT - 4) + 2)
        pieces.append(f"M{x} {y}h.1" if before is None else f"H{x}" if y == before else f"L{x} {y}")
        before = y
    return "".join(pieces)


def share_spark(view: MonitorView) -> Spark | None:
    """Return the share of drifted columns over 90 days; None as long as a line of it would be a dot."""
    days = [view.last_shown - dt.timedelta(back) for back in range(SPARK_DAYS - 1, -1, -1)]
    shares = [view.by_date[day].drift_share if day in view.by_date else None for day in days]
    known = [share for share in shares if share is not None]
    if len(known) < LEAST_SPARK:
        return None
    threshold = next(run.threshold for run in reversed(view.runs) if run.threshold is not None)
    top = axis_top(max(known), threshold)
    words = f"Share of drifted columns in {SPARK_DAYS} days: {percent(max(known))} at most, {percent(known[-1])} now"
    return Spark(spark_path(shares, top), words, (1 - threshold / top) * (SPARK_HEIGHT - 4) + 2)


def axis_top(highest: float, threshold: float) -> float:
    """Return where an axis ends that shows the highest share, and the threshold not at its edge."""
    return next((top for top in TOPS if top >= highest and top > threshold * 1.2), 1.0)


def bars(shares: Mapping[int, tuple[str, float]], top: float) -> list[Bars]:
    """Return the bars of each state; `shares` gives a day's state and share. A failed day has a stub of its own."""
    heights = {
        x: (state, STUB if state != "failed" and not share else _height(state, share, top))
        for x, (state, share) in shares.items()
    }
    return [
        Bars(state, "".join(_bar(x, width, heights[x][1]) for x, width in pieces(heights, state)))
        for state in ("healthy", "drift", "failed")
        if any(of == state for of, _ in heights.values())
    ]


def _height(state: str, share: float, top: float) -> float:
    return 8.0 if state == "failed" else round(max(STUB, CHART_HEIGHT * min(1.0, share / top)), 1)


def _bar(x: int, width: int, height: float) -> str:
    return f"M{x} {CHART_HEIGHT}v-{height:g}h{width}v{height:g}z"


def pieces(heights: Mapping[int, tuple[str, float]], state: str) -> Iterable[tuple[int, int]]:
    """Yield (first day, number of days) of every stretch of neighbours that have this state and the same height."""
    days = sorted(x for x, (of, _) in heights.items() if of == state)
    for _, group in groupby(enumerate(days), key=lambda pair: (pair[1] - pair[0], heights[pair[1]][1])):
        stretch = [x for _, x in group]
        yield stretch[0], len(stretch)


def band(spans: Iterable[tuple[int, int]], height: int = CHART_HEIGHT) -> str:
    """Return a path from the top down over each (first day, number of days)."""
    return "".join(f"M{x} 0h{width}v{height}h-{width}z" for x, width in spans)


def map_path(rows: Mapping[int, Sequence[tuple[int, int]]], top: float, height: float) -> str:
    """Return a path of blocks; `rows` gives each row's (first day, number of days); a row is one unit high."""
    path = [
        f"M{first} {row + top:g}h{days}v{height:g}h-{days}z" for row, blocks in rows.items() for first, days in blocks
    ]
    return "".join(path)
