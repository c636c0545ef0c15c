"""What the labels of past days say of their estimates: how much days differ, and whether the estimates missed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.model.intervals import Z95
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Estimated, Loss

ENOUGH = 40  # labelled days, to claim 95%
PAST = 90  # the newest labelled days
FEWEST_MISSED = 10  # labelled days
FEWEST = 3  # days that say how much more than by chance estimates miss
MISSED = 3.3  # standard errors of the mean miss: 0.1%
DAYS_PART = 1.1  # the part of days is itself estimated


@dataclass(frozen=True)
class PastEstimate:
    """A metric of a past day: what its labels gave, what had been estimated, and the variances of that."""

    realised: float
    value: float
    label_variance: float
    calibration_variance: float


@dataclass(frozen=True)
class Misses:
    """How far the estimates of past days were from what their labels gave.

    `between_days`: the mean squared miss beyond chance. `surely`: a standard error less, so that chance adds little.
    """

    days: int
    between_days: float
    surely: float
    missed: bool

    def widen(self, loss: Loss) -> Loss:
        """Return a loss whose error also holds how far estimates missed: the relation of score and label may vary."""
        return Loss(value=loss.value, error=float(f"{(loss.error**2 + self.surely) ** 0.5:.4g}"))


def learn_misses(past: Sequence[PastEstimate], of_reference: Sequence[PastEstimate] = ()) -> Misses:
    """Return what the newest labelled days say.

    `of_reference`: its own days. They too show how far estimates miss, but not whether the relation changed since.
    """
    own = past[-PAST:]
    between, _ = _beyond_chance(own)
    _, surely = _beyond_chance([*of_reference, *own][-PAST:])
    return Misses(len(own), max(0.0, between), max(0.0, surely), _missed(own))


def _beyond_chance(days: Sequence[PastEstimate]) -> tuple[float, float]:
    """Return the mean squared miss beyond chance, and a standard error less, 0 from few days."""
    if not days:
        return 0.0, 0.0
    beyond = np.array([(day.realised - day.value) ** 2 - day.label_variance - day.calibration_variance for day in days])
    mean = float(beyond.mean())
    return mean, mean - float(beyond.std(ddof=1)) / len(beyond) ** 0.5 if len(beyond) >= FEWEST else 0.0


def _missed(days: Sequence[PastEstimate]) -> bool:
    """Return whether estimates missed on average; the calibration's error is the same on all days."""
    if len(days) < FEWEST_MISSED:
        return False
    miss = np.array([day.realised - day.value for day in days])
    own = max(float(np.mean([day.label_variance for day in days])), float(miss.var()))
    error = (own / len(miss) + float(np.mean([day.calibration_variance for day in days]))) ** 0.5
    return bool(abs(float(miss.mean())) > MISSED * error)


def make_estimated(
    value: float,
    plain: float,
    label_variance: float,
    calibration_variance: float,
    misses: Misses,
    most: float = np.inf,
) -> Estimated:
    """Return an estimate with its interval, which ends at 0 and at `most`."""
    claims = misses.days >= ENOUGH
    days = DAYS_PART * misses.between_days if claims else 0.0
    margin = Z95 * (label_variance + calibration_variance + days) ** 0.5
    return Estimated(
        value=_kept(value),
        low=rounded(max(value - margin, 0.0)),
        high=rounded(min(value + margin, most)),
        claimed=0.95 if claims else None,
        plain=rounded(plain),
        label_variance=_kept(label_variance),
        calibration_variance=_kept(calibration_variance),
    )


def _kept(value: float) -> float:
    return float(f"{value:.6g}")
