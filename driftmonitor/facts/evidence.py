"""Counts and correlations of one day, by tested column and by pair of numeric columns, kept for judging later days.

No row is kept, but quartiles and the names of frequent levels are: an alert says by them how a column changed. Two days
are comparable in a column only if the fingerprint of its reference is the same.
"""

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations, pairwise

from pydantic import Field

from driftmonitor.facts.base import Fact, SparseFact

BINS = 50  # of the reference's quantiles
RIDIT_UNITS, SPREAD_UNITS = 10, 100  # of a sum of ridits in a segment, and of their variance
Quartiles = tuple[float, float, float]


def even_counts(rows: int) -> list[int]:
    """Return how many of `rows` different numbers fall into each of the 50 bins between their own quantiles."""
    up_to = [*((edge * rows + BINS - 1) // BINS for edge in range(BINS)), rows]
    return [high - low for low, high in pairwise(up_to)]


class Tail(Fact):
    """How far the current rows lie beyond the reference's 99th and 1st percentile, above and below.

    `excess`: the sums of log((x - median) / (percentile - median)) over the rows beyond it. `rows`: how many these are.
    `same`: how many rows have the most frequent value.
    """

    excess: tuple[float, float]
    rows: tuple[int, int]
    same: int


class ColumnEvidence(SparseFact):
    """One column's counts.

    `reference`: the fingerprint of the reference's values.
    `rows`: usable rows, of the reference and of the current data.
    `missing`: rows without a value and all rows of the reference, then the same two of the current data.
    `counts`: current rows in each bin of the reference's quantiles, or at each of its most frequent levels, all others
    last. `reference_counts`: the same of the reference, unless they follow from its number of rows.
    `tail`, of numbers. `reference_tail`: the sum of the log excess above, its sum of squares, both below, and how many
    rows have the most frequent value, of the reference.
    `quartiles`: the first, second and third one of the current numbers; `reference_quartiles`: of the reference's.
    `levels`: the names, cut to 40 characters, of the levels whose shares are signals of their own; "" if few rows have
    one on both sides.
    """

    name: str
    reference: str
    rows: tuple[int, int]
    missing: tuple[int, int, int, int] | None = None
    counts: tuple[int, ...]
    reference_counts: tuple[int, ...] | None = None
    tail: Tail | None = None
    reference_tail: tuple[float, float, float, float, int] | None = None
    quartiles: Quartiles | None = None
    reference_quartiles: Quartiles | None = None
    levels: tuple[str, ...] | None = None


class Correlation(SparseFact):
    """The rank correlation of two columns, from -1 to 1, in the reference and in the current data.

    Of each, only the rows count that have a value in both columns. `error`: the standard error of their difference.
    """

    columns: tuple[str, str]
    reference: float
    current: float
    error: float | None = None


class PairEvidence(SparseFact):
    """The change of each pair's rank correlation, in standard errors; None where it is unknown.

    `signals` go row by row through the upper triangle of `columns`. `strongest` are the pairs that changed most.
    `rows`: those that the standard errors come from, of the reference and of the current data. `complete`: whether of
    these only the ones count that have a value in both columns; in older versions, a missing value had the mean rank.
    """

    columns: tuple[str, ...]
    signals: tuple[float | None, ...]
    rows: tuple[int, int] | None = None
    complete: bool | None = None
    strongest: tuple[Correlation, ...] = ()

    def items(self) -> Iterator[tuple[tuple[str, str], float | None]]:
        """Yield each pair of columns with its signal."""
        return zip(combinations(self.columns, 2), self.signals, strict=True)


class DependenceEvidence(SparseFact):
    """How columns of any kind go together: rows in the cells of tables that divide two columns, or three, in halves.

    `reference`: the fingerprint of the tables and of the reference's counts. `columns`: the names. `tables`: of each
    table the numbers of its columns; it has four cells, or eight. `counts`: the current rows in all cells, one table
    after the other; the last column's half changes first. `reference_counts`: the same of the reference.
    """

    reference: str
    columns: tuple[str, ...] = ()
    tables: tuple[tuple[int, ...], ...] = ()
    counts: tuple[int, ...]
    reference_counts: tuple[int, ...] = ()


class SegmentEvidence(SparseFact):
    """One way to divide the rows into segments: how many rows each has, and where the columns are in it.

    `reference`: the fingerprint of the segmentation and of the reference's rows. `name`: of the column, or of the
    expression. `values`: the names, cut to 40 characters, of the segments: the most frequent values or, with `ranges`,
    ranges of numbers. After them come all other values together, and the rows without a value.
    `rows`: current rows of each segment, and last those with a value that the reference does not have, the most
    frequent of which is `new`. `reference_rows`: those of the reference.
    `sums`: of each column of the evidence, in its order, ten times the sum of the centred ridits of each segment's
    rows, among the reference's rows of the same segment. A column by which the rows are divided has none.
    `spreads`: of each column the variances of these ridits in the reference, in percent of 1/12, which is that of
    different numbers. Zeros at the end of `sums`, and 100 at that of `spreads`, are left out.
    """

    reference: str
    name: str = ""
    values: tuple[str, ...] = ()
    ranges: bool | None = None
    rows: tuple[int, ...]
    reference_rows: tuple[int, ...] = ()
    sums: tuple[tuple[int, ...], ...] = ()
    spreads: tuple[tuple[int, ...], ...] = ()
    new: str | None = None


class DateEvidence(SparseFact):
    """A column of dates, none of which is tested: its 1%, 25%, 50%, 75% and 99% quantile in days since 1970."""

    name: str
    quantiles: tuple[float, float, float, float, float]


class CheckEvidence(SparseFact):
    """A number that an analyst watches: its value, and how many rows it was computed from."""

    name: str
    value: float
    rows: int | None = None


class Evidence(SparseFact):
    """Everything of one day that judging later days needs.

    `rows`: all rows of its current data. `compared`: how many of them were compared, if that is a sample. `checks`:
    those that are judged by their own past. `segments`: where the rows are divided, in the order of the params file.
    `dates`: columns of dates that are watched.
    """

    rows: int | None = None
    compared: int | None = None
    columns: tuple[ColumnEvidence, ...]
    pairs: PairEvidence | None = None
    dependence: DependenceEvidence | None = None
    checks: tuple[CheckEvidence, ...] = Field((), exclude_if=lambda checks: not checks)
    segments: tuple[SegmentEvidence, ...] = Field((), exclude_if=lambda segments: not segments)
    dates: tuple[DateEvidence, ...] = Field((), exclude_if=lambda dates: not dates)

    @cached_property
    def references(self) -> dict[str, str]:
        """The fingerprint of each column's reference."""
        return {column.name: column.reference for column in self.columns}

    @property
    def segmentations(self) -> frozenset[str]:
        """The fingerprints of the segmentations."""
        return frozenset(each.reference for each in self.segments)

    @cached_property
    def by_name(self) -> dict[str, ColumnEvidence]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> ColumnEvidence | None:
        """Return one column; None if there is none of that name."""
        return self.by_name.get(name)
