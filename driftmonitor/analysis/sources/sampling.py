"""Take one side from its table: the window's rows, sampled if there are many, with what is counted in all of them."""

from dataclasses import replace

import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import tables
from driftmonitor.analysis.sources.full_counts import FullCounts
from driftmonitor.analysis.sources.locations import DataMissing, absent
from driftmonitor.analysis.sources.measures import measure_table
from driftmonitor.analysis.sources.names import column_names
from driftmonitor.analysis.sources.request import Request, Side, SideReading
from driftmonitor.analysis.sources.side_reading import EMPTY, has_values, type_of
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.analysis.sources.windows import days_inside
from driftmonitor.formats import one_line

INDEX = "__index_level_"  # of pandas, which it writes to Parquet as columns
FEWEST_BY_KEY = 0.9  # of the rows asked for, that a sample_key must choose


def take_side(request: Request, table: Table, where: str = "the query") -> Side:
    """Return the rows of one side's window; `where` names what they come from in an error."""
    side = table.side
    total = tables.count_rows(table)
    if total == 0:
        raise _say_none(request, table, where)
    if total <= request.max_rows:
        frame, full_counts = tables.take_all(table, request.unread), None
    else:
        frame, counts = tables.take_sample(table, total, request.max_rows, request.unread)
        _check_sample(request, side, frame)
        counted = [name for name in column_names(frame) if tables.may_be_category(frame[name], request.kinds.get(name))]
        checks = measure_table(table, request.checks) if side == "current" and request.checks else {}
        full_counts = replace(counts, levels=tables.count_levels(table, frame, counted), checks=checks)
    unread = (request.unread & set(table.names)) - set(column_names(frame))
    frame = _without_index(frame)
    reading = _describe_reading(table, total, frame, full_counts)
    days = days_inside(request, table, frame, total)
    return Side(frame, total, full_counts, unread, days=days, reading=reading)


def _describe_reading(table: Table, total: int, frame: pd.DataFrame, full_counts: FullCounts | None) -> SideReading:
    """Return what was read; a column without any value was not read as anything."""
    kinds = {name: table.read_as.get(name) or type_of(f"{table.column(name).type()}") for name in table.names}
    missing = full_counts.missing if full_counts else {}
    empty = {name for name in column_names(frame) if not has_values(frame[name]) and missing.get(name, total) == total}
    columns = {name: EMPTY if name in empty else kind for name, kind in kinds.items() if not name.startswith(INDEX)}
    return SideReading(table.source, columns)


def _say_none(request: Request, table: Table, where: str) -> DriftMonitorError:
    """Return the error for a side without rows."""
    side, window = table.side, request.sides[table.side].window
    if not window:
        return absent(side)(f"{side}: {where} has no rows; check where the data comes from.")
    when = f"from {window[0]} to {window[1]}" if window[0] < window[1] else f"on {window[0]}"
    problem = f"{side}: no rows {when} ({request.time_column}, {request.timezone})"
    days = table.days() or window
    first, last = days[0], days[-1]
    if side == "current" and last < window[0]:
        missing = DataMissing(f"{problem}; the newest data is of {last}; try --date {last}, or wait for the data.")
        missing.newest = last
        return missing
    kind = DataMissing if side == "current" else DriftMonitorError  # a window is wrong if the reference has other days
    if last < window[0] or window[1] < first:
        return kind(f"{problem}; the data is from {first} to {last}; choose a window in it.")
    return kind(f"{problem}; check the window, or wait for the data.")


def _without_index(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in column_names(frame) if not name.startswith(INDEX)]]


def _check_sample(request: Request, side: str, frame: pd.DataFrame) -> None:
    """Refuse a key that chose far too few rows, or far too many with one value: its values repeat too often.

    All rows with one value, or with none, are chosen or left out together.
    """
    if not request.sample_key:
        return
    most, same = request.max_rows, int(frame[request.sample_key].value_counts(dropna=False).max()) if len(frame) else 0
    chose = ""
    if len(frame) < FEWEST_BY_KEY * most:
        chose = f"{len(frame):,} rows where {most:,} were asked for"
    elif same > 1 + (1 - FEWEST_BY_KEY) * most:
        chose = f"{same:,} rows of one value among {most:,}"
    if chose:
        raise DriftMonitorError(
            f"{side}: sample_key {one_line(request.sample_key)!r} chose {chose}, because its values repeat; "
            "name a column with a unique value in each row."
        )
