"""Compare how old the dates of a day are with the days before it: a stale export has those of another day or year.

The notebook and the history call the same function, as for `reading_changes`.
"""

import datetime as dt
import math
from collections.abc import Iterator, Sequence

from driftmonitor.facts.evidence import DateEvidence, Evidence
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line, say_day

OLD, FUTURE, SAME = KINDS = ("old_dates", "future_dates", "same_dates")
EPOCH = dt.date(1970, 1, 1)
PARTS = ("1%", "a quarter", "half", "three quarters", "nearly all")  # of the dates, up to each of the quantiles
ENOUGH_DAYS, WEEK = 3, 7  # to know that dates go on with the days; to know weekends
LEAST, LEAST_OF_A_WEEK = 0.75, 3.5  # days that dates are older than on any day before, if a week is known or not
TAILS = 3  # times the distance from the middle to the 1% or 99% quantile, which few dates decide
SPREAD = 7  # days over which nearly all dates spread, or being all the same is nothing new
AHEAD = 2  # days after the run date, from which on a date is of the future wherever the clock stands
Days = Sequence[tuple[dt.date, Evidence]]


def find_moved_dates(evidence: Evidence, run_date: dt.date, earlier: Days) -> Iterator[Finding]:
    """Yield a finding for each column whose dates are older, or further ahead, than on any of the days before.

    They are if it is by more than the days before differ from one another and the middle half of their dates is wide.
    Of the outer quantiles, it must be more than three times as far as they are from the middle, too.
    """
    for column in evidence.dates:
        known = [(day, found) for day, before in earlier for found in before.dates if found.name == column.name]
        if known:
            yield from _compare(column, run_date, known)


def _compare(column: DateEvidence, run_date: dt.date, known: list[tuple[dt.date, DateEvidence]]) -> Iterator[Finding]:
    ages, days = _ages(run_date, column), [day for day, _ in known]
    of_days = [_ages(day, found) for day, found in known]
    width = max(each[1] - each[3] for each in (of_days if len(known) >= WEEK else [*of_days, ages]))
    margins = [_margin(i, of_days, days, run_date, width) for i in range(len(PARTS))]
    before = list(zip(*of_days, strict=True))
    old = [i for i, own in enumerate(before) if ages[i] - max(own) > margins[i]]
    is_usual = min(before[-1]) < -AHEAD  # that some dates are of the future
    new = [
        i for i, own in enumerate(before) if min(own) - ages[i] > (margins[i] if is_usual else 0) and ages[i] < -AHEAD
    ]
    spread = min(own[0] - own[-1] for own in of_days)
    if old:
        i = old[-1]
        yield _say_old(column.name, PARTS[i], ages[i], max(before[i]), days)
    elif new:
        i = new[0]
        yield _say_future(column.name, PARTS[-1 - i], -ages[i], -min(before[i]), days)
    elif len(known) >= ENOUGH_DAYS and ages[0] == ages[-1] and spread >= SPREAD:
        yield _say_same(column.name, spread, days)


def _ages(day: dt.date, column: DateEvidence) -> list[float]:
    """Return how many days before a day each quantile is."""
    return [(day - EPOCH).days - place for place in column.quantiles]


def _margin(i: int, ages: Sequence[list[float]], days: Sequence[dt.date], run_date: dt.date, width: float) -> float:
    """Return by how much the age of a quantile must exceed all before: dates that stay as they are get older."""
    own = [each[i] for each in ages]
    varies = max(own) - min(own)
    goes_on = len(own) >= ENOUGH_DAYS and varies < (days[-1] - days[0]).days / 2
    tail = 0.0 if i in (1, 2, 3) else TAILS * max(abs(each[i] - each[2]) for each in ages)
    least = LEAST if len(own) >= WEEK else LEAST_OF_A_WEEK
    return max(width + varies + (0 if goes_on else (run_date - days[-1]).days), tail, least)


def _say_old(name: str, part: str, age: float, usual: float, days: Sequence[dt.date]) -> Finding:
    was = f"{_say_days(days)} at most {counted(math.ceil(usual), 'day')}"
    message = f"{one_line(name)}: {part} of its dates are {counted(math.ceil(age), 'day')} old or older; {was}."
    return Finding(kind=OLD, column=name, message=message)


def _say_future(name: str, part: str, ahead: float, usual: float, days: Sequence[dt.date]) -> Finding:
    was = f"{_say_days(days)} at most {counted(max(math.floor(usual), 0), 'day')}"
    said = f"{part} of its dates are {counted(math.floor(ahead), 'day')} or more after the run date"
    return Finding(kind=FUTURE, column=name, message=f"{one_line(name)}: {said}; {was}.")


def _say_same(name: str, spread: float, days: Sequence[dt.date]) -> Finding:
    was = f"{_say_days(days)} they spread over {counted(math.floor(spread), 'day')} or more"
    return Finding(kind=SAME, column=name, message=f"{one_line(name)}: nearly all of its dates are the same; {was}.")


def _say_days(days: Sequence[dt.date]) -> str:
    return f"on the {len(days)} days before" if len(days) > 1 else f"on {say_day(days[0])}"
