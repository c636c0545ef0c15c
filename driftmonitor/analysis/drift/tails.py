"""Measure the tails of a column of numbers: how far values lie beyond the reference's 1st and 99th percentile.

The bins of the reference's quantiles count a value beyond the last edge, but not how far beyond it is.
"""

import math
from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.once import Once
from driftmonitor.facts.base import rounded
from driftmonitor.facts.evidence import Tail

TAIL_SHARE = 0.01
LARGEST_LOG = 700.0  # exp of more is infinite


@dataclass(frozen=True, eq=False)
class Tails(Once):
    """The reference's numbers in ascending order, with what the tails of other rows are measured by."""

    reference: np.ndarray

    @property
    def median(self) -> float:
        """The middle of the reference."""
        return float(self.reference[len(self.reference) // 2])

    @property
    def limits(self) -> tuple[float, float]:
        """The 99th percentile and the 1st; where that is the median, the next number above or below it."""
        return self.once(_find_limits)

    def measure(self, ordered: np.ndarray) -> Tail:
        """Return the tails of some numbers in ascending order."""
        above, below = (self._excess(ordered, limit) for limit in self.limits)
        sums = rounded(float(above.sum())) or 0.0, rounded(float(below.sum())) or 0.0
        return Tail(excess=sums, rows=(len(above), len(below)), same=count_most_frequent(ordered))

    def measure_reference(self) -> tuple[float, float, float, float, int]:
        """Return the sums of the log excess above and below, each with its sum of squares, and the most frequent."""
        above, below = (self._excess(self.reference, limit) for limit in self.limits)
        sums = (float(value) for far in (above, below) for value in (far.sum(), (far**2).sum()))
        first, second, third, fourth = (rounded(value) or 0.0 for value in sums)
        return first, second, third, fourth, count_most_frequent(self.reference)

    def _excess(self, ordered: np.ndarray, limit: float) -> np.ndarray:
        """Return log((x - median) / (limit - median)) of those numbers x that are beyond a limit."""
        if limit == self.median:
            return np.empty(0)
        at = np.searchsorted(ordered, limit, "right" if limit > self.median else "left")
        beyond = ordered[at:] if limit > self.median else ordered[:at]
        with np.errstate(over="ignore"):
            far = np.log(np.abs(beyond - self.median)) - np.log(abs(limit - self.median))
        return np.minimum(far, LARGEST_LOG)


def _find_limits(tails: Tails) -> tuple[float, float]:
    ordered, last = tails.reference, len(tails.reference) - 1
    equal, above = (int(np.searchsorted(ordered, tails.median, side)) for side in ("left", "right"))
    high = ordered[min(max(above, int((1 - TAIL_SHARE) * last)), last)]
    low = ordered[max(min(equal - 1, math.ceil(TAIL_SHARE * last)), 0)]
    return float(high), float(low)


def count_most_frequent(ordered: np.ndarray) -> int:
    """Return how many rows the most frequent of some numbers in ascending order has."""
    tied = ordered[1:] == ordered[:-1]
    if not tied.any():
        return min(len(ordered), 1)
    ends = np.flatnonzero(~tied)
    return int(np.diff(ends, prepend=-1, append=len(ordered) - 1).max())
