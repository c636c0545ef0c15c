"""Compute SQL expressions of a frame's columns, a value a row, in a DuckDB that can read nothing else."""

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import sqlglot
from sqlglot import expressions as sql
from sqlglot.errors import SqlglotError

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import with_duckdb
from driftmonitor.analysis.sources.names import nearest_column
from driftmonitor.analysis.sources.tables import to_series
from driftmonitor.formats import one_line, some_names

OF_SEVERAL_ROWS = (sql.Query, sql.Subquery, sql.AggFunc, sql.Window, sql.Star, sql.Columns)
# Functions of DuckDB whose value depends on more than the row.
UNSTABLE = {
    "ago", "current_catalog", "current_connection_id", "current_database", "current_date", "current_localtime",
    "current_localtimestamp", "current_query", "current_query_id", "current_role", "current_schema",
    "current_schemas", "current_setting", "current_time", "current_timestamp", "current_transaction_id",
    "current_user", "currval", "gen_random_uuid", "get_current_time", "get_current_timestamp", "getenv",
    "getvariable", "in_search_path", "localtime", "localtimestamp", "nextval", "now", "pg_sleep", "rand",
    "random", "session_user", "setseed", "sleep", "sleep_ms", "stats", "today", "transaction_timestamp",
    "txid_current", "user", "uuid", "uuidv4", "uuidv7", "version", "write_log",
}  # fmt: skip
REMEDY = "fix the expression"


def evaluate(frame: pd.DataFrame, expressions: Mapping[str, str]) -> dict[str, pd.Series]:
    """Return the values of each expression, in the order of the rows; DriftMonitorError, which begins with its name."""
    checked = {where: check_expression(where, text) for where, text in expressions.items()}
    named = {each.name.lower() for found in checked.values() for each in found.find_all(sql.Column)}
    used = [name for name in frame if str(name).lower() in named] or list(frame)[:1]
    if len({str(name).lower() for name in used}) < len(used):
        names = some_names(map(str, used))
        raise DriftMonitorError(f"{next(iter(checked))}: columns differ only in capitals ({names}); rename one.")
    rows, columns = with_duckdb.NumberedRows(frame[used]), [str(name) for name in frame]
    return {where: _to_series(where, _compute(rows, columns, where, found)) for where, found in checked.items()}


def _compute(rows: with_duckdb.NumberedRows, names: list[str], where: str, found: sql.Expression) -> pa.ChunkedArray:
    try:
        return rows.compute(where, found.sql(dialect="duckdb", comments=False), REMEDY)
    except DriftMonitorError as error:
        known = {name.lower() for name in names}
        unknown = [
            each.name for each in found.find_all(sql.Column) if each.name.lower() not in known and not each.table
        ]
        if "no such column" not in str(error) or len(unknown) != 1:
            raise
        nearest = nearest_column(unknown[0], names)
        raise DriftMonitorError(f"{where}: no such column: {one_line(unknown[0])}{nearest}") from None


def _to_series(where: str, values: pa.ChunkedArray) -> pd.Series:
    try:
        return to_series(values, "UTC")
    except pa.ArrowException:  # as of a time of day, or an interval
        raise DriftMonitorError(f"{where}: gives values of type {values.type}; make them numbers or text.") from None


def check_expression(where: str, text: str) -> sql.Expression:
    """Return an expression; DriftMonitorError for anything but one of a single row's values."""
    try:
        found = [each for each in sqlglot.parse(text, read="duckdb") if each]
    except (SqlglotError, RecursionError):
        raise DriftMonitorError(f"{where}: not valid SQL; {REMEDY}.") from None
    if len(found) != 1 or not isinstance(found[0], sql.Condition) or found[0].find(*OF_SEVERAL_ROWS):
        remedy = "write one such as amount > 100, without SELECT and aggregates"
        raise DriftMonitorError(f"{where}: not one expression of a row's values; {remedy}.")
    _check_stable(where, found[0])
    return found[0]


def _check_stable(where: str, expression: sql.Expression) -> None:
    """Refuse a function that can have another value for the same row: the row would be in another segment."""
    for each in expression.find_all(sql.Func):
        names = _names(each)
        up_to_today = names == ["age"] and len(each.expressions) < 2
        if shown := next((name for name in names if name in UNSTABLE or up_to_today), None):
            raise DriftMonitorError(f"{where}: {shown} depends on more than the row's values; write one without it.")


def _names(function: sql.Func) -> list[str]:
    """Return the names of a function, first that which DuckDB is given."""
    if isinstance(function, sql.Anonymous):
        return [function.name.lower()]
    written = function.sql(dialect="duckdb").split("(")[0]
    return [name.lower() for name in (written, *function.sql_names())]
