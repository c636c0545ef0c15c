"""Divide a column into two parts of its rows: numbers at a quantile of the reference, categories at one level."""

from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.sides import Side, Values
from driftmonitor.analysis.values import Kind, aligned_numbers, describe_type, to_codes

CUTS = 7  # eighths of the reference's rows
MOST_LEVELS = 7  # the most frequent, each against all others
MISSING = -1


@dataclass(frozen=True)
class Watched:
    """A column whose dependence is watched. `as_numbers`: its true and false are 1 and 0 on the other side."""

    name: str
    kind: Kind
    as_numbers: bool = False


@dataclass(frozen=True)
class Parts:
    """Where a column is divided: numbers above each of the `cuts` or not, categories at each of the `levels` or not."""

    column: Watched
    cuts: np.ndarray
    levels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.levels) or len(self.cuts)

    def place(self, side: Side, rows: int) -> np.ndarray:
        """Return for each of the first rows how many cuts it is above, or the number of its level; MISSING without."""
        if self.column.name not in side:
            return np.full(min(len(side), rows), MISSING)
        values = Values(side.frame[self.column.name].head(rows))
        if self.column.kind == "numerical":
            numbers = _single(values)
            return np.where(np.isnan(numbers), MISSING, np.searchsorted(self.cuts, numbers, side="left"))
        present, codes, levels = _words(values, self.column.as_numbers)
        order = {level: number for number, level in enumerate(self.levels)}
        places = np.full(len(present), MISSING)
        places[present] = np.array([order.get(level, len(order)) for level in levels], dtype=int)[codes]
        return places

    def split(self, places: np.ndarray) -> np.ndarray:
        """Return which rows are in each part (rows, parts), by their places."""
        numbers = np.arange(len(self))
        return places[:, None] == numbers if self.levels else places[:, None] > numbers


def divide(column: Watched, side: Side, rows: np.ndarray) -> Parts:
    """Return the parts of a column, from some rows of the reference."""
    values = Values(side.frame[column.name].iloc[rows])
    if column.kind == "numerical":
        ordered = np.sort(_single(values))
        ordered = ordered[~np.isnan(ordered)]
        eighths = np.unique(ordered[np.arange(1, CUTS + 1) * len(ordered) // (CUTS + 1)]) if len(ordered) else ordered
        return Parts(column, eighths[eighths < ordered[-1]] if len(ordered) else eighths)
    _, codes, levels = _words(values, column.as_numbers)
    counts = np.bincount(codes, minlength=len(levels))
    frequent = sorted(range(len(levels)), key=lambda code: (-counts[code], levels[code]))
    wanted = min(MOST_LEVELS, len(levels) - 1)  # the last of all levels is where the others are not
    return Parts(column, np.empty(0), tuple(str(levels[code]) for code in frequent[:wanted]))


def _single(values: Values) -> np.ndarray:
    """Return every value in single precision: 0.1 on one side may have lost its last digits on the other."""
    with np.errstate(over="ignore", under="ignore"):
        return aligned_numbers(values.series).astype(np.float32)


def _words(values: Values, as_numbers: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which rows have a category, the code of each of these, and the levels by code."""
    content = "number" if as_numbers else describe_type(values.series)
    if content != "number":
        present = values.series.notna().to_numpy()
        return present, *to_codes(values.series, content)
    numbers = aligned_numbers(values.series)
    present = ~np.isnan(numbers)
    if as_numbers:
        return present, values.numbers_in_words.codes, values.numbers_in_words.levels
    return present, *to_codes(values.series, content)
