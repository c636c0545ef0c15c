"""Simulated orders whose ten columns depend on one another, days that differ without a change, and four changes.

The country moves the amount, age decides the plan, the score is of amount, age and visits, and the label follows the
score. Of weight, visits and balance any two are independent, but the sign of weight is the product of the two others'
in 80% of rows.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

COUNTRIES, SHARES, LEVELS = ("DE", "FR", "IT", "PL"), (0.35, 0.35, 0.2, 0.1), np.array([0.0, 0.6, -0.4, 0.9])
CHANGES = {
    "wrong join": "country, plan and label are those of other rows",
    "changed concept": "the label follows another column, not the score",
    "swapped segments": "DE and FR, which are equally frequent, change places",
    "three-way sign": "the sign of weight no longer follows two others",
}
WORLDS = {
    "independent": "nothing differs between days",
    "day effects": "each day shifts each column by 0.05 SD",
    "week": "each column has a weekly pattern of 0.3 SD, and weekends a quarter of the rows",
    "heavy tails": "each day shifts each column by 0.05 SD times t(2)",
    "dependence varies": "each day the strength of each relation differs by 10%",
    "few rows": "30 rows a day",
}
NUMBERS = 6  # normal deviates that a day may shift


def effects_of(world: str, days: int, random: np.random.Generator) -> np.ndarray:
    """Return what each day adds to each of the deviates (days, NUMBERS)."""
    shape = (days, NUMBERS)
    draws: Mapping[str, Callable[[], np.ndarray]] = {
        "day effects": lambda: random.normal(0, 0.05, shape),
        "week": lambda: random.normal(0, 0.3, (7, NUMBERS))[np.arange(days) % 7],
        "heavy tails": lambda: 0.05 * random.standard_t(2, shape),
    }
    return draws[world]() if world in draws else np.zeros(shape)


def rows_of(world: str, day: int, random: np.random.Generator) -> int:
    """Return the number of rows of a day."""
    if world == "few rows":
        return int(random.poisson(30)) + 5
    usual = (1200 if day % 7 < 5 else 300) if world == "week" else 1000
    return int(random.poisson(usual))


def draw(
    rows: int, effects: np.ndarray, random: np.random.Generator, change: str = "", varies: bool = False
) -> pd.DataFrame:
    """Return the rows of one day."""
    strength = 1 + (0.1 * random.standard_normal(4) if varies else np.zeros(4))
    country = random.choice(len(COUNTRIES), rows, p=SHARES)
    amount, age, visits, weight, balance, other = random.standard_normal((rows, NUMBERS)).T + effects[:, None]
    amount = amount + strength[0] * LEVELS[country]
    if change != "three-way sign":
        follows = random.random(rows) < 0.8
        weight = np.where(follows, np.abs(weight) * np.sign(visits * balance), weight)
    plan = np.where(_likely(strength[1] * age, random), "pro", np.where(_likely(0 * age, random), "basic", "free"))
    score = strength[2] * (0.6 * amount + 0.6 * age) + 0.4 * visits + 0.3 * random.standard_normal(rows)
    label = _likely(1.2 * strength[3] * (0.9 * other if change == "changed concept" else score - 0.1), random)
    if change == "swapped segments":
        country = np.array([1, 0, 2, 3])[country]
    table = pd.DataFrame(
        {
            "amount": np.exp(3 + 0.5 * amount),
            "age": 40 + 10 * age,
            "visits": visits,
            "weight": weight,
            "balance": balance,
            "other": other,
            "country": np.array(COUNTRIES, dtype=object)[country],
            "plan": plan,
            "score": 1 / (1 + np.exp(-score)),
            "label": label.astype(int),
        }
    )
    return _join(table, random.permutation(rows)) if change == "wrong join" else table


def _join(table: pd.DataFrame, others: np.ndarray) -> pd.DataFrame:
    joined = ["country", "plan", "label"]
    return table.assign(**{name: table[name].to_numpy()[others] for name in joined})


def _likely(logits: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return random.random(len(logits)) < 1 / (1 + np.exp(-logits))
