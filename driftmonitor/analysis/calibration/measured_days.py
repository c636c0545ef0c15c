"""The signals of many simulated days at once, and which columns the share rule would call drifted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from driftmonitor.analysis.drift.reference_bins import choose_edges
from driftmonitor.budget.share_rule import critical_distance


@dataclass(frozen=True)
class Limits:
    """When the share rule calls a column drifted."""

    p_threshold: float
    min_distance: float


@dataclass(frozen=True)
class Measured:
    """One column on several days, an entry a day.

    drifted: what the share rule says. counts: (days, bins), or (days, levels) with all others last. missing: how many
    rows are missing. ranks: (days, rows), centred and of length 1, 0 where missing; None for categories.
    """

    drifted: np.ndarray
    counts: np.ndarray
    missing: np.ndarray
    ranks: np.ndarray | None = None


@dataclass(frozen=True)
class NumberReference:
    """One numeric column of a drawn reference."""

    ordered: np.ndarray
    missing: int
    limits: Limits
    edges: np.ndarray = field(init=False)
    counts: np.ndarray = field(init=False)

    def __post_init__(self):
        edges = choose_edges(self.ordered)
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "counts", self._count(self.ordered[None, :], np.array([len(self.ordered)]))[0])

    def measure(self, values: np.ndarray) -> Measured:
        """Return the days (days, rows) beside the reference."""
        places = np.argsort(values, axis=1)  # NaN comes last
        ordered = np.take_along_axis(values, places, axis=1)
        usable = (~np.isnan(values)).sum(axis=1)
        distance = self._distances(ordered, usable)
        critical = np.array([_critical(len(self.ordered), int(m), self.limits.p_threshold) for m in usable])
        return Measured(
            (distance >= critical - 1e-12) & (distance >= self.limits.min_distance - 1e-12),
            self._count(ordered, usable),
            values.shape[1] - usable,
            _ranks(places, usable),
        )

    def _count(self, ordered: np.ndarray, usable: np.ndarray) -> np.ndarray:
        """Return how many values of each day lie in each bin."""
        up_to = np.array([np.searchsorted(day, self.edges, side="right") for day in ordered])
        return np.diff(up_to, axis=1, prepend=0, append=usable[:, None])

    def _distances(self, ordered: np.ndarray, usable: np.ndarray) -> np.ndarray:
        """Return D of each day: the largest gap at, or just before, one of its values."""
        days, rows = ordered.shape
        flat = ordered.ravel()
        up_to = np.searchsorted(self.ordered, flat, side="right").reshape(days, rows) / len(self.ordered)
        before = np.searchsorted(self.ordered, flat, side="left").reshape(days, rows) / len(self.ordered)
        rank = np.arange(1, rows + 1)
        share = rank / usable[:, None]
        real = rank <= usable[:, None]
        over = np.where(real, share - up_to, 0).max(axis=1)
        under = np.where(real, before - (share - 1 / usable[:, None]), 0).max(axis=1)
        return np.maximum(over, under)


@dataclass(frozen=True)
class LevelReference:
    """One categorical column of a drawn reference; `counts` of its levels."""

    counts: np.ndarray
    missing: int
    limits: Limits

    def measure(self, codes: np.ndarray) -> Measured:
        """Return the days (days, rows) beside the reference."""
        levels = len(self.counts)
        counts = np.array([np.bincount(day[day >= 0], minlength=levels) for day in codes])
        usable = counts.sum(axis=1)
        shares = self.counts / self.counts.sum(), counts / np.maximum(usable, 1)[:, None]
        moved = np.abs(shares[1] - shares[0]).sum(axis=1) / 2
        drifted = (self._p_values(counts) < self.limits.p_threshold) & (moved >= self.limits.min_distance - 1e-12)
        return Measured(drifted, counts, codes.shape[1] - usable)

    def _p_values(self, counts: np.ndarray) -> np.ndarray:
        """Return the p-value of Pearson's two-sample chi-squared (1900) of each day."""
        n, m = self.counts.sum(), counts.sum(axis=1, keepdims=True)
        together = counts + self.counts
        expected = together * (n / (n + m)), together * (m / (n + m))
        gaps = [
            np.divide((seen - awaited) ** 2, awaited, out=np.zeros(awaited.shape), where=awaited > 0)
            for seen, awaited in zip((self.counts, counts), expected, strict=True)
        ]
        freedom = (together > 0).sum(axis=1) - 1
        return np.where(freedom > 0, special.chdtrc(np.maximum(freedom, 1), sum(gaps).sum(axis=1)), 1.0)


def _critical(n: int, m: int, p_threshold: float) -> float:
    return critical_distance(n, m, p_threshold) if m > 1 else 2.0


def _ranks(places: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Return each row's rank, centred on 0 and of length 1 a day, so that a product is a correlation."""
    days, rows = places.shape
    centred = np.arange(rows) - (usable[:, None] - 1) / 2
    length = np.sqrt(np.maximum(usable * (usable**2.0 - 1) / 12, 1))
    ordered = np.where(np.arange(rows) < usable[:, None], centred / length[:, None], 0).astype(np.float32)
    ranks = np.empty((days, rows), dtype=np.float32)
    np.put_along_axis(ranks, places, ordered, axis=1)
    return ranks


def pair_correlations(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return the rank correlations (days, pairs) of columns of ranks (days, rows), in the order of `pair_names`."""
    stacked = np.stack(columns, axis=1)
    first, second = np.triu_indices(len(columns), k=1)
    return (stacked @ stacked.transpose(0, 2, 1))[:, first, second].astype(float)
