"""Compute the quartiles of one column's numbers, which say in the column's own unit how it changed."""

import math

import numpy as np

from driftmonitor.facts.evidence import Quartiles

PLACES = (0.25, 0.5, 0.75)
DIGITS = 5  # of the interquartile range


def find_quartiles(numbers: np.ndarray) -> Quartiles | None:
    """Return the quartiles, interpolated (Hyndman and Fan 1996, type 7); None without numbers, or if they overflow."""
    if not len(numbers):
        return None
    with np.errstate(all="ignore"):
        found = np.quantile(numbers, PLACES)
        if not np.isfinite(found[2] - found[0]):
            return None
    digits = _digits(float(np.abs(found).max()), float(found[2] - found[0]))
    low, middle, high = (float(f"{value:.{digits}g}") for value in found)
    return (low, middle, high) if math.isfinite(low) and math.isfinite(high) else None


def _digits(largest: float, width: float) -> int:
    """Return the significant digits that show the interquartile range to five digits."""
    if largest == 0 or width == 0:
        return DIGITS + 1
    return min(max(math.floor(math.log10(largest)) - math.floor(math.log10(width)), 0) + DIGITS, 17)
