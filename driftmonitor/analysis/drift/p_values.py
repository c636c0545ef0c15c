"""P-values beside those of the columns' own tests: adjusted for many columns, and of a change in a share of rows."""

from collections.abc import Sequence

import numpy as np
from scipy import stats


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
    """Return the p-value of the pooled two-proportion test: whether two shares of rows are equal (Pearson 1900)."""
    table = np.array([[first, first_rows - first], [second, second_rows - second]])
    if not table.sum(axis=0).all() or not table.sum(axis=1).all():
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)
