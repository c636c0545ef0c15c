"""Divide the rows of both sides by the values of one column: numbers at quantiles, categories at frequent levels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor.analysis.sides import Values, usable_values
from driftmonitor.analysis.usable import Numbers, Usable, Words
from driftmonitor.analysis.values import NamedColumn, aligned_numbers
from driftmonitor.facts.base import rounded
from driftmonitor.facts.where import Condition
from driftmonitor.formats import one_line

CELLS = 20  # of numbers, each with as many rows of the reference
MOST_LEVELS = 20  # of the reference, and
MOST_NEW = 5  # that only the current data has; all others together are one cell
NAME_LENGTH = 40


@dataclass(frozen=True)
class Division:
    """The cell of each row on both sides, by one column.

    reference, current: cell numbers. conditions: what the rows of a cell have in common; None of the other levels.
    ranges: how many of the first cells follow one another, as ranges of numbers do. edges: where they end.
    """

    column: str
    reference: np.ndarray
    current: np.ndarray
    conditions: tuple[Condition | None, ...]
    ranges: int = 0
    edges: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.conditions)

    def condition(self, first: int, last: int) -> Condition | None:
        """Return what the rows of these cells, the last one included, have in common."""
        if first == last or self.edges is None:
            return self.conditions[first]
        return _range(self.column, self.edges, first, last)

    def coarse(self, cells: int) -> "Division":
        """Return the division with at most so many ranges of numbers; levels stay as they are."""
        if self.edges is None or self.ranges <= cells:
            return self
        size = -(-self.ranges // cells)
        of_ranges = np.arange(self.ranges) // size
        edges, count = self.edges[size - 1 :: size], int(of_ranges[-1]) + 1
        merged = np.concatenate([of_ranges, np.arange(count, count + len(self) - self.ranges)])
        conditions = [*(_range(self.column, edges, i, i) for i in range(count)), *self.conditions[self.ranges :]]
        cells_of = merged[self.reference], merged[self.current]
        return Division(self.column, *cells_of, tuple(conditions), count, edges)


def aligned(series: pd.Series, usable: Usable) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of a column have a usable value, and the numbers, or the codes of the words, of these rows."""
    if isinstance(usable, Words):
        present = series.notna().to_numpy(dtype=bool)
        if len(usable) < present.sum():  # infinite numbers are no categories
            present &= ~np.isnan(aligned_numbers(series))
        return present, usable.codes
    return ~np.isnan(aligned_numbers(series)), usable.values


def both(reference: pd.DataFrame, current: pd.DataFrame, column: NamedColumn) -> tuple[Usable, Usable]:
    """Return the usable values of a column on both sides."""
    return usable_values(Values(reference[column.name]), Values(current[column.name]), column.kind)


def divide(reference: pd.DataFrame, current: pd.DataFrame, column: NamedColumn) -> Division:
    """Return the division of both sides by a column; missing values are a cell of their own, the last one."""
    usable = both(reference, current, column)
    sides = [aligned(frame[column.name], each) for frame, each in zip((reference, current), usable, strict=True)]
    if isinstance(usable[0], Words) and isinstance(usable[1], Words):
        names = _name_levels(usable[0], usable[1])
        places = [_place_levels(names, each) for each in usable]
        conditions: list[Condition | None] = [
            Condition(column=column.name, level=one_line(name, NAME_LENGTH)) for name in names
        ]
        conditions.append(None)
        edges, ranges = None, 0
    else:
        edges = _find_edges(usable[0])
        places = [np.searchsorted(edges, each.values, side="left") for each in usable]
        ranges = len(edges) + 1
        conditions = [_range(column.name, edges, cell, cell) for cell in range(ranges)]
    conditions.append(Condition(column=column.name, missing=True))
    cells = [spread(present, place, len(conditions) - 1) for (present, _), place in zip(sides, places, strict=True)]
    return Division(column.name, cells[0], cells[1], tuple(conditions), ranges, edges)


def spread(present: np.ndarray, values: np.ndarray, missing: float) -> np.ndarray:
    """Return a value for each row: those of the rows that have one, and `missing` for the others."""
    every = np.full(len(present), missing)
    every[present] = values
    return every


def _find_edges(reference: Usable) -> np.ndarray:
    """Return quantiles of the reference, without those that are alike and without the largest value."""
    assert isinstance(reference, Numbers)  # noqa: S101  for mypy
    ordered = reference.ordered
    edges = np.unique(ordered[np.arange(1, CELLS) * len(ordered) // CELLS])
    return edges[edges < ordered[-1]]


def _range(column: str, edges: np.ndarray, first: int, last: int) -> Condition | None:
    """Return the condition of a range of cells; None of all of them."""
    above = rounded(float(edges[first - 1])) if first else None
    up_to = rounded(float(edges[last])) if last < len(edges) else None
    return None if above is None and up_to is None else Condition(column=column, above=above, up_to=up_to)


def _name_levels(reference: Words, current: Words) -> list[str]:
    """Return the most frequent levels of the reference, then those that only the current data has."""
    known = reference.counts.rows
    new = {level: rows for level, rows in current.counts.rows.items() if level not in known}
    return [*_most_frequent(known, MOST_LEVELS), *_most_frequent(new, MOST_NEW)]


def _most_frequent(rows: dict[str, int], most: int) -> list[str]:
    return sorted(rows, key=lambda level: (-rows[level], level))[:most]


def _place_levels(names: list[str], usable: Usable) -> np.ndarray:
    assert isinstance(usable, Words)  # noqa: S101  for mypy
    order = {name: place for place, name in enumerate(names)}
    return np.array([order.get(level, len(names)) for level in usable.levels], dtype=int)[usable.codes]
