"""Place the ticks of an axis: round numbers, or the first days of months. Pure."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from driftmonitor.formats import number, say_day

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60)
MOST_TICKS = 6
NEAR_THE_END = 92  # percent; a label further right would not fit


class Tick(NamedTuple):
    """A tick: its place in percent of the axis, and its label."""

    at: float
    words: str


def place_numbers(top: float) -> list[Tick]:
    """Return ticks at round numbers from 0 to `top`, which must be above 0."""
    step = next((step for step in STEPS if top / step <= MOST_TICKS), top)
    count = int(top / step + 1e-9)
    return [Tick(round(100 * i * step / top, 2), number(i * step)) for i in range(count + 1)]


def place_days(first: dt.date, last: dt.date) -> list[Tick]:
    """Return ticks at first days of months and at the first day of the axis; each is where its day begins."""
    days = (last - first).days + 1
    ticks = [Tick(round(100 * (day - first).days / days, 2), say_day(day)) for day in _choose_months(first, last)]
    least = 100 / (MOST_TICKS + 1)
    return [Tick(0.0, say_day(first)), *(tick for tick in ticks if least <= tick.at <= NEAR_THE_END)]


def _choose_months(first: dt.date, last: dt.date) -> Sequence[dt.date]:
    for step in MONTH_STEPS:
        chosen = [day for day in _months(first, last) if (day.year * 12 + day.month - 1) % step == 0]
        if len(chosen) <= MOST_TICKS:
            return chosen
    return ()


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    day = (first.replace(day=1) + dt.timedelta(32)).replace(day=1)
    while day <= last:
        yield day
        day = (day + dt.timedelta(32)).replace(day=1)
