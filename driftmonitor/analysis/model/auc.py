"""The area under the ROC curve, with each row's part in it: DeLong's variance, macro averages and windows need that."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Auc:
    """The AUC and the structural components of its rows (DeLong, DeLong and Clarke-Pearson 1988).

    `of_positives`: for each positive row, the share of negative rows with a lower score, ties counting half.
    `of_negatives`: for each negative row, the share of positive rows with a higher score.
    """

    value: float
    of_positives: np.ndarray
    of_negatives: np.ndarray

    @property
    def variance(self) -> float | None:
        """DeLong's variance, None with fewer than two rows of a class."""
        sides = self.of_positives, self.of_negatives
        if min(map(len, sides)) < 2:
            return None
        return float(sum(side.var(ddof=1) / len(side) for side in sides))


def compute_auc(positive: np.ndarray, score: np.ndarray) -> Auc | None:
    """Return the AUC of scores (rows,) whose rows are positive or not; None unless there are both."""
    above, below = np.sort(score[positive]), np.sort(score[~positive])
    if not len(above) or not len(below):
        return None
    of_positives = _share_below(below, score[positive])
    of_negatives = 1 - _share_below(above, score[~positive])
    return Auc(float(of_positives.mean()), of_positives, of_negatives)


def row_influence(auc: Auc, positive: np.ndarray) -> np.ndarray:
    """Return what each row adds to the AUC's deviation from its expectation, times the rows; its mean is 0."""
    influence = np.empty(len(positive))
    share = positive.mean()
    influence[positive] = (auc.of_positives - auc.value) / share
    influence[~positive] = (auc.of_negatives - auc.value) / (1 - share)
    return influence


def _share_below(ordered: np.ndarray, values: np.ndarray) -> np.ndarray:
    lower, upper = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return (lower + upper) / (2 * len(ordered))
