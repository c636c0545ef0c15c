"""Simulate data with known drift, so that a monitor's verdict can be checked.

The four columns are drawn from a Gaussian copula: each row is four correlated standard normal scores, and each score
becomes a value of its column. Drift changes how a score becomes a value, or how the scores are correlated.
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

    The reference depends only on `seed`, current on `seed` and `run_date`. A column's drift changes no value of another
    column. `drift` maps a column to any of:

    mean_shift, scale: the shift of current's mean, in standard deviations of the reference, and a factor of its spread
        about the mean. Clicks stay whole numbers of at least 0, so a mean_shift below -3 has less effect.
    shares: new shares of the named categories of plan; the others keep their proportions.
    missing: the share of missing values.
    correlation: {other column: r}, the correlation of the two columns' scores (Pearson's, -1 to 1); Spearman's is
        6/pi asin(r/2). The values of each column stay the same; only their pairing changes.
    ramp_days: the column's drift grows linearly from none to full in so many days. With ramp_start (a date), there is
        no drift before it, and full drift after the ramp. Without it, the ramp begins on 1 January of the run's year,
        and starts again every ramp_days days.
    """
    checked = check_drift(drift)
    strengths = {name: ramp(settings, run_date) for name, settings in checked.items()}
    # The ordinal of a date is never 0, so no run date repeats the draws of the reference.
    reference = _draw(np.random.default_rng([seed, 0]), rows, {}, {})
    return reference, _draw(np.random.default_rng([seed, run_date.toordinal()]), rows, checked, strengths)


def ramp(settings: ColumnDrift, run_date: dt.date) -> float:
    """Return the strength of a column's drift on `run_date`, 0 to 1."""
    if "ramp_days" not in settings:
        return 1.0
    days = settings["ramp_days"]
    if "ramp_start" in settings:
        return min(max((run_date - dt.date.fromisoformat(settings["ramp_start"])).days / days, 0.0), 1.0)
    return (run_date.timetuple().tm_yday - 1) % days / days


def _draw(
    random: np.random.Generator, rows: int, drift: Mapping[str, ColumnDrift], strengths: Mapping[str, float]
) -> pd.DataFrame:
    # The same numbers are drawn whatever the drift, so a column's drift changes no other column.
    scores = _pair(random.standard_normal((rows, len(COLUMNS))), correlations(drift, strengths))
    fractions, missing = random.random((rows, len(COLUMNS))), random.random((rows, len(COLUMNS)))
    frame = {}
    for position, (name, column) in enumerate(COLUMNS.items()):
        settings, strength = drift.get(name, ColumnDrift()), strengths.get(name, 0.0)
        if isinstance(column, Numbers):
            values = _numbers(column, settings, strength, scores[:, position], fractions[:, position])
        else:
            values = _categories(name, column, settings, strength, scores[:, position])
        frame[name] = values.mask(missing[:, position] < settings.get("missing", 0.0) * strength)
    return pd.DataFrame(frame)


def _pair(scores: np.ndarray, correlations: np.ndarray) -> np.ndarray:
    """Return each column's scores in an order that gives `correlations` (Iman and Conover, 1982)."""
    # A factor just below 1 keeps the matrix positive definite.
    root = np.linalg.cholesky(0.999999 * correlations + 0.000001 * np.eye(len(correlations)))
    ranks = (scores @ root.T).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.take_along_axis(np.sort(scores, axis=0), ranks, axis=0)


def _numbers(
    column: Numbers, settings: ColumnDrift, strength: float, scores: np.ndarray, fractions: np.ndarray
) -> pd.Series:
    scale = 1 + (settings.get("scale", 1.0) - 1) * strength
    shift = settings.get("mean_shift", 0.0) * strength
    if not column.counts:
        return pd.Series(column.mean + column.sd * (shift + scale * scores))
    counts = np.searchsorted(_poisson(column.mean), ndtr(scores)).astype(float)
    moved = column.mean + column.sd * shift + scale * (counts - column.mean)
    # Rounding up or down at random keeps the mean that was asked for.
    whole = np.floor(moved + np.where(moved == np.round(moved), 0.0, fractions))
    return pd.Series(np.maximum(whole, 0))


def _poisson(mean: float) -> np.ndarray:
    """Return the Poisson distribution function at 0, 1, 2, ..., until it is 1 in double precision."""
    terms = np.cumprod(np.concatenate([[math.exp(-mean)], mean / np.arange(1, int(10 * mean))]))
    return np.cumsum(terms)


def _categories(name: str, column: Categories, settings: ColumnDrift, strength: float, scores: np.ndarray) -> pd.Series:
    full = new_shares(name, column, settings.get("shares", {}))
    shares = [base + (full[category] - base) * strength for category, base in column.shares.items()]
    positions = np.searchsorted(np.cumsum(shares)[:-1], ndtr(scores), side="right")
    return pd.Series(np.array(list(column.shares), dtype=object)[positions], dtype="str")
