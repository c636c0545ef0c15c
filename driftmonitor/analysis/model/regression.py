"""Estimate a regression model's mean absolute error on a day without labels, from how errors depend on columns.

A ridge regression of the absolute error on the reference: on columns and the prediction, their squares and products.
Outside the values of the reference nothing is known of the errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor.analysis.model.days_of_reference import rows_by_day
from driftmonitor.analysis.model.encode import Encoder, fit_encoder
from driftmonitor.analysis.model.estimate import FEWEST_REFERENCE, FEWEST_ROWS, MOST_OUTSIDE
from driftmonitor.analysis.model.past_estimates import Misses, PastEstimate, learn_misses, make_estimated
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Estimate, Loss, WhyUnknown

RIDGE = 1.0
MOST_PAIRED = 10  # columns whose products are used, those that the error depends on most
PREDICTION = "prediction \0"  # no column of a table is named so


@dataclass(frozen=True)
class RegressionReference:
    """The regression of the absolute error on the reference's rows.

    `coefficients`: (features,), the mean first. `covariance`: (features, features) of them (White 1980). `spread`: the
    variance of an absolute error over the square of its expected value. `days`: what is expected of the reference's
    days, and their labels.
    """

    encoder: Encoder
    paired: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    spread: float
    rows: int
    days: Sequence[PastEstimate]

    def estimate(self, prediction: np.ndarray, frame: pd.DataFrame, past: Sequence[PastEstimate] = ()) -> Estimate:
        """Return the estimate of a day: its predictions (rows,), its columns, and past labelled days.

        Rows without a prediction are left out.
        """
        predicted = np.isfinite(prediction)
        prediction, frame = prediction[predicted], frame[predicted]
        if len(prediction) < FEWEST_ROWS:
            return Estimate(kind="regression", rows=len(prediction), unknown="few_rows")
        table = self.encoder.encode(frame.assign(**{PREDICTION: prediction}))
        design = _design(_features(table.numbers, self.encoder, self.paired), self.centre, self.scale)
        expected = np.maximum(design @ self.coefficients, 0)
        mean, shift = design.mean(axis=0), design.mean(axis=0)
        shift[0] = 0.0  # the reference's own mean cancels in the difference
        value, misses = float(expected.mean()), learn_misses(past, self.days)
        found = make_estimated(
            value,
            value,
            float(self.spread * (expected**2).sum()) / len(expected) ** 2,
            float(mean @ self.covariance @ mean),
            misses,
        )
        error = (float(expected.var()) / len(expected) + float(shift @ self.covariance @ shift)) ** 0.5
        loss = misses.widen(Loss(value=float(f"{value - self.coefficients[0]:.6g}"), error=float(f"{error:.4g}")))
        return Estimate(
            kind="regression",
            rows=len(prediction),
            metrics={"mae": found},
            loss=loss,
            plain_loss=loss,
            outside=rounded(table.outside),
            outside_columns=tuple(name for name in table.outside_columns if name != PREDICTION),
            unknown=_why_unknown(table.outside, misses),
        )


def learn_regression(
    label: np.ndarray,
    prediction: np.ndarray,
    frame: pd.DataFrame,
    columns: Sequence[str],
    day: np.ndarray | None = None,
) -> RegressionReference | None:
    """Return what estimates are learnt from, rows that the model was not trained on; None if too few have a label.

    Args:
        label, prediction: (rows,) NaN if it is not known.
        frame: the reference, one row for each label.
        columns: names of the model's columns in `frame`.
        day: (rows,) the number of each row's day, negative if it is not known; None if no day is.
    """
    known = np.flatnonzero(np.isfinite(label) & np.isfinite(prediction))
    if len(known) < FEWEST_REFERENCE:
        return None
    whole = frame.iloc[known].assign(**{PREDICTION: prediction[known]})
    encoder = fit_encoder(whole, [*columns, PREDICTION])
    table, size = encoder.encode(whole).numbers, np.abs(prediction[known] - label[known])
    paired = _most_related(table, size)
    features = _features(table, encoder, paired)
    centre, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1.0
    design = _design(features, centre, scale)
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    inverse = np.linalg.inv(design.T @ design + np.diag(penalty))
    coefficients = inverse @ design.T @ size
    expected = design @ coefficients
    residual = size - expected
    covariance = inverse @ ((design * residual[:, None] ** 2).T @ design) @ inverse
    spread = float((residual**2).sum() / np.maximum((np.maximum(expected, 0) ** 2).sum(), 1e-300))
    days = [] if day is None else _days_of_reference(size, np.maximum(expected, 0), spread, day[known])
    return RegressionReference(encoder, paired, centre, scale, coefficients, covariance, spread, len(known), days)


def _days_of_reference(size: np.ndarray, expected: np.ndarray, spread: float, day: np.ndarray) -> list[PastEstimate]:
    """Return what is expected of the mean absolute error of each day of the reference, and what it was."""
    return [
        PastEstimate(
            float(size[rows].mean()),
            float(expected[rows].mean()),
            float(spread * (expected[rows] ** 2).sum()) / len(rows) ** 2,
            0.0,
        )
        for rows in rows_by_day(day, FEWEST_ROWS)
    ]


def _most_related(table: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return the places of the columns that, or whose squares, go together with the absolute error most."""
    centred = size - size.mean()
    found = np.zeros(table.shape[1])
    for part in (table, table**2):
        spread = np.where(part.std(axis=0) > 0, part.std(axis=0), 1.0)
        found = np.maximum(found, np.abs(centred @ (part - part.mean(axis=0)) / spread))
    return np.sort(np.argsort(-found, kind="stable")[:MOST_PAIRED])


def _features(table: np.ndarray, encoder: Encoder, paired: np.ndarray) -> np.ndarray:
    left, right = np.triu_indices(len(paired), 1)
    return np.column_stack([table, table[:, encoder.numbers] ** 2, table[:, paired[left]] * table[:, paired[right]]])


def _design(features: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(features)), (features - centre) / scale])


def _why_unknown(outside: float, misses: Misses) -> WhyUnknown | None:
    if outside > MOST_OUTSIDE:
        return "outside_reference"
    return "estimates_missed" if misses.missed else None
