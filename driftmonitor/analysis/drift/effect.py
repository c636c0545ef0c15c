"""The effect of a change, in the column's own terms: means and standard deviations, or the share of a category."""

from typing import Any

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.distance import are_common
from driftmonitor.analysis.usable import Numbers

LONGEST_CATEGORY = 1000  # characters kept of a category, which can be a whole document
LARGEST_SQUARABLE = 1e150  # larger values overflow when squared and tiny ones vanish, so their moments are scaled


def number_effect(reference: Numbers, current: Numbers) -> dict[str, Any]:
    """Return both sides' mean and standard deviation, and the mean's shift in standard deviations of the reference.

    What is not defined (one row, the shift of a constant reference) is None.
    """
    sides = reference, current
    largest = max((side.once(_find_largest) for side in sides if len(side)), default=0.0)
    scale = largest if largest > LARGEST_SQUARABLE or 0 < largest < 1 / LARGEST_SQUARABLE else 1.0
    # A sum of values such as 1e17 + 16 loses the digits in which they differ, so differences are taken from one value.
    origin = float(reference.values[0]) / scale if len(reference) else 0.0
    (reference_mean, reference_sd), (current_mean, current_sd) = [side.once(_moments, scale, origin) for side in sides]
    return {
        "mean_shift_sd": _shift(reference_mean, current_mean, reference_sd),
        "mean": [_times(side.once(_mean, scale), scale) for side in sides],
        "sd": [_times(value, scale) for value in (reference_sd, current_sd)],
    }


def _find_largest(numbers: Numbers) -> float:
    low, high = numbers.ends
    return max(abs(low), abs(high))


def _mean(numbers: Numbers, scale: float) -> float | None:
    """Return the mean in units of `scale`; None without numbers."""
    if not len(numbers):
        return None
    values = _scaled(numbers, scale)
    return float(values[0] if Numbers(values).is_constant else values.mean())


def _moments(numbers: Numbers, scale: float, origin: float) -> tuple[float | None, float | None]:
    """Return (mean, sample standard deviation) of the differences from `origin`, all in units of `scale`.

    They are exactly (value, 0) for a constant, and None where there are too few.
    """
    if not len(numbers):
        return None, None
    values = _scaled(numbers, scale) - origin
    constant = Numbers(values).is_constant
    mean = float(values[0] if constant else values.mean())
    if len(values) == 1:
        return mean, None
    return mean, 0.0 if constant else float(values.std(ddof=1))


def _scaled(numbers: Numbers, scale: float) -> np.ndarray:
    return numbers.values / scale if scale != 1 else numbers.values


def _shift(reference: float | None, current: float | None, sd: float | None) -> float | None:
    if reference is None or current is None or sd is None:
        return None
    if sd == 0:
        return 0.0 if current == reference else None
    return (current - reference) / sd


def _times(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def category_effect(counts: pd.DataFrame) -> dict[str, Any]:
    """Return the category whose share of rows changed most, its change (-1 to 1) and its share on both sides.

    It is one that is common on a side. If none is, it has no name: that would tell a row's value. If all categories
    that the reference lacks together changed more, their number stands for a name.
    """
    rows = counts.to_numpy()
    common = are_common(counts)
    shares = rows / rows.sum(axis=0)
    change = shares[:, 1] - shares[:, 0]
    most = int(np.argmax(np.where(common, np.abs(change), -1) if common.any() else np.abs(change)))
    new = rows[:, 0] == 0
    if new.sum() > 1 and (share := float(shares[new, 1].sum())) > abs(change[most]):
        return {"new_categories": int(new.sum()), "share_change": share, "shares": [0.0, share]}
    named = {"category": str(counts.index[most])[:LONGEST_CATEGORY]} if common[most] else {}
    return {**named, "share_change": float(change[most]), "shares": shares[most].tolist()}
