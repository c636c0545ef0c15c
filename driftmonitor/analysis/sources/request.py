"""What a source is asked for, and what it returns for each side."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from driftmonitor.analysis.sources.full_counts import FullCounts
from driftmonitor.analysis.sources.memory import Memory
from driftmonitor.analysis.sources.names import column_names
from driftmonitor.config.check_settings import Watched
from driftmonitor.config.data_settings import Window, choose_windows, fill_locations, has_date
from driftmonitor.config.read_settings import AS_IT_IS, ReadSettings
from driftmonitor.facts.reading import ReadAs
from driftmonitor.facts.record import Finding


@dataclass(frozen=True)
class Wanted:
    """What one side is read from, with {date} filled in, and the window of days that is kept of it, if any."""

    location: str
    window: Window | None = None


@dataclass(frozen=True)
class Request:
    """The parameters of one day's data, as the notebook has them; types and numbers are checked.

    `memory` has what was read for other days with the same parameters.
    """

    run_date: dt.date
    source: str = "a table"
    reference: str = ""
    current: str = ""
    time_column: str = ""
    reference_window: str = ""
    current_days: int = 1
    max_rows: int = 100_000
    seed: int = 0
    sample_key: str = ""
    connection: str = ""
    rows: int = 1000
    drift: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)  # by column, where `columns` names it
    read: ReadSettings = AS_IT_IS
    timezone: str = "UTC"
    checks: tuple[Watched, ...] = ()
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)

    @cached_property
    def sides(self) -> dict[str, Wanted]:
        """What `reference` and `current` are read from; DriftMonitorError if the parameters do not say so."""
        locations = fill_locations(self.reference, self.current, self.time_column, self.run_date)
        same_table = not self.current.strip()
        windows = choose_windows(
            self.reference_window, self.time_column, self.current_days, self.run_date, same_table=same_table
        )
        return {side: Wanted(location, windows.get(side)) for side, location in locations.items()}

    @property
    def same_table(self) -> bool:
        """Whether both sides are windows of one table, which is read in one way."""
        reference, current = self.sides["reference"], self.sides["current"]
        is_one = reference.location == current.location and self.read.reference == self.read.current
        return is_one and bool(reference.window and current.window)

    def keeps(self, side: str) -> bool:
        """Return whether a side is read from one place on all of several days, so that it pays to keep what is read."""
        location = self.current if side == "current" and self.current.strip() else self.reference
        return self.memory.is_for_many_days and not has_date(location)

    @property
    def unread(self) -> frozenset[str]:
        """The columns that are ignored and not needed to choose rows."""
        ignored = {name for name, kind in self.kinds.items() if kind == "ignore"}
        return frozenset(ignored - {self.time_column, self.sample_key})


@dataclass(frozen=True)
class LeftOut:
    """How many rows of a side's table are outside of its window (None if they were not counted), or have no time.

    `refused` counts the lines of its files that are no rows.
    """

    outside: int | None = None
    timeless: int = 0
    refused: int = 0


@dataclass(frozen=True)
class SideReading:
    """What one side was read from, in words, and what each of its columns was read as. `why`: see ColumnsRead."""

    source: str
    columns: Mapping[str, ReadAs]
    why: Mapping[str, str] = field(default_factory=dict)

    def with_column(self, name: str, read_as: ReadAs) -> "SideReading":
        """Return the same, with one column read as something else."""
        return replace(self, columns={**self.columns, name: read_as})


@dataclass(frozen=True, eq=False)
class Side:
    """The rows of one side after sampling, how many there were, and what was counted in all if it was sampled.

    `unread` names its ignored columns that are not in the frame. `unreadable` counts values that are no missing ones
    but could not be read as their column's type. `left_out` counts the rows that its window leaves out, if it has one.
    `days` are those on which it has rows. `reading` is None if a source does not say what it read.
    `read` is one object as long as the frame is the same.
    """

    frame: pd.DataFrame
    total: int
    full_counts: FullCounts | None = None
    unread: frozenset[str] = frozenset()
    unreadable: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    left_out: LeftOut | None = None
    days: Sequence[dt.date] = ()
    reading: SideReading | None = None
    read: object = field(default_factory=object, repr=False)

    @property
    def names(self) -> set[str]:
        """The names of all columns, read or not."""
        return {*column_names(self.frame), *self.unread}
