"""Rows counted by column: those without a usable value, and those of each category; in all rows where that was done."""

from dataclasses import dataclass
from types import SimpleNamespace

import pandas as pd

from driftmonitor.analysis.columns import Column, clean_pair
from driftmonitor.analysis.drift import statistics
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.values import describe_type

SIDES = ("reference", "current")


@dataclass(frozen=True)
class MissingCounts:
    """Rows without a usable value on each side, out of how many; `in_all_rows` though a sample of them is compared."""

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


def count_missing(data: Data, name: str, pair: Pair | None) -> MissingCounts | None:
    """Return the rows without a usable value (`pair` holds the usable ones, if any are); None if a side lacks it."""
    if not all(name in getattr(data, side) for side in SIDES):
        return None
    in_all_rows = bool(data.full_counts) and all(_counted(data, side, name, pair) for side in data.full_counts)
    reference, current = (_missing(data, side, name, pair, in_all_rows) for side in SIDES)
    return MissingCounts(name, *reference, *current, in_all_rows)


def _counted(data: Data, side: str, name: str, pair: Pair | None) -> bool:
    """Return whether all rows were counted, and in them what counts as missing here: text need not be a number."""
    is_text = describe_type(getattr(data, side)[name]) == "text"
    return name in data.full_counts[side].missing and not (pair and pair.kind == "numerical" and is_text)


def _missing(data: Data, side: str, name: str, pair: Pair | None, in_all_rows: bool) -> tuple[int, int]:
    """Return the rows of a side without a usable value, and out of how many."""
    if in_all_rows and side in data.full_counts:
        return data.full_counts[side].missing[name], data.full_counts[side].rows
    frame = getattr(data, side)
    return len(frame) - len(getattr(pair, side)) if pair else int(frame[name].isna().sum()), len(frame)


def count_all(data: Data, column: Column) -> pd.DataFrame | None:
    """Return how often each level of a category stands in all rows; None if these are what is compared, or unknown."""
    if column.kind != "categorical" or not data.full_counts:
        return None
    levels = {side: _levels(data, side, column.name) for side in SIDES}
    if any(counts is None for counts in levels.values()):
        return None
    frames = {side: counts.index.to_frame(index=False, name=column.name) for side, counts in levels.items()}
    words = dict(zip(SIDES, clean_pair(SimpleNamespace(**frames), column), strict=True))
    if any(len(words[side]) < len(levels[side]) for side in SIDES):  # infinite numbers are no category
        return None
    counts = {side: pd.Series(levels[side].to_numpy()).groupby(words[side]).sum() for side in SIDES}
    return statistics.counts_table(**counts)


def _levels(data: Data, side: str, name: str) -> pd.Series | None:
    """Return how often each value stands in all rows of a side."""
    if side in data.full_counts:
        return data.full_counts[side].levels.get(name)
    return getattr(data, side)[name].value_counts()
