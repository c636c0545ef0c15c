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
from driftmonitor.analysis.model.calibrators import Calibrator, draw_counts, fit_calibrator
from driftmonitor.analysis.model.encode import Encoder, fit_encoder
from driftmonitor.analysis.model.expected import (
    Expected,
    expected_auc,
    expected_log_loss,
    expected_macro_auc,
    label_variance,
)
from driftmonitor.analysis.model.past_estimates import Misses, PastEstimate, learn_misses, make_estimated
from driftmonitor.analysis.model.reweight import find_weights
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Estimate, Estimated, Loss, WhyUnknown

MOST_ROWS = 50_000  # of the reference, evenly spread
FEWEST_ROWS = 100  # of a day
FEWEST_EFFECTIVE = 500  # rows of the reference, or a third of it if that is fewer
FEWEST_REFERENCE = 300
MOST_OUTSIDE = 0.05  # of a day's rows
DIFFER = 2.0  # standard errors between both estimates of the AUC
DECISIVE = "auc"


@dataclass(frozen=True)
class _Estimates:
    """The metrics of some rows by one calibration: expected values, and how bootstrapped calibrations move them."""

    expected: Mapping[str, Expected]
    moved: Mapping[str, np.ndarray]
    probabilities: np.ndarray

    def value(self, name: str) -> float:
        """Return a metric without what errors of the calibration add to it on average: bootstrapped ones add it again.

        Isotonic regression follows its rows, and so finds that scores separate the classes better than they do.
        """
        return self.expected[name].value - float(self.moved[name].mean())


@dataclass(frozen=True)
class ClassifierReference:
    """Rows whose labels are known and that the model was not trained on: what estimates are learnt from.

    `scores` and `classes`: (rows, classes); with two classes, one column for the positive one. `table`: (rows, columns)
    the encoded columns, and the scores.
    """

    scores: np.ndarray
    classes: np.ndarray
    encoder: Encoder
    table: np.ndarray
    counts: np.ndarray
    calibrators: tuple[Calibrator, ...]
    own: _Estimates

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
        plain = _estimate(self.calibrators, scores)
        weighted = _estimate(_calibrate(self.scores, self.classes, self.counts, weights.values), scores)
        misses = {name: learn_misses((past or {}).get(name, ())) for name in weighted.expected}
        loss, plain_loss = (_loss(self.own, each) for each in (weighted, plain))
        return Estimate(
            kind=kind,
            rows=len(scores),
            metrics=_metrics(weighted, plain, misses),
            loss=loss,
            plain_loss=plain_loss,
            effective_rows=rounded(weights.effective_rows),
            outside=rounded(table.outside),
            outside_columns=tuple(name for name in table.outside_columns if name not in _score_names(scores)),
            unknown=self._why_unknown(table.outside, weights.effective_rows, loss, plain_loss, misses.get(DECISIVE)),
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
    label: np.ndarray, scores: np.ndarray, frame: pd.DataFrame, columns: Sequence[str]
) -> ClassifierReference | None:
    """Return what estimates are learnt from; None if too few rows have a label, or all have the same.

    None also if positive labels have lower scores than others: calibration takes them to be higher.

    Args:
        label: (rows,) the number of the class, or 1 and 0; NaN or negative if it is not known.
        scores: (rows,) of the positive class, or (rows, classes); rows with NaN are left out.
        frame: the reference, one row for each label.
        columns: names of the model's columns in `frame`, without score, prediction, label and key.
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
    calibrators, table = _calibrate(s, classes, counts), encoder.encode(whole).numbers
    return ClassifierReference(s, classes, encoder, table, counts, calibrators, _estimate(calibrators, s))


def _columns(scores: np.ndarray) -> np.ndarray:
    return scores[:, None] if scores.ndim == 1 else scores


def _with_scores(frame: pd.DataFrame, scores: np.ndarray) -> pd.DataFrame:
    """Return the table with the scores as further columns: they tell two days apart as well as the columns do."""
    return frame.assign(**dict(zip(_score_names(scores), scores.T, strict=True)))


def _score_names(scores: np.ndarray) -> list[str]:
    return [f"score of class {number} \0" for number in range(scores.shape[1])]  # no column of a table is named so


def _calibrate(
    scores: np.ndarray, classes: np.ndarray, counts: np.ndarray, weights: np.ndarray | None = None
) -> tuple[Calibrator, ...]:
    pairs = zip(scores.T, classes.T, strict=True)
    return tuple(fit_calibrator(score, positive, counts, weights) for score, positive in pairs)


def _estimate(calibrators: Sequence[Calibrator], scores: np.ndarray) -> _Estimates:
    raw = np.column_stack([calibrate(s) for calibrate, s in zip(calibrators, scores.T, strict=True)])
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
        moved[name] = np.sum([calibrate.shift(s, own) for calibrate, s, own in parts], axis=0)
    return _Estimates(expected, moved, p)


def _metrics(weighted: _Estimates, plain: _Estimates, misses: Mapping[str, Misses]) -> dict[str, Estimated]:
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


def _loss(reference: _Estimates, day: _Estimates) -> Loss | None:
    """Return the loss of AUC. What one calibration has wrong on both cancels; rows of both vary by chance."""
    if DECISIVE not in reference.expected or DECISIVE not in day.expected:
        return None
    before, after = reference.expected[DECISIVE], day.expected[DECISIVE]
    variance = float((before.row_parts**2).sum() + (after.row_parts**2).sum())
    variance += float((reference.moved[DECISIVE] - day.moved[DECISIVE]).var(ddof=1))
    value = reference.value(DECISIVE) - day.value(DECISIVE)
    return Loss(value=float(f"{value:.6g}"), error=float(f"{variance**0.5:.4g}"))
