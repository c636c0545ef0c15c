"""Compare what is kept of a day with the days before: data not renewed, another reference, far fewer or more rows.

The notebook and the history call the same function, as for `reading_changes`.
"""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence

from driftmonitor.facts.earlier_days import NEWEST
from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, say_day

REPEATED, REFERENCE, ROWS = KINDS = ("repeated_data", "reference_changed", "rows_changed")
FEWEST_DAYS, TIMES = 3, 2  # of rows: below half of, or above twice, all of the days before
BY_CHANCE = 1e-6  # the most that equal counts of one column may be probable


def with_days_before(
    quality: Iterable[Finding], evidence: Evidence | None, earlier: Sequence[tuple[dt.date, Evidence]]
) -> tuple[Finding, ...]:
    """Return a day's findings after those of how it compares with the days before, oldest first; these replace any old.

    Data was not renewed, or is another day's, if all that is kept of the columns is equal to a day before, and in one
    of them this is not to be expected by chance.
    """
    kept = (finding for finding in quality if finding.kind not in KINDS)
    if evidence is None or not earlier:
        return tuple(kept)
    rows = [before.rows for _, before in earlier[-NEWEST:] if before.rows]
    same = next((day for day, before in reversed(earlier[-NEWEST:]) if _is_repeated(evidence, before)), None)
    changed = _find_reference(evidence, *earlier[-1])
    return (*changed, *_say_repeated(same), *_compare_rows(evidence.rows, rows), *kept)


def _compare_rows(now: int | None, before: Sequence[int]) -> Iterator[Finding]:
    if now is None or len(before) < FEWEST_DAYS or (min(before) <= now * TIMES and now <= TIMES * max(before)):
        return
    how = "fewer than half of" if now < min(before) else "more than twice as many as on"
    known = f"any of the {len(before)} days before ({min(before):,} to {max(before):,})"
    yield Finding(kind=ROWS, column=None, message=f"current: {counted(now, 'row')}, {how} {known}.")


def _find_reference(today: Evidence, day: dt.date, before: Evidence) -> Iterator[Finding]:
    pairs = _pair(today, before)
    if pairs and all(now.reference != was.reference for now, was in pairs):
        message = f"reference: changed since {say_day(day)}, so the days before are no baseline days any more."
        yield Finding(kind=REFERENCE, column=None, message=message)


def _say_repeated(day: dt.date | None) -> Iterator[Finding]:
    if day is not None:
        message = f"current: the same data as on {say_day(day)}, in all columns; check whether it was renewed."
        yield Finding(kind=REPEATED, column=None, message=message)


def _is_repeated(today: Evidence, before: Evidence) -> bool:
    if today.rows != before.rows or len(today.columns) != len(before.columns):
        return False
    pairs = _pair(today, before)
    return (
        len(pairs) == len(today.columns)
        and all(_is_same(*pair) for pair in pairs)
        and min(map(_probability, today.columns), default=1.0) < BY_CHANCE
    )


def _pair(today: Evidence, before: Evidence) -> list[tuple[ColumnEvidence, ColumnEvidence]]:
    columns = {column.name: column for column in before.columns}
    return [(column, columns[column.name]) for column in today.columns if column.name in columns]


def _is_same(now: ColumnEvidence, was: ColumnEvidence) -> bool:
    same = ("reference", "rows", "missing", "counts", "tail", "quartiles")
    return all(getattr(now, name) == getattr(was, name) for name in same)


def _probability(column: ColumnEvidence) -> float:
    """Return about how probable it is that a day of as many rows has the same counts (a multinomial's mode)."""
    counts = sorted(count for count in column.counts if count)[:-1]
    return math.exp(-0.5 * sum(math.log(2 * math.pi * count) for count in counts))
