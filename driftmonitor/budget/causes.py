"""Describe the signals that made a day unusual: each as a cause with its columns, its kind of change, and words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from driftmonitor.budget.days import DailySignals, Signal
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.facts.base import rounded
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Cause, ChangeKind
from driftmonitor.facts.record import ColumnScore
from driftmonitor.words.causes import say_cause

CHANGES: Mapping[str, ChangeKind] = {
    "level": "level", "spread": "spread", "shape": "shape", "range": "range", "missing": "missing",
    "pair": "correlation",
}  # fmt: skip
LEVEL_SHARE = 0.6  # of the strongest signal; a large shift of the level changes spread, shape and range too
UNITS = (10, 24, 60, 100, 1000, 3600, 1e6, 1e9)  # such as cents for euros, hours for minutes
MEAN_NEAR, SD_NEAR = 1.15, 1.5  # factors within which a ratio is that of two units; few rows leave the SD uncertain
NEAR_ZERO = 0.2  # SD; a mean so near to zero does not show the unit


def without_echoes(causes: Sequence[Cause]) -> Iterator[Cause]:
    """Yield the first cause of each column, and those pairs that come before the causes of both their columns."""
    named: set[str] = set()
    for cause in causes:
        if named.isdisjoint(cause.columns or ["rows"]):
            yield cause
        if cause.signal != "pair":
            named.update(cause.columns or ["rows"])


class CauseFinder:
    """Describes signals of the day as causes, from its scores, its evidence and its signals."""

    def __init__(
        self, evidence: Evidence, scores: Sequence[ColumnScore], table: EvidenceTable, daily: DailySignals
    ) -> None:
        self.scores, self.table = {score.name: score for score in scores}, table
        self.signals, self.values = daily.signals, daily.values[-1]
        self.levels = {_column_and_window(each): i for i, each in enumerate(self.signals) if each.kind == "level"}
        pairs = evidence.pairs.strongest if evidence.pairs else ()
        self.correlations = {tuple(pair.columns): pair for pair in pairs}

    def cause(self, number: int, z: float | None, p: float) -> Cause:
        """Return a signal, by its number, as a cause."""
        signal = self.signals[number]
        named, score = self._name(number), self.scores[signal.columns[0]]
        cause = Cause(
            signal=self.signals[named].kind,
            window=signal.window,
            columns=signal.columns,
            value=rounded(self.values[named]),
            z=rounded(z),
            p=rounded(p),
            distance=rounded(self._distance(signal, score)),
            change=_change(self.signals[named], score),
            words="",
        )
        return cause.model_copy(update={"words": say_cause(cause, score, self.correlations.get(signal.columns))})

    def _name(self, number: int) -> int:
        """Return the number of the signal that names the change: that of the level if it is nearly as strong."""
        signal = self.signals[number]
        level = self.levels.get(_column_and_window(signal))
        if signal.kind in ("missing", "pair") or level is None:
            return number
        return level if abs(self.values[level]) >= LEVEL_SHARE * abs(self.values[number]) else number

    def _distance(self, signal: Signal, score: ColumnScore) -> float | None:
        if signal.kind in ("missing", "pair"):
            return None
        return score.distance if signal.window == 1 else self.table.window_distance(score.name, signal.window)


def _column_and_window(signal: Signal) -> tuple[str, int]:
    return signal.columns[0], signal.window


def _change(signal: Signal, score: ColumnScore) -> ChangeKind:
    """Return the kind of change that a signal shows."""
    if signal.kind in ("missing", "pair"):
        return CHANGES[signal.kind]
    if score.kind == "categorical":
        return "category"
    return "unit" if unit_factor(score.effect) else CHANGES[signal.kind]


def unit_factor(effect: Mapping[str, Any]) -> float | None:
    """Return the factor between two units (100, or 0.01) if a score's effect looks like a changed unit, else None."""
    (mean_before, mean), (sd_before, sd) = (effect.get(key) or (None, None) for key in ("mean", "sd"))
    if not sd_before or not sd or mean_before is None or mean is None:
        return None
    near_zero = abs(mean_before) < NEAR_ZERO * sd_before
    for factor in (*UNITS, *(1 / unit for unit in UNITS)):
        mean_fits = near_zero or (mean_before * mean > 0 and _is_near(mean / mean_before, factor, MEAN_NEAR))
        if mean_fits and _is_near(sd / sd_before, factor, MEAN_NEAR if near_zero else SD_NEAR):
            return factor
    return None


def _is_near(ratio: float, factor: float, within: float) -> bool:
    return factor / within <= ratio <= factor * within
