"""Choose which days are compared with which, from the rows of each day. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from driftmonitor.formats import counted

ENOUGH = 500  # rows a window should have: a shift of about 0.25 SD is then detected in 90% of trials
LENGTHS = (1, 7, 28, 91, 364, 728, 1820, 3640)  # days: whole weeks, so that each weekday counts alike
YEAR = 364
SHARE = 3  # a window has at most this part of all days
INCOMPLETE = 0.5  # of a usual day's rows

Days = Sequence[tuple[dt.date, int]]  # each day that has rows, in order, and how many


@dataclass(frozen=True)
class Windows:
    """The days of the reference, both included, and the number of days up to the run date that are compared with it."""

    first: dt.date
    last: dt.date
    current_days: int
    run_date: dt.date
    reference_rows: int
    current_rows: int
    a_day: float
    incomplete: int | None = None  # rows of the newest day, if it was left out

    @property
    def start(self) -> dt.date:
        """The first day that is compared with the reference."""
        return self.run_date - dt.timedelta(days=self.current_days - 1)


def choose(days: Days) -> Windows | None:
    """Return the windows, None if there are too few days for two."""
    incomplete = _incomplete(days)
    whole = days[:-1] if incomplete is not None else days
    if len(whole) < 2:
        return None
    first, run_date = whole[0][0], whole[-1][0]
    span = (run_date - first).days + 1
    length = _length(whole, span)
    start = run_date - dt.timedelta(days=length - 1)
    earlier = [day for day, _ in whole if day < start]
    if not earlier:
        return None
    last = start - dt.timedelta(days=1)
    # Whole years have every season alike; the newest is the one that today should resemble.
    begin = max(first, last - dt.timedelta(days=YEAR - 1)) if (last - first).days >= YEAR and length <= 28 else first
    return Windows(
        begin,
        last,
        length,
        run_date,
        _rows(whole, begin, last),
        _rows(whole, start, run_date),
        _a_day(whole),
        incomplete,
    )


def _incomplete(days: Days) -> int | None:
    """Return the rows of the newest day if it has far fewer than usual, because it is perhaps not over."""
    if len(days) < 8:
        return None
    usual = median(rows for _, rows in days[-29:-1])
    return days[-1][1] if usual >= 10 and days[-1][1] < INCOMPLETE * usual else None


def _a_day(days: Days) -> float:
    return sum(rows for _, rows in days) / ((days[-1][0] - days[0][0]).days + 1)


def _length(days: Days, span: int) -> int:
    """Return the fewest days that have enough rows, or as many as there can be."""
    possible = [length for length in LENGTHS if length == 1 or length * SHARE <= span]
    newest = days[-1][0]
    rows = {length: _rows(days, newest - dt.timedelta(days=length - 1), newest) for length in possible}
    return next((length for length in possible if rows[length] >= ENOUGH), possible[-1])


def _rows(days: Days, first: dt.date, last: dt.date) -> int:
    return sum(rows for day, rows in days if first <= day <= last)


def explain_length(windows: Windows) -> str:
    """Return why so many days are compared."""
    length, rows_then = windows.current_days, windows.current_rows
    rows = f"about {counted(max(round(windows.a_day), 1), 'row')} a day"
    if windows.a_day < 1:
        rows = f"about {counted(round(windows.a_day * YEAR), 'row')} a year"
    last = "the newest day has" if length == 1 else f"the newest {length:,} days have"
    if rows_then >= ENOUGH:
        return f"{rows}; {last} {rows_then:,}, which is enough"
    return f"{rows}; {last} only {rows_then:,}, so only large shifts are detected"
