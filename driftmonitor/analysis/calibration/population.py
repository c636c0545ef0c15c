"""The reference as a population from which references and days are drawn, whole rows at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.values import aligned_numbers, describe_type, to_text

CONTINUOUS = 0.9  # a column of which more values than this share are different has no ties by nature


@dataclass(frozen=True)
class Population:
    """The testable columns of the reference.

    numbers: (rows, numeric columns) float64, NaN where missing; gaps: the same shape, the way up to the next larger
    value, 0 in a column with ties. levels: (rows, categorical columns) codes from 0 up, the most frequent first, -1
    where missing.
    """

    number_names: tuple[str, ...]
    level_names: tuple[str, ...]
    numbers: np.ndarray
    gaps: np.ndarray
    levels: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, numbers first."""
        return (*self.number_names, *self.level_names)

    def draw(self, dice: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers and levels of `rows` rows drawn with replacement.

        A continuous value lands anywhere between its own and the next larger one: rows drawn twice make no ties.
        """
        chosen = dice.integers(0, len(self.numbers) or len(self.levels), rows)
        moved = self.gaps[chosen] * dice.random((rows, self.numbers.shape[1]))
        return self.numbers[chosen] + moved, self.levels[chosen]

    def shift(self, column: int, shift_sd: float, dice: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Return what to add to a numeric column's values to move its mean by so many standard deviations.

        Values that stand on steps, such as whole numbers, move by whole steps, some of them by one more than others.
        """
        values = self.numbers[:, column]
        shift = shift_sd * np.nanstd(values)
        if self.gaps[:, column].any():
            return np.full(shape, shift)
        step = np.diff(np.unique(values[~np.isnan(values)])).min(initial=np.inf)
        return step * np.floor(shift / step + dice.random(shape)) if np.isfinite(step) else np.full(shape, shift)


def make_population(data: Data, columns: Sequence[Column]) -> Population:
    """Return the population of the columns that are watched and can be tested; DriftMonitorError when there is none."""
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
    )


def _codes(series: pd.Series) -> np.ndarray:
    """Return every row's level, the most frequent being 0, -1 where it is missing."""
    codes = np.full(len(series), -1)
    known = np.isfinite(aligned_numbers(series)) if describe_type(series) == "number" else series.notna().to_numpy()
    levels = np.unique(to_text(series).astype(str), return_inverse=True)[1]
    counts = np.bincount(levels)
    codes[known] = np.argsort(np.argsort(-counts, kind="stable"))[levels]
    return codes


def _gaps(values: np.ndarray) -> np.ndarray:
    """Return the way from each value to the next larger one; 0 everywhere in a column with many equal values."""
    known = np.unique(values[~np.isnan(values)])
    if len(known) <= CONTINUOUS * (~np.isnan(values)).sum():
        return np.zeros(len(values))
    above = np.append(known[1:], known[-1])
    places = np.searchsorted(known, np.nan_to_num(values, nan=known[0]))
    return above[places] - known[places]
