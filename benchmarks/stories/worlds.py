"""Days of ten columns, of which pairs go together, judged by the same ordinary days: incidents with a planted cause."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import Comparison, judge_with
from driftmonitor.analysis.drift.compare_columns import compare_columns
from driftmonitor.analysis.drift.rules import Settings, choose_rules
from driftmonitor.analysis.drift.with_evidently.methods import Methods
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays, earlier_day
from driftmonitor.facts.moves import DayMoves, Move
from driftmonitor.facts.record import RunRecord

COLUMNS = [f"c{i}" for i in range(8)]
ROWS, REFERENCE_ROWS, PAST_DAYS = 1000, 10_000, 80
FIRST = dt.date(2026, 1, 1)
DAY_SD = 0.03  # of the day effects


def draw(
    random: np.random.Generator, rows: int, correlations: Sequence[float], shifts: Mapping[str, float]
) -> pd.DataFrame:
    """Return rows of eight numbers and two categories; each pair of neighbours has one of the correlations."""
    numbers = random.standard_normal((len(COLUMNS), rows))
    for pair, correlation in enumerate(correlations):
        numbers[2 * pair + 1] = correlation * numbers[2 * pair] + (1 - correlation**2) ** 0.5 * numbers[2 * pair + 1]
    frame = pd.DataFrame({name: column + shifts.get(name, 0.0) for name, column in zip(COLUMNS, numbers, strict=True)})
    frame += random.normal(0, DAY_SD, len(COLUMNS)) if rows < REFERENCE_ROWS else 0.0
    for name in ("plan", "country"):
        frame[name] = random.choice(["a", "b", "c", "d"], rows, p=[0.5, 0.3, 0.15, 0.05])
    return frame


def compare(reference: pd.DataFrame, current: pd.DataFrame) -> Comparison:
    """Return the comparison of two frames."""
    data = Data(reference, current, len(reference), len(current))
    columns = infer_columns(data)
    return compare_columns(data, columns, choose_rules(columns, Settings(), Methods()), 0.1)


class World:
    """A reference and ordinary days."""

    def __init__(self, correlations: Sequence[float] = (0.8, 0.5, 0.3, 0.0), seed: int = 0) -> None:
        self.correlations, self.random = correlations, np.random.default_rng(seed)
        self.reference = draw(self.random, REFERENCE_ROWS, correlations, {})
        self.past = EarlierDays(rule="budget", days=tuple(self._ordinary(number) for number in range(PAST_DAYS)))

    def _ordinary(self, number: int) -> EarlierDay:
        record = compare(self.reference, draw(self.random, ROWS, self.correlations, {}))
        day = FIRST + dt.timedelta(number)
        found = judge_with(record, EarlierDays(rule="share"), day).record("m", day)
        return EarlierDay.model_validate(earlier_day(day, found.to_dict(), ""))

    def day(self, number: int, shifts: Mapping[str, float]) -> RunRecord:
        """Return the record of a day whose columns are shifted, so many days after the ordinary ones."""
        day = FIRST + dt.timedelta(PAST_DAYS + number)
        comparison = compare(self.reference, draw(self.random, ROWS, self.correlations, shifts))
        return judge_with(comparison, self.past, day).record("m", day)

    def incident(self, shifts: Mapping[str, float], days: int = 3) -> list[tuple[Move, ...]]:
        """Return what moved on the first days of an incident; a day that does not alert is left out."""
        found = [DayMoves.of(self.day(number, shifts)).moves for number in range(days)]
        return [moves for moves in found if moves]


@cache
def plain_world() -> World:
    """Return the world that all incidents are drawn in."""
    return World()
