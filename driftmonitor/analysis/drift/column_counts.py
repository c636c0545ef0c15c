"""Count rows by column: those without a usable value and those of each category, in all rows where that was done.

Of a sampled side all rows were counted when it was read. A column that was edited since is counted in the sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import pandas as pd

from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.sides import Sides, Values, usable_values
from driftmonitor.analysis.sources import Snapshot
from driftmonitor.analysis.usable import LevelCounts, Words
from driftmonitor.analysis.values import NamedColumn

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


def count_missing(sides: Sides, name: str, values: Mapping[str, Values], pair: Pair | None) -> MissingCounts | None:
    """Return the rows without a usable value (`pair` has the usable ones, if any are); None if a side lacks it."""
    if len(values) < len(SIDES):
        return None
    data = sides.snapshot
    in_all_rows = bool(data.full_counts) and all(
        _is_counted(data, side, name, values, pair) for side in data.full_counts
    )
    reference, current = (_count_side(data, side, name, values, pair) for side in SIDES)
    return MissingCounts(name, *reference, *current, in_all_rows)


def _is_counted(data: Snapshot, side: str, name: str, values: Mapping[str, Values], pair: Pair | None) -> bool:
    """Return whether all rows were counted, and in them what counts as missing here: text need not be a number."""
    if side not in data.full_counts or name not in data.full_counts[side].missing:
        return False
    return not (pair and pair.kind == "numerical" and values[side].content == "text")


def _count_side(
    data: Snapshot, side: str, name: str, values: Mapping[str, Values], pair: Pair | None
) -> tuple[int, int]:
    """Return the rows of a side without a usable value, and out of how many; values that could not be read are some."""
    if _is_counted(data, side, name, values, pair):
        unusable, rows = data.full_counts[side].missing[name], data.full_counts[side].rows
    else:
        rows = len(values[side].series)
        unusable = rows - (len(getattr(pair, side)) if pair else values[side].present)
    return max(unusable - round(_unreadable_share(data, side, name) * rows), 0), rows


def _unreadable_share(data: Snapshot, side: str, name: str) -> float:
    total: int = getattr(data, f"{side}_total")
    return data.unreadable.get(side, {}).get(name, 0) / max(total, 1)


def count_all(
    data: Snapshot, column: NamedColumn, values: Mapping[str, Values]
) -> tuple[LevelCounts, LevelCounts] | None:
    """Return the rows of each category on each side, in all rows of the sampled sides of which they were counted.

    None if no side was counted so, or if one is sampled and has too many categories to be counted.
    """
    name, sampled = column.name, data.full_counts
    levels = {side: counts.levels[name] for side, counts in sampled.items() if name in counts.levels}
    too_many = [side for side in sampled if side not in levels and name in data.as_read[side]]
    if column.kind != "categorical" or not levels or too_many:
        return None
    counted = {side: _distinct(levels[side], name) if side in levels else values[side] for side in SIDES}
    words = dict(zip(SIDES, usable_values(counted["reference"], counted["current"], "categorical"), strict=True))
    if any(len(words[side]) < len(rows) for side, rows in levels.items()):  # infinite numbers are no category
        return None
    reference, current = (_count_words(cast(Words, words[side]), levels.get(side)) for side in SIDES)
    return reference, current


def _distinct(levels: pd.Series, name: str) -> Values:
    """Return a column with each counted value once."""
    return Values(levels.index.to_frame(index=False, name=name)[name])


def _count_words(words: Words, rows: pd.Series | None) -> LevelCounts:
    """Return the rows of each word: one a word, or what was counted for it."""
    if rows is None:
        return words.counts
    counted: dict[str, int] = {}
    for word, count in zip(words.values.tolist(), rows.tolist(), strict=True):
        counted[word] = counted.get(word, 0) + count
    return LevelCounts(counted)
