"""P-values beside those of the columns' own tests: adjusted for many columns, and of a change in a share of rows."""

from collections.abc import Sequence

import numpy as np
from scipy import special

MANY_EXPECTED = 1000.0  # rows in the smallest cell; from here on chi-squared gives what the exact test gives
TIED = 1 + 1e-7  # tables that are as likely as the observed one, but for rounding


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for many tests: a false alarm among all is as rare as in one (Holm 1979).

    The i-th smallest of m is multiplied by m - i + 1, and is never less than the one before it or more than 1.
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    stepped = np.maximum.accumulate(np.asarray(p_values, dtype=float)[order] * factors)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted.tolist()


def proportion_change(first: int, first_rows: int, second: int, second_rows: int) -> float:
    """Return the p-value of whether two shares of rows are equal: Fisher's exact test (1922).

    If every expected count is 1,000 or more, it is that of Pearson's chi-squared (1900), which is then as exact.
    """
    both, rows = first + second, first_rows + second_rows
    if not (0 < both < rows and first_rows and second_rows):
        return 1.0
    if min(first_rows, second_rows) * min(both, rows - both) < MANY_EXPECTED * rows:
        return fisher(first, first_rows, second, second_rows)
    change = first / first_rows - second / second_rows
    share = both / rows
    return float(special.chdtrc(1, change**2 / (share * (1 - share) * (1 / first_rows + 1 / second_rows))))


def fisher(first: int, first_rows: int, second: int, second_rows: int) -> float:
    """Return the two-sided p-value of Fisher's exact test (1922).

    That is the probability of all tables with the same margins that are no likelier than this one.
    """
    both = first + second
    possible = np.arange(max(0, both - second_rows), min(first_rows, both) + 1)
    logs = _log_choose(first_rows, possible) + _log_choose(second_rows, both - possible)
    weights = np.exp(logs - logs.max())
    return float(weights[weights <= TIED * weights[first - possible[0]]].sum() / weights.sum())


def _log_choose(rows: int, chosen: np.ndarray) -> np.ndarray:
    """Return the log of the number of ways to choose so many of the rows, but for a constant."""
    return -special.gammaln(chosen + 1) - special.gammaln(rows - chosen + 1)
