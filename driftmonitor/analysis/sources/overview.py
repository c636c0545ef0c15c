"""All rows of one or two tables as one relation, read as a run would read them: what a first look asks its questions.

Questions are SQL over `all_rows`, which has `side` and the columns c0, c1, ...: no name is ever part of the SQL.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources import with_duckdb
from driftmonitor.analysis.sources.counted_column import Verdict
from driftmonitor.analysis.sources.date_types import DATES
from driftmonitor.analysis.sources.locations import find_files
from driftmonitor.analysis.sources.partitions import find_common, has_folders, partitions_of
from driftmonitor.analysis.sources.readers.files import open_files
from driftmonitor.analysis.sources.reading import Sides, decide_columns, open_table
from driftmonitor.analysis.sources.refused import say_refused
from driftmonitor.analysis.sources.request import Request
from driftmonitor.analysis.sources.rows import Rows
from driftmonitor.config.proposal import is_query
from driftmonitor.config.read_settings import parse_read
from driftmonitor.formats import one_line

Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Overview:
    """The columns of one or two tables, with DuckDB's types, in the order of `all_rows`.

    `lacking` names, by column, the side that lacks it. `remarks` say what is unclear about a column, `formats` how its
    dates are written, and `doubtful` columns have values that do not fit. `refused` says which lines are left out.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    ask: Ask
    lacking: Mapping[str, str]
    remarks: Mapping[str, str]
    formats: Mapping[str, str]
    doubtful: frozenset[str]
    refused: tuple[str, ...] = ()

    def column(self, name: str) -> str:
        return f"c{self.names.index(name)}"


def open_overview(locations: Mapping[str, str], read: Mapping[str, Any], time_column: str = "") -> Overview:
    """Return the rows of the tables at `locations`, by side; DriftMonitorError if they cannot be read."""
    request = Request(run_date=dt.date(2000, 1, 1), time_column=time_column, read=parse_read(read))
    backend = with_duckdb.connect(locations.values())

    def explain(side: str) -> AbstractContextManager[None]:
        where = f"{side}: {one_line(locations[side], 200)}"
        return with_duckdb.explained(where, "write the file again, or name another")

    rows = _open(backend, locations, request, explain)
    sides = Sides(backend, request, rows, explain)
    verdicts = decide_columns(sides)
    with explain("reference"):
        kinds = _put_together(sides, verdicts)
    names = _all_names(rows)
    return Overview(
        names=names,
        kinds=kinds,
        ask=lambda query: backend.con.execute(query).fetchall(),
        lacking={name: side for name in names for side, own in rows.items() if name not in own.names},
        remarks={name: each.remark for name, each in verdicts.items() if each.remark},
        formats=_formats(verdicts),
        doubtful=frozenset(name for name, each in verdicts.items() if each.doubtful),
        refused=tuple(said for side, own in rows.items() for said in _say_left_out(side, own)),
    )


def _open(
    backend: Backend,
    locations: Mapping[str, str],
    request: Request,
    explain: Callable[..., AbstractContextManager[None]],
) -> dict[str, Rows]:
    files: dict[str, list[str]] = {}
    for side, location in locations.items():
        with explain(side):
            files[side] = [] if is_query(location) else find_files(side, location)
    common = find_common({side: own for side, own in files.items() if own}, request.time_column)
    rows: dict[str, Rows] = {}
    for side, location in sorted(locations.items(), key=lambda each: has_folders(files[each[0]])):
        partitions = partitions_of(files[side], common, [name for own in rows.values() for name in own.names])
        with explain(side):
            if is_query(location):
                rows[side] = with_duckdb.open_query(backend, side, location, request.read)
            else:
                rows[side] = open_files(backend, side, files[side], request.read, partitions)
    return {side: rows[side] for side in locations}


def _say_left_out(side: str, rows: Rows) -> list[str]:
    """Return which lines of a side are no rows."""
    no_rows = dict.fromkeys(f"{side}: {part.left_out} left out" for part in rows.parts if part.left_out)
    return [*no_rows, *(each.message for each in say_refused(side, rows.parts))]


def _all_names(rows: Mapping[str, Rows]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for own in rows.values() for name in own.names))


def _put_together(sides: Sides, verdicts: Mapping[str, Verdict]) -> tuple[str, ...]:
    """Make `all_rows` of both sides, and return the types of its columns."""
    names, selects = _all_names(sides.rows), []
    for side, own in sides.rows.items():
        open_table(sides, side, verdicts)
        columns = [own.column(name) if name in own.names else "NULL" for name in names]
        shown = ", ".join(f"{column} AS c{i}" for i, column in enumerate(columns))
        selects.append(f"SELECT '{side}' AS side, {shown} FROM {side}")  # noqa: S608
    keep = "TABLE" if any(own.written for own in sides.rows.values()) else "VIEW"  # text is read once, not per question
    backend: Backend = sides.backend
    backend.raw_sql(f"CREATE OR REPLACE TEMP {keep} all_rows AS {' UNION ALL '.join(selects)}")
    return tuple(str(kind) for _, kind, *_ in backend.con.execute("DESCRIBE all_rows").fetchall()[1:])


def _formats(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """Return how dates are written that are no ISO dates, by column."""
    written = {kind: form for form, kind in DATES.items()}
    types = {name: next(iter(each.types.values()), None) for name, each in verdicts.items()}
    return {name: written[kind] for name, kind in types.items() if kind in written}
