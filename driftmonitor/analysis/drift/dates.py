"""Say where the dates of a column are: no test compares them, because they always differ from the reference."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator

import numpy as np

from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.sides import Sides, Values
from driftmonitor.facts.evidence import DateEvidence
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line

EPOCH = dt.date(1970, 1, 1)
TAILS = 3  # times the width of the reference's dates, by which few dates are far before them
LEAST_AGE = 7  # days
PLACES = (0.01, 0.25, 0.5, 0.75, 0.99)
Quantiles = tuple[float, float, float, float, float]


def describe_dates(sides: Sides, columns: Iterable[Column]) -> tuple[tuple[DateEvidence, ...], list[Finding]]:
    """Return where the dates of each watched column are, and what is odd about them beside the reference's."""
    found: list[DateEvidence] = []
    findings: list[Finding] = []
    for column in columns:
        if column.ignored or column.name not in sides.current or column.name not in sides.reference:
            continue
        before, now = (side.column(column.name).once(_find_quantiles) for _, side in sides)
        if now:
            found.append(DateEvidence(name=column.name, quantiles=now))
            findings += _find_odd(column.name, before, now, sides.run_date) if before else []
    return tuple(found), findings


def _find_quantiles(values: Values) -> Quantiles | None:
    """Return the quantiles in days since 1970; None of anything else than dates."""
    if values.content != "time" or not len(values.numbers):
        return None
    first, second, third, fourth, fifth = np.quantile(values.numbers.values, PLACES).round(2).tolist()
    return first, second, third, fourth, fifth


def _find_odd(name: str, before: Quantiles, now: Quantiles, run_date: dt.date | None) -> Iterator[Finding]:
    """Yield a finding if dates come before the reference's, or all from a short time long ago that it covers."""
    width = before[-1] - before[0]
    age = (run_date - EPOCH).days - now[-1] if run_date else 0.0
    if now[-1] < before[0]:
        said = "nearly all dates of current are before those of the reference"
    elif before[0] - now[0] > max(TAILS * width, LEAST_AGE):
        days = counted(math.floor(before[0] - now[0]), "day")
        said = f"1% of the dates of current are {days} or more before nearly all of the reference's"
    elif age > LEAST_AGE and width >= LEAST_AGE and now[-1] - now[0] <= width / 4 and _is_within(now, before):
        days = counted(math.floor(age), "day")
        said = f"the dates of current are within those of the reference, and nearly all are {days} old or older"
    else:
        return
    yield Finding(kind="dates_of_reference", column=name, message=f"{one_line(name)}: {said}.")


def _is_within(now: Quantiles, before: Quantiles) -> bool:
    return before[0] <= now[0] and now[-1] <= before[-1]
