"""Draw one column's distribution on one day, the reference beside the current data. Pure functions.

Numbers are boxes of their quantiles on a common axis, in its unit; categories are bars of their shares of rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from driftmonitor.facts.distribution import PLACES, Distribution, Quantiles
from driftmonitor.formats import number, numbers_apart, percent, show_category

LOW, LOWER, UPPER, HIGH = (PLACES.index(place) for place in (0.05, 0.25, 0.75, 0.95))
LOWEST, MEDIAN, HIGHEST = 0, PLACES.index(0.5), len(PLACES) - 1
HARDLY = 0.1  # of the distance between the quartiles
BEYOND = 1.5  # times the width from 5% to 95%: farther tails end at the edge of the axis


class Span(NamedTuple):
    """A stretch of the axis, in percent of its width."""

    start: float
    width: float


class Box(NamedTuple):
    """One side's quantiles on the axis: where 98%, 90% and 50% of the rows are, and the median."""

    spans: Sequence[Span]
    median: float


class Share(NamedTuple):
    """One category: its share of rows on both sides, in percent of the largest one drawn, and in words."""

    name: str
    before: float
    now: float
    words: str


class DistributionView(NamedTuple):
    """A column's distribution on one day: `boxes` of numbers, or `shares` of categories; `axis` are its ends."""

    words: str
    boxes: Sequence[Box] = ()
    axis: Sequence[str] = ()
    shares: Sequence[Share] = ()


def draw_distribution(distribution: Distribution | None) -> DistributionView | None:
    """Return the picture of a distribution; None if nothing is known of it."""
    if distribution is None:
        return None
    if distribution.quantiles:
        return _draw_numbers(*distribution.quantiles)
    return _draw_shares(distribution)


def say_change(distribution: Distribution) -> str:
    """Return where a column changed most, in its own unit: `median 29.8 → 37.7`, or `CH 10% → 26.8%` of categories.

    Of numbers the median, unless it hardly moved: then the quantile that moved most.
    """
    if distribution.quantiles:
        before, now = distribution.quantiles
        moves = [abs(after - each) for each, after in zip(before, now, strict=True)]
        hardly = HARDLY * (before[UPPER] - before[LOWER])
        place = MEDIAN if moves[MEDIAN] > hardly else max(range(LOW, HIGH + 1), key=moves.__getitem__)
        name = "median" if place == MEDIAN else f"{PLACES[place] * 100:g}% quantile"
        return "{} {} → {}".format(name, *numbers_apart(before[place], now[place]))
    if not distribution.levels or not distribution.shares:
        return ""
    both = zip(distribution.levels, *distribution.shares, strict=True)
    name, share, after = max(both, key=lambda level: abs(level[2] - level[1]))
    return f"{show_category(name)} {percent(share)} → {percent(after)}"


def parse_distribution(content: Mapping[str, Any]) -> Distribution | None:
    """Return a distribution from the history; None if it is damaged."""
    try:
        return Distribution.model_validate(content)
    except ValueError:
        return None


def _draw_numbers(before: Quantiles, now: Quantiles) -> DistributionView:
    low, high = choose_axis([before, now])
    return DistributionView(
        say_numbers(before, now),
        [_draw_box(quantiles, low, high) for quantiles in (before, now)],
        numbers_apart(low, high),
    )


def choose_axis(sides: Sequence[Quantiles]) -> tuple[float, float]:
    """Return the ends of an axis that shows all quantiles, but for tails that would make the middle too small."""
    low, high = min(side[LOW] for side in sides), max(side[HIGH] for side in sides)
    room = BEYOND * (high - low)
    lowest, highest = min(side[LOWEST] for side in sides), max(side[HIGHEST] for side in sides)
    start, end = max(lowest, low - room), min(highest, high + room)
    return (start, end) if start < end else (start - 0.5 * abs(start or 1), end + 0.5 * abs(end or 1))


def _draw_box(quantiles: Quantiles, low: float, high: float) -> Box:
    def place(value: float) -> float:
        return round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 2)

    pairs = (LOWEST, HIGHEST), (LOW, HIGH), (LOWER, UPPER)
    ends = [(place(quantiles[first]), place(quantiles[last])) for first, last in pairs]
    return Box([Span(start, round(end - start, 2)) for start, end in ends], place(quantiles[MEDIAN]))


def say_numbers(before: Quantiles, now: Quantiles) -> str:
    """Return both medians and middle halves: `Median 25 → 22; half of the rows 22 to 28 → 18 to 25`."""
    median, after = numbers_apart(before[MEDIAN], now[MEDIAN])
    half, half_after = (f"{number(side[LOWER])} to {number(side[UPPER])}" for side in (before, now))
    return f"Median {median} → {after}; half of the rows {half} → {half_after}"


def _draw_shares(distribution: Distribution) -> DistributionView | None:
    levels, shares = distribution.levels or (), distribution.shares or ((), ())
    rows = list(zip(levels, shares[0], shares[1], strict=True))
    others = [max(0.0, 1 - sum(side)) for side in shares]
    if max(others) >= 0.0005:
        rows.append(("", others[0], others[1]))
    top = max((max(row[1:]) for row in rows), default=0.0)
    if not top:
        return None
    shown = [_draw_share(level, before, now, top) for level, before, now in rows]
    return DistributionView("; ".join(f"{share.name} {share.words}" for share in shown), shares=shown)


def _draw_share(level: str, before: float, now: float, top: float) -> Share:
    name = show_category(level) if level else "all others"
    words = f"{percent(before)} → {percent(now)}"
    return Share(name, round(100 * before / top, 2), round(100 * now / top, 2), words)
