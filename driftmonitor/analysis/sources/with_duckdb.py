"""Open files and queries as tables. Only this module and `original_names` use DuckDB."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
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
from driftmonitor.analysis.sources.digests import key_digest
from driftmonitor.analysis.sources.duckdb_errors import explain
from driftmonitor.analysis.sources.locations import file_format, no_glob
from driftmonitor.analysis.sources.names import unique_names
from driftmonitor.analysis.sources.original_names import original_names
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.formats import one_line

# As pandas reads them, so that a CSV means the same in both.
MISSING_WORDS = ("", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")
# DuckDB would read a column as text if a CSV has inf in it. Infinite numbers count as missing in any case.
INFINITE_WORDS = ("inf", "-inf", "Inf", "-Inf", "INF", "-INF", "Infinity", "-Infinity")
READERS = {
    "parquet": "read_parquet({files}, union_by_name=true, hive_partitioning=false)",
    "csv": "read_csv({files}, header={header}, skip=0, union_by_name=true, hive_partitioning=false, "
    "nullstr={missing}, sample_size={sniffed_rows})",
    "tsv": r"read_csv({files}, header={header}, skip=0, union_by_name=true, hive_partitioning=false, "
    r"nullstr={missing}, sample_size={sniffed_rows}, delim='\t')",
    "json": "read_json({files}, union_by_name=true, hive_partitioning=false, map_inference_threshold=-1, "
    "sample_size={sniffed_rows})",
}
SNIFFED_ROWS = 20_480  # DuckDB's default: the rows from which types are guessed
ConversionError = duckdb.ConversionException
KEPT_TYPES = re.compile(r"BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DATE|TIMESTAMP.*|VARCHAR")
BUCKET = re.compile(r"\b(s3|gs|az)://")
WIDE_NUMBERS = re.compile(r"U?HUGEINT|BIGNUM|DECIMAL.*")

hash_copy = ibis.udf.scalar.builtin(name="hash", signature=(("uint64", "int64"), "uint64"))(lambda row, copy: None)


def connect(locations: Iterable[str] = ()) -> Backend:
    """Open a DuckDB in memory that takes times as UTC and uses no network, except for buckets in `locations`."""
    backend: Backend = ibis.duckdb.connect()
    backend.raw_sql("SET TimeZone = 'UTC'")
    backend.raw_sql("SET enable_progress_bar = false")  # it would appear in the published notebook
    backend.raw_sql("SET autoinstall_known_extensions = false")
    backend.raw_sql("SET parquet_metadata_cache = true")  # the same files are read several times
    backend.raw_sql("SET memory_limit = '2GB'")  # above it DuckDB uses the disk
    backend.raw_sql(f"SET temp_directory = {_text(Path(tempfile.gettempdir()) / 'drift-monitor-duckdb')}")
    for scheme in sorted({scheme for location in locations for scheme in BUCKET.findall(location)}):
        backend.register_filesystem(_store(scheme))
    return backend


def _store(scheme: str) -> Any:
    from driftmonitor.analysis.sources import buckets

    return buckets.for_duckdb(scheme)


def open_files(
    backend: Backend, side: str, files: Sequence[str], seed: int, key: str = "", sniff_all: bool = False
) -> Table:
    """Return the rows of `files`, which have one format; a column that a file lacks is missing in its rows."""
    kind = file_format(files[0]) or "csv"
    read_sql = partial(_read_sql, kind, SNIFFED_ROWS if not sniff_all else -1)
    table = _open(backend, side, read_sql(files), _row_id(files) if kind == "parquet" else "", seed)
    table = _named(table, original_names(backend, side, kind, read_sql, files, table.names))
    if kind == "csv" and len(table.names) == 1 and re.search(r"[,;|\t]", table.names[0]):
        raise DriftMonitorError(f"{side}: {files[0]}: some rows have more or fewer fields than the header; fix them.")
    return _by_key(table, key, seed) if key else table


def _read_sql(kind: str, sniffed_rows: int, files: Sequence[str], as_text: bool = False) -> str:
    """Return the SQL that reads files of one kind; with `as_text`, the first row of a CSV is its header."""
    header, missing = ("false, all_varchar=true", [""]) if as_text else ("true", MISSING_WORDS + INFINITE_WORDS)
    paths = _texts([no_glob(file) for file in files])
    return READERS[kind].format(files=paths, header=header, missing=_texts(missing), sniffed_rows=sniffed_rows)


def _named(table: Table, names: Iterable[str]) -> Table:
    return replace(table, names=tuple(unique_names(names)))


def _row_id(files: Sequence[str]) -> str:
    """Return SQL for what identifies a row of Parquet files: its file, below their common folder, and its number."""
    folders = zip(*(re.split(r"[/\\]", file)[:-1] for file in files), strict=False)
    common = sum(len(names[0]) + 1 for names in takewhile(lambda names: len(set(names)) == 1, folders))
    # filename and file_row_number are virtual columns of DuckDB, which exist even if the data has such names.
    return f"substr(filename, {common + 1}), file_row_number"


def open_query(backend: Backend, side: str, query: str, seed: int, key: str = "") -> Table:
    """Return the rows of one SELECT in DuckDB's SQL."""
    statements = backend.con.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise DriftMonitorError(f"{side}: the query is not one SELECT; give one SELECT statement.")
    backend.raw_sql(f"CREATE OR REPLACE TEMP VIEW {side}_query AS {query}")
    table = _open(backend, side, f"{side}_query", "", seed)
    # DuckDB renames columns of a view that differ only by case, but not those of a query.
    table = _named(table, [name for name, *_ in _describe(backend, query)])
    return _by_key(table, key, seed) if key else table


def open_frame(backend: Backend, side: str, frame: pd.DataFrame, seed: int, key: str = "") -> Table:
    """Return the rows of a pandas frame, without its index."""
    names = unique_names(frame.columns)
    columns = {name: _to_arrow(side, name, frame.iloc[:, i]) for i, name in enumerate(names)}
    backend.con.register(f"{side}_frame", pa.table(columns))
    table = _named(_open(backend, side, f"{side}_frame", "", seed), names)
    return _by_key(table, key, seed) if key else table


def _to_arrow(side: str, name: str, values: pd.Series) -> pa.Array:
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, OverflowError):  # whose text quotes a value
        problem = "has values of different types; make them numbers, text or times"
        raise DriftMonitorError(f"{side}: column {one_line(name)} {problem}.") from None


def _open(backend: Backend, side: str, rows: str, row_id: str, seed: int) -> Table:
    """Return the rows with a hash of their id or, if they have none, of their values."""
    described = _describe(backend, f"SELECT * FROM {rows}")  # noqa: S608  quoted by _text
    columns = [f"c{position}" for position in range(len(described))]
    plain = ", ".join(f"{_plain(kind, c)} AS {c}" for c, (_, kind, *_) in zip(columns, described, strict=True))
    row_hash = f"hash({seed}, {row_id or ', '.join(columns)}) AS row_hash"
    query = f"SELECT {plain}, {row_hash} FROM {rows} AS data({', '.join(columns)})"  # noqa: S608
    backend.raw_sql(f"CREATE OR REPLACE TEMP VIEW {side} AS {query}")
    names = tuple(name for name, *_ in described)
    return Table(side, backend.table(side), names, None if row_id else _number_copies, one_pass=bool(row_id))


def _describe(backend: Backend, query: str) -> list[tuple[Any, ...]]:
    """Return the name and the type of each column of a query, and more."""
    described: list[tuple[Any, ...]] = backend.con.execute(f"DESCRIBE {query}").fetchall()
    return described


def _by_key(table: Table, key: str, seed: int) -> Table:
    """Return the table with a digest of the column `key` as its hash."""
    rows = table.rows.mutate(row_hash=key_digest(table, key, seed))
    return Table(table.side, rows, table.names)


def _plain(kind: str, column: str) -> str:
    """Return SQL that converts a column of any type to number, boolean, time or text, which Ibis and pandas know."""
    if KEPT_TYPES.fullmatch(kind):
        return column
    if kind == "INTERVAL":
        return f"epoch({column})"
    return f"CAST({column} AS {'DOUBLE' if WIDE_NUMBERS.fullmatch(kind) else 'VARCHAR'})"


def _number_copies(rows: ir.Table, threshold: ir.Scalar) -> ir.Table:
    """Return the rows under the threshold. Copies of one row are numbered, or all of them would be chosen or none."""
    copies = rows.group_by("row_hash").aggregate(copies=rows.count())
    copies = copies.select("row_hash", copy=ibis.range(copies.copies).unnest())
    copies = copies.mutate(rank=hash_copy(copies.row_hash, copies.copy))
    copies = copies.filter(copies.rank < threshold)
    firsts = rows.semi_join(copies, "row_hash").distinct(on="row_hash", keep="first")
    return firsts.join(copies, "row_hash").drop("row_hash").rename(row_hash="rank")


@contextmanager
def explained(where: str, remedy: str, absent: type[DriftMonitorError] = DriftMonitorError) -> Iterator[None]:
    """Raise an error of DuckDB as one line that a user can act on, and as `absent` if a query matches no file."""
    try:
        yield
    except duckdb.Error as error:
        kind, text = type(error).__name__, str(error)
        if kind == "IOException" and "No files found" in text:
            absence = f"{explain(where, kind, text)}; check the path, or wait for the data."
            raise absent(absence) from None
        problem = explain(where, kind, text)
        raise DriftMonitorError(f"{problem}." if ";" in problem else f"{problem}; {remedy}.") from None


def _text(value: object) -> str:
    """Return an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _texts(values: Sequence[object]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"
