"""Estimate a regression model's mean absolute error on a day without labels, from how errors depend on columns.

A ridge regression of the absolute error on the reference: on columns, their squares, the prediction and its square.
Outside the values of the reference nothing is known of the errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor.analysis.model.encode import Encoder, fit_encoder
from driftmonitor.analysis.model.estimate import FEWEST_REFERENCE, FEWEST_ROWS, MOST_OUTSIDE
from driftmonitor.analysis.model.past_estimates import Misses, PastEstimate, learn_misses, make_estimated
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Estimate, Loss, WhyUnknown

RIDGE = 1.0
PREDICTION = "prediction"


@dataclass(frozen=True)
class RegressionReference:
    """The regression of the absolute error on the reference's rows.

    `coefficients`: (features,), the mean first. `covariance`: (features, features) of them (White 1980). `spread`: the
    variance of an absolute error over the square of its expected value.
    """

    encoder: Encoder
    centre: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    spread: float
    rows: int

    def estimate(self, prediction: np.ndarray, frame: pd.DataFrame, past: Sequence[PastEstimate] = ()) -> Estimate:
        """Return the estimate of a day: its predictions (rows,) without NaN, its columns, and past labelled days."""
        if len(prediction) < FEWEST_ROWS:
            return Estimate(kind="regression", rows=len(prediction), unknown="few_rows")
        design, outside = self._design(prediction, frame)
        expected = np.maximum(design @ self.coefficients, 0)
        mean, shift = design.mean(axis=0), design.mean(axis=0)
        shift[0] = 0.0  # the reference's own mean cancels in the difference
        value, share = float(expected.mean()), float(outside.mean())
        misses = learn_misses(past)
        found = make_estimated(
            value,
            value,
            float(self.spread * (expected**2).sum()) / len(expected) ** 2,
            float(mean @ self.covariance @ mean),
            misses,
        )
        error = (float(expected.var()) / len(expected) + float(shift @ self.covariance @ shift)) ** 0.5
        loss = Loss(value=float(f"{value - self.coefficients[0]:.6g}"), error=float(f"{error:.4g}"))
        return Estimate(
            kind="regression",
            rows=len(prediction),
            metrics={"mae": found},
            loss=loss,
            plain_loss=loss,
            outside=rounded(share),
            unknown=_why_unknown(share, misses),
        )

    def _design(self, prediction: np.ndarray, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        features, outside = _features(self.encoder, prediction, frame)
        return np.column_stack([np.ones(len(features)), (features - self.centre) / self.scale]), outside


def learn_regression(
    label: np.ndarray, prediction: np.ndarray, frame: pd.DataFrame, columns: Sequence[str]
) -> RegressionReference | None:
    """Return what estimates are learnt from, rows that the model was not trained on; None if too few have a label.

    Args:
        label, prediction: (rows,) NaN if it is not known.
        frame: the reference, one row for each label.
        columns: names of the model's columns in `frame`.
    """
    known = np.flatnonzero(np.isfinite(label) & np.isfinite(prediction))
    if len(known) < FEWEST_REFERENCE:
        return None
    table = _with_prediction(frame.iloc[known], prediction[known], columns)
    encoder = fit_encoder(table, [*columns, PREDICTION] if PREDICTION not in columns else list(columns))
    features, _ = _features(encoder, prediction[known], table)
    centre, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1.0
    design = np.column_stack([np.ones(len(features)), (features - centre) / scale])
    size = np.abs(prediction[known] - label[known])
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    inverse = np.linalg.inv(design.T @ design + np.diag(penalty))
    coefficients = inverse @ design.T @ size
    expected = design @ coefficients
    residual = size - expected
    covariance = inverse @ ((design * residual[:, None] ** 2).T @ design) @ inverse
    spread = float((residual**2).sum() / np.maximum((np.maximum(expected, 0) ** 2).sum(), 1e-300))
    return RegressionReference(encoder, centre, scale, coefficients, covariance, spread, len(known))


def _with_prediction(frame: pd.DataFrame, prediction: np.ndarray, columns: Sequence[str]) -> pd.DataFrame:
    return frame[list(columns)].assign(**{PREDICTION: prediction}) if PREDICTION not in columns else frame


def _features(encoder: Encoder, prediction: np.ndarray, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    names = [column.name for column in encoder.columns if column.name != PREDICTION]
    table, outside = encoder.encode(_with_prediction(frame, prediction, names))
    return np.column_stack([table, table[:, encoder.numbers] ** 2]), outside


def _why_unknown(outside: float, misses: Misses) -> WhyUnknown | None:
    if outside > MOST_OUTSIDE:
        return "outside_reference"
    return "estimates_missed" if misses.missed else None
