"""Where a column's values are, as its record keeps it: quantiles of numbers, or the shares of frequent categories."""

from driftmonitor.facts.base import SparseFact

PLACES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
MOST_LEVELS = 8
LEAST_SHARE = 0.01  # of a named category, on one side at least
LONGEST_LEVEL = 40  # characters

Quantiles = tuple[float, float, float, float, float, float, float, float, float]


class Distribution(SparseFact):
    """One column's distribution on both sides, the reference first. No row is kept.

    `quantiles`, of numbers: the 1%, 5%, 10%, 25%, 50%, 75%, 90%, 95% and 99% quantile of each side.
    `levels`, of categories: the most frequent ones of either side, with names cut to 40 characters. `shares`: of the
    rows (0 to 1), for each of these levels, on each side; what is missing to 1 are all other categories.
    """

    quantiles: tuple[Quantiles, Quantiles] | None = None
    levels: tuple[str, ...] | None = None
    shares: tuple[tuple[float, ...], tuple[float, ...]] | None = None
