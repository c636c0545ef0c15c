"""The statistics themselves: how far two samples of one column are apart, and how surely. Pure numpy and scipy.

Samples are what `clean_pair` gives: float64 without NaN for numbers, text without missing for categories.
Categories are tested on their counts, a frame of levels x (reference, current).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy
from scipy import stats

from driftmonitor.budget.column_tests import EXACT_ROWS

SMALL_EXPECTED = 5.0  # Cochran (1954): the chi-squared approximation holds when no expected count is under 1
SMALL_SHARE = 0.2  # and at most a fifth of them are under 5
PERMUTATIONS = 10_000
LONGEST_CATEGORY = 1000  # characters of a category that are told; a category can be a whole document
SCIPY = tuple(map(int, scipy.__version__.split(".")[:2]))
MOST_SHUFFLED = 1_000_000_000  # numpy draws from no larger an urn
LARGEST_SQUARABLE = 1e150  # larger values overflow when squared, tiny ones vanish: their moments are taken to scale


class Gap(NamedTuple):
    """The largest gap between two empirical distribution functions, exact and as scipy rounds it."""

    distance: float
    rounded: float


def ks_gap(reference: np.ndarray, current: np.ndarray) -> Gap:
    """Return the largest gap between the two empirical distribution functions, 0 to 1 (Kolmogorov 1933, Smirnov 1939).

    It is the share of rows that have moved past the value where the gap is largest. Both sides are in ascending order.
    """
    (one, one_rounded), (other, other_rounded) = _lead(reference, current), _lead(current, reference)
    return Gap(max(one, other) / (len(reference) * len(current)), max(one_rounded, other_rounded))


def _lead(one: np.ndarray, other: np.ndarray) -> tuple[int, float]:
    """Return how far the function of `one` is ahead of the other's at most; it is farthest ahead at a value of its own.

    First in units of 1 / (rows of both multiplied), because 40 rows of 1,000 are 0.04 and not a little less; then as a
    difference of rounded shares, as scipy has it.
    """
    up_to, other_up_to = np.arange(1, len(one) + 1), np.searchsorted(other, one, side="right")
    counted = (up_to * len(other) - other_up_to * len(one)).max(initial=0)
    return int(counted), float((_shares(len(one))[1:] - _shares(len(other))[other_up_to]).max(initial=0))


def _shares(rows: int) -> np.ndarray:
    """Return 0, 1 / rows, ..., 1 as the scipy at hand rounds them: from 1.18 on as steps, before as quotients."""
    return np.linspace(0, 1, rows + 1) if SCIPY >= (1, 18) else np.arange(rows + 1) / rows


def ks_p_value(gap: Gap, n: int, m: int) -> float | None:
    """Return the two-sided p-value of a gap between `n` and `m` rows, as scipy's ks_2samp has it to the last digit.

    Smirnov's asymptotic formula, which scipy takes for more than 10,000 rows on a side; None for fewer.
    """
    if max(n, m) <= EXACT_ROWS:
        return None
    larger, smaller = float(max(n, m)), float(min(n, m))
    return float(np.clip(stats.kstwo.sf(gap.rounded, np.round(larger * smaller / (larger + smaller))), 0, 1))


def level_counts(reference: pd.Series, current: pd.Series) -> pd.DataFrame:
    """Return how often each level stands on each side, the most frequent level first."""
    return counts_table(reference.value_counts(), current.value_counts())


def counts_table(reference: pd.Series, current: pd.Series) -> pd.DataFrame:
    """Return the counts of both sides by level as one table, the most frequent level first."""
    counts = pd.DataFrame({"reference": reference, "current": current})
    counts = counts.fillna(0).astype(np.int64).rename(index=str).sort_index()
    return counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def total_variation(counts: pd.DataFrame) -> float:
    """Return half the sum of the levels' changes of share: the share of rows that moved to another level, 0 to 1."""
    reference, current = (counts[side].to_numpy() for side in ("reference", "current"))
    gaps = reference * int(current.sum()) - current * int(reference.sum())
    return int(np.abs(gaps).sum()) / (2 * int(reference.sum()) * int(current.sum()))


def pool_rare(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts with the rare levels put together into one, if the table breaks Cochran's rule (1954).

    The rule: no expected count under 1, and at most 20 % of them under 5. A table that breaks it has every level that
    expects under 5 rows on a side pooled. Which levels are rare depends on the totals of both sides alone, so pooling
    raises no false alarm. ValueError when there are three levels or more and all are rare.
    """
    expected = np.outer(counts.sum(axis=1), counts.sum()) / counts.to_numpy().sum()
    breaks = expected.min() < 1 or (expected < SMALL_EXPECTED).mean() > SMALL_SHARE
    if len(counts) <= 2 or not breaks:
        return counts
    rare = (expected < SMALL_EXPECTED).any(axis=1)
    if rare.all():
        rows = int(counts.to_numpy().sum())
        raise ValueError(f"all {len(counts)} categories are too rare in {rows} rows to be compared")
    rest = pd.DataFrame(counts[rare].sum()).T
    return pd.concat([counts[~rare], rest])


def chisquare(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (chi-squared, p-value) of the two-sample test (Pearson 1900), rare levels pooled."""
    return _contingency(counts, "pearson")


def g_test(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (G, p-value) of the two-sample likelihood-ratio test (Wilks 1935), rare levels pooled."""
    return _contingency(counts, "log-likelihood")


def _contingency(counts: pd.DataFrame, statistic: str) -> tuple[float, float]:
    if len(counts) == 1:
        return 0.0, 1.0
    result = stats.chi2_contingency(pool_rare(counts).to_numpy().T, correction=False, lambda_=statistic)
    return float(result.statistic), float(result.pvalue)


def z_test(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (z, p-value) of the pooled two-proportion test of a column with two levels.

    z squared is the chi-squared of the 2 x 2 table (Pearson 1900). ValueError for three levels or more.
    """
    if len(counts) > 2:
        raise ValueError(f"compares two categories, this column has {len(counts)}")
    chi_squared, p_value = chisquare(counts)
    return float(np.sqrt(chi_squared)), p_value


def fisher_exact(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (odds ratio, p-value) of Fisher's exact test (1922) of a column with two levels."""
    if len(counts) > 2:
        raise ValueError(f"compares two categories, this column has {len(counts)}")
    if len(counts) == 1:
        return 1.0, 1.0
    result = stats.fisher_exact(counts.to_numpy())
    return float(result.statistic), float(result.pvalue)


def permuted_variation(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (total variation, p-value): how often a shuffle of the rows between the sides moves as many (Pitman 1937).

    The counts after a shuffle are multivariate hypergeometric, so they are drawn instead of shuffling rows.
    """
    table = counts.to_numpy()
    sizes = table.sum(axis=0)
    if sizes.sum() >= MOST_SHUFFLED:
        raise ValueError(f"shuffles fewer than {MOST_SHUFFLED:,} rows; use chisquare")
    drawn = np.random.default_rng(0).multivariate_hypergeometric(table.sum(axis=1), sizes[0], size=PERMUTATIONS)
    shuffled = 0.5 * np.abs(drawn / sizes[0] - (table.sum(axis=1) - drawn) / sizes[1]).sum(axis=1)
    observed = total_variation(counts)
    return observed, float((1 + (shuffled >= observed - 1e-12).sum()) / (1 + PERMUTATIONS))


def mann_whitney(reference: np.ndarray, current: np.ndarray) -> tuple[float, float]:
    """Return (U, p-value) of the two-sided rank test (Mann and Whitney 1947): up and down alike."""
    result = stats.mannwhitneyu(reference, current, alternative="two-sided")
    return float(result.statistic), float(result.pvalue)


def proportion_change(first: int, first_rows: int, second: int, second_rows: int) -> float:
    """Return the p-value that two shares of rows are the same: the pooled two-proportion test (Pearson 1900)."""
    table = np.array([[first, first_rows - first], [second, second_rows - second]])
    if not table.sum(axis=0).all() or not table.sum(axis=1).all():
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def holm(p_values: list[float]) -> list[float]:
    """Return the p-values adjusted for being many: one false alarm among them stays as rare as in one test (Holm 1979).

    The i-th smallest of m is multiplied by m - i + 1, never less than the one before it, never over 1.
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    stepped = np.maximum.accumulate(np.asarray(p_values, dtype=float)[order] * factors)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted.tolist()


def number_effect(reference: np.ndarray, current: np.ndarray) -> dict:
    """Return the mean and standard deviation of both sides and the mean's shift in reference standard deviations.

    Infinite values are left out; what can't be said (a constant reference that moved, one row) is None.
    """
    sides = [values[np.isfinite(values)] for values in (reference, current)]
    largest = max((float(np.abs(values).max()) for values in sides if len(values)), default=0.0)
    scale = largest if largest > LARGEST_SQUARABLE or 0 < largest < 1 / LARGEST_SQUARABLE else 1.0
    sides = [values / scale for values in sides]
    mean = [_moments(values)[0] for values in sides]
    # A sum of values such as 1e17 + 16 loses the digits in which they differ: those are taken from a value nearby.
    nearby = sides[0][0] if len(sides[0]) else 0.0
    moved, sd = zip(*[_moments(values - nearby) for values in sides], strict=True)
    return {"mean_shift_sd": _shift(moved, sd[0]), "mean": _times(mean, scale), "sd": _times(sd, scale)}


def _moments(values: np.ndarray) -> tuple[float | None, float | None]:
    """Return (mean, sample standard deviation), exactly (value, 0) for a constant, None where there are too few."""
    if len(values) == 0:
        return None, None
    constant = values.min() == values.max()
    mean = float(values[0] if constant else values.mean())
    if len(values) == 1:
        return mean, None
    return mean, 0.0 if constant else float(values.std(ddof=1))


def _shift(mean: tuple[float | None, ...], sd: float | None) -> float | None:
    if None in mean or sd is None:
        return None
    shift = mean[1] - mean[0]
    if sd == 0:
        return 0.0 if shift == 0 else None
    return shift / sd


def _times(values: tuple[float | None, ...], scale: float) -> list[float | None]:
    return [None if value is None else value * scale for value in values]


def category_effect(counts: pd.DataFrame) -> dict:
    """Return the category whose share of rows changed most, its change (-1 to 1), and its share on both sides."""
    shares = counts / counts.sum()
    change = shares["current"] - shares["reference"]
    level = change.abs().idxmax()
    sides = [float(shares.loc[level, side]) for side in ("reference", "current")]
    return {"category": str(level)[:LONGEST_CATEGORY], "share_change": float(change[level]), "shares": sides}
