"""What a metric will be if each row is positive with a given probability: its expected value, and each row's part.

This is confidence-based performance estimation (CBPE), with the derivative with respect to each probability.
"""

from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.model.performance import LEAST_PROBABILITY


@dataclass(frozen=True)
class Expected:
    """A metric's expected value.

    `influence`: (rows, classes) its derivative with respect to each probability. A label's variance enters through it,
    and so does an error of the calibration. `row_parts`: (rows,) what each row adds to the value's deviation.
    """

    value: float
    influence: np.ndarray
    row_parts: np.ndarray


def expected_auc(probability: np.ndarray, score: np.ndarray) -> Expected | None:
    """Return the expected AUC over pairs of different rows; None if all rows are surely of one class."""
    order = np.argsort(score, kind="stable")
    p, s = probability[order], score[order]
    first = np.searchsorted(s, s, "left")
    last = np.searchsorted(s, s, "right")
    below = _below(1 - p, first, last)
    above = p.sum() - _below(p, first, last) - p
    positives, negatives = p.sum(), (1 - p).sum()
    pairs = positives * negatives - (p * (1 - p)).sum()
    if pairs <= 1e-9 * len(p):
        return None
    value = float(p @ below / pairs)
    influence, parts = np.empty((2, len(p)))
    influence[order] = (below - above - value * (negatives - positives - 1 + 2 * p)) / pairs
    parts[order] = (p * below + (1 - p) * above - value * (p * negatives + (1 - p) * positives)) / pairs
    return Expected(value, influence[:, None], parts)


def expected_log_loss(probabilities: np.ndarray, scores: np.ndarray) -> Expected | None:
    """Return the expected log loss of scores (rows, classes); None if they are no probabilities.

    With one column, it is that of the positive class of two.
    """
    if scores.min() < 0 or scores.max() > 1:
        return None
    losses = -np.log(np.clip(scores, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
    rows = len(scores)
    if scores.shape[1] > 1:
        of_rows, influence = (probabilities * losses).sum(axis=1), losses / rows
    else:
        otherwise = -np.log(np.clip(1 - scores, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
        of_rows = (probabilities * losses + (1 - probabilities) * otherwise).sum(axis=1)
        influence = (losses - otherwise) / rows
    return Expected(float(of_rows.mean()), influence, (of_rows - of_rows.mean()) / rows)


def expected_macro_auc(probabilities: np.ndarray, scores: np.ndarray) -> Expected | None:
    """Return the mean of the expected AUC of each class against the rest."""
    each = [expected_auc(p, s) for p, s in zip(probabilities.T, scores.T, strict=True)]
    known = [one for one in each if one is not None]
    if len(known) < len(each):
        return None
    number = len(known)
    return Expected(
        float(np.mean([one.value for one in known])),
        np.column_stack([one.influence for one in known]) / number,
        np.sum([one.row_parts for one in known], axis=0) / number,
    )


def label_variance(probabilities: np.ndarray, influence: np.ndarray) -> float:
    """Return the variance of the metric by the chance of the labels: each row has one class of several."""
    mean = (probabilities * influence).sum(axis=1)
    return float((probabilities * influence**2).sum() - (mean**2).sum())


def _below(weights: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return for each row, by ascending score, the weight of other rows with a lower score; ties count half."""
    total = np.concatenate([[0.0], np.cumsum(weights)])
    return (total[first] + total[last] - weights) / 2
