"""Compute the signals of numbers that an analyst watches: their unit is what they differ by on earlier days."""

from collections.abc import Sequence

import numpy as np

from driftmonitor.budget.column_signals import Block, Signal
from driftmonitor.budget.windows import Windows
from driftmonitor.facts.evidence import Evidence

FEWEST_DAYS = 7  # before a number is judged: fewer do not show by how much it differs
FEWEST_EQUAL_DAYS = 28  # where more than half of the days have the same value, such as none
MAD = 1.4826  # a standard deviation in median absolute deviations, of normal values
LEAST_SD, USUAL_SD = 0.0, 1.0
ROUNDING = 1e-9  # of a value: smaller differences are rounding errors
SMALLEST = 1e-100
FARTHEST = 100.0  # in this unit: from there on a larger change is no more unusual
KIND = "check"


def arrange_checks(today: Evidence, days: Sequence[Evidence]) -> np.ndarray:
    """Return the value and the rows (days, checks, 2) of today's checks on each day; NaN and 0 where unknown.

    Rows that nobody gave are 1.
    """
    names = {check.name: place for place, check in enumerate(today.checks)}
    found = np.zeros((len(days), len(names), 2))
    found[..., 0] = np.nan
    for row, day in zip(found, days, strict=True):
        for check in day.checks:
            if check.name in names:
                row[names[check.name]] = check.value, 1 if check.rows is None else check.rows
    return found


def check_block(checks: np.ndarray, added: Windows, windows: Sequence[int]) -> Block:
    """Return each check's mean over the days of each window, weighted by rows, from what is usual.

    `checks`: (days, checks, 2), as `arrange_checks` returns them, today's last. NaN until enough days are known.
    """
    values, rows = checks[..., 0], checks[..., 1]
    apart = _from_usual(values)
    known = np.isfinite(apart) & (rows > 0)
    signals, found = [], []
    for number in range(values.shape[1]):
        own = known[:, number]
        weights = np.where(own, rows[:, number], 0.0)
        sums = np.column_stack([weights, np.where(own, weights * np.nan_to_num(apart[:, number]), 0.0)])
        total, weighted = np.moveaxis(added.add_up(sums, windows, known=own), -1, 0)
        found.append(np.divide(weighted, total, out=np.full(total.shape, np.nan), where=total > 0).T)
        signals += [Signal(KIND, window, (), number) for window in windows]
    return Block(tuple(signals), np.hstack(found), *(np.full(len(signals), sd) for sd in (LEAST_SD, USUAL_SD)))


def _from_usual(values: np.ndarray) -> np.ndarray:
    """Return the distance of values (days, checks) from the median of all but the last day, in robust SDs."""
    apart = np.full(values.shape, np.nan)
    for number, series in enumerate(values.T):
        earlier = series[:-1][np.isfinite(series[:-1])]
        if len(earlier) < FEWEST_DAYS:
            continue
        median = np.median(earlier)
        unit = MAD * np.median(np.abs(earlier - median))
        least = ROUNDING * max(float(np.abs(earlier).max()), SMALLEST)
        if unit <= least:
            if len(earlier) < FEWEST_EQUAL_DAYS:
                continue
            unit = max(float(np.std(earlier)), least)
        with np.errstate(over="ignore"):
            apart[:, number] = np.clip((series - median) / unit, -FARTHEST, FARTHEST)
    return apart
