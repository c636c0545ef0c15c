"""Count rows by column: those without a usable value and those of each category, in all rows where that was done.

Of a sampled side all rows were counted when it was read. A column that was edited since is counted in the sample.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.distance import counts_table
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.sources import Snapshot
from driftmonitor.analysis.values import NamedColumn, clean_pair, describe_type

SIDES = ("reference", "current")


@dataclass(frozen=True)
class MissingCounts:
    """The rows without a usable value on each side, and out of how many.

    `in_all_rows` is true if a side is sampled and every sampled side was counted in all rows.
    """

    column: str
    reference: int
    reference_rows: int
    current: int
    current_rows: int
    in_all_rows: bool = False

    @property
    def shares(self) -> tuple[float, float]:
        """The shares of rows without a usable value, reference first."""
        return self.reference / max(self.reference_rows, 1), self.current / max(self.current_rows, 1)


def count_missing(data: Snapshot, name: str, pair: Pair | None) -> MissingCounts | None:
    """Return the rows without a usable value (`pair` has the usable ones, if any are); None if a side lacks it."""
    if not all(name in getattr(data, side) for side in SIDES):
        return None
    in_all_rows = bool(data.full_counts) and all(_is_counted(data, side, name, pair) for side in data.full_counts)
    reference, current = (_count_side(data, side, name, pair) for side in SIDES)
    return MissingCounts(name, *reference, *current, in_all_rows)


def _is_counted(data: Snapshot, side: str, name: str, pair: Pair | None) -> bool:
    """Return whether all rows were counted, and in them what counts as missing here: text need not be a number."""
    if side not in data.full_counts or name not in data.full_counts[side].missing:
        return False
    return not (pair and pair.kind == "numerical" and describe_type(getattr(data, side)[name]) == "text")


def _count_side(data: Snapshot, side: str, name: str, pair: Pair | None) -> tuple[int, int]:
    """Return the rows of a side without a usable value, and out of how many; values that could not be read are some."""
    unusable, rows = _count_unusable(data, side, name, pair)
    return max(unusable - round(_unreadable_share(data, side, name) * rows), 0), rows


def _unreadable_share(data: Snapshot, side: str, name: str) -> float:
    total: int = getattr(data, f"{side}_total")
    return data.unreadable.get(side, {}).get(name, 0) / max(total, 1)


def _count_unusable(data: Snapshot, side: str, name: str, pair: Pair | None) -> tuple[int, int]:
    if _is_counted(data, side, name, pair):
        return data.full_counts[side].missing[name], data.full_counts[side].rows
    frame = getattr(data, side)
    return len(frame) - len(getattr(pair, side)) if pair else int(frame[name].isna().sum()), len(frame)


def count_all(data: Snapshot, column: NamedColumn) -> pd.DataFrame | None:
    """Return the rows of each category on both sides, in all rows of the sampled sides of which they were counted.

    None if no side was counted so, or if one is sampled and has too many categories to be counted.
    """
    name, sampled = column.name, data.full_counts
    levels = {side: counts.levels[name] for side, counts in sampled.items() if name in counts.levels}
    too_many = [side for side in sampled if side not in levels and name in data.as_read[side]]
    if column.kind != "categorical" or not levels or too_many:
        return None
    frames = {side: _distinct(levels[side], name) if side in levels else getattr(data, side) for side in SIDES}
    words = dict(zip(SIDES, clean_pair(SimpleNamespace(**frames), column), strict=True))
    if any(len(words[side]) < len(rows) for side, rows in levels.items()):  # infinite numbers are no category
        return None
    return counts_table(*(_count_words(words[side], levels.get(side)) for side in SIDES))


def _distinct(levels: pd.Series, name: str) -> pd.DataFrame:
    """Return a frame with each counted value of a column once."""
    return levels.index.to_frame(index=False, name=name)


def _count_words(words: np.ndarray, rows: pd.Series | None) -> pd.Series:
    """Return the rows of each word: one a word, or what was counted for it."""
    counted = np.ones(len(words), dtype=int) if rows is None else rows.to_numpy()
    return pd.Series(counted).groupby(words).sum()
