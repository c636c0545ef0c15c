"""Simulated data with drift that is known, so that what the monitor says can be held against it.

Four columns, drawn from a Gaussian copula: each row is four correlated standard normal scores, and each score becomes
a value of its column. Drift changes how a score becomes a value, or how the scores are correlated.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter
from scipy.special import ndtr

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import nearest, validate
from driftmonitor.params import ColumnDrift, parse_date


@dataclass(frozen=True)
class Numbers:
    """A normal column, or with `counts` a Poisson one (whose sd is the square root of its mean)."""

    mean: float
    sd: float
    counts: bool = False


@dataclass(frozen=True)
class Categories:
    """A categorical column: category -> share of the rows."""

    shares: Mapping[str, float]


COLUMNS: dict[str, Numbers | Categories] = {
    "age": Numbers(mean=40, sd=10),
    "salary": Numbers(mean=50_000, sd=10_000),
    "clicks": Numbers(mean=25, sd=5, counts=True),
    "plan": Categories({"free": 0.6, "basic": 0.3, "pro": 0.1}),
}
CORRELATIONS = {frozenset({"age", "salary"}): 0.5}
KEYS_OF_ALL = {"missing", "ramp_days", "ramp_start", "correlation"}
KEYS = {Numbers: {"mean_shift", "scale"} | KEYS_OF_ALL, Categories: {"shares"} | KEYS_OF_ALL}


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


def check_drift(drift: Mapping[str, Any]) -> dict[str, ColumnDrift]:
    """Return `drift`, or refuse it with the name of what is wrong."""
    if not isinstance(drift, Mapping):
        raise DriftMonitorError(f"drift is {drift!r}; give a mapping such as {{salary: {{mean_shift: 2.5}}}}.")
    for name, settings in drift.items():
        if name not in COLUMNS:
            raise DriftMonitorError(f"drift.{name}: no such column{nearest(str(name), COLUMNS)}")
        if not isinstance(settings, Mapping):
            raise DriftMonitorError(f"drift.{name} is {settings!r}; give a mapping such as {{missing: 0.1}}.")
        allowed = KEYS[type(COLUMNS[name])]
        for key in settings:
            if key not in allowed:
                raise DriftMonitorError(f"drift.{name}.{key}: not a key of this column{nearest(str(key), allowed)}")
        _check_values(name, validate(TypeAdapter(ColumnDrift), dict(settings), f"drift.{name}."))
    _correlations(drift, dict.fromkeys(drift, 1.0))
    return dict(drift)


def _check_values(name: str, settings: ColumnDrift) -> None:
    for key in ("mean_shift", "scale"):
        if not math.isfinite(settings.get(key, 0.0)):
            raise DriftMonitorError(f"drift.{name}.{key} is {settings[key]}; give a finite number.")
    if "shares" in settings:
        _new_shares(name, settings["shares"])
    if "ramp_start" in settings:
        parse_date(settings["ramp_start"], f"drift.{name}.ramp_start:")
        if "ramp_days" not in settings:
            raise DriftMonitorError(f"drift.{name}.ramp_start needs ramp_days; add it, or remove ramp_start.")
    elif settings.get("ramp_days") == 1:
        raise DriftMonitorError(f"drift.{name}.ramp_days is 1, which never drifts; use 2 or more, or add ramp_start.")


def _new_shares(name: str, shares: Mapping[str, float]) -> dict[str, float]:
    """Return the shares of all categories of a column when those in `shares` are given."""
    base = COLUMNS[name].shares
    for category in shares:
        if category not in base:
            raise DriftMonitorError(f"drift.{name}.shares.{category}: no such category{nearest(category, base)}")
    left, others = 1 - sum(shares.values()), sum(base[category] for category in base if category not in shares)
    if left < -1e-9 or (not others and left > 1e-9):
        raise DriftMonitorError(f"drift.{name}.shares: sum to {1 - left:g}; make them sum to 1, or name fewer.")
    return {category: shares.get(category, base[category] * max(left, 0) / (others or 1)) for category in base}


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
    scores = _pair(random.standard_normal((rows, len(COLUMNS))), _correlations(drift, strengths))
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


def _correlations(drift: Mapping[str, ColumnDrift], strengths: Mapping[str, float]) -> np.ndarray:
    """Return the correlation matrix of the scores."""
    names = list(COLUMNS)
    matrix = np.eye(len(names))
    pairs = dict(CORRELATIONS)
    for name, settings in drift.items():
        for other, wanted in settings.get("correlation", {}).items():
            pair = _check_pair(name, other, drift)
            base = CORRELATIONS.get(pair, 0.0)
            pairs[pair] = base + (wanted - base) * strengths[name]
    for pair, r in pairs.items():
        first, second = map(names.index, pair)
        matrix[first, second] = matrix[second, first] = r
    if np.linalg.eigvalsh(matrix)[0] < -1e-9:
        raise DriftMonitorError("drift: no data has these correlations together; bring them nearer to 0.")
    return matrix


def _check_pair(name: str, other: str, drift: Mapping[str, ColumnDrift]) -> frozenset[str]:
    if other not in COLUMNS or other == name:
        others = COLUMNS.keys() - {name}
        raise DriftMonitorError(f"drift.{name}.correlation.{other}: no such other column{nearest(other, others)}")
    if name in drift.get(other, {}).get("correlation", {}):
        raise DriftMonitorError(f"drift.{name}.correlation.{other}: stands under {other} too; remove one.")
    return frozenset({name, other})


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
    full = _new_shares(name, settings.get("shares", {}))
    shares = [base + (full[category] - base) * strength for category, base in column.shares.items()]
    positions = np.searchsorted(np.cumsum(shares)[:-1], ndtr(scores), side="right")
    return pd.Series(np.array(list(column.shares), dtype=object)[positions], dtype="str")
