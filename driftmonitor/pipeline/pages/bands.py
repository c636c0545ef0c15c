"""Draw a column's values by day: a band of its quantiles, or a line for each category's share. Pure functions.

One day is one unit wide. Heights are whole numbers, so that a range of days can have an axis of its own: a picture's
view box chooses it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from driftmonitor.facts.distribution import Distribution, Quantiles
from driftmonitor.pipeline.pages.distribution_view import HIGH, LOW, LOWER, MEDIAN, UPPER

UNITS = 10_000  # of height, over all days
LONGEST_GAP = 3  # days, or twice the usual distance between runs: a longer one stays empty


class Scale(NamedTuple):
    """The values at the bottom and at the top of all days."""

    low: float
    high: float

    def height(self, value: float) -> int:
        """Return how far a value is from the top."""
        share = (self.high - value) / (self.high - self.low)
        return round(UNITS * min(max(share, 0.0), 1.0))


def place_days(days: Sequence[dt.date], first: dt.date) -> list[tuple[int, int]]:
    """Return the place of each day and for how many its value is drawn: up to the next one, but not over a gap."""
    places = [(day - first).days for day in days]
    steps = [after - before for before, after in pairwise(places)]
    longest = max(LONGEST_GAP, 2 * median(steps)) if steps else LONGEST_GAP
    return [(x, step if step <= longest else 1) for x, step in zip(places, [*steps, 1], strict=True)]


def draw_band(days: Sequence[tuple[int, int]], lower: Sequence[int], upper: Sequence[int]) -> str:
    """Return the area between two heights by day, in steps."""
    path = []
    for stretch in _list_stretches(days):
        there = _draw_steps([(*days[i], upper[i]) for i in stretch])
        path.append(f"{there}{_draw_back([(days[i][0], lower[i]) for i in stretch])}z")
    return "".join(path)


def _draw_back(days: Sequence[tuple[int, int]]) -> str:
    """Return the steps from the end of the last day to the start of the first."""
    path, x, level = "", 0, None
    for start, height in reversed(days):
        if height != level:
            path += f"V{height}" if level is None else f"H{x}V{height}"
        x, level = start, height
    return f"{path}H{x}"


def draw_steps(days: Sequence[tuple[int, int]], heights: Sequence[int]) -> str:
    """Return a line at a height by day, in steps."""
    return "".join(_draw_steps([(*days[i], heights[i]) for i in stretch]) for stretch in _list_stretches(days))


def _list_stretches(days: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the indexes of days that follow one another without a gap."""
    stretches: list[list[int]] = []
    for i, (x, _) in enumerate(days):
        if i and days[i - 1][0] + days[i - 1][1] == x:
            stretches[-1].append(i)
        else:
            stretches.append([i])
    return stretches


def _draw_steps(days: Sequence[tuple[int, int, int]]) -> str:
    x, width, height = days[0]
    path, end, level = [f"M{x} {height}"], x + width, height
    for _, width, height in days[1:]:
        if height != level:
            path.append(f"H{end}V{height}")
            level = height
        end += width
    return "".join([*path, f"H{end}"])


def scale_numbers(days: Mapping[dt.date, Distribution]) -> Scale:
    """Return a scale that shows 90% of the rows of each day, and of the reference."""
    sides = [side for each in days.values() for side in each.quantiles or ()]
    low, high = min(side[LOW] for side in sides), max(side[HIGH] for side in sides)
    room = 0.05 * (high - low) or 0.5 * abs(low or 1)
    return Scale(low - room, high + room)


class Band(NamedTuple):
    """The quantiles by day: the areas of 90% and 50% of the rows, the median, and the reference's median and half."""

    outer: str
    inner: str
    median: str
    reference: str
    reference_half: str


def draw_quantiles(places: Sequence[tuple[int, int]], days: Sequence[Distribution], scale: Scale) -> Band:
    """Return the band of the days, which all have quantiles."""
    sides = [each.quantiles for each in days if each.quantiles]
    before, now = [side[0] for side in sides], [side[1] for side in sides]

    def heights(quantiles: Sequence[Quantiles], place: int) -> list[int]:
        return [scale.height(each[place]) for each in quantiles]

    return Band(
        draw_band(places, heights(now, LOW), heights(now, HIGH)),
        draw_band(places, heights(now, LOWER), heights(now, UPPER)),
        draw_steps(places, heights(now, MEDIAN)),
        draw_steps(places, heights(before, MEDIAN)),
        draw_steps(places, heights(before, LOWER)) + draw_steps(places, heights(before, UPPER)),
    )
