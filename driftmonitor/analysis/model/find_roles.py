"""Find out what the columns of the data are for a model: of which kind it is, its classes, and what is not compared."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.model.labels import LateLabels
from driftmonitor.analysis.model.looking_again import COMPLETE
from driftmonitor.analysis.model.roles import Roles, count_improbable, find_labels
from driftmonitor.analysis.sources import Data, nearest_column
from driftmonitor.analysis.values import aligned_numbers, aligned_words
from driftmonitor.config.model_settings import MOST_CLASSES, ModelSettings
from driftmonitor.facts.performance import ModelKind
from driftmonitor.formats import counted, one_line, percent

TRUE_WORDS = ({"0", "1"}, {"false", "true"})  # the second in order is positive


def find_roles(data: Data, settings: ModelSettings, late: LateLabels | None) -> Roles:
    """Return the roles of the data's columns; DriftMonitorError if a column is not there or the kind is not clear."""
    _check_columns(data, settings, late)
    _check_weights(data, settings)
    words = {side: find_labels(frame, settings, late)[0] for side, frame in _sides(data).items()}
    kind, classes, inferred = _find_kind(data, settings, words)
    usual = frozenset(word.casefold() for word in words["reference"] if word is not None) if kind == "binary" else ()
    shares = {side: float(np.mean(own != None)) if len(own) else 0.0 for side, own in words.items()}  # noqa: E711
    roles = Roles(settings, kind, classes, inferred, late, _leave_out(settings, shares, late), "", frozenset(usual))
    return replace(roles, labelled=_say_labelled(data, roles, shares | {"current": roles.usable(words["current"])}))


def _say_labelled(data: Data, roles: Roles, shares: Mapping[str, float]) -> str:
    """Return for how many rows labels are known, and why there are none."""
    late = roles.late
    labelled = f"Labels are known for {percent(shares['current'])} of rows so far"
    if shares["current"] >= COMPLETE:
        labelled = f"Labels are known for {percent(shares['current'])} of rows"
    if late is not None and not len(late.places):
        labelled = f"There are no labels yet{late.absent and f' ({late.absent})'}. {labelled}"
    labelled += f", and for {percent(shares['reference'])} of the reference's."
    if len(roles.usual) == 1:
        labelled += " All labels of the reference are of one class, so no day can be compared with it."
    if count_improbable(roles.settings, data.reference):
        labelled += " Scores outside 0 to 1 are no probabilities, so of its performance the AUC alone is known."
    return labelled


def _sides(data: Data) -> dict[str, pd.DataFrame]:
    return {"reference": data.reference, "current": data.current}


def _check_columns(data: Data, settings: ModelSettings, late: LateLabels | None) -> None:
    for role, name in settings.columns.items():
        for side, frame in _sides(data).items():
            if name in data.unread:
                raise DriftMonitorError(
                    f"{role}: {one_line(name)} is ignored, so it is not read; remove it from columns."
                )
            elsewhere = role == "label" and (late or side == "current" or name in data.current)
            has_own = side == "reference" and settings.label in frame
            needless = role == "key" and (late is None or has_own)
            if name not in frame and not elsewhere and not needless:
                raise DriftMonitorError(
                    f"{role}: {one_line(name)}: no such column in {side}{nearest_column(name, frame)}"
                )


def _check_weights(data: Data, settings: ModelSettings) -> None:
    for name in settings.weights:
        if name not in data.reference:
            raise DriftMonitorError(
                f"weights: {one_line(name)}: no such column in reference{nearest_column(name, data.reference)}"
            )


def _leave_out(settings: ModelSettings, shares: Mapping[str, float], late: LateLabels | None) -> dict[str, str]:
    """Return the columns that are not compared: the key, and the label unless it is complete on both sides.

    A label that comes later is never compared: a day that is filled in would have another column than in its time.
    """
    found = {settings.key: "the key of the model's rows"} if settings.key else {}
    if late is not None or settings.label_delay_days:
        found[settings.label] = "the model's label, which comes later"
    elif min(shares.values()) < COMPLETE:
        known = f"labels are known for {percent(shares['current'])} of rows so far"
        if shares["reference"] < COMPLETE:
            known += f", and for {percent(shares['reference'])} of the reference's"
        found[settings.label] = f"the model's label: {known}"
    return found


def _find_kind(
    data: Data, settings: ModelSettings, words: Mapping[str, np.ndarray]
) -> tuple[ModelKind, tuple[str, ...], bool]:
    """Return the kind of the model, its classes, and whether the positive one was inferred."""
    columns = settings.columns
    _check_numbers(data, {role: name for role, name in columns.items() if role.startswith("score")})
    if settings.scores:
        return "multiclass", tuple(settings.scores), False
    if not settings.score:
        _check_numbers(data, {role: columns[role] for role in ("prediction", "label")})
        return "regression", (), False
    of_reference = {word.casefold(): word for word in words["reference"] if word is not None}
    seen = of_reference or {word.casefold(): word for word in words["current"] if word is not None}
    if settings.positive:
        if of_reference and settings.positive.casefold() not in of_reference:
            raise DriftMonitorError("positive: no label of the reference is that value; name another value.")
        return "binary", ("", settings.positive), False
    for two in TRUE_WORDS:
        if set(seen) <= two:
            return "binary", tuple(sorted(two)), True
    if len(seen) == 2:
        raise DriftMonitorError(
            "positive is empty, and the labels are neither 1/0 nor true/false; name the positive one."
        )
    return "multiclass", _classes_of_predictions(data, settings, seen), False


def _classes_of_predictions(data: Data, settings: ModelSettings, seen: Mapping[str, str]) -> tuple[str, ...]:
    many = f"label has {counted(len(seen), 'different value')} in the reference"
    if not settings.prediction:
        remedy = "give score as {class: column}, name prediction too, or for a regression prediction instead of score"
        raise DriftMonitorError(f"{many}; {remedy}.")
    if len(seen) > MOST_CLASSES:
        raise DriftMonitorError(f"{many}; use at most {MOST_CLASSES} classes, or prediction without score.")
    predicted = {
        word.casefold(): word for word in aligned_words(data.reference[settings.prediction]) if word is not None
    }
    return tuple(sorted({**predicted, **seen}.values()))[: 2 * MOST_CLASSES]


def _check_numbers(data: Data, columns: Mapping[str, str]) -> None:
    """Refuse columns, by role, of which the reference has values but no numbers."""
    for role, name in columns.items():
        present = data.reference[name].dropna() if name in data.reference else pd.Series(dtype=float)
        if len(present) and not np.isfinite(aligned_numbers(present)).any():
            remedy = "name a column of numbers" if role.startswith("score") else "a classifier needs score as well"
            raise DriftMonitorError(f"{role}: {one_line(name)} has no numbers in the reference; {remedy}.")
