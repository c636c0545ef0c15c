"""Correlate the ranks of columns with missing values: each pair over the rows that have a value in both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.signals import FEWEST_PAIRED, pair_names


@dataclass(frozen=True)
class Ranked:
    """Columns' ranks (rows, columns), in which a missing value has the mean rank, and which values are `present`."""

    ranks: np.ndarray
    present: np.ndarray

    @classmethod
    def of(cls, columns: Sequence[tuple[np.ndarray, np.ndarray]]) -> "Ranked":
        """Return columns, each given as its ranks and as which of its values are present."""
        return cls(np.column_stack([ranks for ranks, _ in columns]), np.column_stack([there for _, there in columns]))

    def rows(self) -> np.ndarray:
        """Return how many rows each pair has; not fewer, with values that are missing in the same rows.

        So it follows from how many values each column has, which a day's counts keep.
        """
        together = _of_pairs(self.present.T.astype(float) @ self.present)
        shares = self.present.mean(axis=0)
        return np.minimum(together, len(self.ranks) * _of_pairs(np.outer(shares, shares)))

    def correlations(self) -> np.ndarray:
        """Return the correlation of each pair; NaN if one of its columns is constant.

        The ranks are those among all values of a column, so with missing values it is not quite Spearman's.
        """
        if self.present.all():
            return signals.pair_correlations(self.ranks)
        known = self.present.astype(float)
        off = np.where(self.present, self.ranks - self.ranks.mean(axis=0), 0.0)
        rows, sums, squares = known.T @ known, off.T @ known, (off**2).T @ known
        with np.errstate(invalid="ignore", divide="ignore"):
            together = off.T @ off - sums * sums.T / rows
            own = squares - sums**2 / rows
            varies = own > 1e-9 * squares
            found = np.where(varies & varies.T, together / np.sqrt(own * own.T), np.nan)
        return _of_pairs(found)

    def variances(self) -> np.ndarray:
        """Return `signals.pair_variances` of each pair's rows."""
        found = signals.pair_variances(self.ranks)
        for place, (i, j) in enumerate(pair_names(range(self.ranks.shape[1]))):
            both = self.present[:, i] & self.present[:, j]
            if not both.all():
                rows = self.ranks[both][:, [i, j]]
                found[place] = signals.pair_variances(rows)[0] if len(rows) >= FEWEST_PAIRED else np.nan
        return found


def _of_pairs(table: np.ndarray) -> np.ndarray:
    """Return the values above the diagonal, in the order of `pair_names`."""
    return table[np.triu_indices(len(table), k=1)]
