"""Simulated days of ten columns and five segmentations of ten values, what varies between them, and changes of a day.

Eight columns are normal, two are categories with shares of .5, .3, .15 and .05. The values of a segmentation have from
2% to 28% of the rows; that which changes has 5%.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from driftmonitor.budget.special_days import kinds_of

FIRST = dt.date(2026, 1, 5)
NUMBERS, CATEGORIES, SEGMENTATIONS = 8, 2, 5
COLUMNS = NUMBERS + CATEGORIES
SHARES = np.array([0.28, 0.2, 0.14, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02])
CHANGED = 6  # the segment of 5% of the rows
WORLDS = {
    "independent": "nothing differs between days",
    "day effects": "each day shifts each column by 0.05 SD",
    "segments vary": "each day shifts each column in each segment by 0.1 SD, and the shares by 5%",
    "volume, day effects": "rows are lognormal, 50 to 5,000; day effects of 0.05 SD",
    "week": "each column has a weekly pattern of 0.3 SD, and weekends a quarter of the rows",
    "first of the month": "half of the columns are shifted by 0.4 SD on every 30th day",
    "ten holidays": "ten days a year shift all columns by 0.5 SD, with 400 rows",
    "duplicates": "on 3% of the days, 15% of the rows are copies of one",
    "t(2)": "day effects are 0.05 SD times Student's t with 2 degrees of freedom",
    "shared day": "one day effect of 0.1 SD in all columns",
    "few rows": "30 rows a day, day effects of 0.05 SD",
}
CALM = ("independent", "day effects", "week")


@dataclass(frozen=True)
class Change:
    """What is different on a day: a shift in SD of one column, in the rows of one segment or in all.

    new, gone: the segment's rows have a value that the reference does not have, or do not come.
    """

    shift: float = 0.0
    everywhere: bool = False
    new: bool = False
    gone: bool = False


@dataclass(frozen=True)
class Days:
    """Effects (days, columns) in SD, rows (days), kinds (days), and what varies in segments, in SD."""

    effects: np.ndarray
    rows: np.ndarray
    kinds: np.ndarray
    in_segments: float = 0.0


@dataclass(frozen=True)
class Rows:
    """One day's rows: deviates (rows, columns), and the segment of each in each segmentation (rows, segmentations)."""

    deviates: np.ndarray
    segments: np.ndarray


def draw_days(world: str, length: int, random: np.random.Generator) -> Days:
    """Return the days of a world."""
    shape, day = (length, COLUMNS), np.arange(length)
    effects, rows = np.zeros(shape), random.poisson(1000, length)
    half = np.arange(COLUMNS) < COLUMNS // 2
    match world:
        case "day effects":
            effects = random.normal(0, 0.05, shape)
        case "volume, day effects":
            effects = random.normal(0, 0.05, shape)
            rows = np.clip(np.exp(random.normal(np.log(500), 1, length)), 50, 5000)
        case "week":
            effects = random.normal(0, 0.3, (7, COLUMNS))[day % 7]
            rows = random.poisson(np.where(day % 7 < 5, 1200, 300))
        case "first of the month":
            effects = np.where((day % 30 == 0)[:, None] & half, random.normal(0, 0.4, shape), 0)
        case "ten holidays":
            for holiday in random.choice(365, 10, replace=False):
                effects[day % 365 == holiday] = random.normal(0, 0.5, COLUMNS)
                rows[day % 365 == holiday] = 400
        case "t(2)":
            effects = 0.05 * random.standard_t(2, shape)
        case "shared day":
            effects = np.tile(random.normal(0, 0.1, (length, 1)), COLUMNS)
        case "few rows":
            effects, rows = random.normal(0, 0.05, shape), random.poisson(30, length) + 5
    kinds = np.array(kinds_of([FIRST + dt.timedelta(number) for number in range(length)], ""))
    return Days(effects, np.asarray(rows, dtype=int), kinds, 0.1 if world == "segments vary" else 0.0)


def draw_rows(world: str, days: Days, day: int, random: np.random.Generator, change: Change | None = None) -> Rows:
    """Return the rows of one day."""
    rows = int(days.rows[day])
    shares = SHARES * np.exp(random.normal(0, days.in_segments / 2, (SEGMENTATIONS, len(SHARES))))
    segments = np.column_stack([random.choice(len(SHARES), rows, p=each / each.sum()) for each in shares])
    deviates = random.standard_normal((rows, COLUMNS)) + days.effects[day]
    if days.in_segments:
        own = random.normal(0, days.in_segments, (SEGMENTATIONS, len(SHARES), COLUMNS))
        deviates += sum(own[i, segments[:, i]] for i in range(SEGMENTATIONS)) / SEGMENTATIONS**0.5
    if world == "duplicates" and random.random() < 0.03:
        deviates[: int(0.15 * rows)], segments[: int(0.15 * rows)] = deviates[0], segments[0]
    return Rows(deviates, segments) if change is None else _changed(Rows(deviates, segments), change)


def _changed(rows: Rows, change: Change) -> Rows:
    inside = rows.segments[:, 0] == CHANGED
    rows.deviates[:, 0] += change.shift * (inside | change.everywhere)
    if change.new:
        rows.segments[inside, 0] = len(SHARES) + 2
    return Rows(rows.deviates[~inside], rows.segments[~inside]) if change.gone else rows
