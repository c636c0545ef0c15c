"""Describe the signals with limits of their own: a column's tails, its most frequent number, the number of rows."""

from collections.abc import Sequence

import numpy as np

from driftmonitor.budget.anomaly import Verdict
from driftmonitor.budget.days import DailySignals, Signal
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.budget.tails import ROW_SD
from driftmonitor.facts.base import rounded
from driftmonitor.facts.evidence import Tail
from driftmonitor.facts.judgement import Cause
from driftmonitor.words.apart import say_repeats, say_rows, say_tail

SIDES = {"above": 0, "below": 1}


class ApartCauses:
    """Describes such signals of the day as causes, compared with what is usual on the baseline days."""

    def __init__(self, table: EvidenceTable, daily: DailySignals, verdict: Verdict) -> None:
        self.table, self.signals, self.values = table, daily.signals, daily.values[-1]
        self.baseline_days = verdict.baseline_days

    def cause(self, number: int, z: float | None, p: float) -> Cause:
        """Return a signal, by its number, as a cause."""
        signal = self.signals[number]
        return Cause(
            signal=signal.kind,
            window=signal.window,
            columns=signal.columns,
            value=rounded(self.values[number]),
            z=rounded(z),
            p=rounded(p),
            change={"rows": "rows", "same": "repeats"}.get(signal.kind, "tail"),
            words=self._say(signal, self.values[number]),
        )

    def _say(self, signal: Signal, value: float) -> str:
        if signal.kind == "rows":
            return say_rows(self.table.today.rows or 0, float(np.exp(value * ROW_SD)), signal.window)
        usual, today = self._count(signal)
        if signal.kind == "same":
            return say_repeats(signal.columns[0], usual[0], today[0], signal.window)
        return say_tail(signal.columns[0], signal.kind, usual, today, signal.window)

    def _count(self, signal: Signal) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return what is usual, the median of the baseline days, and what the window has.

        Each is a share of rows, and how many times as far from the median as the limit these are (geometric mean).
        """
        days = self.table.tails(signal.columns[0])
        known = [_shares(signal.kind, [day]) for i in self.baseline_days if (day := days[i])]
        dates = self.table.days
        window = [day for day, date in zip(days, dates, strict=True) if day and date > dates[-1] - signal.window]
        share, times = np.median(known, axis=0).tolist() if known else (np.nan, np.nan)
        return (share, times), _shares(signal.kind, window)


def _shares(kind: str, days: Sequence[tuple[int, Tail]]) -> tuple[float, float]:
    rows = max(sum(all_rows for all_rows, _ in days), 1)
    if kind == "same":
        return sum(tail.same for _, tail in days) / rows, 1.0
    side = SIDES[kind]
    beyond = sum(tail.rows[side] for _, tail in days)
    return beyond / rows, float(np.exp(sum(tail.excess[side] for _, tail in days) / max(beyond, 1)))
