"""What the labels of past days say of their estimates: how much days differ, and whether the estimates missed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.model.intervals import Z95
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Estimated

ENOUGH = 40  # labelled days, to claim 95%
PAST = 90  # the newest labelled days
FEWEST_MISSED = 10  # labelled days
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
    """How far the estimates of past days were from what their labels gave."""

    days: int
    between_days: float
    missed: bool


def learn_misses(past: Sequence[PastEstimate]) -> Misses:
    """Return what the newest labelled days say.

    The calibration is the same on all days, so its error does not average out over them.
    """
    newest = past[-PAST:]
    if not newest:
        return Misses(0, 0.0, False)
    miss = np.array([day.realised - day.value for day in newest])
    of_labels, of_calibration = (
        np.array([getattr(day, name) for day in newest]) for name in ("label_variance", "calibration_variance")
    )
    between = max(0.0, float((miss**2 - of_labels - of_calibration).mean()))
    own = max(float(of_labels.mean()), float(miss.var()))
    error = (own / len(miss) + float(of_calibration.mean())) ** 0.5
    missed = len(miss) >= FEWEST_MISSED and abs(float(miss.mean())) > MISSED * error
    return Misses(len(miss), between, bool(missed))


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
