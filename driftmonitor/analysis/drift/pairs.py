"""Return the values of a column that are compared, with its counts in all rows where a sample is compared."""

from collections.abc import Iterable

import pandas as pd

from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.column_counts import count_all
from driftmonitor.analysis.drift.rules import is_tested
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.analysis.values import NamedColumn, clean_pair


def usable_pairs(data: Data | Snapshot, columns: Iterable[Column]) -> dict[str, Pair]:
    """Return the usable values of each testable column by name."""
    now = data.snapshot()
    return {column.name: make_pair(now, column) for column in columns if is_tested(column)}


def make_pair(data: Snapshot, column: NamedColumn) -> Pair:
    """Return the usable values of one column, which has a kind."""
    reference, current = clean_pair(data, column)
    sides = pd.Series(reference, dtype=reference.dtype), pd.Series(current, dtype=current.dtype)
    return Pair(column.kind or "categorical", *sides, count_all(data, column))
