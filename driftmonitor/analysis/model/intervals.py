"""95% intervals of one day's metrics."""

from collections.abc import Callable

import numpy as np
from scipy import special

from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Metric

Z95 = 1.959964


def make_metric(value: float, low: float, high: float, by_chance: float | None = None) -> Metric:
    """Return a metric, rounded as it is kept."""
    return Metric(value=rounded(value), low=rounded(low), high=rounded(high), by_chance=rounded(by_chance))


def of_mean(values: np.ndarray) -> Metric:
    """Return the mean of values (rows,) with Student's interval; of one row, without an interval."""
    mean = float(values.mean())
    if len(values) < 2:
        return Metric(value=rounded(mean))
    margin = t95(len(values) - 1) * _error(values)
    return make_metric(mean, mean - margin, mean + margin)


def of_losses(values: np.ndarray) -> Metric:
    """Return the mean of losses (rows,), which are never negative; its interval is computed for its logarithm.

    Losses are skewed: most rows have little, and few have much.
    """
    mean = float(values.mean())
    if len(values) < 2 or mean <= 0:
        return Metric(value=rounded(mean))
    factor = float(np.exp(t95(len(values) - 1) * _error(values) / mean))
    return make_metric(mean, mean / factor, mean * factor)


def t95(freedom: float) -> float:
    """Return the quantile of Student's t that leaves 95% between it and its negative."""
    return float(special.stdtrit(max(freedom, 1.0), 0.975))


def _error(values: np.ndarray) -> float:
    return float(values.std(ddof=1)) / len(values) ** 0.5


def of_share(successes: float, rows: float, change: Callable[[float], float] = lambda share: share) -> Metric:
    """Return a share with its interval (Wilson 1927), or an increasing function of it; not known without rows."""
    if not rows:
        return Metric()
    share, extra = successes / rows, Z95**2 / rows
    centre, margin = share + extra / 2, Z95 * (share * (1 - share) / rows + extra / (4 * rows)) ** 0.5
    low, high = (min(max((centre + sign * margin) / (1 + extra), 0.0), 1.0) for sign in (-1, 1))
    return make_metric(change(share), change(low), change(high))


def of_root(mean_square: Metric) -> Metric:
    """Return the root of a mean square."""
    known = {name: None if value is None else value**0.5 for name, value in mean_square}
    return Metric.model_validate({name: rounded(value) for name, value in known.items()})


def of_auc(value: float, variance: float | None, positives: int, negatives: int) -> Metric:
    """Return an AUC with its interval, computed for its logit so that it ends within 0 to 1 (Pepe 2003).

    Where the day's rows do not tell its variance, as when they are separated, Hanley and McNeil's (1982) is used, at an
    AUC that is drawn a little to one half.
    """
    fewest = min(positives, negatives)
    centre = (value * fewest + 1) / (fewest + 2)
    if variance is None or value in (0.0, 1.0):
        variance = hanley_mcneil(centre, positives, negatives)
    elif fewest >= 30:
        centre = value
    margin = t95(fewest - 1) * variance**0.5 / (centre * (1 - centre))
    logit = np.log(centre / (1 - centre))
    low, high = (float(1 / (1 + np.exp(-(logit + sign * margin)))) for sign in (-1, 1))
    return make_metric(value, min(low, value), max(high, value))


def hanley_mcneil(auc: float, positives: int, negatives: int) -> float:
    """Return the variance of an AUC by its value and the numbers of rows alone."""
    one, other = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (one - auc**2) + (negatives - 1) * (other - auc**2)
    return spread / (positives * negatives)
