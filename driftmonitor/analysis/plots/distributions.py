"""Compute what the figure of a shift draws: shared bins, empirical CDFs, the K-S gap, shares of levels. Plain numpy.

Arrays are one side of a column each, without missing values, as `clean_pair` returns them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.distance import are_common
from driftmonitor.formats import counted

MAX_BINS = 40
MIN_BINS = 10
LIMITS = (-1e300, 1e300)  # numbers outside are drawn at the limit, since the range of larger ones overflows
LEAST_RANGE = 1e-300  # closer numbers are drawn as one
LARGEST_INTEGER = 1e12  # above it half a unit is too small a step for a bin's edge

Values: TypeAlias = np.ndarray | pd.Series


def sort_numbers(values: Values) -> np.ndarray:
    """Return the finite numbers in `values`, shape (n,), sorted."""
    numbers = np.asarray(values, dtype=float).ravel()
    return np.sort(numbers[np.isfinite(numbers)])


@dataclass(frozen=True)
class Gap:
    """The two-sample K-S distance (Smirnov, 1939): how far apart the empirical CDFs are, and at which value.

    `reference` and `current` are the shares of rows at or below `at`.
    """

    distance: float
    at: float
    reference: float
    current: float


def find_largest_gap(reference: np.ndarray, current: np.ndarray) -> Gap | None:
    """Return where the CDFs of two sorted sides are farthest apart; None if they agree or one is empty."""
    if not len(reference) or not len(current):
        return None
    steps = np.concatenate([reference, current])
    below, below_now = cdf(reference, steps), cdf(current, steps)
    widest = int(np.argmax(np.abs(below - below_now)))
    shares = float(below[widest]), float(below_now[widest])
    distance = abs(shares[0] - shares[1])
    return Gap(distance, float(np.clip(steps[widest], *LIMITS)), *shares) if distance else None


def cdf(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the share of the sorted `values` at or below each of `at`."""
    return np.searchsorted(values, at, side="right") / len(values)


def trace_cdf(
    values: np.ndarray, low: float, high: float, through: Sequence[float] = (), points: int = 1000
) -> tuple[np.ndarray, np.ndarray]:
    """Return (x, y) of a step line along the CDF from `low` to `high`: about `points` of them, and all of `through`."""
    x = values[:: max(1, len(values) // points)]
    x = np.unique(np.concatenate([[low], x[(x > low) & (x < high)], list(through), [high]]))
    return x, cdf(values, x)


def choose_range(reference: np.ndarray, current: np.ndarray, include: Sequence[float] = ()) -> tuple[float, float]:
    """Return the range worth drawing: both sides up to their outer fences, and the points in `include`.

    The fences are three interquartile ranges outside the quartiles (Tukey, 1977), but within the data. A side whose
    quartiles are equal is drawn from its 1% to its 99% quantile.
    """
    ends = [end for side in (reference, current) if len(side) for end in _find_fences(side)]
    ends = [*ends, *include] or [0.0, 1.0]
    return min(ends), max(ends)


def _find_fences(side: np.ndarray) -> tuple[float, float]:
    first, third = np.quantile(side, [0.25, 0.75])
    reach = 3 * (third - first)
    if reach == 0:
        low, high = np.quantile(side, [0.01, 0.99])
        return low, high
    return max(side[0], first - reach), min(side[-1], third + reach)


def choose_bins(reference: np.ndarray, current: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the edges of at most 40 equal bins from `low` to `high`; bins of integers contain whole integers.

    The width is that of Freedman and Diaconis (1981) for the narrower side, limited to between 10 and 40 bins.
    """
    if _are_integers(reference) and _are_integers(current):
        width = max(1, int(np.ceil((high - low + 1) / MAX_BINS)))
        return np.arange(np.floor(low) - 0.5, np.ceil(high) + 0.5 + width, width)
    if high - low < LEAST_RANGE:
        margin = max(abs(low) * 0.05, 0.5)
        return np.array([low - margin, low + margin])
    count = int(np.clip((high - low) / _choose_width(reference, current, high - low), MIN_BINS, MAX_BINS))
    resolved = (high - low) / np.spacing(max(abs(low), abs(high)))  # there is no float between 1e17 and 1e17 + 16
    return np.linspace(low, high, max(1, int(min(count, resolved))) + 1)


def _choose_width(reference: np.ndarray, current: np.ndarray, span: float) -> float:
    spreads = [(np.subtract(*np.quantile(side, [0.75, 0.25])), len(side)) for side in (reference, current) if len(side)]
    widths = [2 * spread / rows ** (1 / 3) for spread, rows in spreads if spread > 0]
    return max(min(widths, default=0.0), span / MAX_BINS)


def _are_integers(side: np.ndarray) -> bool:
    return bool(np.all(np.abs(side) < LARGEST_INTEGER) and np.all(side == np.floor(side)))


def compute_shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the share of all `values` below the bins, in each bin, and above the bins: they add up to 1."""
    if not len(values):
        return np.zeros(len(edges) + 1)
    below, above = np.sum(values < edges[0]), np.sum(values > edges[-1])
    return np.concatenate([[below], np.histogram(values, edges)[0], [above]]) / len(values)


@dataclass(frozen=True)
class Levels:
    """The shares of the levels worth drawing, the most changed first; the last combines `pooled` levels if not 0."""

    names: list[str]
    reference: np.ndarray
    current: np.ndarray
    pooled: int


def compare_levels(reference: Values, current: Values, limit: int = 12) -> Levels:
    """Return each common level's share of rows on both sides, by change, then size; at most `limit` levels."""
    counts = pd.concat([_count(reference), _count(current)], axis=1, keys=["reference", "current"]).fillna(0)
    common = are_common(counts)
    pair = counts / counts.sum().clip(lower=1)
    change = (pair["current"] - pair["reference"]).abs().round(12)
    pair = pair.iloc[np.lexsort((-pair.max(axis=1), -change, ~common))]
    shown = len(pair) if common.all() and len(pair) <= limit else min(int(common.sum()), limit - 1)
    pooled = len(pair) - shown
    if pooled:
        rest = pair.iloc[shown:].sum().to_frame(f"other ({counted(pooled, 'level')})").T
        pair = pd.concat([pair.iloc[:shown], rest])
    names = [str(name) for name in pair.index]
    return Levels(names, pair["reference"].to_numpy(), pair["current"].to_numpy(), pooled)


def _count(values: Values) -> pd.Series:
    return pd.Series(np.asarray(values, dtype=object), dtype=object).dropna().value_counts()
