"""Simulated monitors whose usual state differs from their reference, and days on which one thing changes.

Each column is an increasing function of a normal variable, so its true median and quartiles are known.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special, stats

REFERENCE_ROWS, DAY_ROWS = 1500, (300, 500)
DAYS, BUDGET = 34, 30  # a budget of 30 has 29 baseline days; the first five are only in their windows
TODAY = DAYS + 13  # so that the last day of the history is a baseline day
QUARTILE = 0.6745
LEVELS = ("free", "basic", "pro", "team")
FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "normal": lambda z: 50 + 10 * z,
    "lognormal": lambda z: np.exp(3.5 + z),
    "pareto": lambda z: 20 * special.ndtr(-z) ** (-1 / 1.5),
    "counts": lambda z: stats.poisson.ppf(special.ndtr(np.minimum(z, 7)), 3.0),
    "zero_inflated": lambda z: np.where(z < 0.3, 0.0, np.round(np.exp(z), 2)),
}


@dataclass(frozen=True)
class State:
    """What the rows of a day come from: for each column of numbers shift, scale and factor; missing values; levels.

    `missing`: the share of rows without `email`, `gaps`: without `lognormal`.
    """

    shift: dict[str, float]
    scale: dict[str, float]
    factor: dict[str, float]
    missing: float
    gaps: float
    logits: tuple[float, ...]
    correlation: float

    def quantile(self, name: str, normal: float) -> float:
        """Return the true quantile of a column at a quantile of the normal distribution."""
        return float(FORMS[name](np.array(self.shift[name] + self.scale[name] * normal)) * self.factor[name])

    def truth(self, name: str, figure: str) -> float:
        """Return the true value of a figure as a sentence names it."""
        if figure == "missing values":
            return self.gaps if name == "lognormal" else self.missing
        if figure.startswith("the correlation"):
            return self.correlation if figure.endswith("between normal and lognormal") else 0.0
        if name not in FORMS and name != "plan":
            return np.nan
        if figure == "median":
            return self.quantile(name, 0.0)
        if figure == "interquartile range":
            return self.quantile(name, QUARTILE) - self.quantile(name, -QUARTILE)
        return self.shares.get(figure.strip('"'), np.nan)

    @property
    def shares(self) -> dict[str, float]:
        """The share of each category."""
        weights = np.exp(self.logits)
        return dict(zip((*LEVELS, "crypto"), (weights / weights.sum()).tolist(), strict=True))

    def draw(self, random: np.random.Generator, rows: int) -> pd.DataFrame:
        """Return rows of this state."""
        normal = random.standard_normal((len(FORMS), rows))
        normal[1] = self.correlation * normal[0] + np.sqrt(1 - self.correlation**2) * normal[1]
        frame = pd.DataFrame(
            {
                name: FORMS[name](self.shift[name] + self.scale[name] * own) * self.factor[name]
                for name, own in zip(FORMS, normal, strict=True)
            }
        )
        frame.loc[random.random(rows) < self.gaps, "lognormal"] = np.nan
        frame["plan"] = random.choice((*LEVELS, "crypto"), rows, p=list(self.shares.values()))
        frame["email"] = np.where(random.random(rows) < self.missing, np.nan, random.standard_normal(rows))
        return frame


def reference_state() -> State:
    """Return the state of the reference."""
    ones, zeros = dict.fromkeys(FORMS, 1.0), dict.fromkeys(FORMS, 0.0)
    return State(zeros, ones, ones, 0.016, 0.05, (1.0, 0.5, 0.0, -1.0, -9.0), 0.5)


def usual_state(random: np.random.Generator, known: State) -> State:
    """Return what is usual: another shift and scale of each column, other shares, and more missing values."""
    return replace(
        known,
        shift={name: float(random.choice([-1, 1]) * random.uniform(0.15, 0.6)) for name in FORMS},
        scale={name: float(np.exp(random.choice([-1, 1]) * random.uniform(0.1, 0.3))) for name in FORMS},
        missing=0.10,
        gaps=0.3,
        logits=(*(each + float(random.choice([-0.4, 0.4])) for each in known.logits[:4]), known.logits[4]),
        correlation=float(random.choice([0.3, 0.65])),
    )


def change_level(random: np.random.Generator, usual: State, known: State, small: bool = False) -> State:
    """Return a state in which one column's values are higher or lower."""
    name, size = random.choice(list(FORMS)), random.uniform(0.12, 0.25) if small else random.uniform(0.3, 1.2)
    return replace(usual, shift={**usual.shift, name: usual.shift[name] + float(random.choice([-1, 1]) * size)})


def change_level_a_little(random: np.random.Generator, usual: State, known: State) -> State:
    """Return a state that only several days show."""
    return change_level(random, usual, known, small=True)


def change_factor(random: np.random.Generator, usual: State, known: State) -> State:
    """Return a state in which every value of a column with a heavy tail is some times as large."""
    name = random.choice(["lognormal", "pareto", "zero_inflated"])
    return replace(usual, factor={**usual.factor, name: float(np.exp(random.choice([-1, 1]) * random.uniform(0.4, 1)))})


def change_spread(random: np.random.Generator, usual: State, known: State) -> State:
    """Return a state in which one column's values lie further apart, or nearer."""
    name = random.choice(list(FORMS))
    factor = float(np.exp(random.choice([-1, 1]) * random.uniform(0.35, 0.9)))
    return replace(usual, scale={**usual.scale, name: usual.scale[name] * factor})


def more_missing(random: np.random.Generator, usual: State, known: State) -> State:
    """Return a state with more missing values than usual."""
    return replace(usual, missing=float(random.uniform(0.2, 0.5)))


def fewer_missing(random: np.random.Generator, usual: State, known: State) -> State:
    """Return a state with fewer missing values than usual, but more than in the reference."""
    return replace(usual, missing=float(random.uniform(0.02, 0.04)))


def change_category(random: np.random.Generator, usual: State, known: State) -> State:
    """Return a state in which one category is more or less frequent, or a new one has come."""
    level, logits = int(random.integers(5)), list(usual.logits)
    logits[level] = -0.5 if level == 4 else logits[level] + float(random.choice([-1, 1]) * random.uniform(0.6, 1.5))
    return replace(usual, logits=tuple(logits))


def change_correlation(random: np.random.Generator, usual: State, known: State) -> State:
    """Return a state in which two columns correlate less or more than usual."""
    return replace(usual, correlation=float(random.choice([-0.2, 0.1, 0.85])))


def change_unit(random: np.random.Generator, usual: State, known: State) -> State:
    """Return a state in which one column has another unit."""
    name, unit = random.choice(["normal", "lognormal", "pareto"]), float(random.choice([0.01, 1 / 60, 60, 100, 1000]))
    return replace(usual, factor={**usual.factor, name: unit})


def return_to_reference(random: np.random.Generator, usual: State, known: State) -> State:
    """Return the state of the reference, which is not the usual one."""
    return known


CHANGES: dict[str, Callable[[np.random.Generator, State, State], State]] = {
    "level": change_level,
    "level over a week": change_level_a_little,
    "scale of heavy tails": change_factor,
    "spread": change_spread,
    "missing values rise": more_missing,
    "missing values fall": fewer_missing,
    "category": change_category,
    "correlation": change_correlation,
    "unit": change_unit,
    "return to the reference": return_to_reference,
}
