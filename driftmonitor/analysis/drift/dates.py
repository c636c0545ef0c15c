"""Say where the dates of a column are: no test compares them, because they always differ from the reference."""

from collections.abc import Iterable, Iterator

import numpy as np

from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.sides import Sides, Values
from driftmonitor.facts.evidence import DateEvidence
from driftmonitor.facts.record import Finding
from driftmonitor.formats import one_line

PLACES = (0.01, 0.25, 0.5, 0.75, 0.99)
Quantiles = tuple[float, float, float, float, float]


def describe_dates(sides: Sides, columns: Iterable[Column]) -> tuple[tuple[DateEvidence, ...], list[Finding]]:
    """Return where the dates of each watched column are, and a finding if nearly all come before the reference's."""
    found: list[DateEvidence] = []
    findings: list[Finding] = []
    for column in columns:
        if column.ignored or column.name not in sides.current or column.name not in sides.reference:
            continue
        before, now = (side.column(column.name).once(_find_quantiles) for _, side in sides)
        if now:
            found.append(DateEvidence(name=column.name, quantiles=now))
            findings += _find_before(column.name, before, now) if before else []
    return tuple(found), findings


def _find_quantiles(values: Values) -> Quantiles | None:
    """Return the quantiles in days since 1970; None of anything else than dates."""
    if values.content != "time" or not len(values.numbers):
        return None
    first, second, third, fourth, fifth = np.quantile(values.numbers.values, PLACES).round(2).tolist()
    return first, second, third, fourth, fifth


def _find_before(name: str, before: Quantiles, now: Quantiles) -> Iterator[Finding]:
    if now[-1] < before[0]:
        message = f"{one_line(name)}: nearly all dates of current are before those of the reference."
        yield Finding(kind="dates_before_reference", column=name, message=message)
