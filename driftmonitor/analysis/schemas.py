"""Describe files and queries of this machine with DuckDB alone, which takes a tenth of a second.

The names and types of columns are those of DuckDB, which guesses at text: what does not fit has to be read as a run
reads it.
"""

import codecs
import functools
import glob
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from driftmonitor.config.data_settings import Window, file_format
from driftmonitor.formats import composed

READERS = {
    "parquet": "read_parquet({files})", "csv": "read_csv({files}{options})",
    "tsv": "read_csv({files}, delim='\t'{options})", "json": "read_json({files})",
}  # fmt: skip
OF_THE_LAYOUT = {"header", "skip_lines", "comment", "sheet", "reference", "current"}  # keys of `read`
OF_ONE_BYTE = {"cp1252", "iso8859-1", "iso8859-15"}  # encodings in which any file is text, with the same letters
BETWEEN_FIELDS = frozenset(",;|\t")
FIRST_ROW = "drift_monitor_first_row"
LONGEST_SECONDS = 2  # of a search for rows

Schema = Mapping[str, str]  # DuckDB's types, by column


class Unclear(Exception):  # noqa: N818  no error: it has to be read
    """A first look cannot tell."""


def describe_tables(
    tables: Mapping[str, str], time_column: str = "", window: Window | None = None
) -> dict[str, Schema]:
    """Return the schemas of the tables, SQL by side, that are there; of several files, the first one's.

    Unclear if the reference has no row in its window, or a query fails on its first rows. What takes long is not asked.
    """
    connection, found = _connect(), dict[str, Schema]()
    try:
        for side, table in tables.items():
            schema, has_rows = _describe(connection, table)
            if schema:
                found[side] = schema
            if side == "reference" and schema and not (has_rows and _reach(connection, table, time_column, window)):
                raise Unclear
    except duckdb.Error:
        raise Unclear from None
    return found


@functools.cache
def _connect() -> duckdb.DuckDBPyConnection:
    """Open a DuckDB for all monitors: to open one takes longer than to look at a file."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 1})
    return connection.execute("SET enable_progress_bar = false; SET memory_limit = '2GB'")


def table_of_query(query: str) -> str:
    """Return a query as a table of another."""
    return f"({query.strip().rstrip(';')}\n)"


def table_of_files(location: str, read: Mapping[str, Any]) -> str:
    """Return the SQL of the files of a path or a glob, written as `read` says, "" if there are none."""
    files = find_local_files(location)
    if not files:
        return ""
    kinds = {file_format(file) for file in files}
    reader = READERS.get(kinds.pop() or "")
    if not reader or kinds or OF_THE_LAYOUT & read.keys() or not all(Path(file).stat().st_size for file in files):
        raise Unclear
    listed = ", ".join(_quoted(glob.escape(file)) for file in files)
    return reader.format(files=f"[{listed}]", options=_say_options(read))


def find_local_files(location: str) -> list[str]:
    """Return the files on disk of a path or a glob."""
    return [location] if Path(location).exists() else sorted(glob.glob(location, recursive=True))  # noqa: PTH207


def _say_options(read: Mapping[str, Any]) -> str:
    """Return how `read` says that a CSV file is written, in DuckDB's SQL."""
    options = f", delim={_quoted(read['delimiter'])}" if read.get("delimiter") else ""
    encoding = codecs.lookup(read.get("encoding") or "utf-8").name
    if encoding not in OF_ONE_BYTE | {"utf-8"}:
        raise Unclear
    return options + (", encoding='latin-1'" if encoding in OF_ONE_BYTE else "")


def _describe(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[Schema, bool]:
    """Return a table's schema, empty if its files are not there, and whether it has rows.

    Unclear if another sign is between its columns.
    """
    if not table:
        return {}, False
    query, rows = f"SELECT * FROM {table}", True  # noqa: S608
    if len(connection.extract_statements(query)) != 1:
        raise Unclear
    try:
        with _for_a_moment(connection):
            made = connection.execute(f"CREATE OR REPLACE TEMP TABLE {FIRST_ROW} AS {query} LIMIT 1")
            rows, query = made.fetchall() != [(0,)], FIRST_ROW
        described = connection.execute(f"DESCRIBE {query}").fetchall()
    except duckdb.IOException as error:
        if "No files found" in str(error):
            return {}, False
        raise
    schema = {composed(name): str(kind) for name, kind, *_ in described}
    if any(BETWEEN_FIELDS & {*name} for name in schema):
        raise Unclear
    return schema, rows


def _reach(connection: duckdb.DuckDBPyConnection, table: str, time_column: str, window: Window | None) -> bool:
    """Return whether a row is in the window, if there is one, and its time is written as DuckDB expects."""
    if window is None:
        return True
    time, found = f"TRY_CAST({_quoted(time_column, chr(34))} AS TIMESTAMP)", [(1,)]
    inside = f"{time} >= DATE '{window[0]}' AND {time} < DATE '{window[1]}' + 1"
    with _for_a_moment(connection):
        found = connection.execute(f"SELECT 1 FROM {table} WHERE {inside} LIMIT 1").fetchall()  # noqa: S608
    return bool(found)


@contextmanager
def _for_a_moment(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """End a query that takes long, as if it had found what it looks for."""
    timer = threading.Timer(LONGEST_SECONDS, connection.interrupt)
    timer.start()
    try:
        yield
    except duckdb.InterruptException:
        pass
    finally:
        timer.cancel()


def _quoted(text: str, sign: str = "'") -> str:
    return sign + text.replace(sign, sign * 2) + sign
