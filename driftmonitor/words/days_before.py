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
from driftmonitor.words import dates, repeats, row_counts

REPEATED, GROWN, REFERENCE = "repeated_data", "grown_data", "reference_changed"
KINDS = (REPEATED, GROWN, REFERENCE, row_counts.KIND, *dates.KINDS)
BY_CHANCE = 1e-6  # the most that equal counts of one column may be probable
GROWN_BY_CHANCE = 1e-4  # the same of counts none of which is smaller: in no other column one may be, too


def with_days_before(
    quality: Iterable[Finding],
    evidence: Evidence | None,
    earlier: Sequence[tuple[dt.date, Evidence]],
    run_date: dt.date,
) -> tuple[Finding, ...]:
    """Return a day's findings after those of how it compares with the days before, oldest first; these replace any old.

    Data was not renewed, or is another day's, if all that is kept of the columns is equal to a day before, and in one
    of them this is not to be expected by chance.
    """
    kept = (finding for finding in quality if finding.kind not in KINDS)
    if evidence is None or not earlier:
        return tuple(kept)
    rows = [(day, before.rows) for day, before in earlier[-NEWEST:] if before.rows]
    same = next((day for day, before in reversed(earlier[-NEWEST:]) if _is_repeated(evidence, before)), None)
    changed = _find_reference(evidence, *earlier[-1])
    more = list(_find_grown(evidence, *earlier[-1]))
    nearly = [] if same or more else repeats.find_repeats(evidence, run_date, earlier[-NEWEST:])
    moved = dates.find_moved_dates(evidence, run_date, earlier[-NEWEST:])
    sizes = row_counts.compare_rows(evidence.rows, run_date, rows)
    return (*changed, *_say_repeated(same), *more, *nearly, *sizes, *moved, *kept)


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


def _find_grown(today: Evidence, day: dt.date, before: Evidence) -> Iterator[Finding]:
    """Yield a finding if no count of any column is below that of the day before, which is not to be expected."""
    if not (today.rows and before.rows and today.rows > before.rows) or today.compared or before.compared:
        return
    pairs = _pair(today, before)
    if (
        len(pairs) == len(today.columns)
        and all(_has_grown(*pair) for pair in pairs)
        and min((_probability_of_growth(*pair) for pair in pairs), default=1.0) < GROWN_BY_CHANCE
    ):
        more = counted(today.rows - before.rows, "row")
        remedy = "name the day's rows alone, unless all are wanted"
        message = f"current: seems to have all rows of {say_day(day)}, and {more} more; {remedy}."
        yield Finding(kind=GROWN, column=None, message=message)


def _has_grown(now: ColumnEvidence, was: ColumnEvidence) -> bool:
    same = now.reference == was.reference and len(now.counts) == len(was.counts)
    return same and all(more >= less for more, less in zip(now.counts, was.counts, strict=True))


def _probability_of_growth(now: ColumnEvidence, was: ColumnEvidence) -> float:
    """Return about how probable it is that no count of one day is below that of another, with other rows (Poisson)."""
    pairs = ((more, less) for more, less in zip(now.counts, was.counts, strict=True) if more)
    return math.prod(0.5 * math.erfc(-(more - less + 0.5) / math.sqrt(2 * (more + less))) for more, less in pairs)


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
