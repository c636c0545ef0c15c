"""How unusual a day was among its baseline days, as the record keeps it."""

import datetime as dt
from collections.abc import Set
from typing import Literal

from pydantic import Field

from driftmonitor.facts.base import SparseFact

Rule = Literal["share", "budget"]
ChangeKind = Literal[
    "level",
    "spread",
    "shape",
    "range",
    "category",
    "missing",
    "unit",
    "correlation",
    "dependence",
    "tail",
    "repeats",
    "rows",
    "beside",
    "check",
    "segment",
    "segment_share",
    "segment_new",
    "segment_gone",
]
Special = Literal["holiday", "first", "last"]  # kinds of special days: public holidays, and days of a month
FALSE_ALARMS_PER_YEAR = 4  # the default budget


class Cause(SparseFact):
    """One signal that made the day unusual: its columns, its size, and the change in words.

    `signal`: level, spread, shape or range (numbers); shape or share (categories); above, below or same (tails);
    missing; pair; dependence, of two or three columns; rows, which has no column; beside, a column's level beside those
    of the others; check, which has a name instead of columns; segment, a column's level in some rows; mix, the share of
    some rows; new, the share of rows whose `segment` the reference does not have.
    `window`: the number of days whose counts it adds up.
    `value`: in standard errors. `z`: its distance from the baseline mean, in standard deviations.
    `p`: the probability of such a value by chance; during the warm-up, given how much the baseline days differ.
    `distance`: K-S distance (numbers) or total variation (categories) over the window.
    `rose`: whether the signal is above its baseline mean; left out if it has no direction.
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
    check: str | None = None
    rose: bool | None = None
    segment: str | None = None


class LastingChange(SparseFact):
    """A difference from the reference that the budget rule does not find unusual, or no longer, although it lasts.

    `since`: the first day of the incident with which it began, or the first day with this reference, `from_start`.
    `signal`, `columns`, `level` and, of a `segment`, its `segmentation`: the signal that changed most. `distance`: its
    column's distance from the reference over the last days, for signals of a distribution.
    """

    since: dt.date
    from_start: bool | None = None
    signal: str
    columns: tuple[str, ...]
    level: int | None = None
    segmentation: str | None = None
    segment: str | None = None
    distance: float | None = None


class SmallestChange(SparseFact):
    """The smallest change of a column that raises an alert with 95% probability, on its first day and within 7 days.

    Of numbers, a shift of all values in standard deviations of the reference (interquartile range / 1.349). Of
    categories, a rise or fall in the share of rows of the most frequent level (0 to 1). Left out if none does.
    """

    column: str
    first_day: float | None = None
    week: float | None = None


class Judgement(SparseFact):
    """How unusual the day was among its baseline days. `alarm` is whether the budget rule calls it a drift day.

    `strangeness`: the anomaly score, the largest z, on the scale of the threshold of single days.
    `limit`: the threshold, the highest score of the baseline days, which `raised` raises.
    `mode`: "pool" if the baseline has `pool_needed` days, and a drift day is above the limit. "early" is the warm-up: a
    drift day is then also improbable, `p`, the smallest of `signals` probabilities, being at most `p_limit`. Records of
    older versions have "interchangeable", where the probability alone decided.
    `raised`: how many incidents came beyond those that the budget allows; each raises the threshold by 30%,
    and twice during the warm-up, at most four times in all.
    `excused`: true if it would be a drift day, had no earlier one with such a change been dismissed.
    `rank`: the number of baseline days that were at least as unusual; of the warm-up, older versions did not keep it.
    `special`: what kind of special day it is. `special_days`: the number of earlier ones that it is compared with too.
    `causes`: the signals above the limit. `strongest`: the one nearest to it. `changed`: a difference that lasts.
    `smallest`: the smallest change of each column that would be detected.
    """

    rule: Rule
    false_alarms_per_year: float
    alarm: bool
    mode: Literal["pool", "early", "interchangeable"]
    strangeness: float | None = None
    limit: float | None = None
    pool_days: int
    pool_needed: int
    raised: int | None = None
    excused: bool | None = None
    rank: int | None = None
    special: Special | None = None
    special_days: int | None = None
    p: float | None = None
    p_limit: float | None = None
    signals: int = 0
    causes: tuple[Cause, ...] = Field(default=())
    strongest: Cause | None = None
    changed: LastingChange | None = None
    smallest: tuple[SmallestChange, ...] = Field((), exclude_if=lambda changes: not changes)

    @property
    def decides(self) -> bool:
        """Whether the budget rule decides the run's status; under the share rule it only informs."""
        return self.rule == "budget"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the causes name, the most unusual first."""
        return tuple(dict.fromkeys(name for cause in self.causes for name in cause.columns))

    def with_last(self, names: Set[str]) -> "Judgement":
        """Return the judgement with the causes that have only these columns after the others."""
        causes = sorted(self.causes, key=lambda cause: bool(cause.columns) and names >= set(cause.columns))
        return self.model_copy(update={"causes": tuple(causes)})
