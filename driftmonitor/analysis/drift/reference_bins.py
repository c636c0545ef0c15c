"""Divide one column's reference into 50 bins or its most frequent levels, in which each day's rows are counted.

A day's counts are all that is kept of its rows, and enough to compare a week without its raw data.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.usable import LevelCounts, Numbers
from driftmonitor.analysis.values import Kind
from driftmonitor.facts.evidence import BINS, even_counts

LEVELS = 50  # the most frequent are counted one by one, all others together


@dataclass(frozen=True)
class Sketch:
    """The reference's rows in each bin or level.

    Numbers: bin i has what is over `edges[i - 1]` and at most `edges[i]`, so that the distance at an edge is exact.
    Categories: `levels` by name, with all others in the last count.
    """

    kind: Kind
    counts: np.ndarray
    fingerprint: str
    edges: np.ndarray = field(default_factory=lambda: np.empty(0))
    levels: tuple[str, ...] = ()

    @property
    def is_even(self) -> bool:
        """Whether the reference's counts follow from its number of rows alone."""
        return self.kind == "numerical" and np.array_equal(self.counts, even_counts(int(self.counts.sum())))

    def count(self, pair: Pair) -> np.ndarray:
        """Return how many of the current rows are in each bin, or have each level."""
        if self.kind == "numerical":
            return count_bins(pair.ordered[1], self.edges)
        return _count_levels(pair.levels[1], self.levels)


def sketch(pair: Pair) -> Sketch:
    """Return the sketch of the pair's reference, which does not depend on the current side."""
    return pair.numbers[0].once(_sketch_numbers) if pair.kind == "numerical" else pair.levels[0].once(_sketch_levels)


def _sketch_numbers(reference: Numbers) -> Sketch:
    edges = choose_edges(reference.ordered)
    counts = count_bins(reference.ordered, edges)
    return Sketch("numerical", counts, _fingerprint(edges.tobytes(), counts), edges=edges)


def _sketch_levels(reference: LevelCounts) -> Sketch:
    rows = reference.rows
    levels = tuple(sorted(sorted(rows), key=lambda level: -rows[level])[:LEVELS])
    counts = _count_levels(reference, levels)
    return Sketch("categorical", counts, _fingerprint("\0".join(levels).encode(), counts), levels=levels)


def choose_edges(ordered: np.ndarray) -> np.ndarray:
    """Return the edges between 50 bins of about equal counts; a value that fills several bins gets one of its own."""
    picked = ordered[(np.arange(1, BINS) * len(ordered) + BINS - 1) // BINS - 1]
    edges, hits = np.unique(picked, return_counts=True)
    # A second edge just below a frequent value keeps lower values out of its bin.
    return np.unique(np.concatenate([edges, np.nextafter(edges[hits > 1], -np.inf)]))


def count_bins(ordered: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how many numbers, in ascending order, are in each bin; one that equals an edge is in the bin below."""
    up_to = np.searchsorted(ordered, edges, side="right")
    return np.diff(up_to, prepend=0, append=len(ordered))


def _count_levels(counts: LevelCounts, levels: tuple[str, ...]) -> np.ndarray:
    named = [counts.rows.get(level, 0) for level in levels]
    return np.array([*named, counts.total - sum(named)], dtype=np.int64)


def _fingerprint(bins: bytes, counts: np.ndarray) -> str:
    return hashlib.sha256(bins + counts.astype("<i8").tobytes()).hexdigest()[:10]
