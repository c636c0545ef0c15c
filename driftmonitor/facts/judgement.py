"""How a day was judged among the days before it, as the record keeps it."""

from typing import Literal

from pydantic import Field

from driftmonitor.facts.base import SparseFact

Rule = Literal["share", "budget"]
ChangeKind = Literal["level", "spread", "shape", "range", "category", "missing", "unit", "correlation"]


class Cause(SparseFact):
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


class Judgement(SparseFact):
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
