"""Compute the quartiles of one column's numbers, which say in the column's own unit how it changed."""

import math

import numpy as np

from driftmonitor.facts.evidence import Quartiles

PLACES = (0.25, 0.5, 0.75)
DIGITS = 5  # of the interquartile range


def find_quartiles(numbers: np.ndarray) -> Quartiles | None:
    """Return the quartiles of numbers in ascending order, interpolated (Hyndman and Fan 1996, type 7).

    None without numbers, or if they overflow.
    """
    if not len(numbers):
        return None
    found = [_interpolate(numbers, place) for place in PLACES]
    if not math.isfinite(found[2] - found[0]):
        return None
    digits = _digits(max(map(abs, found)), found[2] - found[0])
    low, middle, high = (float(f"{value:.{digits}g}") for value in found)
    return (low, middle, high) if math.isfinite(low) and math.isfinite(high) else None


def _interpolate(ordered: np.ndarray, place: float) -> float:
    """Return the quantile at a place from 0 to 1, to the last digit of numpy's, without sorting again."""
    exact = (len(ordered) - 1) * place
    first = math.floor(exact)
    low, high, part = float(ordered[first]), float(ordered[min(first + 1, len(ordered) - 1)]), exact - first
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _digits(largest: float, width: float) -> int:
    """Return the significant digits that show the interquartile range to five digits."""
    if largest == 0 or width == 0:
        return DIGITS + 1
    return min(max(math.floor(math.log10(largest)) - math.floor(math.log10(width)), 0) + DIGITS, 17)
