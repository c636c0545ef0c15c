"""Isotonic calibration of scores on the reference, and the same on bootstrapped references, to say how sure it is."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

GRID = 300  # points at which bootstrapped calibrators are compared
BOOTSTRAPS = 60


@dataclass(frozen=True)
class Calibrator:
    """A non-decreasing function from scores to probabilities, linear between its points, and its bootstrapped errors.

    `errors`: (bootstraps, points of `grid`) how far each bootstrapped calibrator is from this one.
    """

    scores: np.ndarray
    probabilities: np.ndarray
    grid: np.ndarray
    errors: np.ndarray

    def __call__(self, score: np.ndarray) -> np.ndarray:
        """Return the probability of each score."""
        return np.interp(score, self.scores, self.probabilities)

    def shift(self, score: np.ndarray, influence: np.ndarray) -> np.ndarray:
        """Return by how much each bootstrapped calibrator moves a metric (bootstraps,).

        influence: (rows,) the derivative of the metric with respect to the probability of each row.
        """
        place = np.interp(score, self.grid, np.arange(len(self.grid)))
        left = np.minimum(place.astype(int), max(len(self.grid) - 2, 0))
        part = place - left
        size = len(self.grid) + 1
        weights = np.bincount(left, influence * (1 - part), size) + np.bincount(left + 1, influence * part, size)
        return self.errors @ weights[: len(self.grid)]


def draw_counts(rows: int) -> np.ndarray:
    """Return how often each row is drawn (bootstraps, rows); the same counts for the same number of rows."""
    random = np.random.default_rng(0)
    drawn = (np.bincount(random.integers(0, rows, rows), minlength=rows) for _ in range(BOOTSTRAPS))
    return np.array([np.minimum(counts, 255).astype(np.uint8) for counts in drawn])


def fit_calibrator(
    score: np.ndarray, positive: np.ndarray, counts: np.ndarray, weights: np.ndarray | None = None
) -> Calibrator:
    """Return the isotonic regression of labels on scores (rows,), rows weighted by `weights`."""
    values, where = np.unique(score, return_inverse=True)
    weights = np.ones(len(score)) if weights is None else weights
    scores, probabilities = _fit(values, where, positive, weights)
    grid = np.unique(np.quantile(values, np.linspace(0, 1, GRID)))
    base = np.interp(grid, scores, probabilities)
    errors = [np.interp(grid, *_fit(values, where, positive, weights * count)) - base for count in counts]
    return Calibrator(scores, probabilities, grid, np.array(errors).reshape(len(counts), len(grid)))


def _fit(
    values: np.ndarray, where: np.ndarray, positive: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    total = np.bincount(where, weights, len(values))
    hits = np.bincount(where, weights * positive, len(values))
    kept = total > 0
    total = total[kept]
    return values[kept], optimize.isotonic_regression(hits[kept] / total, weights=total).x
