"""One column's test result: what its method says of its usable values, and the rule that makes it drifted or stable."""

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.distance import Gap, counts_table, ks_gap, total_variation
from driftmonitor.analysis.drift.distributions import distribution_of_levels, distribution_of_numbers
from driftmonitor.analysis.drift.effect import category_effect, number_effect
from driftmonitor.analysis.drift.p_values import holm
from driftmonitor.analysis.once import Once
from driftmonitor.analysis.usable import LevelCounts, Numbers, Usable, Words
from driftmonitor.analysis.values import Kind
from driftmonitor.facts.distribution import Distribution
from driftmonitor.facts.record import ColumnScore, SidePair, plain
from driftmonitor.foreign_errors import describe_error
from driftmonitor.formats import one_line

REASON_LENGTH = 200


@dataclass(frozen=True, eq=False)
class Pair(Once):
    """One column's usable values on both sides: `Numbers` or `Words`, as its kind says."""

    kind: Kind
    reference: Usable
    current: Usable
    all_levels: tuple[LevelCounts, LevelCounts] | None = None  # in all rows of the data, if this is a sample of it

    @property
    def levels(self) -> tuple[LevelCounts, LevelCounts]:
        """The rows of each level on each side, in the whole data if that was counted."""
        if self.all_levels is not None:
            return self.all_levels
        reference, current = cast(tuple[Words, Words], (self.reference, self.current))
        return reference.counts, current.counts

    @property
    def counts(self) -> pd.DataFrame:
        """The rows of each level on each side as a table, the most frequent level first."""
        return self.once(_count)

    @property
    def numbers(self) -> tuple[Numbers, Numbers]:
        """Both sides of a column of numbers."""
        return cast(tuple[Numbers, Numbers], (self.reference, self.current))

    @property
    def ordered(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of both sides in ascending order."""
        reference, current = self.numbers
        return reference.ordered, current.ordered

    @property
    def rows(self) -> tuple[int, int]:
        """The rows with a usable value on each side, in the whole data if that was counted."""
        if self.all_levels is not None:
            return self.all_levels[0].total, self.all_levels[1].total
        return len(self.reference), len(self.current)

    @property
    def gap(self) -> Gap:
        """The K-S distance of numbers."""
        return self.once(_find_gap)

    @property
    def distance(self) -> float:
        """How far apart the two distributions are, 0 to 1: K-S distance of numbers, total variation of categories."""
        return self.gap.distance if self.kind == "numerical" else self.once(_find_variation)

    @property
    def effect(self) -> dict[str, Any]:
        """The change in the column's own terms: both means, or the category whose share changed most."""
        return self.once(_find_effect)

    @property
    def distribution(self) -> Distribution | None:
        """Where the values of both sides are."""
        return self.once(_find_distribution)

    def prepare(self) -> None:
        """Compute what every score needs. Later it is known."""
        _ = (
            self.effect,
            self.distance,
            self.distribution,
        )  # in this order: the effect needs room, and the distance keeps what it sorted


def _count(pair: Pair) -> pd.DataFrame:
    return counts_table(*pair.levels)


def _find_gap(pair: Pair) -> Gap:
    return ks_gap(*pair.ordered)


def _find_variation(pair: Pair) -> float:
    return total_variation(pair.counts)


def _find_effect(pair: Pair) -> dict[str, Any]:
    return number_effect(*pair.numbers) if pair.kind == "numerical" else category_effect(pair.counts)


def _find_distribution(pair: Pair) -> Distribution | None:
    if pair.kind == "numerical":
        return distribution_of_numbers(*pair.numbers)
    return distribution_of_levels(*pair.levels)


@dataclass(frozen=True)
class Answer:
    """A method's answer for one column: its score (a p-value or a distance), its statistic and its own verdict."""

    score: float
    statistic: float | None
    drifted: bool


@dataclass(frozen=True)
class Method:
    """A test under its name. A p-value below the threshold, or a distance from it on, means drift."""

    name: str
    label: str
    gives_p_value: bool
    default_threshold: float
    test: Callable[[Pair, float], Answer]
    of_counts: bool = False  # it needs only the rows of each level


@dataclass(frozen=True)
class Rule:
    """When a column counts as drifted: its method, the method's threshold, and the least distance."""

    method: Method
    threshold: float
    min_distance: float

    def drifted(self, answer: Answer, distance: float) -> bool:
        """Return whether the column drifted. A p-value also needs `min_distance`; a distance decides alone."""
        if not self.method.gives_p_value:
            return answer.drifted
        return answer.score < self.threshold and distance >= self.min_distance

    def __str__(self) -> str:
        if not self.method.gives_p_value:
            return f"{self.method.label} >= {self.threshold:g}"
        also = f" and distance >= {self.min_distance:g}" if self.min_distance else ""
        return f"{self.method.label} < {self.threshold:g}{also}"


def score_column(name: str, pair: Pair, rule: Rule, missing_share: SidePair | None) -> ColumnScore:
    """Return the result of one column. A method that raises or gives NaN makes it not testable, with the reason.

    Call it in a block of `same_random_numbers`: each column's test draws the same ones.
    """
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            np.random.seed(0)
            warnings.simplefilter("ignore")
            answer = rule.method.test(pair, rule.threshold)
    except Exception as error:
        return untested(name, pair.kind, f"{rule.method.name}: {_explain(error)}", missing_share)
    if not math.isfinite(answer.score):
        return untested(name, pair.kind, f"{rule.method.name} has no answer for these values", missing_share)
    return _scored(name, pair, rule, answer, missing_share)


@contextmanager
def same_random_numbers() -> Iterator[None]:
    """Let tests that draw from `np.random` draw the same every time; the caller's random state stays as it was."""
    state = np.random.get_state()
    np.random.seed(0)
    try:
        yield
    finally:
        np.random.set_state(state)


def _explain(error: Exception) -> str:
    """Return an error in words; a ValueError says what is wrong with the values, other kinds need their name."""
    return one_line(describe_error(error).removeprefix("ValueError: "), REASON_LENGTH)


def _scored(name: str, pair: Pair, rule: Rule, answer: Answer, missing_share: SidePair | None) -> ColumnScore:
    return ColumnScore(
        name=name,
        kind=pair.kind,
        status="drifted" if rule.drifted(answer, pair.distance) else "stable",
        method=rule.method.name,
        p_value=plain(answer.score) if rule.method.gives_p_value else None,
        statistic=plain(answer.statistic),
        threshold=rule.threshold,
        distance=pair.distance,
        effect=plain(pair.effect),
        distribution=pair.distribution,
        missing_share=missing_share,
        from_all_rows=_from_all_rows(pair, rule.method),
    )


def _from_all_rows(pair: Pair, method: Method) -> tuple[str, ...]:
    if pair.all_levels is None:
        return ()
    return (*(("p_value", "statistic") if method.of_counts else ()), "distance", "effect", "distribution")


def untested(name: str, kind: Kind | None, reason: str, missing_share: SidePair | None) -> ColumnScore:
    """Return the result of a column that cannot be tested. It is neither stable nor drifted, but still counted."""
    return ColumnScore(name=name, kind=kind, status="not_testable", reason=reason, missing_share=missing_share)


def adjust(scores: Sequence[ColumnScore]) -> list[ColumnScore]:
    """Return the results with p-values that Holm adjusted for the number of columns that have one."""
    adjusted = iter(holm([score.p_value for score in scores if score.p_value is not None]))
    return [
        score if score.p_value is None else score.model_copy(update={"adjusted_p_value": next(adjusted)})
        for score in scores
    ]
