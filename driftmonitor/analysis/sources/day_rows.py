"""Read the rows of many days of one table, many days at a time: a query for each day would cost more than its rows."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftmonitor.analysis.sources.request import Request
from driftmonitor.analysis.sources.tables import Table, collect
from driftmonitor.analysis.sources.windows import count_days, cut_to_window, take_window
from driftmonitor.config.data_settings import Window

MOST_VALUES = 5_000_000  # that are read at a time, rows times columns


def cut_to_days(request: Request, table: Table) -> Table:
    """Return the rows of a side that are in its window; many days of one table are read together."""
    cut, window = cut_to_window(request, table), request.sides[table.side].window
    if not window or table.side != "current" or not request.keeps("current"):
        return cut
    rows = request.memory.recall("rows of days", table, partial(DayRows, table, request))
    return replace(cut, days=lambda: [*rows.counts], collected=rows.of(window))


class DayRows:
    """The rows of a table by day, for windows that move on: `counts` has the number of rows of each day."""

    def __init__(self, table: Table, request: Request) -> None:
        self.table, self.request = table, request
        self.counts = count_days(table, request.time_column, request.timezone)
        self._known: Window | None = None
        self._rows = pa.table({})
        self._days = np.array([], dtype="datetime64[D]")  # of the rows, in order, and which rows they are
        self._places = np.array([], dtype=int)

    def of(self, window: Window) -> pa.Table | None:
        """Return the rows of a window in the order of their hash; None if a sample of them has to be taken."""
        if self._size(window) > self.request.max_rows:
            return None
        if self._known is None or not (self._known[0] <= window[0] and window[1] <= self._known[1]):
            self._read(window)
        first, last = (np.datetime64(day) for day in window)
        start, end = np.searchsorted(self._days, first), np.searchsorted(self._days, last, side="right")
        return self._rows.take(np.sort(self._places[start:end]))

    def _read(self, window: Window) -> None:
        """Read the rows of a window and of as many of the next ones as are not too large."""
        table, name, zone = self.table, self.request.time_column, self.request.timezone
        self._known = max(self._reach(window), key=lambda known: known[1])
        cut = take_window(table, name, *self._known, zone)
        unreadable = [f"u{table.names.index(each)}" for each in table.doubtful]
        self._rows = collect(cut, self.request.unread, unreadable).combine_chunks()
        days = _days_of(self._rows[f"c{table.names.index(name)}"], zone)
        self._places = np.argsort(days, kind="stable")
        self._days = days[self._places]

    def _reach(self, window: Window) -> Iterator[Window]:
        """Yield the windows that begin with this one and are read at once, ever longer ones."""
        yield window
        for day in self.request.memory.days:
            longer = window[0], day
            if day > window[1] and self._size((day, day)) <= self.request.max_rows:
                if self._size(longer) * len(self.table.names) > MOST_VALUES:
                    return
                yield longer

    def _size(self, window: Window) -> int:
        days = (window[0] + dt.timedelta(days=number) for number in range((window[1] - window[0]).days + 1))
        return sum(self.counts.get(day, 0) for day in days)


def _days_of(times: pa.ChunkedArray, timezone: str) -> np.ndarray:
    """Return the days of `timezone` of some times; those without an offset are taken as they are written."""
    if pa.types.is_timestamp(times.type) and times.type.tz:
        times = pc.local_timestamp(times.cast(pa.timestamp("us", timezone), safe=False))
    return times.cast(pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[D]")
