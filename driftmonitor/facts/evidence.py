"""What one day leaves for judging later days, and how it was judged itself: parts of the run record.

Counts are left and no value of any row. Those of two days compare only if their column's reference was the same, which
its fingerprint says.
"""

from collections.abc import Iterator
from itertools import pairwise

from driftmonitor.facts.base import Fact, SparseFact

BINS = 50  # of the reference's quantiles


def even_counts(rows: int) -> list[int]:
    """Return how many of `rows` different numbers lie in each of the 50 bins of their quantiles."""
    up_to = [*((place * rows + BINS - 1) // BINS for place in range(BINS)), rows]
    return [high - low for low, high in pairwise(up_to)]


class ColumnEvidence(SparseFact):
    """One column's evidence.

    `reference` is the fingerprint of the reference's values, `rows` the usable ones on each side; `missing` how many
    rows of how many have no value, in the reference and in the current rows.
    `counts` says how many of the current rows lie in each bin of the reference's quantiles, or have each of its most
    frequent levels, all others last; `reference_counts` the same of the reference, where they don't follow from its
    number of rows.
    """

    name: str
    reference: str
    rows: tuple[int, int]
    missing: tuple[int, int, int, int] | None = None
    counts: tuple[int, ...]
    reference_counts: tuple[int, ...] | None = None


class Correlation(Fact):
    """Two columns' rank correlation on each side, -1 to 1."""

    columns: tuple[str, str]
    reference: float
    current: float


class PairEvidence(Fact):
    """How far the rank correlation of each pair of `columns` moved, in standard errors; None where it has none.

    Row by row of the upper triangle. `strongest` has the correlations of the pairs that changed most.
    """

    columns: tuple[str, ...]
    signals: tuple[float | None, ...]
    strongest: tuple[Correlation, ...] = ()

    def items(self) -> Iterator[tuple[tuple[str, str], float | None]]:
        """Yield each pair of columns with its signal."""
        names = self.columns
        every = ((names[i], names[j]) for i in range(len(names)) for j in range(i + 1, len(names)))
        return zip(every, self.signals, strict=True)


class Evidence(SparseFact):
    """What one day leaves: of each column that was tested, and of the pairs of numeric ones."""

    columns: tuple[ColumnEvidence, ...]
    pairs: PairEvidence | None = None
