"""Know which days are special: public holidays, and the first and the last day of a month. Plain Python.

A special day is no baseline day of ordinary days, and no part of their windows. It is compared with them and with the
earlier special days of its kind. Its kind depends on its date and on the setting `holidays` alone.
"""

import calendar
import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache

from driftmonitor.config.public_holidays import public_holidays
from driftmonitor.facts.judgement import Special

ORDINARY, HOLIDAY, FIRST, LAST = range(4)  # kinds of days
NAMES: tuple[Special | None, ...] = (None, "holiday", "first", "last")
MOST = 0.5  # of the days: if more are special, as of a monitor that runs on the first of each month, none is


@lru_cache(maxsize=16)
def kind_of(holidays: str, current_days: int = 1) -> Callable[[dt.date], int]:
    """Return the function that gives the kind of a date; data of several days, as `current_days` says, has none."""
    known = public_holidays(holidays)

    @lru_cache(maxsize=2**14)
    def kind(date: dt.date) -> int:
        if current_days > 1:
            return ORDINARY
        if date in known:
            return HOLIDAY
        if date.day == 1:
            return FIRST
        return LAST if date.day == calendar.monthrange(date.year, date.month)[1] else ORDINARY

    return kind


def kinds_of(dates: Sequence[dt.date], holidays: str, current_days: int = 1) -> list[int]:
    """Return the kinds of a monitor's days."""
    kinds = [*map(kind_of(holidays, current_days), dates)]
    return kinds if sum(map(bool, kinds)) <= MOST * len(kinds) else [ORDINARY] * len(kinds)
