"""Which signals made a day unusual, each as a cause with the columns it is about and its words."""

from collections.abc import Iterator, Sequence

from driftmonitor.budget.days import DailySignals, Signal
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.budget.units import unit_factor
from driftmonitor.facts.base import rounded
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Cause
from driftmonitor.facts.record import ColumnScore
from driftmonitor.words.causes import say_cause

LEVEL_SHARE = 0.6  # of the strongest signal: a shift so large also changes what spread, shape and ranges say


def without_echoes(causes: Sequence[Cause]) -> Iterator[Cause]:
    """Yield one cause a column, and the pairs that are stranger than what is said of either column alone."""
    named: set[str] = set()
    for cause in causes:
        if named.isdisjoint(cause.columns):
            yield cause
        if cause.signal != "pair":
            named.update(cause.columns)


class CauseFinder:
    """What is known of the day's columns, to say a signal in words."""

    def __init__(
        self, evidence: Evidence, scores: Sequence[ColumnScore], table: EvidenceTable, daily: DailySignals
    ) -> None:
        self.scores, self.table = {score.name: score for score in scores}, table
        self.signals, self.values = daily.signals, daily.values[-1]
        self.levels = {_place(signal): i for i, signal in enumerate(self.signals) if signal.kind == "level"}
        strongest = evidence.pairs.strongest if evidence.pairs else ()
        self.correlations = {pair.columns: pair for pair in strongest}

    def cause(self, place: int, z: float | None, p: float) -> Cause:
        """Return one signal as a cause."""
        signal = self.signals[place]
        shown, score = self._shown(place), self.scores[signal.columns[0]]
        told = Cause(
            signal=shown.kind,
            window=signal.window,
            columns=signal.columns,
            value=rounded(self.values[place] if shown is signal else self.values[self.levels[_place(signal)]]),
            z=rounded(z),
            p=rounded(p),
            distance=rounded(self._distance(signal, score)),
            change=_change(shown, score),
            words="",
        )
        return told.model_copy(update={"words": say_cause(told, score, self.correlations.get(signal.columns))})

    def _shown(self, place: int) -> Signal:
        """Return the signal that names the change: the level's wherever it is nearly as strong."""
        signal, level = self.signals[place], self.levels.get(_place(self.signals[place]))
        if signal.kind == "pair" or level is None or signal.kind == "missing":
            return signal
        strong = abs(self.values[level]) >= LEVEL_SHARE * abs(self.values[place])
        return self.signals[level] if strong else signal

    def _distance(self, signal: Signal, score: ColumnScore) -> float | None:
        if signal.kind in ("missing", "pair"):
            return None
        return score.distance if signal.window == 1 else self.table.moved(score.name, signal.window)


def _place(signal: Signal) -> tuple[str, int]:
    return signal.columns[0], signal.window


def _change(signal: Signal, score: ColumnScore) -> str:
    """Return the kind of change that a signal shows."""
    if signal.kind in ("missing", "pair"):
        return {"missing": "missing", "pair": "correlation"}[signal.kind]
    if score.kind == "categorical":
        return "category"
    return "unit" if unit_factor(score.effect) else signal.kind
