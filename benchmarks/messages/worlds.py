"""Simulated monitors without drift: what each day adds to its columns, how many rows come, and which days run.

Eight columns of numbers, of normal deviates to which a day's effect is added: normal, lognormal with a log-SD of 0.5,
1, 1.5 and 2, heavy on both sides, rounded, and counts with many zeros.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from driftmonitor.budget.special_days import HOLIDAY, kinds_of

FIRST = dt.date(2026, 1, 5)

COLUMNS: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    lambda z: z,
    lambda z: np.exp(0.5 * z),
    np.exp,
    lambda z: np.exp(1.5 * z),
    lambda z: np.exp(2 * z),
    lambda z: np.sign(z) * np.expm1(np.abs(z)),
    lambda z: np.round(3 * z),
    lambda z: np.maximum(np.round(np.exp(z) - 1), 0),
)
NAMES = tuple(f"column {number}" for number in range(len(COLUMNS)))
WORLDS = {
    "independent": "nothing differs between days",
    "volume": "rows a day are lognormal, 50 to 5,000",
    "volume, day effects": "the same, and each day shifts each column by 0.05 SD",
    "week": "each column has a weekly pattern of 0.3 SD, and weekends a quarter of the rows",
    "first of the month": "half of the columns are shifted by 0.4 SD on every 30th day",
    "month by date": "half of the columns are shifted by 0.4 SD on the first of each month",
    "ten holidays": "ten days a year shift all columns by 0.5 SD, with 400 rows",
    "known holidays": "the same, and `holidays` says which days they are",
    "plateaus": "three columns are 0.15 SD higher for 30 of every 90 days",
    "regimes": "three columns switch between two levels, once in 20 days",
    "missing days": "15% of the days and eight weeks are missing; day effects of 0.05 SD",
    "duplicates": "on 3% of the days, 15% of the rows are copies of one",
    "batches": "rows come in batches of equal ones, up to 200",
    "t(2)": "day effects are 0.05 SD times Student's t with 2 degrees of freedom",
    "one noisy column": "one column has day effects of 0.1 SD times t(2)",
    "growth": "rows a day grow from 200 to 5,000",
    "season": "each column follows a sine of 0.3 SD a year; the reference is one month",
    "weekly runs": "one run a week",
    "working days": "five runs a week",
    "AR(1) 0.95": "day effects of 0.15 SD are autocorrelated",
    "random walk": "each column moves by 0.01 SD a day, for ever",
    "shared day": "one day effect of 0.1 SD in all columns",
    "few rows": "30 rows a day, day effects of 0.05 SD",
}


@dataclass(frozen=True)
class Days:
    """What happens on each day: effects (days, columns) in SD, rows (days), whether it has a run, its kind (days)."""

    effects: np.ndarray
    rows: np.ndarray
    runs: np.ndarray
    kinds: np.ndarray


def draw(world: str, length: int, random: np.random.Generator) -> Days:
    """Return the days of a world."""
    shape, day = (length, len(COLUMNS)), np.arange(length)
    effects, runs = np.zeros(shape), np.ones(length, dtype=bool)
    rows = np.maximum(random.normal(1000, 50, length), 10)
    early = np.arange(len(COLUMNS)) < 4
    dates = [FIRST + dt.timedelta(number) for number in range(length)]
    kinds = np.array(kinds_of(dates, ""))
    match world:
        case "volume" | "volume, day effects":
            rows = np.clip(np.exp(random.normal(np.log(500), 1, length)), 50, 5000)
        case "week":
            effects = random.normal(0, 0.3, (7, len(COLUMNS)))[day % 7]
            rows = random.poisson(np.where(day % 7 < 5, 1200, 300))
        case "first of the month":
            effects = np.where((day % 30 == 0)[:, None] & early, random.normal(0, 0.4, shape), 0)
        case "month by date":
            firsts = np.array([date.day == 1 for date in dates])
            effects = np.where(firsts[:, None] & early, random.normal(0, 0.4, shape), 0)
        case "ten holidays" | "known holidays":
            for holiday in random.choice(365, 10, replace=False):
                effects[day % 365 == holiday] = random.normal(0, 0.5, len(COLUMNS))
                rows[day % 365 == holiday] = 400
                if world == "known holidays":
                    kinds[day % 365 == holiday] = HOLIDAY
        case "plateaus":
            effects = np.where((day % 90 < 30)[:, None] & early, 0.15, 0.0)
        case "regimes":
            state = np.cumsum(random.random(length) < 1 / 20) % 2
            effects = state[:, None] * np.where(early, random.normal(0, 0.3, len(COLUMNS)), 0)
        case "missing days":
            runs = random.random(length) > 0.15
            for start in random.integers(100, length - 100, 8):
                runs[start : start + 7] = False
        case "t(2)":
            effects = 0.05 * random.standard_t(2, shape)
        case "one noisy column":
            effects[:, 0] = 0.1 * random.standard_t(2, length)
        case "growth":
            rows = random.poisson(np.linspace(200, 5000, length) * np.exp(random.normal(0, 0.05, length)))
        case "season":
            effects = 0.3 * np.sin(2 * np.pi * (day[:, None] / 365 + random.random(len(COLUMNS))))
        case "weekly runs":
            runs, rows = day % 7 == 0, 7 * rows
        case "working days":
            runs = day % 7 < 5
        case "AR(1) 0.95":
            effects = random.normal(0, 0.15, shape)
            for number in range(1, length):
                effects[number] = 0.95 * effects[number - 1] + np.sqrt(1 - 0.95**2) * effects[number]
        case "random walk":
            effects = np.cumsum(random.normal(0, 0.01, shape), axis=0)
        case "shared day":
            effects = np.tile(random.normal(0, 0.1, (length, 1)), len(COLUMNS))
        case "few rows":
            rows = random.poisson(30, length) + 5
    if world in ("volume, day effects", "missing days", "growth", "few rows"):
        effects = random.normal(0, 0.05, shape)
    return Days(effects, np.asarray(rows, dtype=int), runs, kinds)


def draw_rows(world: str, rows: int, effects: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the deviates of one day (rows, columns)."""
    deviates = random.standard_normal((rows, len(COLUMNS))) + effects
    if world == "duplicates" and random.random() < 0.03:
        deviates[: int(0.15 * rows)] = deviates[0]
    if world == "batches":
        sizes = np.minimum(random.pareto(1.5, rows).astype(int) + 1, 200)
        deviates = np.repeat(deviates, sizes, axis=0)[:rows]
    return deviates
