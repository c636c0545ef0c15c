"""Split daily files, whose rows have no time, into a reference and the newest day: whole months, or else most days."""

import datetime as dt
from collections.abc import Sequence
from fnmatch import fnmatchcase

from driftmonitor.analysis.starting.dated_names import DatedNames
from driftmonitor.analysis.starting.tables import Tables, pair
from driftmonitor.formats import counted

BEGINS = 3  # the day until which a month counts as whole: the first days may be a weekend
DAYS = ("??", "[01]?", "1?", "0?")  # globs of the days of a month
FEW = 14  # days, in which not even each weekday comes twice

Period = tuple[str, Sequence[dt.date]]  # a glob of files, and their days


def split_daily(daily: DatedNames) -> Tables:
    """Return two tables: the files of a month, or of the most days of one, and those of the newest day."""
    whole = [period for period in _months(daily) if _is_whole(period, daily)]
    parts = [*_months(daily), *(_part(daily, daily.days[-1], days) for days in DAYS)]
    before = [(files, days) for files, days in parts if days and daily.days[-1] not in days]
    first = daily.files[0]
    reference, days = (whole or [max(before, key=lambda period: len(period[1]), default=(first[1], [first[0]]))])[0]
    return pair(reference, daily, days)


def _months(daily: DatedNames) -> list[Period]:
    """Return the files of each month before the newest day's."""
    months = sorted({day.replace(day=1) for day in daily.days})
    return [_part(daily, month, "??") for month in months[:-1]]


def _part(daily: DatedNames, month: dt.date, days: str) -> Period:
    own = [day for day in daily.days if f"{day:%Y%m}" == f"{month:%Y%m}" and fnmatchcase(f"{day:%d}", days)]
    return daily.of_month(month, days), own


def _is_whole(period: Period, daily: DatedNames) -> bool:
    """Return whether a month is not the first one, which the files begin in the middle of."""
    return period[1][0] != daily.days[0] or period[1][0].day <= BEGINS


def say_days(days: Sequence[dt.date]) -> str:
    """Return which days the reference has."""
    return f"{counted(len(days), 'day')}, {days[0]} to {days[-1]}"


def doubt_days(days: Sequence[dt.date]) -> str:
    """Return what is not sure of a reference of a few days, "" if it has enough."""
    if not 0 < len(days) < FEW:
        return ""
    return f"the reference has only {counted(len(days), 'day')}; name more, or the data that your model was trained on"
