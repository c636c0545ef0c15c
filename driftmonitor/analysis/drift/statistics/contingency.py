"""Tests of two samples of categories, by their counts. Evidently's treat the counts of the reference as exact."""

import numpy as np
import pandas as pd
from scipy import stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.distance import total_variation
from driftmonitor.analysis.drift.p_values import fisher
from driftmonitor.analysis.drift.statistics import statistic

SMALL_EXPECTED = 5.0  # Cochran (1954): the chi-squared approximation holds if no expected count is under 1
SMALL_SHARE = 0.2  # and at most this share of them is under 5
EXACT = ", Fisher's exact test if two categories have few rows"
PERMUTATIONS = 10_000
MOST_SHUFFLED = 1_000_000_000  # the most rows that numpy's multivariate hypergeometric distribution takes


@statistic("categorical", label=f"two-sample chi-square{EXACT}", replaces_evidently=True)
def chisquare(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (chi-squared, p-value) of the two-sample test (Pearson 1900), rare levels pooled.

    The p-value is Fisher's exact one (1922) if two levels are compared and one expects under 5 rows on a side.
    """
    return _contingency(counts, "pearson")


@statistic("categorical", label=f"two-sample g_test{EXACT}", replaces_evidently=True)
def g_test(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (G, p-value) of the two-sample likelihood-ratio test (Wilks 1935), rare levels pooled.

    The p-value is Fisher's exact one (1922) if two levels are compared and one expects under 5 rows on a side.
    """
    return _contingency(counts, "log-likelihood")


def _contingency(counts: pd.DataFrame, divergence: str) -> tuple[float, float]:
    if len(counts) == 1:
        return 0.0, 1.0
    table = pool_rare(counts).to_numpy().T
    result = stats.chi2_contingency(table, correction=False, lambda_=divergence)
    if table.shape == (2, 2) and result.expected_freq.min() < SMALL_EXPECTED:
        (first, other), (second, another) = table.tolist()
        return float(result.statistic), fisher(first, first + other, second, second + another)
    return float(result.statistic), float(result.pvalue)


def pool_rare(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts with the rare levels pooled into one if the table breaks Cochran's rule (1954).

    The rule: no expected count is under 1, and at most 20% of them are under 5. In a table that breaks it, all levels
    that expect under 5 rows on a side are pooled. This depends on the totals of both sides alone, so it raises no false
    alarm. ValueError if there are three levels or more and all are rare.
    """
    table = counts.to_numpy()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    breaks = expected.min() < 1 or (expected < SMALL_EXPECTED).mean() > SMALL_SHARE
    if len(counts) <= 2 or not breaks:
        return counts
    rare = (expected < SMALL_EXPECTED).any(axis=1)
    if rare.all():
        raise DriftMonitorError(f"all {len(counts)} categories are too rare in {table.sum()} rows to be compared")
    rest = pd.DataFrame(counts[rare].sum()).T
    return pd.concat([counts[~rare], rest])


@statistic("categorical", name="z", label=f"Z-test{EXACT}", replaces_evidently=True)
def z_test(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (z, p-value) of the pooled two-proportion test of a column with two levels.

    z squared is the chi-squared of the 2 x 2 table (Pearson 1900), and the p-value is that of `chisquare`. ValueError
    for three levels or more.
    """
    _refuse_three(counts)
    chi_squared, p_value = chisquare(counts)
    return float(np.sqrt(chi_squared)), p_value


@statistic("categorical", label="Fisher's Exact test", replaces_evidently=True)
def fisher_exact(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (odds ratio, p-value) of Fisher's exact test (1922) of a column with two levels."""
    _refuse_three(counts)
    if len(counts) == 1:
        return 1.0, 1.0
    result = stats.fisher_exact(counts.to_numpy())
    return float(result.statistic), float(result.pvalue)


def _refuse_three(counts: pd.DataFrame) -> None:
    if len(counts) > 2:
        raise DriftMonitorError(f"compares two categories, this column has {len(counts)}")


@statistic("categorical", name="TVD", label="Total-Variation-Distance", replaces_evidently=True)
def permuted_variation(counts: pd.DataFrame) -> tuple[float, float]:
    """Return (total variation, p-value) of the permutation test: how often a shuffle of the rows gives as much.

    The counts after a shuffle are multivariate hypergeometric, so they are drawn directly (Pitman 1937).
    """
    table = counts.to_numpy()
    sizes = table.sum(axis=0)
    if sizes.sum() >= MOST_SHUFFLED:
        raise DriftMonitorError(f"shuffles fewer than {MOST_SHUFFLED:,} rows; use chisquare")
    drawn = np.random.default_rng(0).multivariate_hypergeometric(table.sum(axis=1), sizes[0], size=PERMUTATIONS)
    shuffled = 0.5 * np.abs(drawn / sizes[0] - (table.sum(axis=1) - drawn) / sizes[1]).sum(axis=1)
    observed = total_variation(counts)
    return observed, float((1 + (shuffled >= observed - 1e-12).sum()) / (1 + PERMUTATIONS))
