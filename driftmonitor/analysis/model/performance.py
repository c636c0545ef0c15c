"""Measure a model's performance on the rows of a day whose labels are known, each metric with a 95% interval.

Losses are means over rows, so a row's loss gives both the metric and its standard error. They equal scikit-learn's,
which is not imported here: that alone takes longer than a day's metrics.
"""

import numpy as np

from driftmonitor.analysis.model.auc import compute_auc
from driftmonitor.analysis.model.calibration_error import calibration_error
from driftmonitor.analysis.model.intervals import of_auc, of_losses, of_mean, of_root, of_share
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import CurvePoint, Decisive, Metric, Performance

LEAST_PROBABILITY = 1e-6  # a score of exactly 0 or 1 would make the log loss infinite
LARGEST_ERROR = 1e100  # of a number: the squares of larger ones cannot be added up
NOT_KNOWN = Metric()


def measure_binary(
    label: np.ndarray, score: np.ndarray, prediction: np.ndarray | None = None, threshold: float | None = None
) -> Performance:
    """Return the performance of scores, or probabilities, for a label of two classes.

    Args:
        label: (rows,) 1.0 for positive, 0.0 for negative, NaN if it is not known.
        score: (rows,) higher for what is rather positive; rows with NaN are not scored.
        prediction: (rows,) the decision, 1.0 or 0.0; None if it is positive from a score of `threshold` on.
        threshold: of the decision, without a `prediction`; 0.5 for probabilities.

    Scores outside 0 to 1 are no probabilities: log loss, Brier score and calibration are then not known. Nor are
    accuracy and F1 without a `prediction` or a `threshold`.
    """
    scored = np.isfinite(score)
    known = scored & np.isfinite(label)
    y, s = label[known] > 0.5, score[known]
    are_probabilities = not len(y) or (s.min() >= 0 and s.max() <= 1)
    decided = s >= (0.5 if threshold is None else threshold) if prediction is None else prediction[known] > 0.5
    auc = compute_auc(y, s)
    metrics, curve = _probability_metrics(y, s)
    if are_probabilities or prediction is not None or threshold is not None:
        metrics |= _decision_metrics(y, decided)
    else:
        metrics |= dict.fromkeys(("accuracy", "f1"), NOT_KNOWN)
    positives, decisive = int(y.sum()), None
    if auc is not None:
        metrics["auc"] = of_auc(auc.value, auc.variance, positives, len(y) - positives)
        decisive = Decisive(value=auc.value, variance=rounded(auc.variance), weight=min(positives, len(y) - positives))
    return Performance(
        kind="binary",
        rows=int(scored.sum()),
        labelled=len(y),
        positives=positives,
        metrics={"auc": NOT_KNOWN} | metrics,
        curve=curve,
        decisive=decisive,
        unknown=None if auc else "one_class" if len(y) else "no_labels",
    )


def log_losses(positive: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return each row's log loss; probabilities nearer to 0 or 1 than a millionth are taken as that."""
    clipped = np.clip(probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return -np.log(np.where(positive, clipped, 1 - clipped))


def _probability_metrics(y: np.ndarray, s: np.ndarray) -> tuple[dict[str, Metric], tuple[CurvePoint, ...]]:
    if not len(y) or s.min() < 0 or s.max() > 1:
        return dict.fromkeys(("log_loss", "brier", "calibration_error"), NOT_KNOWN), ()
    error, curve = calibration_error(y, s)
    losses = {"log_loss": of_losses(log_losses(y, s)), "brier": of_losses((s - y) ** 2)}
    return losses | {"calibration_error": error}, curve


def _decision_metrics(y: np.ndarray, decided: np.ndarray) -> dict[str, Metric]:
    """Return accuracy and F1. F1 is a function of the hits among all rows that are or were said to be positive."""
    hits, either = int((y & decided).sum()), int((y | decided).sum())
    f1 = of_share(hits, either, lambda share: 2 * share / (1 + share))
    return {"accuracy": of_share(int((y == decided).sum()), len(y)), "f1": f1}


def measure_regression(label: np.ndarray, prediction: np.ndarray) -> Performance:
    """Return the performance of predictions (rows,) of a number; NaN in `label` (rows,) is not known."""
    predicted = np.isfinite(prediction)
    known = predicted & np.isfinite(label)
    error = prediction[known] - label[known]
    size = np.abs(error)
    metrics, decisive = dict.fromkeys(("mae", "rmse", "bias"), NOT_KNOWN), None
    if len(error) and size.max() < LARGEST_ERROR:
        metrics = {"mae": of_losses(size), "rmse": of_root(of_losses(error**2)), "bias": of_mean(error)}
        variance = float(size.var(ddof=1)) / len(size) if len(size) > 1 else None
        decisive = Decisive(value=float(size.mean()), variance=rounded(variance), weight=len(error))
    return Performance(
        kind="regression",
        rows=int(predicted.sum()),
        labelled=len(error),
        metrics=metrics,
        decisive=decisive,
        unknown=None if len(error) else "no_labels",
    )
