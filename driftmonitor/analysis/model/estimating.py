"""Estimate a day's performance before its labels come: what is learnt from the reference and from past estimates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor.analysis.model.estimate import ClassifierReference, learn_classifier
from driftmonitor.analysis.model.looking_again import is_complete
from driftmonitor.analysis.model.past_estimates import PastEstimate
from driftmonitor.analysis.model.regression import RegressionReference, learn_regression
from driftmonitor.analysis.model.roles import Outputs, Roles
from driftmonitor.facts.model import ModelDay
from driftmonitor.facts.performance import Estimate, ModelKind

MOST_ROWS = 10_000  # of a day, evenly spread, as of the reference: more say little more, and cost a lot


@dataclass(frozen=True)
class Estimator:
    """What was learnt from a reference; without `reference` nothing can be estimated."""

    kind: ModelKind
    reference: ClassifierReference | RegressionReference | None

    def estimate(self, rows: Outputs, frame: pd.DataFrame, days: Sequence[ModelDay]) -> Estimate:
        """Return the estimate of some rows; `days` are earlier ones, which may have been estimated and labelled."""
        if self.reference is None:
            return Estimate(kind=self.kind, rows=len(frame), unknown="no_reference")
        kept = np.linspace(0, len(frame) - 1, min(len(frame), MOST_ROWS)).astype(int)
        score, frame = rows.score[kept], frame.iloc[kept]
        if isinstance(self.reference, RegressionReference):
            return self.reference.estimate(score, frame, _past("mae", days))
        return self.reference.estimate(score, frame, {name: _past(name, days) for name in ("auc", "log_loss")})


def learn_reference(
    roles: Roles, rows: Outputs, frame: pd.DataFrame, columns: Sequence[str], day: np.ndarray | None = None
) -> Estimator:
    """Return what estimates are learnt from.

    `columns` are those that the model may have been given. `day`: (rows,) the number of each row's day, if it is known.
    """
    learn = learn_regression if roles.kind == "regression" else learn_classifier
    return Estimator(roles.kind, learn(rows.label, rows.score, frame, columns, day))


def _past(name: str, days: Sequence[ModelDay]) -> list[PastEstimate]:
    """Return what was estimated of a metric on days whose labels are known by now, oldest first."""
    found = []
    for day in days:
        estimated = day.estimate.metrics.get(name) if day.estimate else None
        realised = day.performance.metrics.get(name)
        if estimated and realised and realised.value is not None and is_complete(day.performance):
            variances = estimated.label_variance, estimated.calibration_variance
            found.append(PastEstimate(realised.value, estimated.value, *variances))
    return found
