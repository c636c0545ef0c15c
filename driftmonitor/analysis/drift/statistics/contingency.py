"""Tests of two samples of categories, by their counts. Evidently's treat the counts of the reference as exact."""

import numpy as np
import pandas as pd
from scipy import special, stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.distance import total_variation
from driftmonitor.analysis.drift.p_values import fisher
from driftmonitor.analysis.drift.statistics import statistic

SMALL_EXPECTED = 5.0  # Cochran (1954): the chi-squared approximation holds if no expected count is under 1
SMALL_SHARE = 0.2  # and at most this share of them is under 5
EXACT = ", Fisher's exact test if two categories have few rows"
CLOSED_SHARE = 0.05  # of the reference's rows: where more have a category that no other has, they are names or ids
STEPS = 100_000_000  # of all shuffles of a sparse table, about a second
FEWEST_SHUFFLES, MOST_SHUFFLES, ENOUGH = 1_000, 4_000, 100  # shuffles end once so many reach what was observed
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
    pooled = pool_rare(counts)
    if pooled is counts and len(counts) > 2 and _is_sparse(counts):
        return _permute(counts, divergence)
    table = pooled.to_numpy().T
    result = stats.chi2_contingency(table, correction=False, lambda_=divergence)
    if table.shape == (2, 2) and result.expected_freq.min() < SMALL_EXPECTED:
        (first, other), (second, another) = table.tolist()
        return float(result.statistic), fisher(first, first + other, second, second + another)
    return float(result.statistic), float(result.pvalue)


def pool_rare(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts with the rare levels pooled into one if the table breaks Cochran's rule (1954).

    The rule: no expected count is under 1, and at most 20% of them are under 5. In a table that breaks it, all levels
    that expect under 5 rows on a side are pooled. This depends on the totals of both sides alone, so it raises no false
    alarm. Levels that would hide more than 20% of the rows are left as they are, unless they are names or ids: many of
    the reference's rows are then alone in theirs. ValueError if all levels are, and there are three or more.
    """
    if len(counts) <= 2 or not _is_sparse(counts):
        return counts
    rare = _are_rare(counts)
    if counts[rare].to_numpy().sum() > SMALL_SHARE * counts.to_numpy().sum() and _are_closed(counts):
        return counts
    if rare.all():
        rows = f"{counts.to_numpy().sum():,} rows"
        raise DriftMonitorError(f"all {len(counts):,} categories are too rare in {rows} to be compared")
    rest = pd.DataFrame(counts[rare].sum()).T
    return pd.concat([counts[~rare], rest])


def _is_sparse(counts: pd.DataFrame) -> bool:
    """Return whether a table breaks Cochran's rule."""
    expected = _expect(counts)
    return bool(expected.min() < 1 or (expected < SMALL_EXPECTED).mean() > SMALL_SHARE)


def _expect(counts: pd.DataFrame) -> np.ndarray:
    """Return the rows that each cell of the table has if both sides have the same shares."""
    table = counts.to_numpy()
    return np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()


def _are_rare(counts: pd.DataFrame) -> np.ndarray:
    """Return for each level whether a side expects under 5 rows of it."""
    return np.any(_expect(counts) < SMALL_EXPECTED, axis=1)


def _are_closed(counts: pd.DataFrame) -> bool:
    """Return whether the levels are a set whose members come again: few rows of the reference are alone in theirs.

    Names and ids are other ones tomorrow, and many rows at once may have one: rows are not exchangeable.
    """
    reference = counts["reference"].to_numpy()
    return bool((reference == 1).sum() < CLOSED_SHARE * reference.sum())


def _permute(counts: pd.DataFrame, divergence: str) -> tuple[float, float]:
    """Return the statistic of a sparse table with its p-value by shuffles of the rows between the sides (Pitman 1937).

    They end once enough of them reach what was observed (Besag and Clifford 1991).
    """
    table = counts.to_numpy()
    table = table[:, np.argsort(table.sum(axis=0), kind="stable")]  # the smaller side is drawn
    totals, rows = table.sum(axis=1), int(table[:, 0].sum())
    ends, expected = np.cumsum(totals), np.outer(totals, table.sum(axis=0)) / totals.sum()
    random = np.random.default_rng(0)

    def measure(drawn: np.ndarray) -> float:
        both = np.column_stack([drawn, totals - drawn])
        if divergence == "pearson":
            return float(((both - expected) ** 2 / expected).sum())
        return float(2 * special.xlogy(both, both / expected).sum())

    observed = measure(table[:, 0])
    reached, most = 0, int(np.clip(STEPS / (rows + len(counts)), FEWEST_SHUFFLES, MOST_SHUFFLES))
    for shuffles in range(1, most + 1):
        places = random.choice(ends[-1], rows, replace=False, shuffle=False)
        drawn = np.bincount(np.searchsorted(ends, places, side="right"), minlength=len(totals))
        reached += measure(drawn) >= observed * (1 - 1e-12)
        if reached == ENOUGH:
            return observed, reached / shuffles
    return observed, (1 + reached) / (1 + most)


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
