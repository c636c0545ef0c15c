"""Which columns are a model's score, prediction, label and key; of what kind the model is; its labels as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from driftmonitor.analysis.model.classes import spread_scores
from driftmonitor.analysis.model.labels import LateLabels
from driftmonitor.analysis.values import aligned_numbers, aligned_words
from driftmonitor.config.model_settings import ModelSettings
from driftmonitor.facts.performance import ModelKind
from driftmonitor.formats import one_line


@dataclass(frozen=True)
class Outputs:
    """What a model said of rows, and their labels, as numbers.

    `label`: (rows,) 1 or 0, the number of a class, or a number; NaN (-1 of several classes) if it is not known.
    `score`: (rows,) or (rows, classes); of a regression its prediction. `prediction`: (rows,) the decision, or None.
    `known`: (rows,) whether a row has any label, usable or not.
    """

    label: np.ndarray
    score: np.ndarray
    prediction: np.ndarray | None
    known: np.ndarray

    def take(self, places: np.ndarray) -> "Outputs":
        """Return some of the rows."""
        prediction = None if self.prediction is None else self.prediction[places]
        return Outputs(self.label[places], self.score[places], prediction, self.known[places])


@dataclass(frozen=True)
class Roles:
    """The columns of a model and what they mean. `classes`: as text, the positive one last of two.

    `usual`: of two classes, the reference's labels in lower case, if it has any. `left_out`: columns that are not
    compared, and why.
    """

    settings: ModelSettings
    kind: ModelKind
    classes: tuple[str, ...] = ()
    inferred: bool = False
    late: LateLabels | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    labelled: str = ""
    usual: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Return in a few sentences what the model is, and for how many rows labels are known."""
        own = self.settings
        output = ", ".join(map(one_line, own.scores.values() or own.outputs))
        classes = {
            "binary": "a classifier of two classes",
            "multiclass": f"a classifier of {len(self.classes)} classes",
        }
        kind = classes.get(self.kind, "a regression")
        positive = f"; {self.classes[-1]} is positive (inferred)" if self.inferred else ""
        return (
            f"The model is {kind}: {output} is compared with the label {one_line(own.label)}{positive}. {self.labelled}"
        )

    def read(self, frame: pd.DataFrame, late: LateLabels | None = None) -> Outputs:
        """Return scores and labels of a side's rows; late labels are those that were read last, or given."""
        own, late = self.settings, late or self.late
        words, labels = find_labels(frame, own, late)
        known = words != None  # noqa: E711  row by row
        if self.kind == "regression":
            numbers = aligned_numbers(labels)
            return Outputs(numbers, aligned_numbers(frame[own.prediction]), None, known)
        prediction = self._codes(aligned_words(frame[own.prediction])) if own.prediction else None
        codes = self._codes(words)
        if self.kind == "binary":
            label = np.where(codes < 0, np.nan, codes.astype(float))
            return Outputs(label, aligned_numbers(frame[own.score]), prediction, known)
        if own.scores:
            scores = np.column_stack([aligned_numbers(frame[column]) for column in own.scores.values()])
            return Outputs(codes, scores, prediction, known)
        score = aligned_numbers(frame[own.score])
        decided = np.full(len(frame), -1) if prediction is None else prediction
        score = np.where(decided < 0, np.nan, score)
        return Outputs(codes, spread_scores(np.maximum(decided, 0), score, len(self.classes)), decided, known)

    def usable(self, words: np.ndarray) -> float:
        """Return the share of rows with a label (rows,), or None, that is one; of a class, if there are classes."""
        known = words != None  # noqa: E711  row by row
        usable = known if self.kind == "regression" else self._codes(words) >= 0
        return float(usable.mean()) if len(words) else 0.0

    def _codes(self, words: np.ndarray) -> np.ndarray:
        """Return the number of each class (rows,), -1 for what is none; 1 for the positive of two."""
        if self.kind == "binary" and not self.inferred:
            codes = dict.fromkeys(self.usual, 0) | {self.classes[-1].casefold(): 1}
            other = -1 if self.usual else 0
            return np.array([-1 if w is None else codes.get(w.casefold(), other) for w in words], dtype=int)
        places = {name.casefold(): place for place, name in enumerate(self.classes)}
        return np.array([-1 if w is None else places.get(w.casefold(), -1) for w in words], dtype=int)


def find_labels(frame: pd.DataFrame, settings: ModelSettings, late: LateLabels | None) -> tuple[np.ndarray, pd.Series]:
    """Return the labels of a side's rows as words (rows,), None where there is none, and as they are.

    Late labels win over those in the column of the data.
    """
    has_own = settings.label in frame
    own = frame[settings.label] if has_own else pd.Series([None] * len(frame), dtype=object)
    own_words = aligned_words(own) if has_own else np.full(len(frame), None, dtype=object)
    if late is None:
        return own_words, own
    joined = late.of(_keys(frame, settings))
    words = aligned_words(joined)
    missing = words == None  # noqa: E711  row by row
    words[missing] = own_words[missing]
    values = joined.to_numpy(dtype=object, copy=True)
    values[missing] = own.to_numpy(dtype=object)[missing]
    return words, pd.Series(values)


def _keys(frame: pd.DataFrame, settings: ModelSettings) -> pd.Series:
    """Return the keys of the rows; a reference with labels of its own needs none."""
    if settings.key in frame:
        return frame[settings.key]
    return pd.Series([None] * len(frame), dtype=object)


def count_improbable(settings: ModelSettings, frame: pd.DataFrame) -> int:
    """Return how many scores of a side are outside 0 to 1, so no probabilities; 0 for a regression."""
    names = (settings.score, *settings.scores.values())
    numbers = [aligned_numbers(frame[name]) for name in names if name and name in frame]
    return int(sum(((each < 0) | (each > 1)).sum() for each in numbers))


def features_of(settings: ModelSettings, names: Sequence[str]) -> list[str]:
    """Return the columns that have no role: what the model may have been given."""
    roles = set(settings.columns.values())
    return [name for name in names if name not in roles]
