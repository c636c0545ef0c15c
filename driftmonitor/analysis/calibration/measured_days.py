"""Measure many simulated days of a column at once: counts, missing rows, ranks, its own test's result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import special

from driftmonitor.analysis.drift.p_values import fisher
from driftmonitor.analysis.drift.reference_bins import choose_edges
from driftmonitor.analysis.drift.statistics.contingency import SMALL_EXPECTED
from driftmonitor.analysis.drift.tails import Tails
from driftmonitor.budget.column_tests import critical_distance


@dataclass(frozen=True)
class Limits:
    """When a column counts as drifted by its own test."""

    p_threshold: float
    min_distance: float


@dataclass(frozen=True)
class Measured:
    """One column on several days, one entry a day.

    drifted: whether its own test finds drift. counts: (days, bins), or (days, levels) with all others last. missing:
    the number of missing rows. tail: (days, 6), what `tail_signals` takes, 0 for categories. ranks: (days, rows),
    centred and of length 1, 0 where missing; None for categories.
    """

    drifted: np.ndarray
    counts: np.ndarray
    missing: np.ndarray
    tail: np.ndarray
    ranks: np.ndarray | None = None


@dataclass(frozen=True)
class NumberReference:
    """A numeric column of a drawn reference: its values in order, and the bins between their quantiles."""

    ordered: np.ndarray
    missing: int
    limits: Limits
    edges: np.ndarray = field(init=False)
    counts: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        edges = choose_edges(self.ordered)
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "counts", self._count(self.ordered[None, :], np.array([len(self.ordered)]))[0])

    def measure(self, values: np.ndarray) -> Measured:
        """Return the measurements of days (days, rows) against the reference."""
        order = np.argsort(values, axis=1)  # NaN comes last
        ordered = np.take_along_axis(values, order, axis=1)
        usable = (~np.isnan(values)).sum(axis=1)
        distance = self._distances(ordered, usable)
        critical = np.array([_critical(len(self.ordered), int(m), self.limits.p_threshold) for m in usable])
        return Measured(
            (distance >= critical - 1e-12) & (distance >= self.limits.min_distance - 1e-12),
            self._count(ordered, usable),
            values.shape[1] - usable,
            self._measure_tails(ordered, usable),
            _ranks(order, usable),
        )

    @cached_property
    def tails(self) -> Tails:
        """What the tails of each day are measured by."""
        return Tails(self.ordered)

    def _measure_tails(self, ordered: np.ndarray, usable: np.ndarray) -> np.ndarray:
        found = np.zeros((len(ordered), 6))
        for day, rows in enumerate(usable):
            tail = self.tails.measure(ordered[day, :rows])
            found[day, [0, 1, 3, 5]] = rows, *tail.excess, tail.same
        return found

    def _count(self, ordered: np.ndarray, usable: np.ndarray) -> np.ndarray:
        """Return how many values of each day fall into each bin."""
        up_to = np.array([np.searchsorted(day, self.edges, side="right") for day in ordered])
        return np.diff(up_to, axis=1, prepend=0, append=usable[:, None])

    def _distances(self, ordered: np.ndarray, usable: np.ndarray) -> np.ndarray:
        """Return the K-S distance of each day: the largest gap at, or just below, one of its values."""
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
    """A categorical column of a drawn reference: the counts of its levels."""

    counts: np.ndarray
    missing: int
    limits: Limits

    def measure(self, codes: np.ndarray) -> Measured:
        """Return the measurements of days (days, rows) against the reference."""
        levels = len(self.counts)
        counts = np.array([np.bincount(day[day >= 0], minlength=levels) for day in codes])
        usable = counts.sum(axis=1)
        shares = self.counts / self.counts.sum(), counts / np.maximum(usable, 1)[:, None]
        variation = np.abs(shares[1] - shares[0]).sum(axis=1) / 2
        drifted = (self._p_values(counts) < self.limits.p_threshold) & (variation >= self.limits.min_distance - 1e-12)
        return Measured(drifted, counts, codes.shape[1] - usable, np.zeros((len(codes), 6)))

    def _p_values(self, counts: np.ndarray) -> np.ndarray:
        """Return each day's p-value by Pearson's two-sample chi-squared (1900), or Fisher's (1922) as `chisquare`."""
        n, m = self.counts.sum(), counts.sum(axis=1, keepdims=True)
        together = counts + self.counts
        expected = together * (n / (n + m)), together * (m / (n + m))
        of_reference, of_day = (
            np.divide((observed - mean) ** 2, mean, out=np.zeros(mean.shape), where=mean > 0)
            for observed, mean in zip((self.counts, counts), expected, strict=True)
        )
        freedom = (together > 0).sum(axis=1) - 1
        tail = special.chdtrc(np.maximum(freedom, 1), (of_reference + of_day).sum(axis=1))
        tail = np.where(freedom > 0, tail, 1.0)
        least = np.where(together > 0, np.minimum(*expected), np.inf).min(axis=1)
        for day in np.flatnonzero((freedom == 1) & (least < SMALL_EXPECTED)):
            first = int(np.argmax(together[day] > 0))
            tail[day] = fisher(int(self.counts[first]), int(n), int(counts[day, first]), int(m[day, 0]))
        return tail


def _critical(n: int, m: int, p_threshold: float) -> float:
    return critical_distance(n, m, p_threshold) if m > 1 else 2.0


def _ranks(order: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Return each row's rank, centred on 0 and of length 1 a day, so that an inner product is a correlation."""
    days, rows = order.shape
    centred = np.arange(rows) - (usable[:, None] - 1) / 2
    length = np.sqrt(np.maximum(usable * (usable**2.0 - 1) / 12, 1))
    ordered = np.where(np.arange(rows) < usable[:, None], centred / length[:, None], 0).astype(np.float32)
    ranks = np.empty((days, rows), dtype=np.float32)
    np.put_along_axis(ranks, order, ordered, axis=1)
    return ranks


def pair_correlations(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return the rank correlations (days, pairs) of columns of ranks (days, rows), in the order of `pair_names`."""
    stacked = np.stack(columns, axis=1)
    first, second = np.triu_indices(len(columns), k=1)
    return (stacked @ stacked.transpose(0, 2, 1))[:, first, second].astype(float)
