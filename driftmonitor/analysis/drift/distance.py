"""The distance between the two distributions of one column, from 0 to 1. Pure numpy and scipy.

Numbers are float64 without NaN, and their distance is that of Kolmogorov and Smirnov. Categories are a table of counts
(levels x reference, current), and theirs is the total variation.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy
from scipy import stats

from driftmonitor.budget.column_tests import EXACT_ROWS

SCIPY = tuple(map(int, scipy.__version__.split(".")[:2]))


class Gap(NamedTuple):
    """The largest gap between two empirical distribution functions, exact and with scipy's rounding."""

    distance: float
    rounded: float


def ks_gap(reference: np.ndarray, current: np.ndarray) -> Gap:
    """Return the largest gap between the two empirical distribution functions (Kolmogorov 1933, Smirnov 1939).

    Both sides are in ascending order. At least this share of the rows would have to change to make them equal.
    """
    (one, one_rounded), (other, other_rounded) = _lead(reference, current), _lead(current, reference)
    return Gap(max(one, other) / (len(reference) * len(current)), max(one_rounded, other_rounded))


def _lead(one: np.ndarray, other: np.ndarray) -> tuple[int, float]:
    """Return how far the distribution function of `one` is above the other's at most, which is at a value of `one`.

    The first number is in units of 1 / (rows of both sides multiplied), so that 40 rows of 1,000 are exactly 0.04. The
    second is a difference of rounded shares, as scipy computes it.
    """
    up_to, other_up_to = np.arange(1, len(one) + 1), np.searchsorted(other, one, side="right")
    counted = (up_to * len(other) - other_up_to * len(one)).max(initial=0)
    return int(counted), float((_shares(len(one))[1:] - _shares(len(other))[other_up_to]).max(initial=0))


def _shares(rows: int) -> np.ndarray:
    """Return 0, 1 / rows, ..., 1 as the installed scipy rounds them: steps from 1.18 on, quotients before."""
    return np.linspace(0, 1, rows + 1) if SCIPY >= (1, 18) else np.arange(rows + 1) / rows


def ks_p_value(gap: Gap, n: int, m: int) -> float | None:
    """Return the two-sided p-value of a gap between `n` and `m` rows, to the last digit of scipy's ks_2samp.

    This is Smirnov's asymptotic formula, which scipy uses above 10,000 rows on a side; None below.
    """
    if max(n, m) <= EXACT_ROWS:
        return None
    larger, smaller = float(max(n, m)), float(min(n, m))
    return float(np.clip(stats.kstwo.sf(gap.rounded, np.round(larger * smaller / (larger + smaller))), 0, 1))


def level_counts(reference: pd.Series, current: pd.Series) -> pd.DataFrame:
    """Return the rows of each level on each side, the most frequent level first."""
    return counts_table(reference.value_counts(), current.value_counts())


def counts_table(reference: pd.Series, current: pd.Series) -> pd.DataFrame:
    """Return the counts of both sides, given by level, as one table, the most frequent level first."""
    counts = pd.DataFrame({"reference": reference, "current": current})
    counts = counts.fillna(0).astype(np.int64).rename(index=str).sort_index()
    return counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def total_variation(counts: pd.DataFrame) -> float:
    """Return half the sum of the levels' absolute changes of share.

    Exactly this share of the rows would have to change to make both sides equal.
    """
    reference, current = (counts[side].to_numpy() for side in ("reference", "current"))
    gaps = reference * int(current.sum()) - current * int(reference.sum())
    return int(np.abs(gaps).sum()) / (2 * int(reference.sum()) * int(current.sum()))
