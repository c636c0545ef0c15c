"""Simulated data with drift that is known, so that what the monitor says can be held against it.

Four columns, drawn from a Gaussian copula: each row is four correlated standard normal scores, and each score becomes
a value of its column. Drift changes how a score becomes a value, or how the scores are correlated.
"""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from driftmonitor.config.simulation import (
    COLUMNS,
    Categories,
    ColumnDrift,
    Numbers,
    check_drift,
    correlations,
    new_shares,
)


def simulate(run_date: dt.date, rows: int, seed: int, drift: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return reference and current, `rows` rows each: age and salary (normal), clicks (counts), plan (categories).

    The reference depends on `seed` alone, current on `seed` and `run_date`; a column's drift changes no other
    column's values. `drift` maps a column to any of:

    mean_shift, scale: current's mean moves by so many reference standard deviations, and its spread about the mean is
        multiplied. Clicks stay whole numbers of 0 or more, which a mean_shift below -3 cuts into.
    shares: new shares of the named categories of plan; the others keep their proportions in what is left.
    missing: share of the values that are missing.
    correlation: {other column: r}, the correlation of the two columns' scores (Pearson's, -1 to 1); Spearman's is
        6/pi asin(r/2). The values of each column stay the same, only paired anew.
    ramp_days: all of the column's drift grows in a straight line from none to full in so many days. With ramp_start
        (a date) there is none before, and full drift after. Without it the ramp begins on 1 January of the run's
        year, and again from none every ramp_days days.
    """
    drift = check_drift(drift)
    strengths = {name: ramp(settings, run_date) for name, settings in drift.items()}
    # An ordinal of a date is never 0, so that no run date draws the reference again.
    reference = _draw(np.random.default_rng([seed, 0]), rows, {}, {})
    return reference, _draw(np.random.default_rng([seed, run_date.toordinal()]), rows, drift, strengths)


def ramp(settings: ColumnDrift, run_date: dt.date) -> float:
    """Return how much of a column's drift is there on `run_date`, 0 to 1."""
    if "ramp_days" not in settings:
        return 1.0
    days = settings["ramp_days"]
    if "ramp_start" in settings:
        return min(max((run_date - dt.date.fromisoformat(settings["ramp_start"])).days / days, 0.0), 1.0)
    return (run_date.timetuple().tm_yday - 1) % days / days


def _draw(random: np.random.Generator, rows: int, drift: Mapping[str, ColumnDrift], strengths: Mapping[str, float]):
    # All draws are made whatever the drift, so that a column's drift changes no other column.
    scores = _pair(random.standard_normal((rows, len(COLUMNS))), correlations(drift, strengths))
    fractions, missing = random.random((rows, len(COLUMNS))), random.random((rows, len(COLUMNS)))
    frame = {}
    for position, (name, column) in enumerate(COLUMNS.items()):
        settings, strength = drift.get(name, {}), strengths.get(name, 0.0)
        if isinstance(column, Numbers):
            values = _numbers(column, settings, strength, scores[:, position], fractions[:, position])
        else:
            values = _categories(name, column, settings, strength, scores[:, position])
        frame[name] = values.mask(missing[:, position] < settings.get("missing", 0.0) * strength)
    return pd.DataFrame(frame)


def _pair(scores: np.ndarray, correlations: np.ndarray) -> np.ndarray:
    """Return each column's scores in an order that gives `correlations` (Iman and Conover, 1982)."""
    # A little less than 1 keeps the matrix positive definite.
    root = np.linalg.cholesky(0.999999 * correlations + 0.000001 * np.eye(len(correlations)))
    ranks = (scores @ root.T).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.take_along_axis(np.sort(scores, axis=0), ranks, axis=0)


def _numbers(column: Numbers, settings: ColumnDrift, strength: float, scores, fractions) -> pd.Series:
    scale = 1 + (settings.get("scale", 1.0) - 1) * strength
    shift = settings.get("mean_shift", 0.0) * strength
    if not column.counts:
        return pd.Series(column.mean + column.sd * (shift + scale * scores))
    counts = np.searchsorted(_poisson(column.mean), ndtr(scores)).astype(float)
    moved = column.mean + column.sd * shift + scale * (counts - column.mean)
    # Rounding up or down by chance keeps the mean where it was asked to be.
    whole = np.floor(moved + np.where(moved == np.round(moved), 0.0, fractions))
    return pd.Series(np.maximum(whole, 0))


def _poisson(mean: float) -> np.ndarray:
    """Return the Poisson distribution function at 0, 1, 2, ..., as far as doubles can tell it from 1."""
    terms = np.cumprod(np.concatenate([[math.exp(-mean)], mean / np.arange(1, int(10 * mean))]))
    return np.cumsum(terms)


def _categories(name: str, column: Categories, settings: ColumnDrift, strength: float, scores) -> pd.Series:
    full = new_shares(name, settings.get("shares", {}))
    shares = [base + (full[category] - base) * strength for category, base in column.shares.items()]
    positions = np.searchsorted(np.cumsum(shares)[:-1], ndtr(scores), side="right")
    return pd.Series(np.array(list(column.shares), dtype=object)[positions], dtype="str")
