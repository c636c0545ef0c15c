"""Describe a signal of dependence, unless what one column does, or the correlation of two, says the same."""

import numpy as np

from driftmonitor.budget.anomaly import Verdict
from driftmonitor.budget.dependence import log_odds_ratio
from driftmonitor.budget.segments import KINDS as OF_SEGMENTS
from driftmonitor.budget.usual import UsualDays
from driftmonitor.budget.usual_pairs import has_enough
from driftmonitor.facts.judgement import Cause
from driftmonitor.words.dependence import say_dependence
from driftmonitor.words.figures import Figure

OTHER_SHARE = 0.6  # of the signal, from which on another one of its columns names the change


def shown_by(number: int, days: UsualDays, verdict: Verdict) -> int | None:
    """Return the signal of one of its columns, or their correlation, that is nearly as unusual; None without one."""
    own = set(days.daily.signals[number].columns)
    z = np.nan_to_num(verdict.z, nan=-np.inf)
    others = [
        i
        for i, signal in enumerate(days.daily.signals)
        if signal.kind not in ("dependence", "beside", *OF_SEGMENTS)
        and signal.columns
        and own.issuperset(signal.columns)
    ]
    best = max(others, key=lambda i: z[i], default=None)
    return best if best is not None and z[best] >= OTHER_SHARE * z[number] else None


def say(days: UsualDays, number: int) -> str:
    """Return what changed in a signal of dependence, from what is usual, in words."""
    signal, tables = days.daily.signals[number], days.table.tables
    if tables is None or signal.level is None or len(signal.columns) > 2:
        return say_dependence(signal.columns, None, signal.window)
    cells, baseline = tables.cells(signal.level), days.baseline(number)
    now = days.table.windows.add_up(tables.counts, [signal.window], slice(-1, None))[0, -1, cells]
    reference = np.array(tables.today.reference_counts, dtype=float)[cells]
    usual = _odds_ratio(tables.counts[baseline][:, cells].sum(axis=0)) if has_enough(baseline) else None
    figure = Figure("odds ratio", _odds_ratio(now), usual, _odds_ratio(reference))
    return say_dependence(signal.columns, figure, signal.window)


def _odds_ratio(counts: np.ndarray) -> float:
    return float(np.exp(log_odds_ratio(counts)))


def is_told(cause: Cause, earlier: list[Cause]) -> bool:
    """Return whether earlier causes name one of the columns, or say how these go together."""
    own = set(cause.columns)
    if cause.signal == "pair":
        return any(other.signal == "dependence" and own.issuperset(other.columns) for other in earlier)
    return any(
        not own.isdisjoint(other.columns) if other.signal != "pair" else own.issubset(other.columns)
        for other in earlier
    )
