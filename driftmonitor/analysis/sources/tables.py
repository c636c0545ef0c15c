"""The only room that knows DuckDB: files and queries as Ibis tables, and a sample that is the same every time.

Inside DuckDB columns are called c0, c1, ..., so that no name of the data's ever stands in SQL.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.places import file_format

# As pandas reads them, so that a CSV means the same in both.
MISSING_WORDS = ("", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")
# DuckDB takes a column for text when a CSV says inf; infinite numbers count as missing anyhow.
INFINITE_WORDS = ("inf", "-inf", "Inf", "-Inf", "INF", "-INF", "Infinity", "-Infinity")
READERS = {
    "parquet": "read_parquet({files}, union_by_name=true, hive_partitioning=false)",
    "csv": "read_csv({files}, header=true, skip=0, union_by_name=true, hive_partitioning=false, nullstr={missing}, "
    "sample_size={sniffed_rows})",
    "tsv": r"read_csv({files}, header=true, skip=0, union_by_name=true, hive_partitioning=false, nullstr={missing}, "
    r"sample_size={sniffed_rows}, delim='\t')",
    "json": "read_json({files}, union_by_name=true, hive_partitioning=false, map_inference_threshold=-1, "
    "sample_size={sniffed_rows})",
}
LAST_DAY = date.max - timedelta(days=1)
SNIFFED_ROWS = 20_480  # DuckDB's default: types are guessed from as many rows
ConversionError = duckdb.ConversionException
KEPT_TYPES = re.compile(r"BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DATE|TIMESTAMP.*|VARCHAR")
# What DuckDB says in ten lines, in one: a part of its message, and what a person needs to know.
PLAIN_WORDS = {
    "not utf-8 encoded": "is not UTF-8 text; save it as UTF-8, or read it with source: sql and "
    "read_csv(..., encoding='latin-1')",
    "Error when sniffing file": "is not a CSV whose delimiter, quotes and lines can be made out; write it again",
}
WIDE_NUMBERS = re.compile(r"U?HUGEINT|BIGNUM|DECIMAL.*")

hash_copy = ibis.udf.scalar.builtin(name="hash", signature=(("uint64", "int64"), "uint64"))(lambda row, copy: None)


@dataclass(frozen=True)
class Table:
    """One side's rows, not read yet: `rows` has columns c0, c1, ... called `names`, then `row_hash`.

    `by_value`: the hash is of the row's values, so equal rows share it; otherwise of file name and row number.
    """

    side: str
    rows: ir.Table
    names: tuple[str, ...]
    by_value: bool


def connect() -> ibis.BaseBackend:
    """Open a DuckDB in memory that asks no network for anything and takes time as UTC."""
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET TimeZone = 'UTC'")
    connection.raw_sql("SET autoinstall_known_extensions = false")
    connection.raw_sql("SET memory_limit = '2GB'")  # beyond it DuckDB uses the disk
    connection.raw_sql(f"SET temp_directory = {_text(Path(tempfile.gettempdir()) / 'drift-monitor-duckdb')}")
    return connection


def open_files(connection, side: str, files: Sequence[Path], seed: int, sniff_all: bool = False) -> Table:
    """Return the rows of `files`, which are of one format; a column that a file lacks is missing there."""
    kind = file_format(files[0])
    rows = READERS[kind].format(
        files=_texts(files),
        missing=_texts(MISSING_WORDS + INFINITE_WORDS),
        sniffed_rows=-1 if sniff_all else SNIFFED_ROWS,
    )
    table = _open(connection, side, rows, _row_key(files) if kind == "parquet" else "", seed)
    if kind == "csv" and len(table.names) == 1 and re.search(r"[,;|\t]", table.names[0]):
        raise DriftMonitorError(f"{side}: {files[0]}: some rows have more or fewer fields than the header; mend them.")
    return table


def _row_key(files: Sequence[Path]) -> str:
    """Return SQL for what names a row of Parquet files: its file, below their common folder, and its number."""
    common = os.path.commonpath([file.parent for file in files])
    start = 1 if common in ("", ".") else len(common) + 2
    # filename and file_row_number are DuckDB's virtual columns; they stand even if the data has such names.
    return f"substr(filename, {start}), file_row_number"


def open_query(connection, side: str, query: str, seed: int) -> Table:
    """Return the rows of one SELECT in DuckDB's SQL."""
    statements = connection.con.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise DriftMonitorError(f"{side}: the query is not one SELECT; give one SELECT statement.")
    connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW {side}_query AS {query}")
    return _open(connection, side, f"{side}_query", "", seed)


def _open(connection, side: str, rows: str, key: str, seed: int) -> Table:
    described = connection.con.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()  # noqa: S608  quoted by _text
    columns = [f"c{position}" for position in range(len(described))]
    plain = ", ".join(f"{_plain(kind, c)} AS {c}" for c, (_, kind, *_) in zip(columns, described, strict=True))
    row_hash = f"hash({seed}, {key or ', '.join(columns)}) AS row_hash"
    query = f"SELECT {plain}, {row_hash} FROM {rows} AS data({', '.join(columns)})"  # noqa: S608
    connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW {side} AS {query}")
    return Table(side, connection.table(side), tuple(name for name, *_ in described), by_value=not key)


def _plain(kind: str, column: str) -> str:
    """Return SQL that makes any type one that Ibis, Arrow and pandas all know: number, boolean, time or text."""
    if KEPT_TYPES.fullmatch(kind):
        return column
    if kind == "INTERVAL":
        return f"epoch({column})"
    return f"CAST({column} AS {'DOUBLE' if WIDE_NUMBERS.fullmatch(kind) else 'VARCHAR'})"


def take_window(table: Table, time_column: str, first: date, last: date) -> Table:
    """Return the rows whose time is on a day from `first` to `last`, both included, in UTC."""
    column = table.rows[f"c{table.names.index(time_column)}"]
    kind = column.type()
    if kind.is_string():
        column, kind = _parse_times(table, column, time_column)
    if not (kind.is_timestamp() or kind.is_date()):
        raise DriftMonitorError(
            f"{table.side}: time_column {time_column!r} is {_words(kind)}, not a time; name a column of dates or "
            "times, or make one with source: sql (to_timestamp, strptime)."
        )
    start, end = (
        ibis.literal(str(day), type="string").cast(kind) for day in (first, min(last, LAST_DAY) + timedelta(days=1))
    )
    return replace(table, rows=table.rows.filter(column >= start, column < end))


def _parse_times(table: Table, column: ir.Column, name: str) -> tuple[ir.Column, ibis.expr.datatypes.DataType]:
    times = column.try_cast("timestamp('UTC')")
    wrong = table.rows.filter(column.notnull(), times.isnull()).select(text=column).limit(1).to_pyarrow()
    if len(wrong):
        shown = wrong["text"][0].as_py()[:40]
        raise DriftMonitorError(
            f"{table.side}: time_column {name!r} is not a time: it holds {shown!r}; write times as 2026-01-31 09:00:00."
        )
    return times, times.type()


def count_rows(table: Table) -> int:
    return int(table.rows.count().to_pyarrow().as_py())


def take_sample(table: Table, total: int, max_rows: int, unread: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Return at most `max_rows` of `total` rows, in the order of their hash; columns in `unread` are all missing.

    The same rows come whatever the number of threads and the order of rows or files: rows under a threshold of the
    hash, with a margin of five standard deviations, are sorted and cut. Memory goes with `max_rows`, not `total`.
    """
    rows = table.rows
    if total > max_rows:
        share = min(1.0, max_rows / total * (1 + 5 / sqrt(max_rows)))
        threshold = ibis.literal(min(int(share * 2**64), 2**64 - 1), type="uint64")
        rows = _keep_copies(rows, threshold) if table.by_value else rows.filter(rows.row_hash < threshold)
    rows = rows.order_by("row_hash").limit(max_rows)
    read = [f"c{position}" for position, name in enumerate(table.names) if name not in unread]
    return _to_frame(rows.select(read).to_pyarrow(), table.names, unread)


def _keep_copies(rows: ir.Table, threshold: ir.Scalar) -> ir.Table:
    """Return the sample of rows hashed by value: copies of one row are numbered, or all would stay or go together."""
    copies = rows.group_by("row_hash").aggregate(copies=rows.count())
    copies = copies.select("row_hash", copy=ibis.range(copies.copies).unnest())
    copies = copies.mutate(rank=hash_copy(copies.row_hash, copies.copy))
    copies = copies.filter(copies.rank < threshold)
    firsts = rows.semi_join(copies, "row_hash").distinct(on="row_hash", keep="first")
    return firsts.join(copies, "row_hash").drop("row_hash").rename(row_hash="rank")


def _to_frame(read: pa.Table, names: Sequence[str], unread: frozenset[str]) -> pd.DataFrame:
    arrays = {name: _to_series(read[f"c{i}"]) for i, name in enumerate(names) if name not in unread}
    empty = pd.Series([None] * read.num_rows, dtype="str")
    return pd.DataFrame({name: arrays.get(name, empty) for name in names}, columns=list(names), copy=False)


def _to_series(column: pa.ChunkedArray) -> pd.Series:
    if not pa.types.is_temporal(column.type):
        return column.to_pandas()
    unit = "s" if pa.types.is_date(column.type) else "us"
    times = column.cast(pa.timestamp(unit), safe=False).to_pandas()
    # DuckDB writes infinity as a time beyond any calendar, which pandas cannot show.
    return times.where(times.between("0001-01-01", "9999-12-31"))


@contextmanager
def explained(where: str, remedy: str, absent: type[DriftMonitorError] = DriftMonitorError) -> Iterator[None]:
    """Say DuckDB's errors as one line that a user can act on; `absent` is raised if a query finds no file."""
    try:
        yield
    except duckdb.Error as error:
        if extension := re.search(r"(?:required extension '|exists in the )(\w+)", str(error)):
            text = f"{where}: needs DuckDB's extension {extension[1]}, not here; copy the data to a file first."
            raise DriftMonitorError(text) from None
        if "No files found" in str(error):
            raise absent(f"{where}: {first_line(error)}; check the path, or wait for the data.") from None
        for part, words in PLAIN_WORDS.items():
            if part in str(error):
                raise DriftMonitorError(f"{where} {words}.") from None
        raise DriftMonitorError(f"{where}: {first_line(error)}; {remedy}.") from None


def first_line(error: Exception) -> str:
    line = " ".join(str(error).split("\n\n")[0].split()).rstrip(".")
    return line if len(line) <= 300 else line[:297] + "..."


def _words(kind) -> str:
    return "a number" if kind.is_numeric() else "true or false" if kind.is_boolean() else str(kind)


def _text(value: object) -> str:
    """Return an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _texts(values: Sequence[object]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"
