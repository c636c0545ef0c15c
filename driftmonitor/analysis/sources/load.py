"""Where the data comes from: simulation, files or SQL, each as two frames of at most `max_rows` rows.

What each source needs is imported only when it is read: DuckDB and Ibis, or scipy, take a good part of a second.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.parameter_types import check_types
from driftmonitor.analysis.sources.full_counts import FullCounts
from driftmonitor.analysis.sources.locations import (
    DataMissing,
    absent,
    choose_windows,
    fill_places,
    find_files,
    scheme_of,
)
from driftmonitor.analysis.sources.names import nearest_column, some_names, unique_names
from driftmonitor.complaints import parse_date
from driftmonitor.facts.record import Finding
from driftmonitor.formats import one_line

__all__ = ["Data", "DataMissing", "load_data"]

SOURCES = ("simulate", "files", "sql")
FEWEST_BY_KEY = 0.9  # of the rows asked for, that a sample_key must choose


@dataclass(frozen=True)
class Data:
    """Reference and current rows after sampling, and how many there were before.

    `whole` holds, by side, what was counted in all rows of a side that was sampled. Whatever frames come in, the
    columns of both are unique text, in the reference's order; columns only in current come last.
    """

    reference: pd.DataFrame
    current: pd.DataFrame
    reference_total: int
    current_total: int
    findings: tuple[Finding, ...] = ()
    full_counts: Mapping[str, FullCounts] = field(default_factory=dict)

    def __post_init__(self):
        reference = self.reference.set_axis(unique_names(self.reference.columns), axis=1).reset_index(drop=True)
        current = self.current.set_axis(unique_names(self.current.columns), axis=1).reset_index(drop=True)
        order = [name for name in reference if name in current] + [name for name in current if name not in reference]
        object.__setattr__(self, "reference", reference)
        object.__setattr__(self, "current", current[order])

    def summary(self) -> str:
        """Return how many rows and columns are compared, on two lines."""
        sides = {"reference": (self.reference, self.reference_total), "current": (self.current, self.current_total)}
        return "\n".join(f"{side}: {_say_size(*frame)}" for side, frame in sides.items())


def _say_size(frame: pd.DataFrame, total: int) -> str:
    sampled = f" of {total:,}, the same ones every time" if total > len(frame) else ""
    return f"{len(frame):,} rows{sampled}, {frame.shape[1]} columns"


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
        date. A CSV's first line holds the names. Paths are relative to the working directory.
    sql: `reference` and `current` are one SELECT each in DuckDB's SQL, where read_parquet('data/*.parquet') works, or,
        with `connection` (postgres://reader:${PGPASSWORD}@host/db), in the SQL of the engine that it leads to.

    With `time_column`, current is cut to the `current_days` days up to and including the run date, and reference to
    `reference_window` ("2013-01-01/2013-02-28", both days included) if that is given. Days are UTC. If current is
    empty it is the same table as the reference.

    A side of more than `max_rows` rows is sampled, the same rows every time for one `seed`; missing values and the
    levels of categories are counted in all of them (`Data.full_counts`). `sample_key` names a column with a unique
    value in each row, such as an order number: then its values choose the rows, whatever is joined, wherever it is.
    Columns that `columns` names as "ignore" are not read: they come as missing. Raises DataMissing if the run date's
    rows are not there, and DriftMonitorError for anything else a user can mend.
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

        frames = simulate(day, rows, seed, drift or {})
        return Data(*(frame.head(max_rows) for frame in frames), rows, rows)
    places = fill_places(reference, current, time_column, day)
    windows = choose_windows(reference_window, time_column, current_days, day, same_table=not current.strip())
    return _read(Request(source, places, windows, time_column, max_rows, seed, sample_key, connection, columns or {}))


def _read(request: Request) -> Data:
    read = _read_from_engine if request.connection else _read_from_duckdb
    sides = read(request)
    reference, current = sides["reference"].frame, sides["current"].frame
    if not (set(reference) & set(current)) - {request.time_column}:
        raise DriftMonitorError(
            f"reference and current have no column in common: {some_names(reference)} against {some_names(current)}; "
            "check that both name the right data."
        )
    full_counts = {name: side.full_counts for name, side in sides.items() if side.full_counts}
    return Data(reference, current, sides["reference"].total, sides["current"].total, full_counts=full_counts)


@dataclass(frozen=True)
class Side:
    """The rows of one side after sampling, how many there were, and what was counted in all if it was sampled."""

    frame: pd.DataFrame
    total: int
    full_counts: FullCounts | None = None


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


def _read_query(connection, request: Request, side: str) -> Side:
    from driftmonitor.analysis.sources import with_duckdb

    with with_duckdb.explained(side, "mend the query", absent=absent(side)):
        query = request.places[side]
        return _take(request, with_duckdb.open_query(connection, side, query, request.seed, request.sample_key))


def _read_files(connection, request: Request, side: str) -> Side:
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


def _take(request: Request, table) -> Side:
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
        return Side(_without_index(tables.take_all(table, request.unread)), total)
    frame, whole = tables.take_sample(table, total, request.max_rows, request.unread)
    _check_sample(request, side, frame)
    counted = [name for name in frame if tables.may_be_category(frame[name], request.kinds.get(name))]
    return Side(_without_index(frame), total, replace(whole, levels=tables.count_levels(table, frame, counted)))


def _say_none(request: Request, side: str) -> str:
    if window := request.windows.get(side):
        days = f"from {window[0]} to {window[1]} ({request.time_column}, UTC)"
        return f"no rows {days}; check the window, or wait for the data"
    where = "the query" if request.source == "sql" else one_line(request.places[side], 200)
    return f"{where} has no rows; check where the data comes from"


def _without_index(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.loc[:, [not name.startswith("__index_level_") for name in frame]]  # pandas' index


def _check_sample(request: Request, side: str, frame: pd.DataFrame) -> None:
    """Refuse a key that chose far too few rows, or far too many of one value: its values repeat too often to choose by.

    The rows of one value, such as those without one, stay or go together.
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
            "name a column that is another in each row."
        )


def _check_time_column(name: str, side: str, names: Iterable[str]) -> None:
    if name not in names:
        raise DriftMonitorError(f"{side}: time_column {name!r}: no such column{nearest_column(name, names)}")
