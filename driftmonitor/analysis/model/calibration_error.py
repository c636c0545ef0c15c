"""How far scores are from the shares of positive labels: the expected calibration error, with its curve."""

import numpy as np
from scipy import special

from driftmonitor.analysis.model.intervals import make_metric
from driftmonitor.facts.performance import CurvePoint, Metric

BINS = 10  # of equally many rows
DRAWS = 1000
WIDE = 0.995  # of the draws, for 95%: the correction varies too


def calibration_error(positive: np.ndarray, score: np.ndarray) -> tuple[Metric, tuple[CurvePoint, ...]]:
    """Return the mean distance between score and share over bins of equally many rows, and the curve.

    The error is never 0 by chance: `by_chance` is what perfectly calibrated scores would have. Its interval comes from
    normal draws of each bin's share; the error that chance adds is in the day once and in the draws once more.
    """
    rows, expected, observed = _bins(positive, score)
    weights = rows / rows.sum()
    error = float(weights @ np.abs(observed - expected))
    calm = float(weights @ np.sqrt(expected * (1 - expected) / rows * 2 / np.pi))
    share = (observed * rows + 1) / (rows + 2)
    normal = special.ndtri(np.random.default_rng(0).random((DRAWS, len(rows))))
    drawn = np.abs(observed - expected + np.sqrt(share * (1 - share) / rows) * normal) @ weights
    low, high = np.clip(2 * error - np.quantile(drawn, [WIDE, 1 - WIDE]), 0, 1)
    points = zip(rows.tolist(), expected.tolist(), observed.tolist(), strict=True)
    curve = tuple(CurvePoint(score=float(f"{s:.4g}"), observed=float(f"{y:.4g}"), rows=n) for n, s, y in points)
    return make_metric(error, float(low), max(float(high), error), calm), curve


def _bins(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, mean score and share of positive labels of each bin; rows of one score are in one bin."""
    order = np.argsort(score, kind="stable")
    s, y = score[order], positive[order].astype(float)
    wanted = min(BINS, len(s))
    starts = np.unique(np.searchsorted(s, s[np.arange(wanted) * len(s) // wanted]))
    rows = np.diff([*starts, len(s)])
    return rows, np.add.reduceat(s, starts) / rows, np.add.reduceat(y, starts) / rows
