"""Simulated models whose performance is known: tables, labels, scores, and changes of a known cost.

Each model is a logistic regression of 20,000 rows of its own. The logit of the label depends on six columns that are
normal and on a category. A change has a strength; `strength_for` finds the one that costs a given AUC.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from driftmonitor.analysis.model.auc import compute_auc
from driftmonitor.facts.performance import Decisive

NUMBERS = 6
COLUMNS = [*(f"x{number}" for number in range(NUMBERS)), "segment"]
DAY_EFFECT = 0.05  # standard deviations
TRAINING_ROWS, MANY_ROWS = 20_000, 200_000
RARE, RARE_SCALE = 0.01, 0.7  # a share of positive labels, and slopes with which the AUC is about 0.935 too
SLOPES = np.array([2.6, 1.8, 1.2, 0.6, 0.3, 0.0])


@dataclass(frozen=True)
class World:
    """How labels follow columns, and how the columns change.

    `truth`: from numbers (rows, 6) and segment (rows,) to the logit. `terms`: what the model knows of it, columns of a
    design. `change`: numbers and segment at a strength from 0 to 1.
    """

    name: str
    truth: Callable[[np.ndarray, np.ndarray], np.ndarray]
    terms: Callable[[np.ndarray, np.ndarray], np.ndarray]
    change: Callable[[np.ndarray, np.ndarray, float, np.random.Generator], tuple[np.ndarray, np.ndarray]]
    intercept: float = -0.55
    over_confidence: float = 1.0
    scale: float = 1.0

    def logit(self, x: np.ndarray, segment: np.ndarray) -> np.ndarray:
        """Return the logit of the label (rows,)."""
        return self.scale * self.truth(x, segment) + self.intercept


def _linear(x: np.ndarray, segment: np.ndarray) -> np.ndarray:
    return x @ SLOPES


def _columns(x: np.ndarray, segment: np.ndarray) -> np.ndarray:
    return x


def _narrower(
    x: np.ndarray, segment: np.ndarray, strength: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    return x * np.array([1 - strength, 1, 1, 1, 1, 1]), segment


def _other_segment(
    x: np.ndarray, segment: np.ndarray, strength: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    return x, segment | (random.random(len(x)) < strength)


def _shift(place: int, most: float) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    def change(
        x: np.ndarray, segment: np.ndarray, strength: float, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        moved = x.copy()
        moved[:, place] += most * strength
        return moved, segment

    return change


def _of_interaction(x: np.ndarray, segment: np.ndarray) -> np.ndarray:
    return x @ SLOPES + 1.6 * x[:, 0] * x[:, 3]


def _narrower_and_steeper(
    x: np.ndarray, segment: np.ndarray, strength: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    return x * np.array([1 - 0.6 * strength, 1, 1, 1, 1, 1]) + strength * np.array([0, 0, 0, 0.8, 0, 0]), segment


def _of_segment(x: np.ndarray, segment: np.ndarray) -> np.ndarray:
    return x @ SLOPES * np.where(segment, 0.35, 1.15)


def _of_noise(x: np.ndarray, segment: np.ndarray) -> np.ndarray:
    return (x @ (SLOPES * [1, 1, 0, 1, 1, 1])) * np.exp(-0.45 * x[:, 2])


WORLDS = {
    "narrower column": World("narrower column", _linear, _columns, _narrower, over_confidence=1.3),
    "other segment": World(
        "other segment", _of_segment, lambda x, segment: np.hstack([x, x * segment[:, None]]), _other_segment
    ),
    "noisier rows": World(
        "noisier rows",
        _of_noise,
        lambda x, segment: _of_noise(x, segment)[:, None],
        _shift(2, 2.0),
    ),
    "wrong model, shift": World("wrong model, shift", _of_interaction, _columns, _shift(3, -1.6)),
    "wrong model, made up for": World("wrong model, made up for", _of_interaction, _columns, _narrower_and_steeper),
    "wrong model, segment": World("wrong model, segment", _of_segment, _columns, _other_segment),
    "wrong model, noise": World("wrong model, noise", _of_noise, _columns, _shift(2, 2.0)),
}
RIGHT = tuple(name for name in WORLDS if not name.startswith("wrong"))
WRONG = tuple(name for name in WORLDS if name.startswith("wrong"))


@dataclass(frozen=True)
class Day:
    """Rows of a day: numbers (rows, 6), segment, score and label (rows,)."""

    x: np.ndarray
    segment: np.ndarray
    score: np.ndarray
    label: np.ndarray

    @property
    def frame(self) -> pd.DataFrame:
        """The table that the model is given."""
        frame = pd.DataFrame(self.x, columns=COLUMNS[:NUMBERS])
        return frame.assign(segment=np.where(self.segment, "new", "old"))

    @property
    def decisive(self) -> Decisive | None:
        """What is kept of the realised AUC."""
        positive = self.label > 0.5
        found = compute_auc(positive, self.score)
        fewest = min(int(positive.sum()), int((~positive).sum()))
        return Decisive(value=found.value, variance=found.variance, weight=fewest) if found else None

    @property
    def auc(self) -> float:
        """The realised AUC, NaN without both classes."""
        found = compute_auc(self.label > 0.5, self.score)
        return found.value if found else np.nan

    def flipped(self, share: float, random: np.random.Generator) -> "Day":
        """Return the day with so many of its labels exchanged."""
        return replace(self, label=np.where(random.random(len(self.label)) < share, 1 - self.label, self.label))

    def relabelled(self, share: float, random: np.random.Generator) -> "Day":
        """Return the day with so many of its positive labels moved to any other rows."""
        label = self.label.copy()
        positives = np.flatnonzero(label > 0.5)
        lost = positives[random.random(len(positives)) < share]
        label[lost] = 0.0
        label[random.choice(np.flatnonzero(self.label < 0.5), len(lost), replace=False)] = 1.0
        return replace(self, label=label)


@dataclass(frozen=True, eq=False)
class Model:
    """A model of a world, which gives scores."""

    world: World
    coefficients: np.ndarray

    def draw(
        self,
        rows: int,
        random: np.random.Generator,
        strength: float = 0.0,
        effect: np.ndarray | float = 0.0,
        prior: float | None = None,
    ) -> Day:
        """Return the rows of a day: changed by `strength`, each number shifted by its effect.

        With `prior`, that share of rows is positive, drawn from ten times as many rows.
        """
        number = rows if prior is None else 10 * rows
        x = random.standard_normal((number, NUMBERS)) + effect
        segment = random.random(number) < 0.2
        x, segment = self.world.change(x, segment, strength, random)
        logit = self.world.logit(x, segment)
        label = (random.random(number) < 1 / (1 + np.exp(-logit))).astype(float)
        if prior is not None:
            chosen = [random.choice(np.flatnonzero(label == one), n) for one, n in _split(rows, prior, random)]
            kept = np.concatenate(chosen)
            x, segment, label = x[kept], segment[kept], label[kept]
        return Day(x, segment, self.score(x, segment), label)

    def score(self, x: np.ndarray, segment: np.ndarray) -> np.ndarray:
        """Return the scores of rows."""
        logit = self.coefficients[0] + self.world.terms(x, segment) @ self.coefficients[1:]
        return 1 / (1 + np.exp(-np.clip(self.world.over_confidence * logit, -30, 30)))

    @functools.cache  # noqa: B019  # a few models live as long as the benchmark
    def true_auc(self, strength: float) -> float:
        """Return the AUC of many rows."""
        return self.draw(MANY_ROWS, np.random.default_rng(11), strength).auc

    def share_for(self, auc: float, relabel: bool = False) -> float:
        """Return the share of labels that are flipped, or of positive ones that are moved, for so low an AUC."""
        day, low, high = self.draw(MANY_ROWS, np.random.default_rng(12)), 0.0, 1.0 if relabel else 0.5
        for _ in range(9):
            middle = (low + high) / 2
            random = np.random.default_rng(13)
            changed = day.relabelled(middle, random) if relabel else day.flipped(middle, random)
            low, high = (middle, high) if changed.auc > auc else (low, middle)
        return (low + high) / 2

    @functools.cache  # noqa: B019
    def strength_for(self, loss: float) -> float:
        """Return the strength of the change that costs so much AUC."""
        low, high = 0.0, 1.0
        for _ in range(9):
            middle = (low + high) / 2
            low, high = (middle, high) if self.true_auc(0.0) - self.true_auc(middle) < loss else (low, middle)
        return (low + high) / 2


def _split(rows: int, prior: float, random: np.random.Generator) -> tuple[tuple[int, int], tuple[int, int]]:
    positives = int(random.binomial(rows, prior))
    return (1, positives), (0, rows - positives)


@functools.cache
def make_model(name: str, rare: bool = False) -> Model:
    """Return the model of a world, learnt from rows of its own; if `rare`, 1% of the labels are positive."""
    world = WORLDS[name]
    if rare:
        world = replace(world, scale=RARE_SCALE)
        world = replace(world, intercept=_intercept(world, RARE))
    random = np.random.default_rng(5)
    x, segment = random.standard_normal((TRAINING_ROWS, NUMBERS)), random.random(TRAINING_ROWS) < 0.2
    logit = world.logit(x, segment)
    label = (random.random(TRAINING_ROWS) < 1 / (1 + np.exp(-logit))).astype(float)
    return Model(world, _fit(world.terms(x, segment), label))


def _intercept(world: World, prevalence: float) -> float:
    random = np.random.default_rng(6)
    x, segment = random.standard_normal((MANY_ROWS, NUMBERS)), random.random(MANY_ROWS) < 0.2
    logit, low, high = world.logit(x, segment) - world.intercept, -20.0, 5.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-logit - middle))).mean() < prevalence else (low, middle)
    return low


def _fit(terms: np.ndarray, label: np.ndarray) -> np.ndarray:
    design, found = np.column_stack([np.ones(len(terms)), terms]), np.zeros(terms.shape[1] + 1)
    for _ in range(30):
        share = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        spread = np.maximum(share * (1 - share), 1e-9)
        found = found + np.linalg.solve((design * spread[:, None]).T @ design, design.T @ (label - share))
    return found
