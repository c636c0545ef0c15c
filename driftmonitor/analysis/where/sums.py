"""Add up scores in cells of rows, and compare the means of both sides in slices of cells."""

from dataclasses import dataclass

import numpy as np

SHRINK = 10  # rows with the variance of all that are added to a cell's own: in few rows it may be 0 by chance


@dataclass(frozen=True)
class Sums:
    """Rows, sums of their scores and sums of squares, by side and cell: (2, ..., cells), the reference first."""

    rows: np.ndarray
    total: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, cells: tuple[np.ndarray, np.ndarray], scores: tuple[np.ndarray, np.ndarray], number: int) -> "Sums":
        """Return the sums of both sides in so many cells; the scores have no NaN."""
        found = []
        for cell, score in zip(cells, scores, strict=True):
            weights = None, score, score**2
            found.append([np.bincount(cell, weights=each, minlength=number) for each in weights])
        rows, total, squares = (np.array(each, dtype=float) for each in zip(*found, strict=True))
        return cls(rows, total, squares)

    @classmethod
    def of_all(cls, scores: tuple[np.ndarray, np.ndarray]) -> "Sums":
        """Return the sums of all rows of both sides (2, 1)."""
        reference, current = (np.zeros(len(side), dtype=int) for side in scores)
        return cls.of((reference, current), scores, 1)

    def ranges(self, number: int) -> "Sums":
        """Return the sums of all ranges of the first cells, in the order of `range_places`."""
        first, last = range_places(number)
        return Sums(*(self._added(each[:, :number], first, last) for each in (self.rows, self.total, self.squares)))

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(self.rows - other.rows, self.total - other.total, self.squares - other.squares)

    @staticmethod
    def _added(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        up_to = np.concatenate([np.zeros((2, 1)), np.cumsum(values, axis=1)], axis=1)
        return up_to[:, last + 1] - up_to[:, first]

    @property
    def means(self) -> np.ndarray:
        """The mean of each side in each cell; 0 without rows."""
        return self.total / np.maximum(self.rows, 1)

    def variances(self, whole: np.ndarray) -> np.ndarray:
        """Return the variance of each side's mean in each cell; `whole`: that of a score, by side (2, 1)."""
        spread = np.maximum(self.squares - self.total * self.means, 0)
        return (spread + SHRINK * whole) / (self.rows + SHRINK) / np.maximum(self.rows, 1)


def range_places(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and last cell of each range of so many cells, single cells included and all of them left out."""
    first, last = np.triu_indices(number)
    partial = last - first < number - 1
    return first[partial], last[partial]


@dataclass(frozen=True)
class Changes:
    """The change of the mean score in slices (slices), its variance, and the slices' rows (2, slices)."""

    change: np.ndarray
    variance: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, sums: Sums, whole: np.ndarray) -> "Changes":
        """Return the changes in each cell."""
        means = sums.means
        return cls(means[1] - means[0], sums.variances(whole).sum(axis=0), sums.rows)

    @property
    def z(self) -> np.ndarray:
        """The changes in standard errors; 0 where the variance is."""
        error = np.sqrt(self.variance)
        return np.divide(self.change, error, out=np.zeros_like(self.change), where=error > 0)


def variance_of_all(scores: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the variance of a score on each side (2, 1), at least that of one row of a hundred thousand."""
    both = max(float(np.var(np.concatenate(scores))), 1e-12)
    return np.array([[max(float(np.var(side)), 0.01 * both)] for side in scores])
