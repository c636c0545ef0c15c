"""Describe the signals that made a day unusual: each as a cause with its columns, its kind of change, and words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from driftmonitor.budget.anomaly import Verdict
from driftmonitor.budget.apart import APART, say_apart
from driftmonitor.budget.column_signals import Signal
from driftmonitor.budget.dependence_causes import is_told, say, shown_by
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.budget.segment_causes import describe, find_moved
from driftmonitor.budget.segments import KINDS as OF_SEGMENTS
from driftmonitor.budget.signals import NUMBER_SIGNALS
from driftmonitor.budget.usual import UsualDays
from driftmonitor.facts.base import rounded
from driftmonitor.facts.judgement import Cause, ChangeKind
from driftmonitor.facts.record import ColumnScore
from driftmonitor.words.causes import Change, say_cause
from driftmonitor.words.figures import Figure

CHANGES: Mapping[str, ChangeKind] = {
    "level": "level", "spread": "spread", "shape": "shape", "range": "range", "missing": "missing",
    "pair": "correlation",
}  # fmt: skip
LEVEL_SHARE = 0.6  # of the strongest signal; a large shift of the level changes spread, shape and range too
MOVED = ("beside", *NUMBER_SIGNALS)
UNITS = (10, 24, 60, 100, 1000, 3600, 1e6, 1e9)  # such as cents for euros, hours for minutes
SHOWN_NEAR, WIDTH_NEAR = 1.15, 1.5  # factors within which a ratio is that of two units; few rows leave it uncertain
NEAR_ZERO = 0.2  # interquartile ranges; a median so near to zero does not show the unit


def levels_first(causes: Sequence[Cause], scores: Sequence[float]) -> list[Cause]:
    """Return the causes in their order, but what a shifted level brings with it after all others.

    `scores`: of each cause, on the scale of the threshold.
    """
    scored = list(zip(causes, scores, strict=True))
    level = {cause.columns: score for cause, score in reversed(scored) if cause.change in ("level", "unit")}

    def is_echo(each: tuple[Cause, float]) -> bool:
        cause, score = each
        return cause.change in ("tail", "repeats", "beside") and level.get(cause.columns, 0.0) >= LEVEL_SHARE * score

    return [cause for cause, _ in sorted(scored, key=is_echo)]


def without_echoes(causes: Sequence[Cause]) -> Iterator[Cause]:
    """Yield the first cause of each column, and those pairs that come before the causes of both their columns.

    A column that moved is not what the others suggest, nor are these then: only the first cause of numbers may say so.
    Columns that go together in another way are named once, and not if one of them is named for itself.
    """
    named: set[str] = set()
    told: list[Cause] = []
    moved = False
    for cause in causes:
        if cause.signal == "beside" and moved:
            continue
        of_several = cause.signal in ("pair", "dependence")
        about = cause.columns or [(cause.check and f"check {cause.check}") or cause.segment or cause.signal]
        if named.isdisjoint(about) and not (of_several and is_told(cause, told)):
            told.append(cause)
            yield cause
        moved |= cause.signal in MOVED
        if not of_several:
            named.update(about)


class CauseFinder:
    """Describes signals of the day as causes, from its scores, its signals and what is usual of them."""

    def __init__(self, scores: Sequence[ColumnScore], table: EvidenceTable, verdict: Verdict) -> None:
        self.scores, self.table = {score.name: score for score in scores}, table
        self.signals, self.values = table.signals.signals, verdict.values
        self.change = np.abs(self.values - verdict.centre)  # in standard errors, from what is usual
        self.usual = UsualDays(table, verdict)
        self.levels = {_column_and_window(each): i for i, each in enumerate(self.signals) if each.kind == "level"}

    def cause(self, number: int, z: float | None, p: float) -> Cause:
        """Return a signal, by its number, as a cause."""
        if self.signals[number].kind in APART:
            return self._make(
                number, z, p, change=APART[self.signals[number].kind], words=say_apart(self.usual, number)
            )
        if self.signals[number].kind in OF_SEGMENTS:
            moved = find_moved(number, self.usual)
            return self._make(moved, z, p, **describe(self.usual, moved))
        if self.signals[number].kind == "dependence":
            other = shown_by(number, self.usual, self.usual.verdict)
            if other is None:
                return self._make(number, z, p, change="dependence", words=say(self.usual, number))
            return self.cause(other, z, p)
        named = self._name(number)
        signal, score = self.signals[named], self.scores[self.signals[named].columns[0]]
        unit = self._unit(named)
        kind: ChangeKind = "unit" if unit else _kind_of_change(signal, score)
        cause = self._make(named, z, p, distance=rounded(self._distance(signal, score)), change=kind, words="")
        change = Change(figure=unit) if unit else self.usual.change(named)
        return cause.model_copy(update={"words": say_cause(cause, change)})

    def _make(self, number: int, z: float | None, p: float, **told: Any) -> Cause:
        """Return a cause with what a signal is, and what is `told` of its change."""
        signal = self.signals[number]
        return Cause(
            signal=signal.kind,
            window=signal.window,
            columns=signal.columns,
            value=rounded(self.values[number]),
            z=rounded(z),
            p=rounded(p),
            check=self.table.today.checks[signal.level or 0].name if signal.kind == "check" else None,
            rose=self.usual.rose(number),
            **told,
        )

    def _name(self, number: int) -> int:
        """Return the number of the signal that names the change: that of the level if it is nearly as strong."""
        signal = self.signals[number]
        level = self.levels.get(_column_and_window(signal))
        if signal.kind in ("missing", "pair") or level is None:
            return number
        return level if self.change[level] >= LEVEL_SHARE * self.change[number] else number

    def _unit(self, number: int) -> Figure | None:
        """Return the figure that shows a change of the unit, from what is usual; None if there is none."""
        signal = self.signals[number]
        if signal.kind in ("missing", "pair") or self.scores[signal.columns[0]].kind == "categorical":
            return None
        median, width = self.usual.median(number), self.usual.interquartile_range(number)
        return find_unit(median, width) if median and width else None

    def _distance(self, signal: Signal, score: ColumnScore) -> float | None:
        if signal.kind in ("missing", "pair"):
            return None
        return score.distance if signal.window == 1 else self.table.window_distance(score.name, signal.window)


def _column_and_window(signal: Signal) -> tuple[str, int]:
    return signal.columns[0], signal.window


def _kind_of_change(signal: Signal, score: ColumnScore) -> ChangeKind:
    if signal.kind in ("missing", "pair") or score.kind != "categorical":
        return CHANGES[signal.kind]
    return "category"


def find_unit(median: Figure, width: Figure) -> Figure | None:
    """Return the median, or the interquartile range of a median near zero, if its unit seems to have changed."""
    if min(width.before, width.current) <= 0:
        return None
    near_zero = abs(median.before) < NEAR_ZERO * width.before
    shown, ratio = width if near_zero else median, width.current / width.before
    if not near_zero and median.before * median.current <= 0:
        return None
    for factor in (*UNITS, *(1 / unit for unit in UNITS)):
        is_shown = _is_near(shown.current / shown.before, factor, SHOWN_NEAR)
        if is_shown and _is_near(ratio, factor, WIDTH_NEAR):
            return shown
    return None


def _is_near(ratio: float, factor: float, within: float) -> bool:
    return factor / within <= ratio <= factor * within
