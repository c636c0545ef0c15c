"""The tables of a reference: chosen in one half of its rows, counted in the other, and then in each day's rows."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.drift.dependence.choose import Table, choose_tables
from driftmonitor.analysis.drift.dependence.parts import MISSING, Parts, Watched, divide
from driftmonitor.analysis.sides import Side

MOST_COLUMNS = 30
MOST_ROWS = 100_000  # of a side, the first ones
MOST_CHOOSING = 10_000  # rows of the reference, by which tables are chosen
FEWEST_ROWS = 1_000  # of the reference


@dataclass(frozen=True)
class Tables:
    """The tables of a reference. Each is made of parts of `columns`, numbered through.

    `reference_counts`: the reference's rows in the cells of all tables, one after the other. They are of rows by which
    no table was chosen: in those the columns seem to depend on one another more than they do.
    """

    parts: tuple[Parts, ...]
    tables: tuple[Table, ...]
    fingerprint: str = ""
    reference_counts: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[tuple[int, ...], ...]:
        """The numbers of each table's columns."""
        of_part = np.repeat(np.arange(len(self.parts)), [len(each) for each in self.parts]).tolist()
        return tuple(tuple(of_part[part] for part in table) for table in self.tables)

    def count(self, side: Side) -> tuple[int, ...]:
        """Return how many of a side's rows are in each cell."""
        cells = self._cells(_place(self.parts, side))
        return tuple(np.concatenate([np.bincount(own[own >= 0], minlength=size) for own, size in cells]).tolist())

    def count_reference(self, places: np.ndarray) -> tuple[int, ...]:
        """Return how many of the reference's rows, by their places (columns, rows), are in each cell."""
        days = np.where(_is_counted(places.shape[1]), 0, -1)
        return tuple(self._count_days(places, days, 1)[0].tolist())

    def count_days(self, side: Side, day_of_row: np.ndarray, days: int) -> np.ndarray:
        """Return how many of the reference's rows of each day are in each cell (days, cells); day -1 is none."""
        position = np.where(_is_counted(len(side)), day_of_row[:MOST_ROWS], -1)
        return self._count_days(_place(self.parts, side), position, days)

    def _count_days(self, places: np.ndarray, position: np.ndarray, days: int) -> np.ndarray:
        found = []
        for cells, size in self._cells(places):
            inside = (cells >= 0) & (position >= 0)
            flat = np.bincount(position[inside] * size + cells[inside], minlength=days * size)
            found.append(flat.reshape(days, size))
        return np.hstack(found)

    def _cells(self, places: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
        """Yield for each table the cell of each row, and how many it has; -1 is a row that lacks a value."""
        inside, known = {}, places != MISSING
        for table, columns in zip(self.tables, self.columns, strict=True):
            cells = np.zeros(places.shape[1], dtype=np.int64)
            for part, column in zip(table, columns, strict=True):
                if part not in inside:
                    inside[part] = self._split(part, column, places[column])
                cells = 2 * cells + inside[part]
            yield np.where(known[list(columns)].all(axis=0), cells, -1), 2 ** len(table)

    def _split(self, part: int, column: int, places: np.ndarray) -> np.ndarray:
        own = part - sum(len(each) for each in self.parts[:column])
        return places == own if self.parts[column].levels else places > own


def _place(parts: Sequence[Parts], side: Side) -> np.ndarray:
    """Return the places of the first rows in all columns (columns, rows)."""
    return np.stack([each.place(side, MOST_ROWS) for each in parts])


def find_tables(side: Side, columns: tuple[Watched, ...]) -> Tables | None:
    """Return the tables of a reference; None if it has too few rows or columns, or nothing to choose."""
    if len(side) < FEWEST_ROWS or len(columns) < 2:
        return None
    rows = np.flatnonzero(~_is_counted(len(side)))
    every = [divide(column, side, rows) for column in columns[:MOST_COLUMNS] if column.name in side]
    parts = tuple(each for each in every if len(each))
    if len(parts) < 2:
        return None
    places = _place(parts, side)
    chosen = places[:, rows].T
    split = [each.split(column) & (column != MISSING)[:, None] for each, column in zip(parts, chosen.T, strict=True)]
    numbers = [each.column.kind == "numerical" for each in parts]
    return _counted(Tables(parts, tuple(choose_tables(split, chosen != MISSING, numbers))), places)


def _counted(tables: Tables, places: np.ndarray) -> Tables | None:
    """Return the tables with the reference's counts, and a fingerprint of all that later days depend on."""
    if not tables.tables:
        return None
    counts = tables.count_reference(places)
    said = [(each.column.name, each.cuts.astype("<f4").tobytes(), each.levels) for each in tables.parts]
    fingerprint = hashlib.sha256(repr((said, tables.tables, counts)).encode()).hexdigest()[:10]
    return Tables(tables.parts, tables.tables, fingerprint, counts)


def _is_counted(rows: int) -> np.ndarray:
    """Return which of the first rows are counted; by the others, at even distances, the tables are chosen."""
    number = min(rows, MOST_ROWS)
    step = max(2, -(-number // MOST_CHOOSING))
    return np.arange(number) % step != 0
