"""What one day leaves for judging later days, and how it was judged itself: parts of the run record.

A *signal* is one number that is large when the day is strange. Signals of two days compare only if their column's
reference was the same, which its fingerprint says.
"""

import math
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from driftmonitor.parts import Part, ShortPart

BINS = 50  # of the reference's quantiles

Family = Literal["day", "week", "missing", "pair"]
Rule = Literal["share", "budget"]
ChangeKind = Literal["level", "spread", "shape", "category", "missing", "unit", "correlation"]
Signal = tuple[str, ...]  # the family, then the column or the two columns


def rounded(value: float | None) -> float | None:
    """Return a number with four digits that count, None for what is none: more would only fill the history."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")


class ColumnEvidence(ShortPart):
    """One column's evidence.

    `reference` is the fingerprint of the reference's values, `rows` the usable ones on each side. `day`, `week` and
    `missing` are signals, `change` and `week_change` what kind of change the day and the week would be. `counts` says
    how many of the current rows lie in each bin of the reference's quantiles, or have each of its most frequent levels,
    all others last; `reference_counts` the same of the reference, where they don't follow from its number of rows.
    """

    name: str
    reference: str
    rows: tuple[int, int]
    day: float | None = None
    week: float | None = None
    missing: float | None = None
    change: ChangeKind | None = None
    week_distance: float | None = None
    week_change: ChangeKind | None = None
    counts: tuple[int, ...] | None = None
    reference_counts: tuple[int, ...] | None = None


class Correlation(Part):
    """Two columns' rank correlation on each side, -1 to 1."""

    columns: tuple[str, str]
    reference: float
    current: float


class PairEvidence(Part):
    """The signals of each pair of `columns`, row by row of the upper triangle; None where a pair has none.

    `strongest` has the correlations of the pairs that changed most.
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
    """All signals of one day, and the counts that later days pool to weeks."""

    columns: tuple[ColumnEvidence, ...]
    pairs: PairEvidence | None = None


class Cause(ShortPart):
    """One signal that stands out: of which columns, how far from its usual value, and what changed.

    `z` is its distance from the pool's mean in the pool's standard deviations, `p` its chance if days are
    interchangeable, `distance` the share of rows that moved past some value, or to another level.
    """

    signal: Family
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
    pool has `pool_needed` days, `mode` is interchangeable and it alarms when `p`, the smallest of `signals` chances, is
    at most `p_limit`. `rank` counts the pool's days that were as strange. With rule budget `alarm` decides the run's
    status; with rule share it only informs. `causes` are the signals over the limit, `strongest` the one nearest it.
    """

    rule: Rule
    false_alarms_per_year: float
    alarm: bool
    mode: Literal["pool", "interchangeable"]
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
