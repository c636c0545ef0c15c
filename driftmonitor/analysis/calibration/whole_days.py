"""Draw whole days of the reference: rows of one day are alike, so days that are drawn row by row differ too little.

If current has several days, windows of as many days in a row are drawn (Künsch 1989).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor.budget.policy import SIMILAR

FEWEST_WINDOWS = 7  # that a reference must hold side by side: with fewer, hardly anything is known of how days differ


@dataclass(frozen=True)
class Windows:
    """The rows of each window that can be drawn, on how many days of the reference, and how many days each spans."""

    rows: Sequence[np.ndarray] = ()
    days: int = 0
    span: int = 1

    def __bool__(self) -> bool:
        return bool(self.rows)

    def _any(self, random: np.random.Generator) -> np.ndarray:
        return self.rows[int(random.integers(len(self.rows)))]

    def draw(self, random: np.random.Generator, rows: int) -> np.ndarray:
        """Return `rows` rows of windows that are drawn with replacement."""
        chosen: list[np.ndarray] = []
        while sum(map(len, chosen)) < rows:
            chosen.append(self._any(random))
        return np.concatenate(chosen)[:rows]

    def draw_day(self, random: np.random.Generator, rows: int) -> np.ndarray:
        """Return `rows` rows of one window, each once; all are repeated if there are fewer."""
        return np.resize(random.permutation(self._any(random)), rows)


def find_windows(reference: pd.DataFrame, time_column: str, span: int, rows: int) -> Windows:
    """Return the windows of `span` days of the reference that have about as many rows as a day of the monitor.

    None if its rows have no time, or if it has fewer than seven such windows side by side.
    """
    by_day = _rows_by_day(reference, time_column)
    found = []
    for first in sorted(by_day):
        window = np.concatenate([by_day[day] for day in range(first, first + span) if day in by_day])
        if first + span - 1 <= max(by_day) and rows / SIMILAR <= len(window) <= rows * SIMILAR:
            found.append(window)
    return Windows(found, len(by_day), span) if len(found) >= FEWEST_WINDOWS * span else Windows()


def _rows_by_day(reference: pd.DataFrame, time_column: str) -> Mapping[int, np.ndarray]:
    """Return the rows of each day (UTC), counted from the first day; none without a column of times."""
    if time_column not in reference:
        return {}
    days = pd.to_datetime(reference[time_column], utc=True, errors="coerce").dt.floor("D")
    numbers = (days - days.min()).dt.days.reset_index(drop=True)
    return {int(day): np.asarray(rows) for day, rows in numbers.groupby(numbers).indices.items()}
