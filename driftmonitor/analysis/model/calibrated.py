"""The metrics of some rows by a calibration of their scores, and how much that calibration may be wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.model.calibrators import Calibrator, fit_calibrator
from driftmonitor.analysis.model.expected import Expected, expected_auc, expected_log_loss, expected_macro_auc
from driftmonitor.facts.performance import Loss

DECISIVE = "auc"


@dataclass(frozen=True)
class Calibrated:
    """The metrics of some rows by one calibration: expected values, and how bootstrapped calibrations move them."""

    expected: Mapping[str, Expected]
    moved: Mapping[str, np.ndarray]
    probabilities: np.ndarray

    def value(self, name: str) -> float:
        """Return a metric without what errors of the calibration add to it on average: bootstrapped ones add it again.

        Isotonic regression follows its rows, and so finds that scores separate the classes better than they do.
        """
        return self.expected[name].value - float(self.moved[name].mean())


def calibrate(
    scores: np.ndarray, classes: np.ndarray, counts: np.ndarray, weights: np.ndarray | None = None
) -> tuple[Calibrator, ...]:
    """Return a calibrator for each column of scores (rows, classes), learnt from rows with `weights`."""
    pairs = zip(scores.T, classes.T, strict=True)
    return tuple(fit_calibrator(score, positive, counts, weights) for score, positive in pairs)


def estimate_metrics(calibrators: Sequence[Calibrator], scores: np.ndarray) -> Calibrated:
    """Return the metrics of scores (rows, classes); probabilities of several classes are made to add up to 1."""
    raw = np.column_stack([each(s) for each, s in zip(calibrators, scores.T, strict=True)])
    several = len(calibrators) > 1
    total = np.maximum(raw.sum(axis=1, keepdims=True), 1e-9) if several else np.ones((len(raw), 1))
    p = raw / total
    auc = expected_macro_auc(p, scores) if several else expected_auc(p[:, 0], scores[:, 0])
    found = {"auc": auc, "log_loss": expected_log_loss(p, scores)}
    expected = {name: each for name, each in found.items() if each is not None}
    moved = {}
    for name, each in expected.items():
        inner = (each.influence * p).sum(axis=1, keepdims=True) if several else 0.0
        influence = (each.influence - inner) / total  # with respect to probabilities before they are made to add up
        parts = zip(calibrators, scores.T, influence.T, strict=True)
        moved[name] = np.sum([one.shift(s, own) for one, s, own in parts], axis=0)
    return Calibrated(expected, moved, p)


def find_loss(reference: Calibrated, day: Calibrated) -> Loss | None:
    """Return the loss of AUC. What one calibration has wrong on both cancels; rows of both vary by chance."""
    if DECISIVE not in reference.expected or DECISIVE not in day.expected:
        return None
    before, after = reference.expected[DECISIVE], day.expected[DECISIVE]
    variance = float((before.row_parts**2).sum() + (after.row_parts**2).sum())
    variance += float((reference.moved[DECISIVE] - day.moved[DECISIVE]).var(ddof=1))
    value = reference.value(DECISIVE) - day.value(DECISIVE)
    return Loss(value=float(f"{value:.6g}"), error=float(f"{variance**0.5:.4g}"))
