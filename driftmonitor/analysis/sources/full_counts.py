"""What is known of all rows of a side of which only a sample was read, and whether an edit has made it invalid."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pandas as pd
from pandas.util import hash_pandas_object

from driftmonitor.analysis.sources.names import column_names
from driftmonitor.facts.record import Finding
from driftmonitor.formats import some_names

COLUMNS_NAMED = 3


@dataclass(frozen=True)
class FullCounts:
    """The counts of one side: `missing` is rows without a usable value, `levels` the rows of each value, by column.

    A column is in `levels` if it may be a category of not too many values. `checks` are numbers that were asked for.
    """

    rows: int
    missing: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, pd.Series] = field(default_factory=dict)
    checks: Mapping[str, float] = field(default_factory=dict)

    def of(self, columns: Collection[str]) -> "FullCounts":
        """Return the counts of these columns alone; numbers that were asked for may need all of them."""
        missing = {name: count for name, count in self.missing.items() if name in columns}
        levels = {name: each for name, each in self.levels.items() if name in columns}
        return FullCounts(self.rows, missing, levels, self.checks if len(missing) == len(self.missing) else {})


@dataclass(frozen=True)
class Edits:
    """How a sample was edited since it was read: its rows (in words, how that is known), or the values of columns.

    `as_read` names the columns that were not edited; it is empty if the rows were.
    """

    of_rows: str = ""
    columns: tuple[str, ...] = ()
    as_read: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sample:
    """The rows of one side as they were read, how many rows they are a sample of, and what was counted in all of them.

    pandas copies a frame when it is written to, so keeping `frame` costs no memory until the other one is edited.
    """

    frame: pd.DataFrame
    total: int
    counts: FullCounts | None = None

    def find_edits(self, now: pd.DataFrame) -> Edits:
        """Return how the frame `now` differs; another order of the rows, new columns and dropped ones are no edit."""
        if len(now) != len(self.frame):
            return Edits(of_rows="rows were edited")
        kept = [name for name in column_names(self.frame) if name in now]
        as_read = frozenset(name for name in kept if have_same_values(self.frame[name], now[name]))
        edited = tuple(name for name in kept if name not in as_read)
        if edited and not any(_varies(self.frame[name]) for name in as_read):
            return Edits(of_rows="every column was edited")  # perhaps these are other rows
        return Edits(columns=edited, as_read=as_read)

    def describe(self, edits: Edits, side: str, rows: int) -> list[Finding]:
        """Return a finding if the edits made counts invalid; `rows` is how many rows `side` has now."""
        if self.counts is None:
            return []
        if edits.of_rows:
            text = f"{edits.of_rows} after reading, so counts come from its {rows:,} rows, not from all {self.total:,}"
            return [Finding(kind="edited", column=None, message=f"{side}: {text}.")]
        columns = [name for name in edits.columns if name in self.counts.missing]
        if not columns:
            return []
        were, they_are = ("was", "it is") if len(columns) == 1 else ("were", "they are")
        text = f"{some_names(columns, COLUMNS_NAMED)} {were} edited after reading, so {they_are} counted"
        text = f"{side}: {text} in the sample of {rows:,} rows, not in all {self.total:,}."
        return [Finding(kind="edited", column=columns[0] if len(columns) == 1 else None, message=text)]


def have_same_values(read: pd.Series, now: pd.Series) -> bool:
    """Return whether two columns of one length have the same type and the same values, in any order."""
    return bool(read.equals(now)) or (read.dtype == now.dtype and _digest(read) == _digest(now))


def _digest(series: pd.Series) -> int:
    """Return a number that depends on a column's values, and not on their order."""
    try:
        return int(hash_pandas_object(series, index=False).to_numpy().sum())
    except (TypeError, ValueError):  # lists and the like, and text that no file can hold
        return sum(hash(repr(value)) for value in series)


def _varies(series: pd.Series) -> bool:
    """Return whether a column has two different values, and so tells one choice of rows from another."""
    try:
        return series.nunique(dropna=False) > 1
    except TypeError:  # lists and the like
        return series.map(repr).nunique() > 1
