"""What was read, in kinds and counts: the contract that later days are held against. No value of a row is kept.

Columns that were read alike are kept together, so that a thousand of them take little more than their names.
"""

import datetime as dt
from collections.abc import Iterator

from driftmonitor.facts.base import Fact, SparseFact

IGNORED = "ignored"  # why a column is not compared; it is not held against earlier days either
NO_VALUES = "no values"


class ReadAs(SparseFact):
    """What a column was read as on one side; `written` says how its values are written, unless in the usual way."""

    type: str
    written: str | None = None


class ColumnsRead(SparseFact):
    """Columns that were read alike. A side that lacks them is left out; `why` is what the type alone does not show."""

    names: tuple[str, ...]
    reference: ReadAs | None = None
    current: ReadAs | None = None
    why: str | None = None


class SideRead(SparseFact):
    """What one side was read from, and how much of it.

    `source`: its kind, never its place. `rows`: all rows of the source, left out if nobody counted them.
    `rows_read`: those in the side's window. `rows_without_time`: those that no window has.
    `rows_refused`: lines of its files that are no rows, such as one with too many fields.
    `unreadable`: values that could not be read as their column's type, by column.
    `days`: on how many days there are rows, from `first_day` to `last_day`, if there is a time column.
    """

    source: str
    rows: int | None = None
    rows_read: int
    rows_without_time: int | None = None
    rows_refused: int | None = None
    unreadable: dict[str, int] | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    days: int | None = None

    @property
    def outside(self) -> int | None:
        """How many rows are outside of the side's window, None if nobody counted them."""
        return None if self.rows is None else self.rows - self.rows_read - (self.rows_without_time or 0)


class Reading(Fact):
    """What was read on both sides."""

    reference: SideRead
    current: SideRead
    columns: tuple[ColumnsRead, ...]

    def by_column(self) -> Iterator[tuple[str, ColumnsRead]]:
        """Yield each column with how it was read."""
        return ((name, alike) for alike in self.columns for name in alike.names)


class EarlierReading(Fact):
    """What was read on an earlier day."""

    date: dt.date
    reading: Reading
