"""One column's test result: what its method says of its usable values, and the rule that makes it drifted or stable."""

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.distance import Gap, ks_gap, level_counts, total_variation
from driftmonitor.analysis.drift.effect import category_effect, number_effect
from driftmonitor.analysis.drift.p_values import holm
from driftmonitor.facts.record import ColumnScore, SidePair, plain
from driftmonitor.foreign_errors import describe_error
from driftmonitor.formats import one_line

Kind = Literal["numerical", "categorical"]
REASON_LENGTH = 200


@dataclass(frozen=True)
class Pair:
    """One column's usable values on both sides: float64 for numbers, text for categories, nothing missing."""

    kind: Kind
    reference: pd.Series
    current: pd.Series
    all_counts: pd.DataFrame | None = None  # the rows of each level in the whole data, if this is a sample of it

    @cached_property
    def counts(self) -> pd.DataFrame:
        """The rows of each level on each side, in the whole data if that was counted."""
        if self.all_counts is not None:
            return self.all_counts
        return level_counts(self.reference, self.current)

    @cached_property
    def ordered(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of both sides in ascending order."""
        return np.sort(self.reference.to_numpy()), np.sort(self.current.to_numpy())

    @property
    def rows(self) -> tuple[int, int]:
        """The rows with a usable value on each side, in the whole data if that was counted."""
        if self.all_counts is not None:
            return int(self.all_counts["reference"].sum()), int(self.all_counts["current"].sum())
        return len(self.reference), len(self.current)

    @cached_property
    def gap(self) -> Gap:
        """The K-S distance of numbers."""
        return ks_gap(*self.ordered)

    @cached_property
    def distance(self) -> float:
        """How far apart the two distributions are, 0 to 1: K-S distance of numbers, total variation of categories."""
        if self.kind == "numerical":
            return self.gap.distance
        return total_variation(self.counts)

    @cached_property
    def effect(self) -> dict[str, Any]:
        """The change in the column's own terms: both means, or the category whose share changed most."""
        if self.kind == "numerical":
            return number_effect(self.reference.to_numpy(), self.current.to_numpy())
        return category_effect(self.counts)


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
    """Return the result of one column. A method that raises or gives NaN makes it not testable, with the reason."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), same_random_numbers():
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
        missing_share=missing_share,
        from_all_rows=_from_all_rows(pair, rule.method),
    )


def _from_all_rows(pair: Pair, method: Method) -> tuple[str, ...]:
    if pair.all_counts is None:
        return ()
    return (*(("p_value", "statistic") if method.of_counts else ()), "distance", "effect")


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
