"""What kind of change a column of numbers shows: its level, its spread, its shape, or another unit.

Level and spread are read from normal scores of the reference's bins, which no outlier can bend.
"""

import math

import numpy as np
from scipy.special import ndtri

UNITS = (10, 24, 60, 100, 1000, 3600, 1e6, 1e9)
MEAN_NEAR, SD_NEAR = 1.15, 1.5  # factors within which a ratio is that of two units; few rows leave the sd uncertain
CLUMP = 0.6  # of the distance, in one bin: values heap up there
PLAUSIBLE = 0.6
FEWEST_ERRORS = 2.0  # standard errors


def kind_of_numbers(reference: np.ndarray, current: np.ndarray, distance: float, effect: dict) -> str:
    """Return level, spread, shape or unit; the sides are counts in the same bins, `effect` the one of the score."""
    if unit_factor(effect):
        return "unit"
    was, now = reference / reference.sum(), current / max(current.sum(), 1)
    if _heaps_up(was, now, distance, effect):
        return "shape"
    scores = ndtri(np.clip(np.cumsum(was) - was / 2, 1e-6, 1 - 1e-6))
    mean = float(was @ scores)
    variance = float(was @ (scores - mean) ** 2) or 1.0
    errors = math.sqrt(reference.sum() * current.sum() / (reference.sum() + current.sum()))
    level = abs(float(now @ scores) - mean) / math.sqrt(variance) * errors
    spread = abs(float(now @ (scores - now @ scores) ** 2) / variance - 1) / math.sqrt(2) * errors
    if max(level, spread) < FEWEST_ERRORS:
        return "shape"
    return "level" if level >= spread else "spread"


def _heaps_up(was: np.ndarray, now: np.ndarray, distance: float, effect: dict) -> bool:
    """Return whether most of the distance is one bin's: at the ends only if the mean moved more than the rows did."""
    gaps = np.abs(now - was)
    place = int(gaps.argmax())
    if gaps[place] < CLUMP * distance:
        return False
    if 0 < place < len(gaps) - 1:
        return True
    shift = effect.get("mean_shift_sd")
    return shift is not None and distance < PLAUSIBLE * math.erf(abs(shift) / (2 * math.sqrt(2)))


def unit_factor(effect: dict) -> float | None:
    """Return by which factor of units the numbers changed (100, or 0.01), or None."""
    (was, now), (sd_was, sd_now) = (effect.get(key) or (None, None) for key in ("mean", "sd"))
    if not sd_was or not sd_now or was is None or now is None:
        return None
    for unit in UNITS:
        for factor in (unit, 1 / unit):
            near_zero = abs(was) < 0.2 * sd_was
            mean_fits = near_zero or (was * now > 0 and _near(now / was, factor, MEAN_NEAR))
            if mean_fits and _near(sd_now / sd_was, factor, MEAN_NEAR if near_zero else SD_NEAR):
                return factor
    return None


def _near(ratio: float, factor: float, within: float) -> bool:
    return factor / within <= ratio <= factor * within
