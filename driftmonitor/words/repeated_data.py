"""Find out whether a day's data is that of the day before it, which was not renewed: the day says nothing new.

The notebook and the history call the same function, as for `reading_changes`.
"""

import datetime as dt
import math
from collections.abc import Iterable, Iterator

from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.facts.record import Finding
from driftmonitor.formats import say_day

KIND = "repeated_data"
BY_CHANCE = 1e-6  # the most that equal counts of one column may be probable


def with_repeated_data(
    quality: Iterable[Finding], evidence: Evidence | None, earlier: tuple[dt.date, Evidence] | None
) -> tuple[Finding, ...]:
    """Return a day's findings after the one that its data is that of an earlier day, if it is, which replaces any old.

    It is if all that is kept of the columns is equal, and in one of them this is not to be expected by chance.
    """
    kept = (finding for finding in quality if finding.kind != KIND)
    return (*(_find(evidence, *earlier) if evidence and earlier else ()), *kept)


def _find(today: Evidence, day: dt.date, before: Evidence) -> Iterator[Finding]:
    columns = {column.name: column for column in before.columns}
    same = today.rows == before.rows and len(columns) == len(today.columns)
    if not same or not all(_is_same(column, columns.get(column.name)) for column in today.columns):
        return
    if min(map(_probability, today.columns), default=1.0) < BY_CHANCE:
        message = f"current: the same data as on {say_day(day)}, in all columns; check whether it was renewed."
        yield Finding(kind=KIND, column=None, message=message)


def _is_same(now: ColumnEvidence, was: ColumnEvidence | None) -> bool:
    if was is None or now.reference != was.reference:
        return False
    return all(getattr(now, name) == getattr(was, name) for name in ("rows", "missing", "counts", "tail", "quartiles"))


def _probability(column: ColumnEvidence) -> float:
    """Return about how probable it is that a day of as many rows has the same counts (a multinomial's mode)."""
    counts = sorted(count for count in column.counts if count)[:-1]
    return math.exp(-0.5 * sum(math.log(2 * math.pi * count) for count in counts))
