"""Compute the smallest change of each column that raises an alert with 95% probability, on day one and within seven.

A shift by d standard deviations raises the mean ridit of a normal column by Phi(d / sqrt(2)) - 1/2, whatever its unit
(Bross 1958); a change of a share moves its arcsine (Anscombe 1948). A signal alerts beyond its limit, and varies around
its baseline mean as it did on the baseline days. So a move of (limit + 1.645) sd is detected on 95% of days, and a
smaller one if it may be detected on any of several. Days that resemble their neighbours count as fewer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from driftmonitor.budget.anomaly import Verdict
from driftmonitor.budget.column_signals import ColumnDays, Signal
from driftmonitor.budget.policy import WINDOWS
from driftmonitor.budget.windows import ABSENT, Windows
from driftmonitor.facts.base import rounded
from driftmonitor.facts.judgement import SmallestChange

DETECTED = 0.95
FEW = 0.1  # the share of days with fewer rows than are assumed
RIDIT_SD = 12**-0.5  # of ridits, which are uniform from 0 to 1


def smallest_changes(
    columns: Mapping[str, ColumnDays], signals: Sequence[Signal], windows: Windows, verdict: Verdict
) -> tuple[SmallestChange, ...]:
    """Return the smallest change of each column, by the verdict on its last day, on days with few rows for it."""
    places = {
        (each.kind, each.columns[0], each.window): place
        for place, each in enumerate(signals)
        if each.kind in ("level", "beside") or (each.kind == "share" and each.level == 0)
    }
    few, runs = _few_rows(columns, windows, verdict), 1 + int((windows.members[-1] != ABSENT).sum())
    return tuple(_smallest_change(column, places, few[column.name], runs, verdict) for column in columns.values())


def _few_rows(columns: Mapping[str, ColumnDays], windows: Windows, verdict: Verdict) -> dict[str, Sequence[float]]:
    """Return for each column the rows of a day with few, in each window: 0 if today has none."""
    if not columns:
        return {}
    days = np.append(verdict.baseline_days, len(windows.members) - 1)
    totals = [column.counts.sum(axis=1, keepdims=True) for column in columns.values()]
    counted = windows.add_up_together(totals, WINDOWS, days)[..., 0]
    rows = counted.reshape(-1, len(days))
    few, complete = np.zeros(len(rows)), (rows > 0).all(axis=1)
    few[complete] = np.quantile(rows[complete], FEW, axis=1)
    for i in np.flatnonzero(~complete & (rows[:, -1] > 0)):
        few[i] = np.quantile(rows[i][rows[i] > 0], FEW)
    return dict(zip(columns, few.reshape(len(WINDOWS), -1).T.tolist(), strict=True))


@dataclass(frozen=True)
class _Move:
    """How far a signal over a window moves from day to day, whatever the number of rows, and its limit in sd."""

    signal: str
    window: int
    sd: float
    limit: float

    def detected(self, days: float) -> float:
        """Return the smallest move that one of so many independent days detects with 95% probability."""
        return self.sd * (self.limit + special.ndtri(1 - (1 - DETECTED) ** (1 / days)))


def _smallest_change(
    column: ColumnDays,
    places: Mapping[tuple[str, str, int], int],
    few: Sequence[float],
    runs: int,
    verdict: Verdict,
) -> SmallestChange:
    moves = list(_moves(column, places, few, verdict))
    single = [move for move in moves if move.window == 1]
    days = _independent_days(moves, runs)
    first, repeated = ([move.detected(tries) for move in single] for tries in (1.0, days))
    week = repeated + [move.detected(1) for move in moves if move.window > 1]
    changes = (_to_change(column, float(np.nanmin(each))) if each else None for each in (first, week))
    return SmallestChange(column=column.name, **dict(zip(("first_day", "week"), changes, strict=True)))


def _moves(
    column: ColumnDays, places: Mapping[tuple[str, str, int], int], few: Sequence[float], verdict: Verdict
) -> Iterator[_Move]:
    """Yield the moves of the signals that show a shift of a column, or a change of its most frequent level."""
    for window, count in zip(WINDOWS, few, strict=True):
        own = places.get(("share" if column.categorical else "level", column.name, window))
        if own is None or count == 0 or not np.isfinite(verdict.sd[own]):
            continue
        sd = verdict.sd[own] * np.sqrt(1 / count + 1 / column.reference.sum())
        yield _Move("own", window, sd, verdict.limits[own])
        beside = places.get(("beside", column.name, window))
        if beside is not None and not verdict.warm_up and np.isfinite(verdict.sd[beside]):
            yield _Move("beside", window, sd * verdict.sd[beside], verdict.limits[beside])


def _independent_days(moves: Sequence[_Move], runs: int) -> float:
    """Return as how many independent days the runs of a week count: the week's mean varies less, the more they are."""
    sd = {move.window: move.sd for move in moves if move.signal == "own"}
    day, week = sd.get(min(WINDOWS)), sd.get(max(WINDOWS))
    return min(max((day / week) ** 2, 1.0), float(runs)) if day and week else 1.0


def _to_change(column: ColumnDays, move: float) -> float | None:
    """Return the shift, in standard deviations, or the change of a share, that moves a signal so far; None if none."""
    if column.categorical:
        angle, way = np.arcsin(np.sqrt(column.reference[0] / column.reference.sum())), move / 2
        usual, possible = np.sin(angle) ** 2, [each for each in (angle + way, angle - way) if 0 <= each <= np.pi / 2]
        return rounded(max((abs(np.sin(each) ** 2 - usual) for each in possible), default=None))
    ridit = 0.5 + move * RIDIT_SD
    return rounded(np.sqrt(2) * special.ndtri(ridit)) if ridit < 1 else None
