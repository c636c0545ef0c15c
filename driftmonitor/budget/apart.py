"""Describe signals of a column's tails, its most frequent number, its level beside others', and the number of rows."""

from collections.abc import Mapping, Sequence

import numpy as np

from driftmonitor.budget.tails import times_as_many
from driftmonitor.budget.usual import UsualDays
from driftmonitor.budget.usual_pairs import has_enough
from driftmonitor.facts.evidence import Tail
from driftmonitor.facts.judgement import ChangeKind
from driftmonitor.words.apart import say_beside, say_check_change, say_repeats, say_rows, say_tail

APART: Mapping[str, ChangeKind] = {
    "above": "tail", "below": "tail", "same": "repeats", "rows": "rows", "beside": "beside", "check": "check",
}  # fmt: skip
SIDES = {"above": 0, "below": 1}


def say_apart(days: UsualDays, number: int) -> str:
    """Return what changed in such a signal, from what is usual, in words."""
    signal = days.daily.signals[number]
    if signal.kind == "rows":
        rows = days.table.today.rows or 0
        return say_rows(rows, times_as_many(rows, days.daily.values[-1, number]), signal.window)
    if signal.kind == "check":
        return _say_check(days, number)
    (name,) = signal.columns
    if signal.kind == "beside":
        return say_beside(name, days.verdict.values[number] > days.verdict.centre[number], signal.window)
    usual, today = _count(days, number)
    if signal.kind == "same":
        return say_repeats(name, usual[0], today[0], signal.window)
    return say_tail(name, signal.kind, usual, today, signal.window)


def _say_check(days: UsualDays, number: int) -> str:
    """Return from what is usual, the median of the baseline days, a check's mean over its window changed."""
    signal, checks = days.daily.signals[number], days.table.checks
    place = signal.level or 0
    usual, window = checks[days.baseline(number), place, 0], checks[days.window(number), place]
    today = float(np.average(window[:, 0], weights=window[:, 1]))
    rose = bool(days.verdict.values[number] > days.verdict.centre[number])
    return say_check_change(
        days.table.today.checks[place].name, rose, float(np.median(usual)) if len(usual) else None, today, signal.window
    )


def _count(days: UsualDays, number: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return what is usual, the median of the baseline days (NaN if they are too few), and what the window has.

    Each is a share of rows, and how many times as far from the median as the limit these are (geometric mean).
    """
    signal = days.daily.signals[number]
    tails = days.table.tails(signal.columns[0])
    known = np.array([_shares(signal.kind, [tail]) for i in days.baseline(number) if (tail := tails[i])])
    share, times = np.median(known, axis=0).tolist() if has_enough(known) else (np.nan, np.nan)
    return (share, times), _shares(signal.kind, [tail for i in days.window(number) if (tail := tails[i])])


def _shares(kind: str, days: Sequence[tuple[int, Tail]]) -> tuple[float, float]:
    rows = max(sum(all_rows for all_rows, _ in days), 1)
    if kind == "same":
        return sum(tail.same for _, tail in days) / rows, 1.0
    side = SIDES[kind]
    beyond = sum(tail.rows[side] for _, tail in days)
    return beyond / rows, float(np.exp(sum(tail.excess[side] for _, tail in days) / max(beyond, 1)))
