"""Open files and queries as tables. Only this module, `original_names` and `schemas` use DuckDB."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.column_types import ColumnType
from driftmonitor.analysis.sources.digests import key_digest
from driftmonitor.analysis.sources.duckdb_errors import explain
from driftmonitor.analysis.sources.durations import find_durations
from driftmonitor.analysis.sources.locations import no_glob
from driftmonitor.analysis.sources.names import unique_names
from driftmonitor.analysis.sources.original_names import may_be_changed, parquet_names
from driftmonitor.analysis.sources.partitions import NONE, Partitions
from driftmonitor.analysis.sources.query_files import see_all_rows
from driftmonitor.analysis.sources.request import Request
from driftmonitor.analysis.sources.rows import WIDE_WHOLE, Rows, plain_present, text, texts
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.config.read_settings import AS_IT_IS, ReadSettings
from driftmonitor.formats import composed, one_line

PARQUET = "read_parquet({files}, union_by_name=true, {hive})"
EXACT = 2**53  # above it a DOUBLE does not keep all whole numbers
DELIMITER = re.compile(r"[,;|\t]")
BUCKET = re.compile(r"\b(s3|gs|az)://")

hash_copy = ibis.udf.scalar.builtin(name="hash", signature=(("uint64", "int64"), "uint64"))(lambda row, copy: None)


def connect(locations: Iterable[str] = ()) -> Backend:
    """Open a DuckDB in memory that takes times as UTC and uses no network, except for buckets in `locations`."""
    backend: Backend = ibis.duckdb.connect()
    backend.raw_sql("SET TimeZone = 'UTC'")
    backend.raw_sql("SET enable_progress_bar = false")  # it would appear in the published notebook
    backend.raw_sql("SET autoinstall_known_extensions = false")
    backend.raw_sql("SET parquet_metadata_cache = true")  # the same files are read several times
    backend.raw_sql("SET memory_limit = '2GB'")  # above it DuckDB uses the disk
    backend.raw_sql(f"SET temp_directory = {text(Path(tempfile.gettempdir()) / 'drift-monitor-duckdb')}")
    for scheme in sorted(_schemes(locations)):
        backend.register_filesystem(_store(scheme))
    return backend


def connect_once(request: Request) -> Backend:
    """Open a DuckDB for the days of one monitor."""
    locations = [wanted.location for wanted in request.sides.values()]
    return request.memory.recall("DuckDB", sorted(_schemes(locations)), partial(connect, locations))


def _schemes(locations: Iterable[str]) -> set[str]:
    return {scheme for location in locations for scheme in BUCKET.findall(location)}


def _store(scheme: str) -> Any:
    from driftmonitor.analysis.sources import buckets

    return buckets.for_duckdb(scheme)


def open_parquet(
    backend: Backend, side: str, files: Sequence[str], settings: ReadSettings, partitions: Partitions = NONE
) -> Rows:
    """Return the rows of Parquet files; a column that a file lacks is missing in its rows."""
    source = PARQUET.format(files=texts([no_glob(file) for file in files]), hive=partitions.options)
    rows = _open(backend, side, source, settings, partitions.hidden)
    names = unique_names(map(composed, parquet_names(backend, side, files, rows.names)))
    kinds = find_durations(backend, files[0], dict(zip(rows.names, rows.kinds, strict=True)))
    return replace(
        rows, names=tuple(names), kinds=kinds, row_id=_row_id(files), partitions=partitions.names, source="Parquet"
    )


def _row_id(files: Sequence[str]) -> str:
    """Return SQL for what identifies a row of Parquet files: its file, below their common folder, and its number."""
    folders = zip(*(re.split(r"[/\\]", file)[:-1] for file in files), strict=False)
    common = sum(len(names[0]) + 1 for names in takewhile(lambda names: len(set(names)) == 1, folders))
    # filename and file_row_number are virtual columns of DuckDB, which exist even if the data has such names.
    return f"substr(filename, {common + 1}), file_row_number"


def open_query(backend: Backend, side: str, query: str, settings: ReadSettings) -> Rows:
    """Return the rows of one SELECT in DuckDB's SQL."""
    _check_query(backend, side, query)
    asked = see_all_rows(backend, side, query)
    kept_as = "VIEW" if asked == query else "TABLE"  # files of text are read once, not each time they are asked for
    backend.raw_sql(f"CREATE OR REPLACE TEMP {kept_as} {side}_query AS {asked}")
    rows, names = _open(backend, side, f"{side}_query", settings), None
    if asked != query and len(rows.names) == 1 and DELIMITER.search(rows.names[0]):
        raise DriftMonitorError(
            f"{side}: the query reads a file as one column, as a line of it has other fields; fix the file, or set "
            "delim and ignore_errors = true in read_csv."
        )
    if may_be_changed(rows.names):  # as DuckDB does if they differ only by case, but not in a query
        names = [name for name, *_ in _describe(backend, asked)]
    return replace(rows, names=tuple(unique_names(map(composed, names or rows.names))), source="a query")


def names_of_query(backend: Backend, side: str, query: str) -> tuple[str, ...]:
    """Return the names of the columns of one SELECT, without reading more than its files of text."""
    _check_query(backend, side, query)
    asked = see_all_rows(backend, side, query)  # JSON may have a key in its last record alone
    return tuple(unique_names(composed(name) for name, *_ in _describe(backend, asked)))


def _check_query(backend: Backend, side: str, query: str) -> None:
    statements = backend.con.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise DriftMonitorError(f"{side}: the query is not one SELECT; give one SELECT statement.")


def open_frame(backend: Backend, side: str, frame: pd.DataFrame, source: str = "a table") -> Rows:
    """Return the rows of a pandas frame, without its index; `source` says what it comes from."""
    names = unique_names(frame.columns)
    columns = {name: _to_arrow(side, name, frame.iloc[:, i]) for i, name in enumerate(names)}
    backend.con.register(f"{side}_frame", pa.table(columns))
    return replace(_open(backend, side, f"{side}_frame", AS_IT_IS), names=tuple(names), source=source)


def table_of(frame: pd.DataFrame) -> Table:
    """Return a pandas frame as a table in a DuckDB of its own, which can read nothing else.

    A column with values of several types has none.
    """
    backend = connect()
    backend.raw_sql("SET enable_external_access = false")
    names, columns = tuple(frame.columns), {}
    for position, name in enumerate(names):
        try:
            columns[f"c{position}"] = _to_arrow("current", name, frame.iloc[:, position])
        except DriftMonitorError:
            columns[f"c{position}"] = pa.nulls(len(frame))
    backend.con.register("rows_of_frame", pa.table(columns))
    return Table("current", backend.table("rows_of_frame"), names)


class NumberedRows:
    """A pandas frame in a DuckDB of its own, which can read nothing else, under the names of its columns."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.size, self.backend = len(frame), table_of(frame).rows.get_backend()
        names = {f"c{place}": str(name).replace('"', '""') for place, name in enumerate(frame)}
        taken, self.number = {name.lower() for name in names.values()}, "row_number"
        while self.number in taken:
            self.number += "_"
        columns = "".join(f'{column} AS "{name}", ' for column, name in names.items())
        self.rows = f'SELECT {columns}row_number() OVER () AS "{self.number}" FROM rows_of_frame'  # noqa: S608

    def compute(self, where: str, expression: str, remedy: str) -> pa.ChunkedArray:
        """Return an expression's value for each row, in order; DriftMonitorError, which begins with `where`."""
        query = f'WITH current AS ({self.rows}) SELECT ({expression}) AS found FROM current ORDER BY "{self.number}"'  # noqa: S608
        with explained(where, remedy, less="write a simpler one"):
            found = self.backend.con.execute(query).to_arrow_table()
        if found.num_columns != 1 or len(found) != self.size:
            raise DriftMonitorError(f"{where}: does not give one value for each row; {remedy}.")
        return found["found"]


def _to_arrow(side: str, name: str, values: pd.Series) -> pa.Array:
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, OverflowError):  # whose text quotes a value
        problem = "has values of different types; make them numbers, text or times"
        raise DriftMonitorError(f"{side}: column {one_line(name)} {problem}.") from None


def _open(
    backend: Backend, side: str, source: str, settings: ReadSettings, hidden: frozenset[str] = frozenset()
) -> Rows:
    """Return the rows of an SQL source without the `hidden` columns."""
    described = _describe(backend, f"SELECT * FROM {source}")  # noqa: S608  quoted by texts()
    kinds = {name: str(kind) for name, kind, *_ in described if name not in hidden}
    positions = {name: f"c{position}" for position, name in enumerate(kinds)}
    columns = ", ".join(positions.get(name, f"hidden{i}") for i, (name, *_) in enumerate(described))
    rows = Rows(side, f"{source} AS data({columns})", tuple(kinds), tuple(kinds.values()), settings=settings)
    return replace(rows, texts=_find_long(backend, rows))


def _find_long(backend: Backend, rows: Rows) -> tuple[str, ...]:
    """Return the columns of whole numbers that a DOUBLE would not tell apart, such as account numbers."""
    wide = [name for name, kind in zip(rows.names, rows.kinds, strict=True) if WIDE_WHOLE.fullmatch(kind)]
    if not wide:
        return ()
    longest = ", ".join(f"greatest(max({c}), -min({c})) > {EXACT}" for c in map(rows.column, wide))
    found = backend.con.execute(f"SELECT {longest} FROM {rows.sql}").fetchone()  # noqa: S608
    return tuple(name for name, is_long in zip(wide, found, strict=True) if is_long)


def make_table(
    backend: Backend, rows: Rows, read: Mapping[str, ColumnType], doubtful: Mapping[str, ColumnType], request: Request
) -> Table:
    """Return the rows with columns of types that Ibis and pandas know, and a hash of their id or else of their values.

    `read` has the types of columns that are text; `doubtful` are those of them with values that may not fit.
    """
    columns = [f"c{position}" for position in range(len(rows.names))]
    values = {
        column: read[name].convert(rows.text_of(name)) if name in read else plain_present(rows, name)
        for column, name in zip(columns, rows.names, strict=True)
    }
    shown = [f"{value} AS {column}" for column, value in values.items()]
    for name in doubtful:
        column = rows.column(name)
        shown.append(f"{rows.cannot_read(name, values[column])} AS u{column[1:]}")
    row_hash = f"hash({request.seed}, {rows.row_id or ', '.join(columns)}) AS row_hash"
    query = f"SELECT {', '.join(shown)}, {row_hash} FROM {rows.sql}"  # noqa: S608
    backend.raw_sql(f"CREATE OR REPLACE TEMP VIEW {rows.side} AS {query}")
    number_copies = None if rows.row_id else _number_copies
    table = Table(
        rows.side, backend.table(rows.side), rows.names, number_copies, one_pass=bool(rows.row_id), doubtful=doubtful,
        source=rows.source, read_as={name: kind.read_as for name, kind in read.items()},
    )  # fmt: skip
    return _by_key(table, request.sample_key, request.seed) if request.sample_key else table


@contextmanager
def kept(backend: Backend, rows: Rows, table: Table) -> Iterator[Table]:
    """Give a table whose rows are kept while they are counted, if every count would read text of a file again."""
    if not rows.written or rows.in_memory:
        yield table
        return
    kept_rows = backend.create_table(f"{rows.side}_kept", table.rows, temp=True)
    yield replace(table, rows=kept_rows)
    backend.drop_table(f"{rows.side}_kept")


def _describe(backend: Backend, query: str) -> list[tuple[Any, ...]]:
    """Return the name and the type of each column of a query, and more."""
    described: list[tuple[Any, ...]] = backend.con.execute(f"DESCRIBE {query}").fetchall()
    return described


def _by_key(table: Table, key: str, seed: int) -> Table:
    """Return the table with a digest of the column `key` as its hash."""
    rows = table.rows.mutate(row_hash=key_digest(table, key, seed))
    return replace(table, rows=rows, number_copies=None, one_pass=False)


def _number_copies(rows: ir.Table, threshold: ir.Scalar) -> ir.Table:
    """Return the rows under the threshold. Copies of one row are numbered, or all of them would be chosen or none."""
    copies = rows.group_by("row_hash").aggregate(copies=rows.count())
    copies = copies.select("row_hash", copy=ibis.range(copies.copies).unnest())
    copies = copies.mutate(rank=hash_copy(copies.row_hash, copies.copy))
    copies = copies.filter(copies.rank < threshold)
    firsts = rows.semi_join(copies, "row_hash").distinct(on="row_hash", keep="first")
    return firsts.join(copies, "row_hash").drop("row_hash").rename(row_hash="rank")


@contextmanager
def explained(
    where: str,
    remedy: str,
    absent: Callable[[str], DriftMonitorError] = DriftMonitorError,
    less: str = "lower max_rows, or select fewer columns",
) -> Iterator[None]:
    """Raise an error of DuckDB as one line that a user can act on, and as `absent` if a query matches no file.

    `remedy`: what to do about it; `less`: what to do if memory is short.
    """
    try:
        yield
    except duckdb.Error as error:
        kind, message = type(error).__name__, str(error)
        if kind == "IOException" and "No files found" in message:
            absence = f"{explain(where, kind, message)}; check the path, or wait for the data."
            raise absent(absence) from None
        problem = explain(where, kind, message)
        needed = less if kind == "OutOfMemoryException" else _remedy(kind, problem, remedy)
        ending = "" if problem.endswith("?") else "." if ";" in problem else f"; {needed}."
        raise DriftMonitorError(f"{problem}{ending}") from None


def _remedy(kind: str, problem: str, remedy: str) -> str:
    """Return the remedy; of a cast in a query or an expression, that which gives no value where it fails."""
    is_cast = kind == "ConversionException" and " has a value that " in problem and remedy.startswith("fix the ")
    return f"use TRY_CAST, or {remedy}" if is_cast else remedy
