"""Weight the rows of the reference so that its columns look like those of a day, by a logistic regression."""

from dataclasses import dataclass

import numpy as np
from scipy import special

LARGEST_WEIGHT = 30.0
MOST_COLUMNS = 40  # of the encoded table, those that changed most
MOST_PAIRED = 10  # of these, those whose products are used too
RIDGE = 10.0
MOST_LEARNT = 10_000  # rows of either side, evenly spread, that the regression is learnt from
STEPS = 30
LARGEST_LOGIT = 15.0


@dataclass(frozen=True)
class Weights:
    """A weight for each row of the reference (rows,), 1 on average."""

    values: np.ndarray

    @property
    def effective_rows(self) -> float:
        """To how many equally weighted rows they amount (Kish 1965)."""
        return float(self.values.sum() ** 2 / (self.values**2).sum())


def find_weights(reference: np.ndarray, day: np.ndarray, numbers: np.ndarray) -> Weights:
    """Return the weights of the reference's rows.

    Args:
        reference, day: (rows, columns) as `encode` makes them.
        numbers: places of columns whose squares are used too.
    """
    change = _changes(reference, day)
    columns = np.sort(np.argsort(-change, kind="stable")[:MOST_COLUMNS])
    paired = np.argsort(-change, kind="stable")[:MOST_PAIRED]
    both = _expand(np.vstack([reference, day]), columns, np.intersect1d(columns, numbers), paired)
    learnt = np.concatenate([_spread(0, len(reference)), _spread(len(reference), len(both))])
    is_day = (learnt >= len(reference)).astype(float)
    logits = both[: len(reference)] @ _logistic(both[learnt], is_day)
    odds = np.exp(np.clip(logits - logits.mean(), -LARGEST_LOGIT, LARGEST_LOGIT))
    odds *= len(odds) / odds.sum()
    weights = np.minimum(odds, LARGEST_WEIGHT)
    return Weights(weights / weights.mean())


def _spread(start: int, end: int) -> np.ndarray:
    return np.linspace(start, end - 1, min(end - start, MOST_LEARNT)).astype(int)


def _changes(reference: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return how much each column's mean or mean square changed, in standard errors."""
    found = np.zeros(reference.shape[1])
    for power in (1, 2):
        one, other = reference**power, day**power
        error = np.sqrt(one.var(axis=0) / len(one) + other.var(axis=0) / len(other) + 1e-12)
        found = np.maximum(found, np.abs(other.mean(axis=0) - one.mean(axis=0)) / error)
    return found


def _expand(table: np.ndarray, columns: np.ndarray, numbers: np.ndarray, paired: np.ndarray) -> np.ndarray:
    """Return ones, columns, squares of numbers and products of pairs, each with mean 0 and standard deviation 1."""
    left, right = np.triu_indices(len(paired), 1)
    parts = [table[:, columns], table[:, numbers] ** 2, table[:, paired[left]] * table[:, paired[right]]]
    features = np.concatenate(parts, axis=1)
    spread = features.std(axis=0)
    features = (features[:, spread > 0] - features[:, spread > 0].mean(axis=0)) / spread[spread > 0]
    return np.column_stack([np.ones(len(features)), features])


def _logistic(design: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Return the coefficients of a ridge-penalised logistic regression, by Newton's method."""
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 1e-6
    found = np.zeros(design.shape[1])
    found[0] = special.logit(positive.mean())
    for _ in range(STEPS):
        share = special.expit(design @ found)
        spread = np.maximum(share * (1 - share), 1e-6)
        gradient = design.T @ (positive - share) - penalty * found
        step = np.linalg.solve((design * spread[:, None]).T @ design + np.diag(penalty), gradient)
        found = found + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-6:
            break
    return found
