"""Load both sides from a simulation, files or SQL, as frames of at most `max_rows` rows each.

What a source needs is imported when it is read: DuckDB and Ibis, or scipy, take most of a second.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.parameter_types import check_types
from driftmonitor.analysis.sources.data import Data
from driftmonitor.analysis.sources.full_counts import FullCounts
from driftmonitor.analysis.sources.locations import (
    DataMissing,
    absent,
    choose_windows,
    fill_places,
    find_files,
    scheme_of,
)
from driftmonitor.analysis.sources.names import column_names, nearest_column, some_names
from driftmonitor.complaints import parse_date
from driftmonitor.formats import one_line

if TYPE_CHECKING:
    import ibis

    from driftmonitor.analysis.sources.tables import Table

__all__ = ["Data", "DataMissing", "load_data"]

SOURCES = ("simulate", "files", "sql")
FEWEST_BY_KEY = 0.9  # of the rows asked for, that a sample_key must choose


@dataclass(frozen=True)
class Request:
    """What to read for one run date, checked."""

    source: str
    places: dict[str, str]  # side: a file, a glob or a query, {date} filled in
    windows: dict[str, tuple[dt.date, dt.date]] = field(default_factory=dict)  # side: first and last day
    time_column: str = ""
    max_rows: int = 100_000
    seed: int = 0
    sample_key: str = ""
    connection: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)  # column: kind, where it is named

    @property
    def unread(self) -> frozenset[str]:
        """The columns that are ignored and not needed to choose rows."""
        ignored = {name for name, kind in self.kinds.items() if kind == "ignore"}
        return frozenset(ignored - {self.time_column, self.sample_key})


def load_data(
    *,
    source: str,
    reference: str,
    current: str,
    run_date: str,
    time_column: str = "",
    reference_window: str = "",
    current_days: int = 1,
    max_rows: int = 100_000,
    seed: int = 0,
    sample_key: str = "",
    connection: str = "",
    drift: dict[str, dict[str, Any]] | None = None,
    rows: int = 1000,
    columns: dict[str, str] | None = None,
) -> Data:
    """Return the reference and the current rows of `run_date` (ISO text).

    simulate: `rows` rows a side, drawn as `drift` says (see simulate.py).
    files: `reference` and `current` are files or globs, CSV, TSV, JSON or Parquet, also .gz; {date} becomes the run
        date. The first line of a CSV has the names. Paths are relative to the working directory.
    sql: `reference` and `current` are one SELECT each, in DuckDB's SQL, where read_parquet('data/*.parquet') works, or
        in that of the engine which `connection` names (postgres://reader:${PGPASSWORD}@host/db).

    With `time_column`, current is cut to the `current_days` days up to and including the run date, and the reference
    to `reference_window` ("2013-01-01/2013-02-28", both days included) if there is one. Days are UTC. If current is
    empty, it is the same table as the reference.

    A side of more than `max_rows` rows is sampled, the same rows every time for one `seed`; missing values and
    categories are counted in all rows (`Data.full_counts`). `sample_key` names a column with a unique value in each
    row, such as an order number: it decides which rows are sampled, on any engine and after any join. Columns that
    `columns` names as "ignore" are not read from a sampled side (`Data.unread`), because they are often the widest.

    Raises DataMissing if there are no rows for the run date, and DriftMonitorError for anything else a user can fix.
    """
    texts = {"reference": reference, "current": current, "time_column": time_column, "sample_key": sample_key}
    texts |= {"connection": connection}
    check_types("str", source=source, run_date=run_date, **texts, reference_window=reference_window)
    check_types("int", rows=rows, max_rows=max_rows, seed=seed, current_days=current_days)
    check_types("dict", columns=columns or {})
    day = parse_date(run_date, "run_date")
    if source not in SOURCES:
        raise DriftMonitorError(f"source {source!r}: no such source{nearest_column(source, SOURCES)}")
    if seed < 0:
        raise DriftMonitorError(f"seed is {seed}; use 0 or more.")
    for name, value in {"rows": rows, "max_rows": max_rows}.items():
        if value < 1:
            raise DriftMonitorError(f"{name} is {value}; use 10 or more.")
    if connection and source != "sql":
        raise DriftMonitorError(f"connection is for source: sql, and source is {source}; change one of them.")
    if source == "simulate":
        from driftmonitor.analysis.simulate import simulate

        before, now = simulate(day, rows, seed, drift or {})
        return Data(before.head(max_rows), now.head(max_rows), rows, rows)
    places = fill_places(reference, current, time_column, day)
    windows = choose_windows(reference_window, time_column, current_days, day, same_table=not current.strip())
    return _read(Request(source, places, windows, time_column, max_rows, seed, sample_key, connection, columns or {}))


def _read(request: Request) -> Data:
    read = _read_from_engine if request.connection else _read_from_duckdb
    sides = read(request)
    reference, current = sides["reference"], sides["current"]
    if not (reference.names & current.names) - {request.time_column}:
        names = f"{some_names(column_names(reference.frame))} against {some_names(column_names(current.frame))}"
        raise DriftMonitorError(
            f"reference and current have no column in common: {names}; check that both name the right data."
        )
    full_counts = {name: side.full_counts for name, side in sides.items() if side.full_counts}
    unread = reference.unread | current.unread
    return Data(reference.frame, current.frame, reference.total, current.total, (), full_counts, unread)


@dataclass(frozen=True)
class Side:
    """The rows of one side after sampling, how many there were, and what was counted in all if it was sampled.

    `unread` names its ignored columns that are not in the frame.
    """

    frame: pd.DataFrame
    total: int
    full_counts: FullCounts | None = None
    unread: frozenset[str] = frozenset()

    @property
    def names(self) -> set[str]:
        """The names of all columns, read or not."""
        return {*column_names(self.frame), *self.unread}


def _read_from_engine(request: Request) -> dict[str, Side]:
    from driftmonitor.analysis.sources import engines

    engine, sides = engines.connect(request.connection), {}
    for side, query in request.places.items():
        with engines.explained(engine, side):
            choice = request.seed, request.sample_key, request.unread
            sides[side] = _take(request, engines.open_query(engine, side, query, *choice))
    return sides


def _read_from_duckdb(request: Request) -> dict[str, Side]:
    from driftmonitor.analysis.sources import with_duckdb

    connection = with_duckdb.connect(request.places.values())
    read = _read_query if request.source == "sql" else _read_files
    return {side: read(connection, request, side) for side in request.places}


def _read_query(connection: "ibis.BaseBackend", request: Request, side: str) -> Side:
    from driftmonitor.analysis.sources import with_duckdb

    with with_duckdb.explained(side, "fix the query", absent=absent(side)):
        query = request.places[side]
        return _take(request, with_duckdb.open_query(connection, side, query, request.seed, request.sample_key))


def _read_files(connection: "ibis.BaseBackend", request: Request, side: str) -> Side:
    from driftmonitor.analysis.sources import with_duckdb

    files = find_files(side, request.places[side])
    choice = request.seed, request.sample_key
    remedy = "write the file again, or name another"
    if scheme_of(request.places[side]):
        remedy = f"check what the environment gives for the store, or {remedy}"
    with with_duckdb.explained(f"{side}: {one_line(request.places[side], 200)}", remedy):
        try:
            return _take(request, with_duckdb.open_files(connection, side, files, *choice))
        except with_duckdb.ConversionError:
            # A later row does not fit the types that the first rows suggest.
            return _take(request, with_duckdb.open_files(connection, side, files, *choice, sniff_all=True))


def _take(request: Request, table: "Table") -> Side:
    """Return the rows of one side, sampled if they are many."""
    from driftmonitor.analysis.sources import tables

    side, window = table.side, request.windows.get(table.side)
    if window:
        _check_time_column(request.time_column, side, table.names)
        table = tables.take_window(table, request.time_column, *window)
    total = tables.count_rows(table)
    if total == 0:
        raise absent(side)(f"{side}: {_say_none(request, side)}.")
    if total <= request.max_rows:
        frame, full_counts = tables.take_all(table, request.unread), None
    else:
        frame, counts = tables.take_sample(table, total, request.max_rows, request.unread)
        _check_sample(request, side, frame)
        counted = [name for name in column_names(frame) if tables.may_be_category(frame[name], request.kinds.get(name))]
        full_counts = replace(counts, levels=tables.count_levels(table, frame, counted))
    unread = (request.unread & set(table.names)) - set(column_names(frame))
    return Side(_without_index(frame), total, full_counts, unread)


def _say_none(request: Request, side: str) -> str:
    if window := request.windows.get(side):
        days = f"from {window[0]} to {window[1]} ({request.time_column}, UTC)"
        return f"no rows {days}; check the window, or wait for the data"
    where = "the query" if request.source == "sql" else one_line(request.places[side], 200)
    return f"{where} has no rows; check where the data comes from"


def _without_index(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in column_names(frame) if not name.startswith("__index_level_")]]  # pandas' index


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


def _check_time_column(name: str, side: str, names: Iterable[str]) -> None:
    if name not in names:
        raise DriftMonitorError(f"{side}: time_column {name!r}: no such column{nearest_column(name, names)}")
