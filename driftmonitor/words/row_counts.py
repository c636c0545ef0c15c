"""Compare the number of a day's rows with the days before it: a part of the rows is missing, or came more than once.

The notebook and the history call the same function, as for `reading_changes`.
"""

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from statistics import median

from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted

KIND = "rows_changed"
FEWEST_DAYS, TIMES = 3, 2  # below half of, or above twice, all of the days before
WEEK, LEAST_TIMES = 7, 1.4  # from so many days on: so many times, and more than all days before differ
WEEKS, SAME_WEEKDAY = 3, 3  # from so many weeks on, with so many of a weekday, the same by what is usual on the weekday
Counts = Sequence[tuple[dt.date, int]]


def compare_rows(now: int | None, run_date: dt.date, before: Counts) -> Iterator[Finding]:
    """Yield a finding if there are far fewer or more rows than on any day before, or than is usual on the weekday."""
    rows = [count for _, count in before]
    if now is None or len(rows) < FEWEST_DAYS:
        return
    known = f"any of the {len(rows)} days before ({min(rows):,} to {max(rows):,})"
    if not min(rows) <= now * TIMES or not now <= TIMES * max(rows):
        yield _find(now, f"{'fewer than half of' if now < min(rows) else 'more than twice as many as on'} {known}")
    elif len(rows) >= WEEK and _is_outside(now, rows):
        yield _find(now, f"clearly {'fewer' if now < min(rows) else 'more'} than on {known}")
    elif same := _find_outside_of_weekday(now, run_date, before):
        day = calendar.day_name[run_date.weekday()]
        known = f"{min(same):,} to {max(same):,} on the last {len(same)}"
        yield _find(now, f"clearly {'fewer' if now < min(same) else 'more'} than usual on a {day} ({known})")


def _is_outside(now: float, before: Sequence[float]) -> bool:
    """Return whether a number is further below, or above, those before than they are from one another, in times."""
    low, high = min(before), max(before)
    margin = max(high / low, LEAST_TIMES)
    return now * margin < low or now > high * margin


def _find_outside_of_weekday(now: int, run_date: dt.date, before: Counts) -> list[int]:
    """Return the counts of the same weekday if today's is outside of what is usual, none if not."""
    days = [[count for day, count in before if day.weekday() == weekday] for weekday in range(7)]
    usual = {weekday: median(counts) for weekday, counts in enumerate(days) if len(counts) >= SAME_WEEKDAY}
    same = days[run_date.weekday()]
    if run_date.weekday() not in usual or len(before) < WEEKS * WEEK or min(same) <= now <= max(same):
        return []
    ratios = [count / usual[day.weekday()] for day, count in before if day.weekday() in usual]
    return same if _is_outside(now / usual[run_date.weekday()], ratios) else []


def _find(now: int, words: str) -> Finding:
    return Finding(kind=KIND, column=None, message=f"current: {counted(now, 'row')}, {words}.")
