"""Compute a day's signals: the distances from the reference of a column, a pair of columns or a share.

Numbers have level, spread, shape and range; categories have shape and the share of each frequent level; both have the
share of missing values; pairs have their correlation. All are computed from counts, of one day or of several added up,
so a day can be judged after its rows are gone. Each day may have a reference of its own.
Every signal has the scale of a standard normal variable: if days are exchangeable, it is beyond 2 or -2 on one day in
twenty by chance. Signals in ONE_SIDED are unusual only if large, the others also if far below zero.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import TypeVar

import numpy as np
from scipy import special

T = TypeVar("T")
NUMBER_SIGNALS = ("level", "spread", "shape", "range")
ONE_SIDED = ("shape", "range")
SEPARATE_LEVELS = 10  # the most frequent levels of a category, whose shares are signals of their own
FEWEST_EXPECTED = 5.0  # rows in a cell of a chi-squared table (Cochran 1954)
ORDINARY_P = 0.99  # larger p-values are cut to it: they do not make a day more ordinary
SMALLEST_P = 1e-300  # below it only the leading term of a chi-squared tail is computed
FEWEST_PAIRED = 4  # rows, from which a correlation has a standard error
ONE_ROW = 1.55  # a row that breaks a full correlation of n rows lowers it by 1.55 / n (root mean square)
LEAST_SD = 0.5  # of the standard deviation by chance: a signal that was nearly constant may change a little
Rows = np.ndarray | float
DAY_SD = 0.04  # of a column, by which real days are assumed to differ beyond chance until enough of them are known


def half_ranks(reference: np.ndarray) -> np.ndarray:
    """Return each bin's ridit: the share of the reference below it plus half its own, 0 to 1 (Bross 1958)."""
    shares = reference / reference.sum(axis=-1, keepdims=True)
    return np.cumsum(shares, axis=-1) - shares / 2


def number_signals(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return level, spread, shape and range (..., 4) of the counts (..., bins) in the reference's bins.

    level: the mean ridit less one half; the mean ridit is the probability that a current row is larger than one of the
    reference (Mann and Whitney 1947). spread: the mean squared distance of the ridits from one half (Mood 1954).
    shape: the K-S distance at the edges of the bins. range: the largest change of one bin's share. NaN without rows.
    """
    rows, ridits = np.sum(counts, axis=-1).astype(float), half_ranks(reference)
    errors = np.sqrt(1 / np.where(rows > 0, rows, np.nan) + 1 / reference.sum(axis=-1))
    level = _mean_signal(ridits, reference, counts) / errors
    spread = _mean_signal((ridits - 0.5) ** 2, reference, counts) / errors
    shape = _normal(_log_tail(binned_distance(reference, np.where(rows[..., None] > 0, counts, 1)) / errors))
    largest = np.abs(share_signals(reference, counts)).max(axis=-1)
    return np.stack([level, spread, shape, _normal(_log_of_many(largest, reference.shape[-1]))], axis=-1)


def level_signals(reference: np.ndarray, counts: np.ndarray, frequent: np.ndarray | None = None) -> np.ndarray:
    """Return shape and the shares of the most frequent levels (..., 1 + SEPARATE_LEVELS) of the counts (..., levels).

    The counts begin with the reference's most frequent level and end with all rarer ones together. shape: Pearson's
    two-sample chi-squared (1900), in which all levels that are not `frequent` are counted together: by default those
    of days that have as many rows as the median of these.
    """
    rows = np.sum(counts, axis=-1).astype(float)
    shares = np.full((*np.shape(rows), SEPARATE_LEVELS), np.nan)
    separate = min(reference.shape[-1] - 1, SEPARATE_LEVELS)
    shares[..., :separate] = share_signals(reference, counts)[..., :separate]
    chosen = frequent_levels(reference, np.median(rows)) if frequent is None else frequent
    return np.concatenate([_chi_squared_signal(reference, counts, chosen)[..., None], shares], axis=-1)


def frequent_levels(reference: np.ndarray, rows: np.ndarray | float) -> np.ndarray:
    """Return which levels (..., levels) have at least five expected rows in both rows of a table, on days of `rows`."""
    total = reference.sum(axis=-1)
    return reference >= FEWEST_EXPECTED * np.maximum(1.0, total / np.maximum(rows, 1.0))[..., None]


def binned_distance(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    """Return the K-S distance at the edges between counts of the same bins (..., bins)."""
    up_to = [np.cumsum(counts, axis=-1) / np.sum(counts, axis=-1, keepdims=True) for counts in (reference, current)]
    return np.abs(up_to[0] - up_to[1]).max(axis=-1)


def share_signals(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the change of each share of rows, for counts (..., parts) and the reference's counts (parts).

    The arcsine of the square root has the same standard error for rare and frequent parts (Anscombe 1948).
    """
    rows, total = np.sum(counts, axis=-1, keepdims=True).astype(float), np.sum(reference, axis=-1, keepdims=True)
    errors = np.sqrt(1 / np.where(rows > 0, rows, np.nan) + 1 / total)
    return 2 * (_angle(counts, rows) - _angle(reference, total)) / errors


def pair_names(columns: Iterable[T]) -> list[tuple[T, T]]:
    """Return the pairs of columns in the order of `pair_signals`."""
    return list(combinations(columns, 2))


def pair_correlations(ranks: np.ndarray) -> np.ndarray:
    """Return the rank correlation of each pair of columns, by their ranks (rows, columns); NaN if one is constant."""
    centred = ranks - ranks.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    unit = np.divide(centred, length, out=np.full(centred.shape, np.nan), where=length > 0)
    return (unit.T @ unit)[np.triu_indices(ranks.shape[1], k=1)]


def pair_variances(ranks: np.ndarray) -> np.ndarray:
    """Return n times the variance of each pair's rank correlation of n rows, from the reference's ranks.

    It is the mean square of the rows' influence on it, u v - r (u^2 + v^2) / 2 (Devlin, Gnanadesikan and Kettenring
    1975), u and v being the standardised ranks. So it holds for ties, many zeros and copies with a few other rows.
    """
    scale = ranks.std(axis=0)
    u = np.divide(ranks - ranks.mean(axis=0), scale, out=np.full(ranks.shape, np.nan), where=scale > 0)
    r, squares, cubes = np.stack((u.T @ u, (u**2).T @ u**2, (u**3).T @ u)) / len(u)
    fourth = np.diag(squares)
    variances = squares - r * (cubes + cubes.T) + r**2 / 4 * (fourth[:, None] + fourth + 2 * squares)
    return np.maximum(variances[np.triu_indices(ranks.shape[1], k=1)], 0)


def pair_signals(reference: np.ndarray, variances: np.ndarray, current: np.ndarray, m: Rows, n: Rows) -> np.ndarray:
    """Return the changes of rank correlations in standard errors, for m reference and n rows (of each pair, or of all).

    `variances` are `pair_variances` of the reference. NaN if n or m is below 4.
    """
    return (current - reference) / pair_errors(variances, m, n)


def pair_errors(variances: np.ndarray, m: Rows, n: Rows) -> np.ndarray:
    """Return the standard errors of changes of rank correlations; NaN if n or m is below 4.

    A change that a single row can make counts as chance, so that a copy of a column with a few other rows stays one.
    """
    fewest = np.minimum(n, m)
    n, m, fewest = (np.where(fewest >= FEWEST_PAIRED, rows, np.nan) for rows in (n, m, fewest))
    return np.sqrt(variances * (1 / n + 1 / m) + (ONE_ROW / fewest) ** 2)


def least_sd(n: np.ndarray | float, m: np.ndarray | float) -> np.ndarray:
    """Return the lower bound of a signal's standard deviation: half of what chance gives n rows, m of the reference.

    The reference rows are the same every day and add nothing to it.
    """
    return LEAST_SD * np.sqrt(m / (n + m))


def usual_sd(n: np.ndarray | float, m: np.ndarray | float) -> np.ndarray:
    """Return the standard deviation to expect of a signal of n rows, m of the reference: chance and DAY_SD together."""
    return np.sqrt(m / (n + m) + DAY_SD**2 * n * m / (n + m))


def p_values(signals: np.ndarray, one_sided: np.ndarray) -> np.ndarray:
    """Return the p-value of each signal, if days are exchangeable."""
    return np.where(one_sided, special.ndtr(-signals), 2 * special.ndtr(-np.abs(signals)))


def _angle(counts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.arcsin(np.sqrt((counts + 0.375) / (rows + 0.75)))


def _mean_signal(scores: np.ndarray, reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the change of the rows' mean score, in standard deviations of the reference's scores."""
    total, rows = reference.sum(axis=-1), np.sum(counts, axis=-1)
    # No products of matrices: their last bits would depend on how many days there are.
    off = scores - ((reference * scores).sum(axis=-1) / total)[..., None]
    sd = np.sqrt((reference * off**2).sum(axis=-1) / total)
    change = (counts * off).sum(axis=-1) / np.where(rows > 0, rows, np.nan)
    return np.divide(change, sd, out=np.where(np.isnan(change), np.nan, 0.0), where=sd > 0)


def _chi_squared_signal(reference: np.ndarray, counts: np.ndarray, frequent: np.ndarray) -> np.ndarray:
    rows, total = np.sum(counts, axis=-1, keepdims=True).astype(float), reference.sum(axis=-1, keepdims=True)
    kept, usual = _count_together(counts, frequent), _count_together(reference, frequent)
    together = kept + usual
    expected = together * rows / np.where(rows > 0, rows + total, np.nan)
    ratio = np.divide((kept - expected) ** 2, expected, out=np.zeros(together.shape), where=together > 0)
    chi_squared = (ratio * (1 + rows / total)).sum(axis=-1)  # the reference's row of the table adds rows / total times
    return _normal(_log_chi_squared_tail(np.maximum((together > 0).sum(axis=-1) - 1, 1), chi_squared))


def _count_together(counts: np.ndarray, frequent: np.ndarray) -> np.ndarray:
    """Return the counts (..., levels + 1) of the frequent levels, 0 for the others, and last of these together."""
    others = np.where(frequent, 0, counts).sum(axis=-1, keepdims=True)
    return np.concatenate([np.where(frequent, counts, 0), others], axis=-1)


def _log_chi_squared_tail(freedom: np.ndarray, chi_squared: np.ndarray) -> np.ndarray:
    """Return the log of the tail, by its leading term if it is too small for a float."""
    tail = special.chdtrc(freedom, chi_squared)
    half = np.maximum(chi_squared, 1e-9) / 2
    leading = (freedom / 2 - 1) * np.log(half) - half - special.gammaln(freedom / 2)
    return np.where(tail > SMALLEST_P, np.log(np.maximum(tail, SMALLEST_P)), leading)


def _log_tail(signal: np.ndarray) -> np.ndarray:
    """Return the log of Kolmogorov's tail; above 3 its first term is exact to the last digit."""
    return np.where(signal > 3, np.log(2) - 2 * signal**2, np.log(special.kolmogorov(np.minimum(signal, 3))))


def _log_of_many(largest: np.ndarray, tests: int) -> np.ndarray:
    """Return the log probability that the largest of so many absolute normal deviates is as large (Šidák 1967)."""
    log_p = np.minimum(np.log(2) + special.log_ndtr(-largest), np.log(ORDINARY_P))
    exact = np.log(-np.expm1(tests * np.log1p(-np.exp(np.maximum(log_p, -20)))))
    return np.where(log_p < -20, np.log(tests) + log_p, exact)


def _normal(log_p: np.ndarray) -> np.ndarray:
    """Return the normal deviate with this log of its upper tail."""
    return -special.ndtri_exp(np.minimum(log_p, np.log(ORDINARY_P)))
