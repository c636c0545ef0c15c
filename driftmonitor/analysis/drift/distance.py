"""The distance between the two distributions of one column, from 0 to 1. Pure numpy and scipy.

Numbers are float64 without NaN, and their distance is that of Kolmogorov and Smirnov. Categories are a table of counts
(levels x reference, current), and theirs is the total variation.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy
from scipy.stats import _stats_py, distributions

from driftmonitor.analysis.usable import LevelCounts, least_common
from driftmonitor.budget.column_tests import EXACT_ROWS

STRIDE = 64  # current values between two at which the gap is computed first
FINEST = 2**50  # rows of both sides multiplied: with more, two gaps may differ by less than their rounding
SCIPY = tuple(map(int, scipy.__version__.split(".")[:2]))


class Gap(NamedTuple):
    """The largest gap between two empirical distribution functions, exact and with scipy's rounding."""

    distance: float
    rounded: float


def ks_gap(reference: np.ndarray, current: np.ndarray) -> Gap:
    """Return the largest gap between the two empirical distribution functions (Kolmogorov 1933, Smirnov 1939).

    Both sides are in ascending order. At least this share of the rows would have to change to make them equal.
    The current function is furthest above the other one at a current value, and furthest below just before one.
    """
    n, m = len(reference), len(current)
    at = _places(reference, current)
    below, up_to = (np.searchsorted(reference, current[at], side) for side in ("left", "right"))
    counted = max(((at + 1) * n - up_to * m).max(initial=0), (below * m - at * n).max(initial=0))
    above = (_shares(at + 1, m) - _shares(up_to, n)).max(initial=0)
    beneath = (_shares(below, n) - _shares(at, m)).max(initial=0)
    return Gap(int(counted) / (n * m), float(max(above, beneath)))


def _places(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    """Return the indexes of current values among which the largest gap is, in ascending order.

    The gaps at every 64th value bound those between them, so most values need not be looked at.
    """
    n, m = len(reference), len(current)
    if m < 2 * STRIDE or n * m > FINEST:
        return np.arange(m)
    at = np.append(np.arange(0, m - 1, STRIDE), m - 1)
    below, up_to = (np.searchsorted(reference, current[at], side) for side in ("left", "right"))
    largest = max(((at + 1) * n - up_to * m).max(), (below * m - at * n).max())
    bounds = np.maximum((at[1:] + 1) * n - up_to[:-1] * m, below[1:] * m - at[:-1] * n)
    starts = at[:-1][bounds >= largest]
    return np.minimum(np.add.outer(starts, np.arange(STRIDE + 1)).ravel(), m - 1)


def _shares(counts: np.ndarray, rows: int) -> np.ndarray:
    """Return counts / rows as the installed scipy rounds them: steps of 1 / rows from 1.18 on, quotients before."""
    return np.linspace(0, 1, rows + 1)[counts] if SCIPY >= (1, 18) else counts / rows


def ks_p_value(gap: Gap, n: int, m: int) -> float | None:
    """Return the two-sided p-value of a gap between `n` and `m` rows, to the last digit of scipy's ks_2samp.

    That is Smirnov's asymptotic formula above 10,000 rows on a side, and exact below. None where this version of scipy
    has no function for it.
    """
    if max(n, m) <= EXACT_ROWS:
        return _exact_p_value(n, m, int(np.round(gap.rounded * math.lcm(n, m))))
    larger, smaller = float(max(n, m)), float(min(n, m))
    return float(np.clip(distributions.kstwo.sf(gap.rounded, np.round(larger * smaller / (larger + smaller))), 0, 1))


@lru_cache(10_000)
def _exact_p_value(n: int, m: int, step: int) -> float | None:
    """Return scipy's exact p-value of a distance in units of 1 / lcm(n, m)."""
    compute, lcm = getattr(_stats_py, "_attempt_exact_2kssamp", None), math.lcm(n, m)
    if compute is None:
        return None
    done, _, p_value = compute(n, m, math.gcd(n, m), step / lcm, "two-sided")
    return float(np.clip(p_value, 0, 1)) if done else None


def counts_table(reference: LevelCounts, current: LevelCounts) -> pd.DataFrame:
    """Return the rows of each level on each side as one table, the most frequent level first."""
    levels = sorted(reference.rows.keys() | current.rows.keys())
    sides = [np.array([side.rows.get(level, 0) for level in levels], dtype=np.int64) for side in (reference, current)]
    order = np.argsort(-(sides[0] + sides[1]), kind="stable")
    index = pd.Index([levels[i] for i in order])
    return pd.DataFrame({"reference": sides[0][order], "current": sides[1][order]}, index=index)


def are_common(counts: pd.DataFrame) -> np.ndarray:
    """Return for each level of a table whether it is common on a side."""
    rows = counts.to_numpy()
    return (rows >= [least_common(int(total)) for total in rows.sum(axis=0)]).any(axis=1)


def total_variation(counts: pd.DataFrame) -> float:
    """Return half the sum of the levels' absolute changes of share.

    Exactly this share of the rows would have to change to make both sides equal.
    """
    reference, current = counts.to_numpy().T
    gaps = reference * int(current.sum()) - current * int(reference.sum())
    return int(np.abs(gaps).sum()) / (2 * int(reference.sum()) * int(current.sum()))
