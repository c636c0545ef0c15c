"""Measure a model's performance where there are more than two classes: macro averages, each with a 95% interval."""

import numpy as np

from driftmonitor.analysis.model.auc import compute_auc, row_influence
from driftmonitor.analysis.model.intervals import Z95, make_metric, of_auc, of_losses, of_share
from driftmonitor.analysis.model.performance import LEAST_PROBABILITY, NOT_KNOWN
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Decisive, Metric, Performance

TOTAL_WITHIN = 1e-3  # of 1: rows of probabilities


def measure_classes(label: np.ndarray, scores: np.ndarray, prediction: np.ndarray | None = None) -> Performance:
    """Return the performance of a score for each class. The macro AUC needs rows of every class.

    Args:
        label: (rows,) the number of the class, from 0; -1 if it is not known.
        scores: (rows, classes) higher for what is rather that class; rows with NaN are not scored.
        prediction: (rows,) the class that was decided; None if it is that of the highest score.

    If scores are no probabilities that add up to 1, log loss and Brier score are not known.
    """
    scored = np.isfinite(scores).all(axis=1)
    known = scored & (label >= 0)
    y, s = label[known].astype(int), scores[known]
    decided = s.argmax(axis=1) if prediction is None else prediction[known].astype(int)
    auc, decisive = _macro_auc(y, s)
    return Performance(
        kind="multiclass",
        rows=int(scored.sum()),
        labelled=len(y),
        metrics={
            "auc": auc,
            **_probability_metrics(y, s),
            "accuracy": of_share(int((y == decided).sum()), len(y)),
            "f1": _macro_f1(y, decided, scores.shape[1]),
        },
        decisive=decisive,
        unknown=None if decisive else "one_class" if len(y) else "no_labels",
    )


def spread_scores(prediction: np.ndarray, score: np.ndarray, classes: int) -> np.ndarray:
    """Return scores (rows, classes) of rows with only the score of the decided class: the others share the rest."""
    others = np.repeat((1 - score)[:, None] / (classes - 1), classes, axis=1)
    others[np.arange(len(score)), prediction] = score
    return others


def _macro_auc(y: np.ndarray, s: np.ndarray) -> tuple[Metric, Decisive | None]:
    """Return the mean AUC of each class against the rest; the variance is that of the mean of a row's parts."""
    values, influence = [], np.zeros(len(y))
    for number in range(s.shape[1]):
        positive = y == number
        if (auc := compute_auc(positive, s[:, number])) is None:
            return NOT_KNOWN, None
        values.append(auc.value)
        influence += row_influence(auc, positive) / s.shape[1]
    value, fewest = float(np.mean(values)), int(np.bincount(y).min())
    variance = float(influence.var(ddof=1)) / len(y) if fewest > 1 else None
    metric = of_auc(value, variance, fewest, len(y) - fewest)
    return metric, Decisive(value=value, variance=rounded(variance), weight=fewest)


def _probability_metrics(y: np.ndarray, s: np.ndarray) -> dict[str, Metric]:
    """Return log loss, and the Brier score summed over classes."""
    if not len(y) or s.min() < 0 or np.abs(s.sum(axis=1) - 1).max() > TOTAL_WITHIN:
        return dict.fromkeys(("log_loss", "brier"), NOT_KNOWN)
    of_label = s[np.arange(len(y)), y]
    losses = -np.log(np.clip(of_label, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
    return {"log_loss": of_losses(losses), "brier": of_losses((s**2).sum(axis=1) - 2 * of_label + 1)}


def _macro_f1(y: np.ndarray, decided: np.ndarray, classes: int) -> Metric:
    """Return the mean F1 of the classes that occur among labels or decisions; its interval is by rows' linear parts."""
    values, influence = [], np.zeros(len(y))
    for number in range(classes):
        hit, either = (y == number) & (decided == number), (y == number).astype(float) + (decided == number)
        if either.any():
            values.append(2 * hit.sum() / either.sum())
            influence += (2 * hit - values[-1] * either) / either.mean()
    if not values:
        return NOT_KNOWN
    value = float(np.mean(values))
    margin = Z95 * float(influence.std()) / len(values) / len(y) ** 0.5
    return make_metric(value, max(value - margin, 0.0), min(value + margin, 1.0))
