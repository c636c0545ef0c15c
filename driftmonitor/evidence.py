"""What one day leaves for judging later days, and how it was judged itself: parts of the run record.

Counts are left and no value of any row. Those of two days compare only if their column's reference was the same, which
its fingerprint says.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from pydantic import Field

from driftmonitor.parts import Part, ShortPart

BINS = 50  # of the reference's quantiles

Rule = Literal["share", "budget"]
ChangeKind = Literal["level", "spread", "shape", "range", "category", "missing", "unit", "correlation"]


def rounded(value: float | None) -> float | None:
    """Return a number with four digits that count, None for what is none: more would only fill the history."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")


def even_counts(rows: int) -> list[int]:
    """Return how many of `rows` different numbers lie in each of the 50 bins of their quantiles."""
    up_to = [*((place * rows + BINS - 1) // BINS for place in range(BINS)), rows]
    return [high - low for low, high in pairwise(up_to)]


class ColumnEvidence(ShortPart):
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


class Correlation(Part):
    """Two columns' rank correlation on each side, -1 to 1."""

    columns: tuple[str, str]
    reference: float
    current: float


class PairEvidence(Part):
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


class Evidence(ShortPart):
    """What one day leaves: of each column that was tested, and of the pairs of numeric ones."""

    columns: tuple[ColumnEvidence, ...]
    pairs: PairEvidence | None = None


class Cause(ShortPart):
    """One signal that stands out: of which columns, how far from its usual value, and what changed.

    `signal` is level, spread, shape or range (of numbers), shape or share (of categories), missing or pair; `window`
    the days that it adds up. `value` is in standard errors, `z` its distance from its usual value in standard
    deviations, `p` its chance if days are interchangeable (while there are few, if they differ as those did),
    `distance` the share of rows that moved past some value, or to another level.
    """

    signal: str
    window: int = 1
    columns: tuple[str, ...]
    value: float
    z: float | None = None
    p: float | None = None
    distance: float | None = None
    change: ChangeKind
    words: str


class Judgement(ShortPart):
    """How strange the day was, among the comparable days before it.

    `strangeness` is the largest z, `limit` the largest of the pool: with `mode` pool the day alarms above it. Until the
    pool has `pool_needed` days, `mode` is early and it alarms when it is stranger than every day so far and `p`, the
    smallest of `signals` chances, is at most `p_limit`. Records of older versions may say interchangeable: there the
    chance alone decided. `rank` counts the pool's days that were as strange. With rule budget `alarm` decides the run's
    status; with rule share it only informs. `causes` are the signals over the limit, `strongest` the one nearest it.
    """

    rule: Rule
    false_alarms_per_year: float
    alarm: bool
    mode: Literal["pool", "early", "interchangeable"]
    strangeness: float | None = None
    limit: float | None = None
    pool_days: int
    pool_needed: int
    rank: int | None = None
    p: float | None = None
    p_limit: float | None = None
    signals: int = 0
    causes: tuple[Cause, ...] = Field(default=())
    strongest: Cause | None = None

    @property
    def decides(self) -> bool:
        """Whether the run's status follows it."""
        return self.rule == "budget"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names, the strangest first."""
        return tuple(dict.fromkeys(name for cause in self.causes for name in cause.columns))
