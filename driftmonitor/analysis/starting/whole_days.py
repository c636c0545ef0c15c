"""Leave out a first day that begins late and a newest day that ends early, compared with the days beside them. Pure."""

import datetime as dt
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

MOST_COMPARED, FEWEST_COMPARED = 28, 7  # days
GAP = 3600  # seconds, that a day is shorter at one end than each of the days beside it


class Day(NamedTuple):
    """A day with rows: how many, and the seconds of the day of its first and its last one."""

    day: dt.date
    rows: int
    first: float = 0
    last: float = 0


def find_whole(days: Sequence[Day]) -> tuple[Sequence[Day], list[str], list[str]]:
    """Return the days without a partial one at either end, and what is said of the newest and of the first.

    A newest day with under half of the usual rows is left to `windows.choose`.
    """
    newest, first = [], []
    others = days[-MOST_COMPARED - 1 : -1]
    if len(others) >= FEWEST_COMPARED and days[-1].last + GAP < min(each.last for each in others):
        own, usual = _clock(days[-1].last), _clock(min(each.last for each in others))
        if 2 * days[-1].rows >= median(each.rows for each in others):
            newest = [f"the newest day ends at {own} and earlier ones not before {usual}, so it is left out"]
            days = days[:-1]
    others = days[1 : MOST_COMPARED + 1]
    if len(others) >= FEWEST_COMPARED and days[0].first - GAP > max(each.first for each in others):
        own, usual = _clock(days[0].first), _clock(max(each.first for each in others))
        first = [f"the first day begins at {own} and later ones by {usual}, so it is left out"]
        days = days[1:]
    return days, newest, first


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}"
