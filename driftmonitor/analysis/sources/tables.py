"""One side's rows as an Ibis table that is not read yet: cut to a window, counted, and sampled reproducibly.

Columns are called c0, c1, ..., so that no name from the data is ever part of the SQL. The same expressions run on
DuckDB and on every other engine; `with_duckdb` and `engines` open the tables.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import isfinite, sqrt

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from driftmonitor.analysis.sources.column_types import ColumnType
from driftmonitor.analysis.sources.full_counts import FullCounts
from driftmonitor.facts.reading import ReadAs

LARGEST = sys.float_info.max
LARGEST_EXACT = 2**53
FIRST_DAY, LAST_DAY = date(1, 1, 1), date.max - timedelta(days=1)
_ = ibis._  # the table in an expression
WITH_INFINITE_TIMES = ("duckdb", "postgres")
NANOSECONDS = 9  # digits of a second; such times end in 2262, far inside of any calendar
MOST_LEVELS = 1000  # different values in a sample: with more, a column is hardly a category
MOST_NUMBERS = 10  # different numbers that infer_columns takes for categories


@dataclass(frozen=True, eq=False)
class Table:
    """One side's rows: `rows` has columns c0, c1, ... called `names`, then `row_hash`, a uint64 or a digest in hex.

    Where equal rows have one hash, `number_copies` gives each copy its own: it takes rows and a threshold, and returns
    the rows under it. With `one_pass`, rows are collected and counted at once, so they are read only once. A column of
    `doubtful` was read from text as this type, and one called u0, u1, ... says where that was not possible. `days`
    returns the days on which a table has rows in and outside of its window. `collected` are the rows as `collect`
    returns them, if they were read before. `source` is what the rows come from, in
    words, and `read_as` what columns of text were read as.
    """

    side: str
    rows: ir.Table
    names: tuple[str, ...]
    number_copies: Callable[[ir.Table, ir.Scalar], ir.Table] | None = None
    one_pass: bool = False
    engine: str = "duckdb"
    source: str = "a query"
    read_as: Mapping[str, ReadAs] = field(default_factory=dict)
    timezone: str = "UTC"
    doubtful: Mapping[str, ColumnType] = field(default_factory=dict)
    days: Callable[[], list[date]] = list
    collected: pa.Table | None = None

    def column(self, name: str) -> ir.Column:
        """Return the column that the data calls `name`."""
        return self.rows[f"c{self.names.index(name)}"]

    def read(self, unread: frozenset[str]) -> list[str]:
        """Return c0, c1, ... without the columns whose names are in `unread`."""
        return [f"c{position}" for position, name in enumerate(self.names) if name not in unread]


def day_literal(day: date, kind: dt.DataType) -> ir.Scalar:
    return ibis.literal(str(day), type="string").cast(kind)


def count_rows(table: Table) -> int:
    """Return how many rows there are."""
    if table.collected is not None:
        return table.collected.num_rows
    return int(table.rows.count().to_pyarrow().as_py())


def count_unreadable(table: Table, names: Iterable[str]) -> dict[str, int]:
    """Return how many values could not be read as their column's type, of the doubtful columns that have any."""
    columns = {f"u{table.names.index(name)}": name for name in names}
    if not columns:
        return {}
    if table.collected is not None:
        counts = {u: pc.sum(table.collected[u]).as_py() for u in columns}
    else:
        counts = table.rows.aggregate(**{u: table.rows[u].sum() for u in columns}).to_pyarrow().to_pylist()[0]
    return {name: int(counts[u]) for u, name in columns.items() if counts[u]}


def take_all(table: Table, unread: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Return every row, in the order of their hash, which columns in `unread` do not change."""
    return _to_frame(collect(table, unread) if table.collected is None else table.collected, table)


def collect(table: Table, unread: frozenset[str] = frozenset(), more: Iterable[str] = ()) -> pa.Table:
    """Return every row, in the order of their hash: c0, c1, ..., and `more` such as u0.

    Columns in `unread` are read too, but for types that may not come through: to ignore such a column is what helps.
    """
    compared = table.read(unread)
    read = [column for column in table.read(frozenset()) if column in compared or _is_plain(table.rows[column].type())]
    return table.rows.order_by(_order(table, compared)).select([*read, *more]).to_pyarrow()


def _is_plain(kind: dt.DataType) -> bool:
    return kind.is_boolean() or kind.is_numeric() or kind.is_string() or kind.is_date() or kind.is_timestamp()


def take_sample(
    table: Table, total: int, max_rows: int, unread: frozenset[str] = frozenset()
) -> tuple[pd.DataFrame, FullCounts]:
    """Return `max_rows` of `total` rows, in the order of their hash, and in how many of all each column is missing.

    Columns in `unread` are left out.

    The same rows come whatever the number of threads and the order of rows or files: rows under a threshold of the
    hash, with a margin of five standard deviations or more, are sorted and cut. Memory goes with `max_rows`.
    """
    read = table.read(unread)
    under = _threshold(table.rows.row_hash.type(), (max_rows + 5 * sqrt(max_rows) + 25) / total)
    if table.one_pass:
        usable, sample = _count_and_collect(table.rows, read, under)
        sample = sample.sort_by("row_hash").slice(0, max_rows)
    else:
        usable = _count_usable(table.rows, read, table.engine)
        few = table.number_copies(table.rows, under) if table.number_copies else table.rows.filter(_.row_hash < under)
        sample = few.order_by(_order(table, read)).limit(max_rows).select(read).to_pyarrow()
    missing = {table.names[int(column[1:])]: total - usable[column] for column in read}
    return _to_frame(sample, table), FullCounts(total, missing)


def _count_usable(rows: ir.Table, columns: Sequence[str], engine: str = "duckdb") -> dict[str, int]:
    """Return how many rows have a usable value, by column."""
    counts = {column: rows[column].count(where=is_usable(rows[column], engine)) for column in columns}
    return rows.aggregate(**counts).to_pyarrow().to_pylist()[0] if columns else {}


def _count_and_collect(rows: ir.Table, read: Sequence[str], under: ir.Scalar) -> tuple[dict[str, int], pa.Table]:
    """Return how many rows have a usable value, by column, and the rows under the threshold, not in order.

    Testing each number for infinity takes as long as everything else. So numbers are added up, and tested only where
    the sum is not finite.
    """
    floats = [column for column in read if rows[column].type().is_floating()]
    counts = {
        column: rows[column].count(where=None if column in floats else is_usable(rows[column])) for column in read
    }
    sums = {f"sum_{column}": rows[column].sum() for column in floats}
    row = ibis.struct({name: rows[name] for name in ("row_hash", *read)})
    # Ibis' own collect() tests each of all rows for null.
    collect = ibis.udf.agg.builtin(name="list", signature=((row.type(),), dt.Array(row.type())))(lambda row: None)
    found = rows.aggregate(**counts, **sums, sample=collect(row, where=rows.row_hash < under)).to_pyarrow()
    usable = {column: found[column][0].as_py() for column in read}
    odd = [column for column in floats if not isfinite(found[f"sum_{column}"][0].as_py() or 0)]
    return usable | _count_usable(rows, odd), pa.Table.from_struct_array(found["sample"].combine_chunks().flatten())


def _threshold(kind: dt.DataType, share: float) -> ir.Scalar:
    """Return the hash under which `share` of all hashes are."""
    number = min(int(share * 2**64), 2**64 - 1)
    return ibis.literal(f"{number:016x}", type="string") if kind.is_string() else ibis.literal(number, type="uint64")


def _order(table: Table, read: Sequence[str]) -> list[str]:
    """Return what rows are sorted by; several rows may have one digest, that of their key."""
    return ["row_hash", *(read if table.rows.row_hash.type().is_string() else ())]


def is_usable(column: ir.Column, engine: str = "duckdb") -> ir.BooleanValue | None:
    """Return which values are usable: no infinite number and no time beyond any calendar; None means all."""
    kind = column.type()
    if kind.is_floating():
        # Ibis' own isinf() is always false on Spark. NaN is outside too: for some engines it is the largest number.
        return column.between(-LARGEST, LARGEST)
    if engine in WITH_INFINITE_TIMES and (kind.is_date() or (kind.is_timestamp() and kind.scale != NANOSECONDS)):
        return column.between(day_literal(FIRST_DAY, kind), day_literal(LAST_DAY, kind))
    return None


def count_levels(table: Table, sample: pd.DataFrame, names: Iterable[str]) -> dict[str, pd.Series]:
    """Return the rows of each value among all rows, by column; columns with few values are counted together."""
    levels: dict[str, pd.Series] = {}
    for group in _groups({name: sample[name].nunique() + 1 for name in names}):
        columns = {f"c{table.names.index(name)}": name for name in group}
        counted = table.rows.group_by(list(columns)).aggregate(rows=_.count()).to_pyarrow().to_pandas()
        counted = counted.replace([np.inf, -np.inf], np.nan)
        levels |= {name: counted.groupby(column)["rows"].sum() for column, name in columns.items()}
    return levels


def _groups(sizes: Mapping[str, int]) -> list[list[str]]:
    """Return the names in groups; the product of a group's sizes is at most MOST_LEVELS if it has several names."""
    groups: list[list[str]] = []
    product = MOST_LEVELS
    for name in sorted(sizes, key=lambda name: sizes[name]):
        product *= sizes[name]
        if product > MOST_LEVELS:
            groups.append([])
            product = sizes[name]
        groups[-1].append(name)
    return groups


def may_be_category(values: pd.Series, named: str | None) -> bool:
    """Return whether a column with these values in its sample may be a category."""
    if named in ("numerical", "ignore") or types.is_datetime64_any_dtype(values.dtype):
        return False
    is_number = types.is_numeric_dtype(values.dtype) and not types.is_bool_dtype(values.dtype)
    most = MOST_NUMBERS if is_number and not named else MOST_LEVELS
    return 0 < values.nunique() <= min(most, values.count() // 2)


def _to_frame(read: pa.Table, table: Table) -> pd.DataFrame:
    columns = {name: read[f"c{i}"] for i, name in enumerate(table.names) if f"c{i}" in read.column_names}
    series = {name: to_series(column, table.timezone) for name, column in columns.items()}
    return pd.DataFrame(series, columns=list(columns), copy=False)


def to_series(column: pa.ChunkedArray, timezone: str) -> pd.Series:
    if (
        pa.types.is_integer(column.type) and column.null_count
    ):  # as floats, which pandas makes of them, long ones are alike
        limits = pc.min_max(column).as_py()
        exact = max(map(abs, filter(None, limits.values())), default=0) <= LARGEST_EXACT
        return column.to_pandas(integer_object_nulls=not exact)
    if not pa.types.is_temporal(column.type):
        return column.to_pandas()
    unit = "s" if pa.types.is_date(column.type) else "us"
    times = column.cast(pa.timestamp(unit), safe=False).to_pandas()
    # DuckDB writes infinity as a time beyond any calendar, which pandas cannot show.
    times = times.where(times.between("0001-01-01", "9999-12-31"))
    if timezone != "UTC" and pa.types.is_timestamp(column.type) and column.type.tz:
        times = times.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)
    return times
