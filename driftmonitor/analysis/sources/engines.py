"""Query an engine of the user's through Ibis: PostgreSQL, Spark, Trino, BigQuery, Snowflake or ClickHouse.

The same expressions run there as in DuckDB, and only the sample and the counts are transferred. Each driver is an extra
and imported where it is used.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ibis
import ibis.expr.types as ir

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import postgres_types
from driftmonitor.analysis.sources.digests import digest, key_digest, values_digest
from driftmonitor.analysis.sources.engine_errors import explain_errors
from driftmonitor.analysis.sources.queries import LABELS, one_select
from driftmonitor.analysis.sources.request import Request
from driftmonitor.analysis.sources.rows import is_number, missing_words
from driftmonitor.analysis.sources.tables import Table, is_usable
from driftmonitor.config.connections import engine_of, fill_address
from driftmonitor.formats import one_line

EXTRAS = {"pyspark": "spark"}  # where the extra has another name than the engine
SPARK_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Engine:
    """An open connection."""

    name: str
    backend: Any

    @property
    def label(self) -> str:
        """The engine's name as people write it."""
        return LABELS[self.name]


def connect(address: str) -> Engine:
    """Open a connection that takes times as UTC and, where the engine offers it, can change nothing."""
    filled = fill_address(address, os.environ)
    name = engine_of(filled)
    remedy = "check the address and its environment variables"
    with explain_errors("connection", LABELS[name], "", remedy, always=True):
        try:
            return Engine(name, OPEN.get(name, ibis.connect)(filled))
        except ImportError as error:
            extra = EXTRAS.get(name, name)
            raise DriftMonitorError(
                f"connection: {LABELS[name]} needs a driver ({one_line(str(error))}); pip install '.[{extra}]'."
            ) from None


def _open_postgres(address: str) -> Any:
    backend = ibis.connect(address, connect_timeout=CONNECT_SECONDS)
    for setting in ("TimeZone = 'UTC'", "default_transaction_read_only = on"):
        backend.raw_sql(f"SET {setting}").close()
    return backend


def _open_spark(address: str) -> Any:
    from pyspark.sql import SparkSession

    parts = urlsplit(address)
    master = "local[*]" if parts.hostname == "local" else f"spark://{parts.netloc}"
    builder = SparkSession.builder.master(master).appName("drift-monitor")
    for name, value in {**SPARK_SETTINGS, **dict(parse_qsl(parts.query))}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    if database := parts.path.strip("/"):
        session.catalog.setCurrentDatabase(database)
    return ibis.pyspark.connect(session)


OPEN: dict[str, Callable[[str], Any]] = {
    "postgres": _open_postgres,
    "pyspark": _open_spark,
    "trino": partial(ibis.connect, timezone="UTC"),
    "snowflake": partial(ibis.connect, session_parameters={"TIMEZONE": "UTC"}),
}


def open_query(engine: Engine, side: str, query: str, request: Request) -> Table:
    """Return the rows of one SELECT in the engine's own SQL."""
    query = one_select(side, query, engine.name)
    if engine.name == "postgres":
        query, names, schema = postgres_types.describe(engine.backend, query)
        return make_table(engine.backend.sql(query, schema=schema), names, side, request, engine.name)
    rows = engine.backend.sql(query)
    return make_table(rows, rows.columns, side, request, engine.name)


def make_table(rows: ir.Table, names: Sequence[str], side: str, request: Request, engine: str) -> Table:
    """Return the rows as a table: columns called c0, c1, ..., of types that every engine knows, and a digest."""
    columns = {f"c{i}": rows[column] for i, column in enumerate(rows.columns)}
    for column, name in zip(columns, names, strict=True):
        if name not in request.unread:
            columns[column] = _present(_plain(columns[column]), name, side, request, engine)
    source = f"a query on {LABELS.get(engine, engine)}"
    table = Table(side, rows.select(**columns), tuple(names), engine=engine, source=source)
    if request.sample_key:
        return replace(table, rows=table.rows.mutate(row_hash=key_digest(table, request.sample_key, request.seed)))
    read = [name for name in table.read(request.unread) if not table.rows[name].type().is_unknown()]
    rows = table.rows.mutate(row_hash=values_digest(table.rows, read, request.seed, engine))
    return replace(table, rows=rows, number_copies=partial(_number_copies, engine))


def _present(column: ir.Column, name: str, side: str, request: Request, engine: str) -> ir.Column:
    """Return a column without infinite times, which drivers cannot send, and without what means a missing value.

    The column that a window cuts is left as it is, so that the engine can use an index. No window has infinite times.
    """
    kind, words = column.type(), missing_words(request.read.of_column(side, name))
    if name == request.time_column and request.sides[side].window:
        return column
    if (kind.is_date() or kind.is_timestamp()) and (usable := is_usable(column, engine)) is not None:
        column = usable.ifelse(column, ibis.null(kind))
    if words:
        numbers = [float(word) for word in words if is_number(word)]
        is_missing = column.isin(numbers) if kind.is_numeric() else column.cast("string").isin(words)
        column = is_missing.ifelse(ibis.null(kind), column)
    return column


def _plain(column: ir.Column) -> ir.Column:
    """Return a column of any type as number, boolean, time or text."""
    kind = column.type()
    if kind.is_decimal():
        return column.cast("float64")
    kept = kind.is_boolean() or kind.is_numeric() or kind.is_string() or kind.is_date() or kind.is_timestamp()
    return column if kept else column.cast("string")


def _number_copies(engine: str, rows: ir.Table, under: ir.Scalar) -> ir.Table:
    """Return the rows under the threshold, where each copy of one row has a digest of its own."""
    copy = ibis.row_number().over(group_by=rows.row_hash, order_by=rows.row_hash)
    numbered = rows.mutate(row_hash=digest(rows.row_hash + copy.cast("string"), engine))
    return numbered.filter(numbered.row_hash < under)


def explained(engine: Engine, side: str, query: str) -> AbstractContextManager[None]:
    """Raise an engine's errors as one line that a user can act on; the query is published, the rows are not."""
    return explain_errors(side, engine.label, query, "fix the query")
