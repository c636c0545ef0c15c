"""Estimate a classifier's performance on a day without labels: AUC and log loss, with an interval, and the loss.

Scores are calibrated on the reference's labels; if a row is positive with the calibrated probability, that gives each
metric's expected value. It holds while the relation of score and label does. Where the model leaves something out, a
change of the columns changes that relation. So the calibration is learnt again on the reference's rows, weighted so
that their columns look like the day's, and that estimate is published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor.analysis.model.auc import compute_auc
from driftmonitor.analysis.model.calibrated import DECISIVE, Calibrated, calibrate, estimate_metrics, find_loss
from driftmonitor.analysis.model.calibrators import Calibrator, draw_counts
from driftmonitor.analysis.model.classes import measure_classes
from driftmonitor.analysis.model.days_of_reference import rows_by_day
from driftmonitor.analysis.model.encode import Encoder, fit_encoder
from driftmonitor.analysis.model.expected import label_variance
from driftmonitor.analysis.model.past_estimates import Misses, PastEstimate, learn_misses, make_estimated
from driftmonitor.analysis.model.performance import measure_binary
from driftmonitor.analysis.model.reweight import find_weights
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Estimate, Estimated, Loss, WhyUnknown

MOST_ROWS = 25_000  # of the reference, evenly spread
FEWEST_ROWS = 100  # of a day
FEWEST_EFFECTIVE = 500  # rows of the reference, or a third of it if that is fewer
FEWEST_REFERENCE = 300
MOST_OUTSIDE = 0.05  # of a day's rows
DIFFER = 2.0  # standard errors between both estimates of the AUC


@dataclass(frozen=True)
class ClassifierReference:
    """Rows whose labels are known and that the model was not trained on: what estimates are learnt from.

    `scores` and `classes`: (rows, classes); with two classes, one column for the positive one. `table`: (rows, columns)
    the encoded columns, and the scores. `days`: by metric, what calibration expects of its days, and their labels.
    """

    scores: np.ndarray
    classes: np.ndarray
    encoder: Encoder
    table: np.ndarray
    counts: np.ndarray
    calibrators: tuple[Calibrator, ...]
    own: Calibrated
    days: Mapping[str, Sequence[PastEstimate]]

    def estimate(
        self, scores: np.ndarray, frame: pd.DataFrame, past: Mapping[str, Sequence[PastEstimate]] | None = None
    ) -> Estimate:
        """Return the estimate of a day.

        Args:
            scores: (rows,) or (rows, classes); rows with NaN are left out.
            frame: the day's columns, one row for each score.
            past: by metric, past days whose labels are known, the oldest first.
        """
        scores = _columns(scores)
        scored = np.isfinite(scores).all(axis=1)
        scores, frame = scores[scored], frame[scored]
        kind = "binary" if scores.shape[1] == 1 else "multiclass"
        if len(scores) < FEWEST_ROWS:
            return Estimate(kind=kind, rows=len(scores), unknown="few_rows")
        table = self.encoder.encode(_with_scores(frame, scores))
        weights = find_weights(self.table, table.numbers, self.encoder.numbers)
        plain = estimate_metrics(self.calibrators, scores)
        weighted = estimate_metrics(calibrate(self.scores, self.classes, self.counts, weights.values), scores)
        misses = {name: learn_misses((past or {}).get(name, ()), self.days.get(name, ())) for name in weighted.expected}
        loss, plain_loss = (find_loss(self.own, each) for each in (weighted, plain))
        known = misses.get(DECISIVE)
        return Estimate(
            kind=kind,
            rows=len(scores),
            metrics=_metrics(weighted, plain, misses),
            loss=known.widen(loss) if known and loss else loss,
            plain_loss=known.widen(plain_loss) if known and plain_loss else plain_loss,
            effective_rows=rounded(weights.effective_rows),
            outside=rounded(table.outside),
            outside_columns=tuple(name for name in table.outside_columns if name not in _score_names(scores)),
            unknown=self._why_unknown(table.outside, weights.effective_rows, loss, plain_loss, known),
        )

    def _why_unknown(
        self, outside: float, effective: float, loss: Loss | None, plain: Loss | None, misses: Misses | None
    ) -> WhyUnknown | None:
        if loss is None or plain is None:
            return "one_class"
        if outside > MOST_OUTSIDE:
            return "outside_reference"
        if effective < min(FEWEST_EFFECTIVE, len(self.table) / 3):
            return "few_effective_rows"
        if misses is not None and misses.missed:
            return "estimates_missed"
        return "estimates_differ" if abs(loss.value - plain.value) > DIFFER * loss.error else None


def learn_classifier(
    label: np.ndarray,
    scores: np.ndarray,
    frame: pd.DataFrame,
    columns: Sequence[str],
    day: np.ndarray | None = None,
) -> ClassifierReference | None:
    """Return what estimates are learnt from; None if too few rows have a label, or all have the same.

    None also if positive labels have lower scores than others: calibration takes them to be higher.

    Args:
        label: (rows,) the number of the class, or 1 and 0; NaN or negative if it is not known.
        scores: (rows,) of the positive class, or (rows, classes); rows with NaN are left out.
        frame: the reference, one row for each label.
        columns: names of the model's columns in `frame`, without score, prediction, label and key.
        day: (rows,) the number of each row's day, negative if it is not known; None if no day is.
    """
    scores = _columns(scores)
    label = np.asarray(label, dtype=float)
    known = np.flatnonzero(np.isfinite(scores).all(axis=1) & (label >= 0))
    known = known[np.linspace(0, len(known) - 1, min(len(known), MOST_ROWS)).astype(int)] if len(known) else known
    s, y = scores[known], label[known].astype(int)
    classes = y[:, None] == (np.arange(s.shape[1]) if s.shape[1] > 1 else 1)
    if len(s) < FEWEST_REFERENCE or not classes.any(axis=0).all() or classes.all(axis=0).any():
        return None
    auc = compute_auc(classes[:, 0], s[:, 0]) if s.shape[1] == 1 else None
    if auc is not None and auc.value < 0.5:
        return None
    whole = _with_scores(frame.iloc[known], s)
    encoder = fit_encoder(whole, [*columns, *_score_names(s)])
    counts = draw_counts(len(s))
    calibrators, table = calibrate(s, classes, counts), encoder.encode(whole).numbers
    own = estimate_metrics(calibrators, s)
    days = {} if day is None else _days_of_reference(calibrators, y, s, day[known])
    return ClassifierReference(s, classes, encoder, table, counts, calibrators, own, days)


def _days_of_reference(
    calibrators: Sequence[Calibrator], label: np.ndarray, scores: np.ndarray, day: np.ndarray
) -> dict[str, list[PastEstimate]]:
    """Return by metric what is expected of each day of the reference, without reweighting, and what its labels say."""
    found: dict[str, list[PastEstimate]] = {}
    for rows in rows_by_day(day, FEWEST_ROWS):
        expected = estimate_metrics(calibrators, scores[rows])
        own = scores[rows, 0] if scores.shape[1] == 1 else scores[rows]
        metrics = (measure_binary if own.ndim == 1 else measure_classes)(label[rows], own).metrics
        for name, each in expected.expected.items():
            realised = metrics[name].value
            if realised is not None:
                variance = label_variance(expected.probabilities, each.influence)
                found.setdefault(name, []).append(PastEstimate(realised, each.value, variance, 0.0))
    return found


def _columns(scores: np.ndarray) -> np.ndarray:
    return scores[:, None] if scores.ndim == 1 else scores


def _with_scores(frame: pd.DataFrame, scores: np.ndarray) -> pd.DataFrame:
    """Return the table with the scores as further columns: they tell two days apart as well as the columns do."""
    return frame.assign(**dict(zip(_score_names(scores), scores.T, strict=True)))


def _score_names(scores: np.ndarray) -> list[str]:
    return [f"score of class {number} \0" for number in range(scores.shape[1])]  # no column of a table is named so


def _metrics(weighted: Calibrated, plain: Calibrated, misses: Mapping[str, Misses]) -> dict[str, Estimated]:
    return {
        name: make_estimated(
            weighted.value(name),
            plain.value(name),
            label_variance(weighted.probabilities, each.influence),
            float(weighted.moved[name].var(ddof=1)),
            misses[name],
            1.0 if name == DECISIVE else np.inf,
        )
        for name, each in weighted.expected.items()
        if name in plain.expected
    }
