"""The reference as a population, from which references and days are drawn: whole days if it has days, else rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.calibration.whole_days import Windows, find_windows
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.values import aligned_numbers, describe_type, to_text

CONTINUOUS = 0.9  # a column with a larger share of different values is taken as continuous, without ties


@dataclass(frozen=True)
class Population:
    """The testable columns of the reference.

    numbers: (rows, numeric columns) float64, NaN where missing. gaps: the same shape, the distance to the next larger
    value, 0 in a column with ties. levels: (rows, categorical columns) codes, 0 for the most frequent, -1 if missing.
    windows: the rows of each window of days that a day is drawn from; none if a day is drawn row by row.
    """

    number_names: tuple[str, ...]
    level_names: tuple[str, ...]
    numbers: np.ndarray
    gaps: np.ndarray
    levels: np.ndarray
    windows: Windows = field(default_factory=Windows)

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, numbers first."""
        return (*self.number_names, *self.level_names)

    def draw_reference(self, random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers and levels of `rows` rows: windows in random order, or single rows, drawn with replacement."""
        return self._take(self.windows.draw(random, rows) if self.windows else self._rows(random, rows), random)

    def draw_days(self, random: np.random.Generator, days: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers and levels (days, rows, columns) of days: of a window each, or of rows drawn one by one."""
        if self.windows:
            chosen = np.concatenate([self.windows.draw_day(random, rows) for _ in range(days)])
        else:
            chosen = self._rows(random, days * rows)
        numbers, levels = self._take(chosen, random)
        return numbers.reshape(days, rows, -1), levels.reshape(days, rows, -1)

    def _rows(self, random: np.random.Generator, rows: int) -> np.ndarray:
        return random.integers(0, len(self.numbers) or len(self.levels), rows)

    def _take(self, chosen: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers and levels of the chosen rows.

        A continuous value is drawn between its own and the next larger one, so that rows drawn twice make no ties.
        """
        moved = self.gaps[chosen] * random.random((len(chosen), self.numbers.shape[1]))
        return self.numbers[chosen] + moved, self.levels[chosen]

    def shift(self, column: int, shift_sd: float, random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Return what to add to a numeric column's values to shift its mean by so many standard deviations.

        Values with a fixed step, such as whole numbers, are shifted by whole steps, some by one step more than others.
        """
        values = self.numbers[:, column]
        shift = shift_sd * np.nanstd(values)
        if self.gaps[:, column].any():
            return np.full(shape, shift)
        step = np.diff(np.unique(values[~np.isnan(values)])).min(initial=np.inf)
        return step * np.floor(shift / step + random.random(shape)) if np.isfinite(step) else np.full(shape, shift)


def make_population(data: Data, columns: Sequence[Column], time_column: str = "", current_days: int = 1) -> Population:
    """Return the population of the watched, testable columns; DriftMonitorError if there are none.

    Days are drawn whole if `time_column` says of enough of the reference's rows on which day they were.
    """
    watched = [column for column in columns if column.testable and not column.ignored]
    numbers = [column.name for column in watched if column.kind == "numerical"]
    levels = [column.name for column in watched if column.kind == "categorical"]
    if not watched:
        raise DriftMonitorError("data: no column can be tested; name columns and their kinds in `columns`.")
    rows = len(data.reference)
    values = [aligned_numbers(data.reference[name]) for name in numbers]
    codes = [_codes(data.reference[name]) for name in levels]
    return Population(
        tuple(numbers),
        tuple(levels),
        np.column_stack(values) if values else np.empty((rows, 0)),
        np.column_stack([_gaps(column) for column in values]) if values else np.empty((rows, 0)),
        np.column_stack(codes) if codes else np.empty((rows, 0), dtype=int),
        find_windows(data.reference, time_column, current_days, len(data.current)),
    )


def _codes(series: pd.Series) -> np.ndarray:
    """Return the level of every row, 0 for the most frequent one, -1 where it is missing."""
    codes = np.full(len(series), -1)
    present = np.isfinite(aligned_numbers(series)) if describe_type(series) == "number" else series.notna().to_numpy()
    levels = np.unique(to_text(series).astype(str), return_inverse=True)[1]
    counts = np.bincount(levels)
    codes[present] = np.argsort(np.argsort(-counts, kind="stable"))[levels]
    return codes


def _gaps(values: np.ndarray) -> np.ndarray:
    """Return the distance from each value to the next larger one; 0 for a column with many equal values."""
    present = values[~np.isnan(values)]
    ordered = np.unique(present)
    if len(ordered) <= CONTINUOUS * len(present):
        return np.zeros(len(values))
    above = np.append(ordered[1:], ordered[-1])
    positions = np.searchsorted(ordered, np.nan_to_num(values, nan=ordered[0]))
    return above[positions] - ordered[positions]
