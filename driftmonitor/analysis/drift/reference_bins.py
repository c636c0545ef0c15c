"""One column's reference in 50 bins or its most frequent levels: what the days' counts are compared with.

A day's counts are all that is kept of its rows, so that a week can be compared with no raw data at hand.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.facts.evidence import BINS, even_counts

LEVELS = 50  # the most frequent are kept apart, the rest is one


@dataclass(frozen=True)
class Sketch:
    """The reference's rows in each bin or level.

    Numbers: bin i holds what is over `edges[i - 1]` and at most `edges[i]`, so that the distance at an edge is the
    exact one. Categories: `levels` by name, all others in the last count.
    """

    kind: str
    counts: np.ndarray
    fingerprint: str
    edges: np.ndarray | None = None
    levels: tuple[str, ...] = ()

    @property
    def is_even(self) -> bool:
        """Whether the reference's counts follow from its number of rows."""
        return self.kind == "numerical" and np.array_equal(self.counts, even_counts(int(self.counts.sum())))

    def count(self, pair: Pair) -> np.ndarray:
        """Return how many of the current rows lie in each bin, or have each level."""
        if self.kind == "numerical":
            return _count_bins(pair.ordered[1], self.edges)
        return _count_levels(pair.counts["current"], self.levels)


def sketch(pair: Pair) -> Sketch:
    """Return the sketch of the pair's reference; the current side changes nothing in it."""
    if pair.kind == "numerical":
        edges = choose_edges(pair.ordered[0])
        counts = _count_bins(pair.ordered[0], edges)
        return Sketch("numerical", counts, _fingerprint(edges.tobytes(), counts), edges=edges)
    known = pair.counts["reference"]
    known = known[known > 0]
    order = known.sort_index().sort_values(ascending=False, kind="stable").index[:LEVELS]
    counts = _count_levels(known, tuple(order))
    return Sketch("categorical", counts, _fingerprint("\0".join(order).encode(), counts), levels=tuple(order))


def choose_edges(ordered: np.ndarray) -> np.ndarray:
    """Return the edges between 50 bins of about equal counts; values that fill several bins get one of their own."""
    picked = ordered[(np.arange(1, BINS) * len(ordered) + BINS - 1) // BINS - 1]
    edges, hits = np.unique(picked, return_counts=True)
    # Just below a frequent value stands another edge: else values under it would hide in its bin.
    return np.unique(np.concatenate([edges, np.nextafter(edges[hits > 1], -np.inf)]))


def _count_bins(ordered: np.ndarray, edges: np.ndarray) -> np.ndarray:
    up_to = np.searchsorted(ordered, edges, side="right")
    return np.diff(up_to, prepend=0, append=len(ordered))


def _count_levels(counts, levels: tuple[str, ...]) -> np.ndarray:
    apart = counts.reindex(levels, fill_value=0).to_numpy()
    return np.append(apart, int(counts.sum()) - int(apart.sum()))


def _fingerprint(places: bytes, counts: np.ndarray) -> str:
    return hashlib.sha256(places + counts.astype("<i8").tobytes()).hexdigest()[:10]
