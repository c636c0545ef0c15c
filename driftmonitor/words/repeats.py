"""Find data that is nearly that of another day, or of the reference: counts that are closer than chance lets them be.

The notebook and the history call the same function, as for `reading_changes`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from driftmonitor.facts.evidence import ColumnEvidence, Evidence, even_counts
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, say_day, some_names

KIND, OF_REFERENCE = "repeated_data", "same_rows"
CLOSER = -5.5  # standard normal quantile of the chance that two days are as close: 2 in 100,000,000
LEAST_ROWS = 10  # of both days in a bin, or it is put together with the next one
PROBES = 2  # columns, by which days before the last one are searched
USUALLY = 8  # times as far apart must all days before be that are as many days apart, or one, or a week
WEEK = 7
FEW = 0.02  # of the reference's rows
NAMED = 5
Days = Sequence[tuple[dt.date, Evidence]]


def find_repeats(today: Evidence, run_date: dt.date, earlier: Days) -> Iterator[Finding]:
    """Yield a finding if columns have nearly the counts of a day before, as if a few rows or columns were written anew.

    Columns that are often as close, as of the same customers or of a timetable, are not meant.
    """
    if len(earlier) < 2:
        return
    telling = [column for column in today.columns if tells(column)]
    for day, before in _candidates(telling, earlier):
        pairs = [(column, before.column(column.name)) for column in telling]
        lags = {1, WEEK, (run_date - day).days}
        repeated = [now.name for now, was in pairs if was and _is_repeated(now, was, lags, earlier)]
        in_all = len(repeated) == len(telling)
        if repeated and (in_all or len(earlier) >= WEEK):
            yield _say(day, today, before, repeated, in_all)
            return


def find_like_reference(columns: Sequence[ColumnEvidence]) -> Iterator[Finding]:
    """Yield a finding if every column has the counts of the reference but for a few rows, which is no chance."""
    telling = [column for column in columns if tells(column)]
    if telling and all(_is_nearly_reference(column) for column in telling):
        message = "current: nearly the same data as the reference, so nothing can drift; name the day's data."
        yield Finding(kind=OF_REFERENCE, column=None, message=message)


def are_alike(counts: Sequence[int], others: Sequence[int]) -> bool:
    """Return whether counts of two days differ by far less than those of other rows would; see `measure`."""
    apart, freedom = measure(counts, others)
    return freedom > 0 and _quantile(apart, freedom) < CLOSER


def measure(counts: Sequence[int], others: Sequence[int]) -> tuple[float, int]:
    """Return how far apart counts of two days are, about 1 if their rows are others, and the degrees of freedom.

    That is the sum of the squared differences, in variances, by the degrees of freedom of its chi-squared distribution.
    """
    bins = list(_together(counts, others))
    rows, other_rows, freedom = sum(counts), sum(others), len(bins) - 1
    if not (rows and other_rows and freedom > 0):
        return 1.0, 0
    scale = (other_rows / rows) ** 0.5
    return sum((a * scale - b / scale) ** 2 / (a + b) for a, b in bins) / freedom, freedom


def tells(column: ColumnEvidence) -> bool:
    """Return whether a column has so many bins that equal counts are no chance."""
    return _closest(sum(2 * count >= LEAST_ROWS for count in column.counts) - 1) < CLOSER


def _together(counts: Sequence[int], others: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the counts of both days in bins that have enough rows."""
    one = other = 0
    for count, its in zip(counts, others, strict=True):
        one, other = one + count, other + its
        if one + other >= LEAST_ROWS:
            yield one, other
            one = other = 0
    if one + other:
        yield one, other


def _closest(freedom: int) -> float:
    return _quantile(0.0, freedom) if freedom > 0 else 0.0


def _quantile(apart: float, freedom: int) -> float:
    """Return where a chi-squared value, by its degrees of freedom, is in a normal one (Wilson and Hilferty 1931)."""
    part = 2 / (9 * freedom)
    return float((apart ** (1 / 3) - 1 + part) / part**0.5)


def _candidates(telling: Sequence[ColumnEvidence], earlier: Days) -> Iterator[tuple[dt.date, Evidence]]:
    """Yield the last day, and of those before it the ones that a probe finds alike, the newest first."""
    yield earlier[-1]
    probes = sorted(telling, key=lambda column: sum(2 * count >= LEAST_ROWS for count in column.counts))[-PROBES:]
    for day, before in reversed(earlier[:-1]):
        if any(_is_like(probe, before.column(probe.name)) for probe in probes):
            yield day, before


def _is_like(now: ColumnEvidence, was: ColumnEvidence | None) -> bool:
    if was is None or now.reference != was.reference or len(now.counts) != len(was.counts):
        return False
    return are_alike(now.counts, was.counts)


def _is_repeated(now: ColumnEvidence, was: ColumnEvidence, lags: Iterable[int], earlier: Days) -> bool:
    """Return whether a column is alike on two days, and no days before that are such lags apart are nearly so."""
    if not _is_like(now, was):
        return False
    apart, known = measure(now.counts, was.counts)[0], 0
    days = {date: before.column(now.name) for date, before in earlier}
    for lag in lags:
        for date, one in days.items():
            other = days.get(date - dt.timedelta(lag))
            if one and other and one.reference == other.reference == now.reference:
                known += 1
                if _is_close(*measure(one.counts, other.counts), apart):
                    return False
    return known > 0


def _is_close(apart: float, freedom: int, today: float) -> bool:
    """Return whether two days before are closer than by chance themselves, as windows are, or nearly as today."""
    return apart <= USUALLY * today or (freedom > 0 and _quantile(apart, freedom) < CLOSER)


def _is_nearly_reference(column: ColumnEvidence) -> bool:
    counts = column.reference_counts or even_counts(column.rows[0])
    different = sum(abs(now - was) for now, was in zip(column.counts, counts, strict=True))
    return different <= FEW * column.rows[0] and are_alike(column.counts, counts)


def _say(day: dt.date, today: Evidence, before: Evidence, names: Iterable[str], in_all: bool) -> Finding:
    named = list(names)
    if in_all:
        rows = f"{counted(today.rows or 0, 'row')} today, {before.rows or 0:,} then"
        message = f"current: nearly the same data as on {say_day(day)} ({rows}); check whether it was renewed."
        return Finding(kind=KIND, column=None, message=message)
    said = f"nearly the same values as on {say_day(day)}, although other days differ; check whether they were renewed"
    only = named[0] if len(named) == 1 else None
    return Finding(kind=KIND, column=only, message=f"{some_names(named, NAMED)}: {said}.")
