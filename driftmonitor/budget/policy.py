"""The budget rule's numbers about days: which of them form a baseline, and how many. Plain Python, without numpy.

The runner collects earlier days by them before any notebook starts; the rule judges by the same numbers.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

Day = TypeVar("Day")

DAYS_A_YEAR = 365
WEEK_DAYS = 7
WINDOWS = (1, 3, 7)  # days, the current one included, whose counts are added up
GAP_DAYS = 14  # the newest days are no baseline days: a drift that has just begun would be among them
WARM_UP_GAP_DAYS = WEEK_DAYS  # shorter, so that a new monitor has baseline days soon; windows do not overlap with them
DAYS_BEFORE = 42  # before a baseline, that show where signals were which wander
YEAR, AROUND, MONTH = 365, 10, 28  # days: three weeks of last year, and four that ended two weeks before them, tell
OLDEST = YEAR + GAP_DAYS + MONTH + 2 * max(WINDOWS)  # days ago; windows may pass over special days
SAME_DAY = (364, 366)  # days ago: the same day of the week, or the same date
CLEAR_DAYS = WEEK_DAYS  # without a drift day, after which an incident is over
PAIR_COLUMNS = 30  # numeric columns whose pairs are watched: 435 pairs
SIMILAR = 2.0  # a day of the reference with more than twice today's rows, or less than half, is no baseline day
LONGEST = 28  # days of current data: of longer periods, a reference has too few

POOL = 2.4  # alerts that the budget allows in the time of a full baseline; three limits use up about as many by chance
FEWEST_BASELINE_DAYS = 26  # fewer runs say too little of what is usual, however seldom they come
LAST_GAPS = 20  # between the newest days, which say how often a monitor runs
INTERRUPTIONS = 3
LONGEST_GAP = 31  # days: a longer one is an interruption


def baseline_days(false_alarms_per_year: float, runs: float = DAYS_A_YEAR) -> int:
    """Return how many days a full baseline has, for a monitor with so many runs a year.

    A day is more unusual than all of H exchangeable days with probability 1 / (H + 1) (Vovk et al. 2005).
    """
    return max(FEWEST_BASELINE_DAYS, int(POOL * runs / false_alarms_per_year))


def wanted_days(false_alarms_per_year: float) -> int:
    """Return how many baseline days can be needed: those of a full baseline, those before them, and a window's."""
    return baseline_days(false_alarms_per_year) + DAYS_BEFORE + max(WINDOWS) - 1


def newest_that_count(
    days: Iterable[Day],
    describe: Callable[[Day], tuple[dt.date, str, bool]],
    run_date: dt.date,
    false_alarms_per_year: float,
    kind: Callable[[dt.date], int],
) -> Iterator[Day]:
    """Yield those `days`, the newest first, that `run_date` may be compared with: until there are enough.

    `describe` returns a day's date, its review and whether it was a drift day; `kind` whether a date is special.
    """
    missing = wanted_days(false_alarms_per_year)
    for day in days:
        yield day
        missing -= may_be_baseline_day(run_date, *describe(day), kind)
        if missing == 0:
            return


def days_of_last_year(days: Iterable[Day], find_date: Callable[[Day], dt.date], run_date: dt.date) -> Iterator[Day]:
    """Yield those of the `days` left, the newest first, that show how last year was."""
    for day in days:
        date = find_date(day)
        if (run_date - date).days >= OLDEST:
            return
        if is_of_last_year(run_date, date):
            yield day


def is_of_last_year(run_date: dt.date, date: dt.date) -> bool:
    """Return whether a day shows how the weeks around a run, and those before, were last year."""
    return YEAR - AROUND <= (run_date - date).days < OLDEST


def may_be_baseline_day(
    run_date: dt.date, date: dt.date, label: str, drift: bool, kind: Callable[[dt.date], int]
) -> bool:
    """Return whether a day may be a baseline day of a run, after the warm-up."""
    return (run_date - date).days >= GAP_DAYS and label != "confirmed" and not drift and not kind(date)


def runs_a_year(days: Sequence[int]) -> float:
    """Return how many days a year have a run, by the newest day numbers; 365 while fewer than 20 gaps are known.

    The three longest are left out: an interruption or two change nothing.
    """
    gaps = sorted(min(late - early, LONGEST_GAP) for early, late in pairwise(days[-LAST_GAPS - 1 :]))
    if len(gaps) < LAST_GAPS:
        return DAYS_A_YEAR
    return DAYS_A_YEAR * (LAST_GAPS - INTERRUPTIONS) / sum(gaps[:-INTERRUPTIONS])
