"""The effect of a change, in the column's own terms: means and standard deviations, or the share of a category."""

from typing import Any

import numpy as np
import pandas as pd

LONGEST_CATEGORY = 1000  # characters kept of a category, which can be a whole document
LARGEST_SQUARABLE = 1e150  # larger values overflow when squared and tiny ones vanish, so their moments are scaled


def number_effect(reference: np.ndarray, current: np.ndarray) -> dict[str, Any]:
    """Return both sides' mean and standard deviation, and the mean's shift in standard deviations of the reference.

    Infinite values are left out. What is not defined (one row, the shift of a constant reference) is None.
    """
    sides = [values[np.isfinite(values)] for values in (reference, current)]
    largest = max((float(np.abs(values).max()) for values in sides if len(values)), default=0.0)
    scale = largest if largest > LARGEST_SQUARABLE or 0 < largest < 1 / LARGEST_SQUARABLE else 1.0
    sides = [values / scale for values in sides]
    mean = [_moments(values)[0] for values in sides]
    # A sum of values such as 1e17 + 16 loses the digits in which they differ, so differences are taken from one value.
    origin = sides[0][0] if len(sides[0]) else 0.0
    (reference_mean, reference_sd), (current_mean, current_sd) = [_moments(values - origin) for values in sides]
    return {
        "mean_shift_sd": _shift(reference_mean, current_mean, reference_sd),
        "mean": [_times(value, scale) for value in mean],
        "sd": [_times(value, scale) for value in (reference_sd, current_sd)],
    }


def _moments(values: np.ndarray) -> tuple[float | None, float | None]:
    """Return (mean, sample standard deviation), exactly (value, 0) for a constant; None where there are too few."""
    if len(values) == 0:
        return None, None
    constant = values.min() == values.max()
    mean = float(values[0] if constant else values.mean())
    if len(values) == 1:
        return mean, None
    return mean, 0.0 if constant else float(values.std(ddof=1))


def _shift(reference: float | None, current: float | None, sd: float | None) -> float | None:
    if reference is None or current is None or sd is None:
        return None
    if sd == 0:
        return 0.0 if current == reference else None
    return (current - reference) / sd


def _times(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def category_effect(counts: pd.DataFrame) -> dict[str, Any]:
    """Return the category whose share of rows changed most, its change (-1 to 1) and its share on both sides."""
    shares = (counts / counts.sum())[["reference", "current"]].to_numpy()
    change = shares[:, 1] - shares[:, 0]
    most = int(np.argmax(np.abs(change)))
    category = str(counts.index[most])[:LONGEST_CATEGORY]
    return {"category": category, "share_change": float(change[most]), "shares": shares[most].tolist()}
