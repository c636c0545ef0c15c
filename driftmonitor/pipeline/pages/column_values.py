"""Make the picture of one column's values over time, in the column's unit: quantiles or shares of rows. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from driftmonitor.facts.distribution import Distribution
from driftmonitor.formats import numbers_apart, percent, show_category
from driftmonitor.pipeline.pages.bands import UNITS, Band, draw_quantiles, draw_steps, place_days, scale_numbers
from driftmonitor.pipeline.pages.distribution_view import draw_distribution
from driftmonitor.pipeline.pages.trends import Range

LEVELS_SHOWN = 8
TOPS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75)  # where an axis of shares may end
Shares = Mapping[str, tuple[float, float]]  # of each category on both sides


class LevelLine(NamedTuple):
    """One category's share of rows by day, as a line, and that of the reference."""

    name: str
    path: str
    reference: str
    words: str
    top: str


class View(NamedTuple):
    """How one range of days is shown of a chart with an axis of its own: its view box, and the axis from the top."""

    range: Range
    top: int
    height: int
    axis: Sequence[str] = ()


@dataclass(frozen=True)
class Values:
    """A column's values by day: a band of quantiles, or lines of shares; `views` has one for each range."""

    views: Sequence[View]
    words: str
    band: Band | None = None
    levels: Sequence[LevelLine] = ()


def make_values(days: Mapping[dt.date, Distribution], first: dt.date, ranges: Sequence[Range]) -> Values | None:
    """Return the picture of the values by day; None if they are not known of two days."""
    newest = list(days.values())[-1] if days else None
    if newest is None or len(days) < 2:
        return None
    if newest.quantiles:
        return _draw_numbers({day: each for day, each in days.items() if each.quantiles}, first, ranges)
    return _draw_shares({day: each for day, each in days.items() if each.levels}, first, ranges)


def _draw_numbers(days: Mapping[dt.date, Distribution], first: dt.date, ranges: Sequence[Range]) -> Values:
    scale = scale_numbers(days)
    views = []
    for each in ranges:
        start = first + dt.timedelta(each.start)
        seen = {day: known for day, known in days.items() if day >= start} or days
        own = scale_numbers(seen)
        top, bottom = scale.height(own.high), scale.height(own.low)
        middle = (own.low + own.high) / 2
        low, high, between = numbers_apart(own.low, own.high, middle)
        views.append(View(each, top, max(bottom - top, 1), (high, between, low)))
    band = draw_quantiles(place_days(list(days), first), list(days.values()), scale)
    return Values(views, _say(list(days.values())[-1]), band)


def _say(newest: Distribution) -> str:
    drawn = draw_distribution(newest)
    return drawn.words if drawn else ""


def _draw_shares(days: Mapping[dt.date, Distribution], first: dt.date, ranges: Sequence[Range]) -> Values:
    newest = list(days.values())[-1]
    by_day = [
        dict(zip(each.levels or (), zip(*(each.shares or ()), strict=True), strict=True)) for each in days.values()
    ]
    names = _choose_levels(newest, by_day)
    places = place_days(list(days), first)
    levels = [_draw_level(name, by_day, places) for name in names]
    views = [View(each, 0, UNITS) for each in ranges]
    return Values(views, _say(newest), levels=levels)


def _choose_levels(newest: Distribution, by_day: Sequence[Shares]) -> list[str]:
    """Return the categories of the newest day, then those that had the largest shares before."""
    named = newest.levels or ()
    largest: dict[str, float] = {}
    for of_day in by_day:
        for level, both in of_day.items():
            largest[level] = max(largest.get(level, 0.0), *both)
    others = sorted(largest.keys() - set(named), key=lambda level: (-largest[level], level))
    return [*named, *others][:LEVELS_SHOWN]


def _draw_level(name: str, by_day: Sequence[Shares], places: Sequence[tuple[int, int]]) -> LevelLine:
    both = [of_day.get(name, (0.0, 0.0)) for of_day in by_day]
    top = next((top for top in TOPS if top >= max(map(max, both))), 1.0)
    before, now = ([round(UNITS * (1 - side[i] / top)) for side in both] for i in (0, 1))
    words = f"{percent(both[-1][0])} → {percent(both[-1][1])}"
    return LevelLine(show_category(name), draw_steps(places, now), draw_steps(places, before), words, percent(top))
