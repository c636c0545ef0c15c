"""Where the data comes from: simulation, files or SQL, each as two frames of at most `max_rows` rows.

DuckDB and Ibis are imported only when files or SQL are read, because importing them takes half a second.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.given import check_types
from driftmonitor.analysis.simulate import simulate
from driftmonitor.analysis.sources.names import nearest_column, some_names, unique_names
from driftmonitor.analysis.sources.places import DataMissing, absent, choose_windows, fill_places, find_files
from driftmonitor.params import parse_date
from driftmonitor.record import Finding
from driftmonitor.words import one_line

__all__ = ["Data", "DataMissing", "load_data"]

SOURCES = ("simulate", "files", "sql")


@dataclass(frozen=True)
class Data:
    """Reference and current rows after sampling, and how many there were before.

    Whatever frames come in, the columns of both are unique text, in the reference's order; columns only in current
    come last.
    """

    reference: pd.DataFrame
    current: pd.DataFrame
    reference_total: int
    current_total: int
    findings: tuple[Finding, ...] = ()

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
    unread: frozenset[str] = frozenset()


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
    drift: dict[str, dict[str, Any]] | None = None,
    rows: int = 1000,
    columns: dict[str, str] | None = None,
) -> Data:
    """Return the reference and the current rows of `run_date` (ISO text).

    simulate: `rows` rows a side, drawn as `drift` says (see simulate.py).
    files: `reference` and `current` are files or globs, CSV, TSV, JSON or Parquet, also .gz; {date} becomes the run
        date. A CSV's first line holds the names. Paths are relative to the working directory.
    sql: `reference` and `current` are one SELECT each in DuckDB's SQL, where read_parquet('data/*.parquet') works.

    With `time_column`, current is cut to the `current_days` days up to and including the run date, and reference to
    `reference_window` ("2013-01-01/2013-02-28", both days included) if that is given. Days are UTC. If current is
    empty it is the same table as the reference.

    A side of more than `max_rows` rows is sampled, the same rows every time for one `seed`. Columns that `columns`
    names as "ignore" are not read: they come as missing. Raises DataMissing if the run date's rows are not there, and
    DriftMonitorError for anything else a user can mend.
    """
    texts = {"reference": reference, "current": current, "time_column": time_column}
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
    if source == "simulate":
        frames = simulate(day, rows, seed, drift or {})
        return Data(*(frame.head(max_rows) for frame in frames), rows, rows)
    places = fill_places(reference, current, time_column, day)
    windows = choose_windows(reference_window, time_column, current_days, day, same_table=not current.strip())
    unread = frozenset(name for name, kind in (columns or {}).items() if kind == "ignore")
    return _read(Request(source, places, windows, time_column, max_rows, seed, unread - {time_column}))


def _read(request: Request) -> Data:
    from driftmonitor.analysis.sources import tables

    connection = tables.connect()
    read = _read_query if request.source == "sql" else _read_files
    reference, reference_total = read(tables, connection, request, "reference")
    current, current_total = read(tables, connection, request, "current")
    if not (set(reference) & set(current)) - {request.time_column}:
        raise DriftMonitorError(
            f"reference and current have no column in common: {some_names(reference)} against {some_names(current)}; "
            "check that both name the right data."
        )
    return Data(reference, current, reference_total, current_total)


def _read_query(tables, connection, request: Request, side: str) -> tuple[pd.DataFrame, int]:
    with tables.explained(side, "mend the query", absent=absent(side)):
        return _take(tables, request, tables.open_query(connection, side, request.places[side], request.seed))


def _read_files(tables, connection, request: Request, side: str) -> tuple[pd.DataFrame, int]:
    files = find_files(side, request.places[side])
    with tables.explained(f"{side}: {one_line(request.places[side], 200)}", "write the file again, or name another"):
        try:
            return _take(tables, request, tables.open_files(connection, side, files, request.seed))
        except tables.ConversionError:
            # A later row does not fit the types that the first rows suggest.
            whole = tables.open_files(connection, side, files, request.seed, sniff_all=True)
            return _take(tables, request, whole)


def _take(tables, request: Request, table) -> tuple[pd.DataFrame, int]:
    """Return the sampled rows of one side, and how many there were."""
    side, place = table.side, request.places[table.side]
    window = request.windows.get(side)
    if window:
        _check_time_column(request.time_column, side, table.names)
        table = tables.take_window(table, request.time_column, *window)
    total = tables.count_rows(table)
    if total == 0 and window:
        days = f"from {window[0]} to {window[1]} ({request.time_column}, UTC)"
        raise absent(side)(f"{side}: no rows {days}; check the window, or wait for the data.")
    if total == 0:
        where = "the query" if request.source == "sql" else one_line(place, 200)
        raise absent(side)(f"{side}: {where} has no rows; check where the data comes from.")
    frame = tables.take_sample(table, total, request.max_rows, request.unread)
    return frame.loc[:, [not name.startswith("__index_level_") for name in frame]], total  # pandas' index


def _check_time_column(name: str, side: str, names: Iterable[str]) -> None:
    if name not in names:
        raise DriftMonitorError(f"{side}: time_column {name!r}: no such column{nearest_column(name, names)}")
