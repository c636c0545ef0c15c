"""Cut a side to its window of days, and ask on which days it has rows. The same expressions run on every engine."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.coverage import Coverage
from driftmonitor.analysis.sources.names import nearest_column
from driftmonitor.analysis.sources.request import Request
from driftmonitor.analysis.sources.tables import LAST_DAY, Table, day_literal, is_usable

QUARTER_HOUR = 900  # seconds


def cut_to_window(request: Request, table: Table) -> Table:
    """Return the rows of a side that are in its window, or all if it has none."""
    name, window = request.time_column, request.sides[table.side].window
    if window:
        _check_time_column(name, table.side, table.names)
        return take_window(table, name, *window, request.timezone)
    has_times = name in table.names and _is_time(table.column(name).type())
    return replace(table, days=cache(partial(days_with_rows, table, name, request.timezone))) if has_times else table


def days_inside(request: Request, table: Table, frame: pd.DataFrame, total: int) -> list[date]:
    """Return the days on which a side that is not empty has rows, in its window if it has one.

    All rows are asked only if a sample of them does not have every day of the window.
    """
    window = request.sides[table.side].window
    if window is None:  # outside of a window, an engine's times may be in no calendar
        return table.days() if table.engine == "duckdb" else []
    days: list[date] = sorted(set(frame[request.time_column].dropna().dt.date))
    is_known = len(frame) == total or len(days) == (window[1] - window[0]).days + 1
    return days if is_known else days_with_rows(table, request.time_column, request.timezone)


def cover(request: Request, table: Table, inside: Sequence[date], order: str = "") -> Coverage:
    """Return the days on which a side has rows in its window and in its whole table."""
    window = request.sides[table.side].window
    several = window and window[0] < window[1]
    return Coverage(table.side, window if several else None, [*inside] if several else [], table.days, order)


def _check_time_column(name: str, side: str, names: Iterable[str]) -> None:
    if name not in names:
        raise DriftMonitorError(f"{side}: time_column {name!r}: no such column{nearest_column(name, names)}")


def take_window(table: Table, time_column: str, first: date, last: date, timezone: str = "UTC") -> Table:
    """Return the rows whose time is on a day from `first` to `last`, both included, in `timezone`.

    A time without an offset is taken as it is written.
    """
    column = table.column(time_column)
    kind = column.type()
    _check_time(table, time_column, kind)
    start, end = (_midnight(day, kind, timezone) for day in (first, min(last, LAST_DAY) + timedelta(days=1)))
    days = cache(partial(days_with_rows, table, time_column, timezone))
    return replace(table, rows=table.rows.filter(column >= start, column < end), timezone=timezone, days=days)


def _check_time(table: Table, name: str, kind: dt.DataType) -> None:
    if kind.is_string():
        remedy = "write times as 2026-01-31 09:00:00, or set read.date_format"
        problem = f"has text that is not a time; {remedy if table.engine == 'duckdb' else 'cast it in the query'}."
        raise DriftMonitorError(f"{table.side}: time_column {name!r} {problem}")
    if not _is_time(kind):
        raise DriftMonitorError(
            f"{table.side}: time_column {name!r} is {_say_type(kind)}, not a time; name a column of dates or times, or "
            "make one with source: sql (to_timestamp, strptime)."
        )


def days_with_rows(table: Table, time_column: str, timezone: str = "UTC") -> list[date]:
    """Return the days of `timezone` on which a table has rows, in order."""
    return list(count_days(table, time_column, timezone))


def count_days(table: Table, time_column: str, timezone: str = "UTC") -> dict[date, int]:
    """Return how many rows a table has on each day of `timezone`, in the order of the days."""
    column = table.column(time_column)
    usable = is_usable(column, table.engine)
    rows = table.rows.filter(column.notnull() if usable is None else usable)
    if timezone == "UTC" or not _is_zoned(column.type()):
        return dict(sorted(_count(rows, column.cast("date"))))
    counts: Counter[date] = Counter()
    # Every zone is quarters of an hour away from UTC. So no engine needs to know the zone.
    for quarter, number in _count(rows, column.epoch_seconds() // QUARTER_HOUR):
        if day := _day_of(quarter * QUARTER_HOUR, ZoneInfo(timezone)):
            counts[day] += number
    return dict(sorted(counts.items()))


def _count(rows: ir.Table, value: ir.Value) -> list[tuple[Any, int]]:
    """Return each different value of some rows, and how many have it."""
    counted = rows.select(value=value).group_by("value").aggregate(number=ibis._.count()).to_pyarrow()
    return list(zip(counted["value"].to_pylist(), counted["number"].to_pylist(), strict=True))


def _day_of(seconds: int, zone: ZoneInfo) -> date | None:
    """Return the day of a moment, None if it is in no calendar."""
    try:
        return datetime.fromtimestamp(seconds, zone).date()
    except (ValueError, OverflowError):
        return None


def count_timeless(table: Table, time_column: str) -> int:
    """Return how many rows have no time."""
    return int(table.rows.filter(table.column(time_column).isnull()).count().to_pyarrow().as_py())


def _midnight(day: date, kind: dt.DataType, timezone: str) -> ir.Scalar:
    """Return the moment at which a day begins."""
    if timezone == "UTC" or not _is_zoned(kind):
        return day_literal(day, kind)
    return ibis.literal(datetime.combine(day, time(), ZoneInfo(timezone)).isoformat(sep=" "), type="string").cast(kind)


def _is_time(kind: dt.DataType) -> bool:
    return bool(kind.is_timestamp() or kind.is_date())


def _is_zoned(kind: dt.DataType) -> bool:
    return bool(kind.is_timestamp() and kind.timezone)


def _say_type(kind: dt.DataType) -> str:
    return "a number" if kind.is_numeric() else "true or false" if kind.is_boolean() else str(kind)
