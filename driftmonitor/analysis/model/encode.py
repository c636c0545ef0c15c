"""Turn a table's columns of any kind into numbers for a linear model: learnt from the reference, applied to any day."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types
from scipy import special

MOST_LEVELS = 10  # of a category
LEAST_SHARE = 0.01  # of the reference's rows, of a level with a column of its own
MOST_SINGLE = 0.01  # of the reference's rows, with a level that no other row has: of more, new levels are nothing new
MOST_NAMED = 3  # columns
FEWEST_MISSING = 0.001  # of the reference's rows: with fewer, a missing value is one that the reference does not have
GRID = np.linspace(-3.7, 3.7, 75)  # normal scores
PROBABILITIES = special.ndtr(GRID)


@dataclass(frozen=True)
class Number:
    """A numeric column as normal scores of the reference, missing values as 0 with an indicator."""

    name: str
    values: np.ndarray
    scores: np.ndarray
    low: float
    high: float
    may_miss: bool

    @property
    def width(self) -> int:
        """Columns of the matrix."""
        return 1 + self.may_miss

    def encode(self, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the column as numbers (rows, width), and which rows have a value that the reference does not have."""
        values = to_numbers(column)
        missing = np.isnan(values)
        scores = np.where(missing, 0.0, np.interp(values, self.values, self.scores))
        outside = (values < self.low) | (values > self.high) | (missing & (not self.may_miss))
        parts = [scores, missing.astype(float)] if self.may_miss else [scores]
        return np.column_stack(parts), outside


@dataclass(frozen=True)
class Category:
    """A categorical column: an indicator of each frequent level; missing values are a level of their own."""

    name: str
    levels: tuple[str, ...]
    known: frozenset[str] | None

    @property
    def width(self) -> int:
        """Columns of the matrix."""
        return len(self.levels)

    def encode(self, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the column as numbers (rows, width), and which rows have a level that the reference does not have."""
        codes, levels = pd.factorize(_words(column))
        places = {level: place for place, level in enumerate(levels)}
        own = np.array([places.get(level, -1) for level in self.levels], dtype=int)
        unseen = np.array([self.known is not None and level not in self.known for level in levels], dtype=bool)
        return (codes[:, None] == own[None, :]).astype(float), unseen[codes]


@dataclass(frozen=True)
class Encoded:
    """A table as numbers (rows, width).

    `outside`: the share of rows with a value that the reference does not have; `outside_columns`: where most are.
    """

    numbers: np.ndarray
    outside: float
    outside_columns: tuple[str, ...]


@dataclass(frozen=True)
class Encoder:
    """The columns of a reference that vary, as they become numbers."""

    columns: tuple[Number | Category, ...]

    def encode(self, frame: pd.DataFrame) -> Encoded:
        """Return the table as numbers. A column that it does not have is missing in all rows."""
        parts = [column.encode(self._column(frame, column.name)) for column in self.columns]
        outside = np.column_stack([np.zeros((len(frame), 1), dtype=bool), *(of_column for _, of_column in parts)])
        shares = outside.mean(axis=0)[1:] if len(frame) else np.zeros(len(parts))
        worst = [self.columns[place].name for place in np.argsort(-shares, kind="stable") if shares[place] > 0]
        numbers = np.column_stack([np.empty((len(frame), 0)), *(numbers for numbers, _ in parts)])
        return Encoded(numbers, float(outside.any(axis=1).mean()), tuple(worst[:MOST_NAMED]))

    def _column(self, frame: pd.DataFrame, name: str) -> pd.Series:
        return frame[name] if name in frame else pd.Series(np.full(len(frame), np.nan))

    @property
    def numbers(self) -> np.ndarray:
        """Places in the matrix of numeric columns, without indicators."""
        starts = np.cumsum([0, *(column.width for column in self.columns)])[:-1]
        places = [start for start, column in zip(starts, self.columns, strict=True) if isinstance(column, Number)]
        return np.array(places, dtype=int)


def fit_encoder(frame: pd.DataFrame, columns: Sequence[str]) -> Encoder:
    """Return how these columns of the reference become numbers; those without two values are left out."""
    found = [_fit(frame[name], name) for name in columns]
    return Encoder(tuple(each for each in found if each is not None))


def to_numbers(column: pd.Series) -> np.ndarray:
    """Return finite numbers and NaN."""
    numeric = column if types.is_numeric_dtype(column) else pd.to_numeric(column, errors="coerce")
    values = numeric.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _fit(column: pd.Series, name: str) -> Number | Category | None:
    if types.is_datetime64_any_dtype(column):
        return None  # no later day is within the dates of the reference
    if not types.is_numeric_dtype(column):
        return _fit_category(_words(column), name)
    values = to_numbers(column)
    present = values[~np.isnan(values)]
    if not len(present) or present.min() == present.max():
        return None
    at, where = np.unique(np.quantile(present, PROBABILITIES), return_inverse=True)
    scores = np.bincount(where, GRID) / np.bincount(where)
    may_miss = bool(1 - len(present) / len(values) >= FEWEST_MISSING)
    return Number(name, at, scores, float(present.min()), float(present.max()), may_miss)


def _fit_category(words: pd.Series, name: str) -> Category | None:
    counts = words.value_counts()
    if len(counts) < 2:
        return None
    frequent = sorted(counts.index[counts >= LEAST_SHARE * len(words)], key=lambda level: (-counts[level], level))
    known = frozenset(counts.index) if (counts == 1).sum() <= MOST_SINGLE * len(words) else None
    return Category(name, tuple(frequent[:MOST_LEVELS]), known)


def _words(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").map(str)
