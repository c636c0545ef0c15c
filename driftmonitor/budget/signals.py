"""The signals of a column, a pair of columns and a share: how far today lies from the reference, in standard errors.

All of them are worked out from counts, the reference's and today's, or those of several days added up, so that a day
can be judged, and judged again, when its rows are gone. Every signal stands on one scale, that of a normal deviate:
where days are interchangeable chance alone passes 2 on one day in twenty. The ones in ONE_SIDED are strange only when
large, the others far from zero on either side.

What they see: level, spread, shape, range (numbers); shape and the share of each level (categories); the share of
missing values; a pair's correlation. `driftmonitor/budget/anomaly.py` judges them.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special

NUMBER_SIGNALS = ("level", "spread", "shape", "range")
ONE_SIDED = ("shape", "range")
LEVELS_APART = 10  # the most frequent levels of a category whose shares are signals of their own
FEWEST_EXPECTED = 5.0  # rows in a cell of a chi-squared table (Cochran 1954)
ORDINARY_P = 0.99  # what is more likely says nothing of how ordinary a day is
SMALLEST_P = 1e-300  # under it a chi-squared tail is taken by its leading term
RANK_VARIANCE = 1.06  # of Fisher's z of a rank correlation, times n - 3 (Fieller, Hartley and Pearson 1957)
LARGEST_RANK_CORRELATION = 0.9999  # atanh of 1 is infinite
LEAST_SD = 0.5  # of what chance alone gives: a signal that hardly ever moves is not strange at its first breath
DAY_SD = 0.04  # by which real days differ beyond chance, in standard deviations of a column, until they are known


def half_ranks(reference: np.ndarray) -> np.ndarray:
    """Return each bin's ridit: the share of the reference under it and half its own, 0 to 1 (Bross 1958)."""
    shares = reference / reference.sum()
    return np.cumsum(shares) - shares / 2


def number_signals(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return level, spread, shape and range (..., 4), in standard errors, of counts (..., bins) in its bins.

    level: the mean ridit less one half, which is the chance that a row of today is larger than one of the reference
    (Mann and Whitney 1947). spread: the mean squared distance of the ridits from one half (Mood 1954). shape: D at the
    edges (Kolmogorov, Smirnov). range: the largest change of one bin's share. NaN where there are no rows.
    """
    rows, ridits = np.sum(counts, axis=-1).astype(float), half_ranks(reference)
    errors = np.sqrt(1 / np.where(rows > 0, rows, np.nan) + 1 / reference.sum())
    level = _mean_signal(ridits, reference, counts) / errors
    spread = _mean_signal((ridits - 0.5) ** 2, reference, counts) / errors
    shape = _normal(_log_tail(binned_distance(reference, np.where(rows[..., None] > 0, counts, 1)) / errors))
    largest = np.abs(share_signals(reference, counts)).max(axis=-1)
    return np.stack([level, spread, shape, _normal(_log_of_many(largest, len(reference)))], axis=-1)


def level_signals(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return shape, then the share of each of the most frequent levels (..., 1 + LEVELS_APART), in standard errors.

    Counts are (..., levels), the reference's most frequent level first, all others last. shape: Pearson's two-sample
    chi-squared (1900) of levels that expect five rows or more a side, the others put together.
    """
    rows = np.sum(counts, axis=-1).astype(float)
    shares = np.full((*np.shape(rows), LEVELS_APART), np.nan)
    known = min(len(reference) - 1, LEVELS_APART)
    shares[..., :known] = share_signals(reference, counts)[..., :known]
    return np.concatenate([_chi_squared_signal(reference, counts)[..., None], shares], axis=-1)


def binned_distance(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    """Return D between counts of the same bins, shaped (..., bins): the largest gap of the shares up to an edge."""
    up_to = [np.cumsum(counts, axis=-1) / np.sum(counts, axis=-1, keepdims=True) for counts in (reference, current)]
    return np.abs(up_to[0] - up_to[1]).max(axis=-1)


def share_signals(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the change of each share of rows in standard errors: counts (..., parts) against the reference's (parts).

    The arcsine of the root makes the error the same for rare and frequent parts (Anscombe 1948).
    """
    rows = np.sum(counts, axis=-1, keepdims=True).astype(float)
    errors = np.sqrt(1 / np.where(rows > 0, rows, np.nan) + 1 / reference.sum())
    return 2 * (_angle(counts, rows) - _angle(reference, reference.sum())) / errors


def pair_names(columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of columns in the order of `pair_signals`."""
    first, second = np.triu_indices(len(columns), k=1)
    return [(columns[i], columns[j]) for i, j in zip(first, second, strict=True)]


def pair_correlations(ranks: np.ndarray) -> np.ndarray:
    """Return the correlation of each pair of columns of ranks (rows, columns): Spearman (1904).

    A constant column's are NaN.
    """
    centred = ranks - ranks.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    unit = np.divide(centred, length, out=np.full(centred.shape, np.nan), where=length > 0)
    return (unit.T @ unit)[np.triu_indices(ranks.shape[1], k=1)]


def pair_signals(reference: np.ndarray, current: np.ndarray, m: int, n: int) -> np.ndarray:
    """Return the change of rank correlations, (atanh r_cur - atanh r_ref) / se, of n current rows, m of the reference.

    se is sqrt(1.06 / (n - 3) + 1.06 / (m - 3)) (Fieller, Hartley and Pearson 1957). NaN with under 4 rows on a side.
    """
    if min(n, m) < 4:
        return np.full(np.shape(current), np.nan)
    bound = LARGEST_RANK_CORRELATION
    was, now = (np.arctanh(np.clip(r, -bound, bound)) for r in (reference, current))
    return (now - was) / np.sqrt(RANK_VARIANCE / (n - 3) + RANK_VARIANCE / (m - 3))


def least_sd(n: float, m: float) -> float:
    """Return the least sd that a signal of n rows is given by chance, halved: its m reference rows stay the same."""
    return LEAST_SD * float(np.sqrt(m / (n + m)))


def usual_sd(n: float, m: float) -> float:
    """Return the sd that a signal of n rows is expected to have on ordinary days: chance and DAY_SD, in errors."""
    return float(np.sqrt(m / (n + m) + DAY_SD**2 * n * m / (n + m)))


def p_values(signals: np.ndarray, one_sided: np.ndarray) -> np.ndarray:
    """Return how often chance alone makes each signal as large, on days that are interchangeable."""
    return np.where(one_sided, special.ndtr(-signals), 2 * special.ndtr(-np.abs(signals)))


def _angle(counts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.arcsin(np.sqrt((counts + 0.375) / (rows + 0.75)))


def _mean_signal(scores: np.ndarray, reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return how far the mean score of the rows moved, in standard deviations of the reference's scores."""
    usual = reference @ scores / reference.sum()
    sd = np.sqrt(reference @ (scores - usual) ** 2 / reference.sum())
    rows = np.sum(counts, axis=-1)
    moved = counts @ (scores - usual) / np.where(rows > 0, rows, np.nan)
    return moved / sd if sd > 0 else np.where(np.isnan(moved), np.nan, 0.0)


def _chi_squared_signal(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    rows, total = np.sum(counts, axis=-1, keepdims=True).astype(float), reference.sum()
    frequent = reference >= FEWEST_EXPECTED * max(1.0, total / max(float(np.median(rows)), 1.0))
    kept = np.concatenate([counts[..., frequent], counts[..., ~frequent].sum(axis=-1, keepdims=True)], axis=-1)
    usual = np.append(reference[frequent], reference[~frequent].sum())
    both = kept + usual
    expected = both * rows / np.where(rows > 0, rows + total, np.nan)
    ratio = np.divide((kept - expected) ** 2, expected, out=np.zeros(both.shape), where=both > 0)
    # The reference's side of the table adds rows / total times today's.
    chi_squared = (ratio * (1 + rows / total)).sum(axis=-1)
    return _normal(_log_chi_squared_tail(np.maximum((both > 0).sum(axis=-1) - 1, 1), chi_squared))


def _log_chi_squared_tail(freedom: np.ndarray, chi_squared: np.ndarray) -> np.ndarray:
    """Return the log of the tail; where it is too small for a number, by its leading term."""
    tail = special.chdtrc(freedom, chi_squared)
    half = np.maximum(chi_squared, 1e-9) / 2
    leading = (freedom / 2 - 1) * np.log(half) - half - special.gammaln(freedom / 2)
    return np.where(tail > SMALLEST_P, np.log(np.maximum(tail, SMALLEST_P)), leading)


def _log_tail(signal: np.ndarray) -> np.ndarray:
    """Return the log of Kolmogorov's tail; over 3 its first term is exact to the last digit."""
    return np.where(signal > 3, np.log(2) - 2 * signal**2, np.log(special.kolmogorov(np.minimum(signal, 3))))


def _log_of_many(largest: np.ndarray, tests: int) -> np.ndarray:
    """Return the log of the chance that the largest of several |normal deviates| is as large (Šidák 1967)."""
    log_p = np.minimum(np.log(2) + special.log_ndtr(-largest), np.log(ORDINARY_P))
    exact = np.log(-np.expm1(tests * np.log1p(-np.exp(np.maximum(log_p, -20)))))
    return np.where(log_p < -20, np.log(tests) + log_p, exact)


def _normal(log_p: np.ndarray) -> np.ndarray:
    """Return the normal deviate whose upper tail has this log; what is as likely as not to be chance is under 0."""
    return -special.ndtri_exp(np.minimum(log_p, np.log(ORDINARY_P)))
