"""The usable values of one column on one side: finite numbers, or categories as text. None is missing."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from driftmonitor.analysis.once import Once

FIRST_ROWS = 1_000  # show quickly that something does not hold for all
COMMON_ROWS, COMMON_SHARE, LEAST_COMMON = 20, 0.05, 5  # rows of a common category: 20, or 5 if these are 5% of the rows


class Usable(Once):
    """The usable values of one column on one side, and what is computed from them."""

    def __len__(self) -> int:
        raise NotImplementedError

    @property
    def values(self) -> np.ndarray:
        """The values in the order of their rows: float64, or an object array of str. Do not write to it."""
        raise NotImplementedError

    @property
    def is_constant(self) -> bool:
        """Whether all values, of which there is one or more, are the same."""
        raise NotImplementedError

    def some(self, rows: np.ndarray) -> "Usable":
        """Return the values of these rows."""
        raise NotImplementedError

    @property
    def series(self) -> pd.Series:
        """The values as a pandas column."""
        return pd.Series(self.values, dtype=self.values.dtype)


class Numbers(Usable):
    """Finite float64 numbers."""

    def __init__(self, values: np.ndarray, ends: tuple[float, float] | None = None) -> None:
        self._values, self._ends = values, ends

    def __len__(self) -> int:
        return len(self._values)

    @property
    def values(self) -> np.ndarray:
        """The numbers in the order of their rows."""
        return self._values

    @property
    def is_constant(self) -> bool:
        """Whether all numbers are the same."""
        return holds_for_all(self._values, lambda values: values == self._values[0])

    @property
    def is_whole(self) -> bool:
        """Whether all are whole numbers."""
        return self.once(_are_whole)

    @property
    def ordered(self) -> np.ndarray:
        """The numbers in ascending order."""
        return self.once(_sort)

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest number; of some rows, those of all."""
        return self._ends or (float(self._values.min()), float(self._values.max()))

    def some(self, rows: np.ndarray) -> "Numbers":
        """Return the numbers of these rows."""
        return Numbers(self._values[rows], self.ends)


def _are_whole(numbers: Numbers) -> bool:
    return holds_for_all(numbers.values, lambda values: values == np.floor(values))


def _sort(numbers: Numbers) -> np.ndarray:
    return np.sort(numbers.values)


class Words(Usable):
    """Categories: each row's code is the index of its level among `levels`, which are all different."""

    def __init__(self, codes: np.ndarray, levels: np.ndarray) -> None:
        self.codes, self.levels = codes, levels

    @classmethod
    def of(cls, words: Iterable[str]) -> "Words":
        """Return texts, one a row, as categories."""
        return cls(*pd.factorize(np.array(list(words), dtype=object)))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def values(self) -> np.ndarray:
        """The category of each row."""
        return self.levels[self.codes]

    @property
    def is_constant(self) -> bool:
        """Whether all rows have the same category."""
        return len(self.levels) == 1

    @property
    def counts(self) -> "LevelCounts":
        """The rows of each category."""
        return self.once(_count)

    def some(self, rows: np.ndarray) -> "Words":
        """Return the categories of these rows."""
        return Words(self.codes[rows], self.levels)


def _count(words: Words) -> "LevelCounts":
    rows = np.bincount(words.codes, minlength=len(words.levels))
    return LevelCounts(dict(zip(words.levels.tolist(), rows.tolist(), strict=True)))


class LevelCounts(Once):
    """The rows of each category on one side, in the values that are compared or in all rows of the data."""

    def __init__(self, rows: dict[str, int]) -> None:
        self.rows = rows

    @property
    def total(self) -> int:
        """The rows of all categories together."""
        return self.once(_add_up)

    def is_common(self, level: str) -> bool:
        """Whether enough rows have a category to name it."""
        return self.rows.get(level, 0) >= least_common(self.total)


def _add_up(counts: LevelCounts) -> int:
    return sum(counts.rows.values())


def least_common(total: int) -> float:
    """Return the rows, of so many in all, that a category needs to be named; fewer would tell a row's value."""
    return max(LEAST_COMMON, min(COMMON_ROWS, COMMON_SHARE * total))


def holds_for_all(values: np.ndarray, test: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Return whether a test holds for all values; the first ones mostly show that it does not."""
    return bool(test(values[:FIRST_ROWS]).all() and test(values).all())
