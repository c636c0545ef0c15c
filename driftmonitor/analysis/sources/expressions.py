"""Compute SQL expressions of a frame's columns, a value a row, in a DuckDB that can read nothing else."""

from collections.abc import Mapping

import pandas as pd
import sqlglot
from sqlglot import expressions as sql
from sqlglot.errors import SqlglotError

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import with_duckdb
from driftmonitor.analysis.sources.tables import to_series
from driftmonitor.formats import some_names

OF_SEVERAL_ROWS = (sql.Query, sql.Subquery, sql.AggFunc, sql.Window, sql.Star)
REMEDY = "fix the expression"


def evaluate(frame: pd.DataFrame, expressions: Mapping[str, str]) -> dict[str, pd.Series]:
    """Return the values of each expression, in the order of the rows; DriftMonitorError, which begins with its name."""
    checked = {where: _check(where, text) for where, text in expressions.items()}
    named = {each.name.lower() for found in checked.values() for each in found.find_all(sql.Column)}
    used = [name for name in frame if str(name).lower() in named] or list(frame)[:1]
    if len({str(name).lower() for name in used}) < len(used):
        names = some_names(map(str, used))
        raise DriftMonitorError(f"{next(iter(checked))}: columns differ only in capitals ({names}); rename one.")
    rows = with_duckdb.NumberedRows(frame[used])
    return {
        where: to_series(rows.compute(where, found.sql(dialect="duckdb", comments=False), REMEDY), "UTC")
        for where, found in checked.items()
    }


def _check(where: str, text: str) -> sql.Expression:
    """Return an expression; refuse anything but one of a single row's values."""
    try:
        found = [each for each in sqlglot.parse(text, read="duckdb") if each]
    except (SqlglotError, RecursionError):
        raise DriftMonitorError(f"{where}: not valid SQL; {REMEDY}.") from None
    if len(found) != 1 or not isinstance(found[0], sql.Condition) or found[0].find(*OF_SEVERAL_ROWS):
        remedy = "write one such as amount > 100, without SELECT and aggregates"
        raise DriftMonitorError(f"{where}: not one expression of a row's values; {remedy}.")
    return found[0]
