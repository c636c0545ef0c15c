"""Read the keys of a params file that are about a model: which columns are its score, label and key, and its labels."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import TYPE_WORDS, describe
from driftmonitor.formats import one_line

OF_THE_MODEL = (
    "score", "prediction", "label", "key", "positive", "labels", "label_delay_days", "tolerated_loss",
    "weights",
)  # fmt: skip
TEXTS = ("prediction", "label", "key", "labels")
FEWEST_CLASSES, MOST_CLASSES = 3, 100
LONGEST_DELAY = 3650  # days
OF_AUC, OF_MAE = 0.02, 0.1  # tolerated losses: of AUC, and as a share of the reference's MAE


@dataclass(frozen=True)
class ModelSettings:
    """What the params file says of a model. `score` is one column, or `scores` has one for each class, by class.

    `positive`: the positive label as text, "" to infer it. `labels`: where late labels are, joined by `key`. `weights`:
    how much each column counts, {} to find it.
    """

    score: str = ""
    scores: Mapping[str, str] = field(default_factory=dict)
    prediction: str = ""
    label: str = ""
    key: str = ""
    positive: str = ""
    labels: str = ""
    label_delay_days: int = 0
    tolerated_loss: float | None = None
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """The columns that have a role, by how a params file names it."""
        named = {"score": self.score, "prediction": self.prediction, "label": self.label, "key": self.key}
        named |= {f"score.{one_line(name)}": column for name, column in self.scores.items()}
        return {role: column for role, column in named.items() if column}

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns that the model gives: its scores and prediction."""
        return tuple(name for name in (self.score, *self.scores.values(), self.prediction) if name)


def parse_model(parameters: Mapping[str, Any], where: str = "") -> ModelSettings | None:
    """Return what parameters say of a model, None if nothing; DriftMonitorError, which begins with `where`.

    Other parameters are not looked at.
    """
    given = {name: parameters.get(name) for name in OF_THE_MODEL}
    if not any(given.values()):
        return None
    _check_types(given, where)
    score = given["score"]
    scores = _check_scores(score, where) if isinstance(score, Mapping) and score else {}
    texts = {name: given[name] or "" for name in TEXTS}
    positive = given["positive"]
    settings = ModelSettings(
        score=score if isinstance(score, str) else "",
        scores=scores,
        positive="" if positive is None else _as_text(positive),
        label_delay_days=given["label_delay_days"] or 0,
        tolerated_loss=given["tolerated_loss"],
        weights=given["weights"] or {},
        **texts,
    )
    _check_together(settings, parameters, where)
    return settings


def _as_text(value: str | float) -> str:
    """Return a label as the text that a column of such labels has: 1.0 is "1"."""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _check_types(given: Mapping[str, Any], where: str) -> None:
    wrong = {name: TYPE_WORDS["str"] for name in TEXTS if not isinstance(given[name] or "", str)}
    if not isinstance(given["score"] or "", str | Mapping):
        wrong["score"] = "the name of a column, or a mapping ({class: column})"
    if not isinstance(given["positive"], str | int | float | None):
        wrong["positive"] = "the positive label, such as 1 or fraud"
    days, loss = given["label_delay_days"] or 0, given["tolerated_loss"]
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= LONGEST_DELAY:
        wrong["label_delay_days"] = f"a whole number of days, 0 to {LONGEST_DELAY}"
    if loss is not None and (isinstance(loss, bool) or not isinstance(loss, int | float) or not 0 < loss < 1):
        wrong["tolerated_loss"] = f"a number between 0 and 1, such as {OF_AUC} of AUC"
    if not _are_weights(given["weights"] or {}):
        wrong["weights"] = "{column: number}, 0 or more, such as {amount: 3, country: 1}"
    for name, wanted in wrong.items():
        raise DriftMonitorError(f"{where}{name} is {describe(given[name])}; give {wanted}.")


def _are_weights(weights: Any) -> bool:
    if not isinstance(weights, Mapping):
        return False
    numbers = [each for each in weights.values() if isinstance(each, int | float) and not isinstance(each, bool)]
    names = all(isinstance(name, str) for name in weights)
    return (
        names
        and len(numbers) == len(weights)
        and all(0 <= each < math.inf for each in numbers)
        and (not weights or sum(numbers) > 0)
    )


def _check_scores(scores: Mapping[Any, Any], where: str) -> dict[str, str]:
    if not FEWEST_CLASSES <= len(scores) <= MOST_CLASSES:
        remedy = (
            "name the column of the positive one" if len(scores) < FEWEST_CLASSES else f"use at most {MOST_CLASSES}"
        )
        raise DriftMonitorError(f"{where}score has {len(scores)} classes; {remedy}.")
    for name, column in scores.items():
        if not isinstance(column, str) or not column.strip():
            raise DriftMonitorError(f"{where}score.{one_line(str(name))} is {describe(column)}; name a column.")
    return {str(name): column for name, column in scores.items()}


def _check_together(settings: ModelSettings, parameters: Mapping[str, Any], where: str) -> None:
    problem = _find_problem(settings, str(parameters.get("source") or ""))
    if problem:
        raise DriftMonitorError(f"{where}{problem}.")


def _find_problem(settings: ModelSettings, source: str) -> str:
    if not settings.outputs:
        return "the model has no score; name the column of score, or of prediction for a regression"
    if not settings.label:
        return "the model has no label; name the column of the true outcome under label"
    if settings.labels and not settings.key:
        return "labels needs key; name the column by which labels are joined"
    if settings.labels and source == "simulate":
        return "labels is for source: files or sql, and source is simulate; change one of them"
    if settings.positive and (settings.scores or not settings.score):
        return "positive is for a score of two classes; remove it"
    roles: dict[str, str] = {}
    for role, column in settings.columns.items():
        if column in roles:
            return f"{role} is {one_line(column)!r}, and so is {roles[column]}; name another column"
        roles[column] = role
    return ""
