"""One column's score: a method's answer on its usable values, and the rule that turns the answer into a verdict."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift import statistics
from driftmonitor.facts.record import ColumnScore, SidePair, plain

Kind = Literal["numerical", "categorical"]


@dataclass(frozen=True)
class Pair:
    """One column's usable values on both sides: float64 for numbers, text for categories, nothing missing."""

    kind: Kind
    reference: pd.Series
    current: pd.Series
    all_counts: pd.DataFrame | None = None  # how often each level stands in all rows, where these are a sample of them

    @cached_property
    def counts(self) -> pd.DataFrame:
        """How often each level stands on each side, in all rows if that is known."""
        if self.all_counts is not None:
            return self.all_counts
        return statistics.level_counts(self.reference, self.current)

    @cached_property
    def ordered(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of both sides, ascending."""
        return np.sort(self.reference.to_numpy()), np.sort(self.current.to_numpy())

    @property
    def rows(self) -> tuple[int, int]:
        """The rows with a usable value on each side: all there are of them where their levels were counted."""
        if self.all_counts is not None:
            return tuple(self.all_counts.sum().tolist())
        return len(self.reference), len(self.current)

    @cached_property
    def gap(self) -> statistics.Gap:
        """The K-S distance of numbers."""
        return statistics.ks_gap(*self.ordered)

    @cached_property
    def distance(self) -> float:
        """The share of rows that moved, 0 to 1: K-S distance of numbers, total variation of categories."""
        if self.kind == "numerical":
            return self.gap.distance
        return statistics.total_variation(self.counts)

    @cached_property
    def effect(self) -> dict:
        """The change in words people know: the mean's shift, or the share that changed most."""
        if self.kind == "numerical":
            return statistics.number_effect(self.reference.to_numpy(), self.current.to_numpy())
        return statistics.category_effect(self.counts)


@dataclass(frozen=True)
class Answer:
    """What a method says of a pair: its score (a p-value or a distance), its statistic, its own flag."""

    score: float
    statistic: float | None
    drifted: bool


@dataclass(frozen=True)
class Method:
    """A test by its name: `test(pair, threshold)` answers; a low p-value or a high distance means drift."""

    name: str
    label: str
    gives_p_value: bool
    default_threshold: float
    test: Callable[[Pair, float], Answer]
    of_counts: bool = False  # it asks for nothing but how often each level stands


@dataclass(frozen=True)
class Rule:
    """When a column counts as drifted: by this method, past this threshold, and by this distance at least."""

    method: Method
    threshold: float
    min_distance: float

    def drifted(self, answer: Answer, distance: float) -> bool:
        """Return whether the answer means drift. A p-value also needs `min_distance`; a distance is its own measure."""
        if not self.method.gives_p_value:
            return answer.drifted
        return answer.score < self.threshold and distance >= self.min_distance

    def __str__(self) -> str:
        if not self.method.gives_p_value:
            return f"{self.method.label} >= {self.threshold:g}"
        also = f" and distance >= {self.min_distance:g}" if self.min_distance else ""
        return f"{self.method.label} < {self.threshold:g}{also}"


def score_column(name: str, pair: Pair, rule: Rule, missing_share: SidePair) -> ColumnScore:
    """Return the score of one column. A method that raises or answers NaN makes it not testable, with the reason."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            answer = rule.method.test(pair, rule.threshold)
    except Exception as error:
        return untested(name, pair.kind, f"{rule.method.name}: {error or type(error).__name__}", missing_share)
    if not math.isfinite(answer.score):
        return untested(name, pair.kind, f"{rule.method.name} has no answer for these values", missing_share)
    return _scored(name, pair, rule, answer, missing_share)


def _scored(name: str, pair: Pair, rule: Rule, answer: Answer, missing_share: SidePair) -> ColumnScore:
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
    """Return the score of a column that can't be tested: neither healthy nor drifted, and never left out."""
    return ColumnScore(name=name, kind=kind, status="not_testable", reason=reason, missing_share=missing_share)


def adjust(scores: list[ColumnScore]) -> list[ColumnScore]:
    """Return the scores with Holm-adjusted p-values over the columns that have one."""
    adjusted = iter(statistics.holm([score.p_value for score in scores if score.p_value is not None]))
    return [
        score if score.p_value is None else score.model_copy(update={"adjusted_p_value": next(adjusted)})
        for score in scores
    ]
