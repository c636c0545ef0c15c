"""Compute single numbers of all rows of the current data: counts, shares, means, or what one SQL query returns."""

from collections.abc import Iterable
from contextlib import AbstractContextManager

import ibis.expr.types as ir
import pandas as pd
from sqlglot.errors import SqlglotError

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import postgres_types, with_duckdb
from driftmonitor.analysis.sources.engine_errors import explain_errors
from driftmonitor.analysis.sources.names import nearest_column
from driftmonitor.analysis.sources.queries import LABELS, one_select
from driftmonitor.analysis.sources.tables import Table, is_usable
from driftmonitor.config.check_settings import Watched
from driftmonitor.formats import counted, one_line

NAN = float("nan")
KINDS = {"str": "text", "date": "a date", "datetime": "a time", "timedelta": "an interval", "list": "a list"}


def measure_table(table: Table, watched: Iterable[Watched]) -> dict[str, float]:
    """Return the number of each check over all rows of a table, NaN if it has none."""
    return {each.name: _measure(table, each) for each in watched}


def measure_frame(frame: pd.DataFrame, watched: Iterable[Watched]) -> dict[str, float]:
    """Return the number of each check over the rows of a frame, NaN if it has none."""
    return measure_table(with_duckdb.table_of(frame), watched)


def _measure(table: Table, watched: Watched) -> float:
    function = watched.measure.function
    with _explained(watched, table.engine):
        if function == "sql":
            return _query(table, watched)
        if function == "rows":
            return _number(table.rows.count())
        if function == "duplicates":
            columns = table.rows.select([f"c{position}" for position in range(len(table.names))])
            return _number(columns.count()) - _number(columns.distinct().count())
        return _of_column(table, watched)


def _of_column(table: Table, watched: Watched) -> float:
    name, function = watched.measure.column, watched.measure.function
    if name not in table.names:
        raise DriftMonitorError(f"checks.{one_line(watched.name)}: no such column{nearest_column(name, table.names)}")
    column = table.column(name)
    usable = is_usable(column, table.engine)
    present = column.notnull() if usable is None else column.notnull() & usable.fill_null(False)
    if function == "missing":
        rows = _number(table.rows.count())
        return 1 - _number(present.sum()) / rows if rows else NAN
    if function == "distinct":
        return _number(column.nunique(where=present))
    if not (column.type().is_numeric() or column.type().is_boolean()):
        raise DriftMonitorError(f"checks.{one_line(watched.name)}: the column has no numbers; use missing or distinct.")
    numbers = (column.ifelse(1, 0) if column.type().is_boolean() else column).cast("float64")
    compute = {"mean": numbers.mean, "median": numbers.median, "min": numbers.min, "max": numbers.max}
    compute |= {"sum": numbers.sum, "std": numbers.std}
    return _number(compute[function](where=present))


def _query(table: Table, watched: Watched) -> float:
    """Return what a query over the table `current` returns; its columns have the names of the data."""
    where = f"checks.{one_line(watched.name)}"
    try:
        query = one_select(where, watched.measure.sql, table.engine)
    except SqlglotError:
        raise DriftMonitorError(f"{where}: not valid SQL; fix the query.") from None
    named = table.rows.select(**{name: table.rows[f"c{i}"] for i, name in enumerate(table.names)})
    backend = named.get_backend()
    whole = f"WITH current AS ({backend.compile(named)}) SELECT * FROM ({query}) AS found"  # noqa: S608
    if table.engine == "postgres":
        whole, _, schema = postgres_types.describe(backend, whole)
        found = backend.sql(whole, schema=schema)
    else:
        found = backend.sql(whole)
    if found.columns and found[found.columns[0]].type().is_interval():
        raise DriftMonitorError(f"{where}: the query returns an interval; make it return one number.")
    rows = found.limit(2).to_pyarrow()
    if rows.num_rows != 1 or rows.num_columns != 1:
        raise DriftMonitorError(
            f"checks.{one_line(watched.name)}: the query returns {counted(rows.num_rows, 'row')} and "
            f"{counted(rows.num_columns, 'column')}; "
            "make it return one number."
        )
    return _to_float(rows[0][0].as_py(), watched)


def _number(expression: ir.Scalar) -> float:
    value = expression.to_pyarrow().as_py()
    return NAN if value is None else float(value)


def _to_float(value: object, watched: Watched) -> float:
    if value is None:
        return NAN
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        kind = KINDS.get(type(value).__name__, "no number")
        problem = f"the query returns {kind}; make it return one number."
        raise DriftMonitorError(f"checks.{one_line(watched.name)}: {problem}") from None


def _explained(watched: Watched, engine: str) -> AbstractContextManager[None]:
    """Raise an error of the engine as one line that a user can act on."""
    where = f"checks.{one_line(watched.name)}"
    if engine == "duckdb":
        return with_duckdb.explained(where, "fix the query")
    return explain_errors(where, LABELS.get(engine, engine), watched.measure.sql, "fix the query")
