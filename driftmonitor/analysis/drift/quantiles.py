"""Compute the quantiles of one column's numbers, which say in the column's own unit how it changed."""

import math
from collections.abc import Sequence
from typing import cast

import numpy as np

from driftmonitor.facts.distribution import PLACES, Quantiles
from driftmonitor.facts.evidence import Quartiles

QUARTERS = (0.25, 0.5, 0.75)
DIGITS = 5  # of the interquartile range


def find_quartiles(numbers: np.ndarray) -> Quartiles | None:
    """Return the quartiles of numbers in ascending order; see `find_quantiles`."""
    return cast(Quartiles | None, _find(numbers, QUARTERS))


def find_quantiles(numbers: np.ndarray) -> Quantiles | None:
    """Return the nine quantiles of a Distribution, of numbers in ascending order.

    They are interpolated (Hyndman and Fan 1996, type 7). None without numbers, or if they overflow.
    """
    return cast(Quantiles | None, _find(numbers, PLACES))


def _find(numbers: np.ndarray, places: Sequence[float]) -> tuple[float, ...] | None:
    if not len(numbers):
        return None
    quarters = [_interpolate(numbers, place) for place in QUARTERS]
    width = quarters[2] - quarters[0]
    if not math.isfinite(width):
        return None
    digits = _digits(max(map(abs, quarters)), width)
    found = tuple(float(f"{_interpolate(numbers, place):.{digits}g}") for place in places)
    return found if all(map(math.isfinite, found)) else None


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
