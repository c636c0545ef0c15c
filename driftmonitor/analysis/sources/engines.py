"""Query an engine of the user's through Ibis: PostgreSQL, Spark, Trino, BigQuery, Snowflake or ClickHouse.

The same expressions run there as in DuckDB, and only the sample and the counts are transferred. Each driver is an extra
and imported where it is used.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ibis
import ibis.expr.types as ir
import sqlglot
from sqlglot import expressions as sql

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.digests import digest, key_digest, values_digest
from driftmonitor.analysis.sources.engine_errors import explain_errors
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.config.connections import engine_of, fill_address
from driftmonitor.formats import one_line

LABELS = {
    "postgres": "PostgreSQL", "pyspark": "Spark", "trino": "Trino", "bigquery": "BigQuery", "snowflake": "Snowflake",
    "clickhouse": "ClickHouse",
}  # fmt: skip
EXTRAS = {"pyspark": "spark"}  # where the extra has another name than the engine
DIALECTS = {"pyspark": "spark"}
CHANGES = (sql.Insert, sql.Update, sql.Delete, sql.Merge, sql.Create, sql.Drop, sql.Command, sql.Into)
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


def open_query(engine: Engine, side: str, query: str, seed: int, key: str, unread: frozenset[str]) -> Table:
    """Return the rows of one SELECT in the engine's own SQL."""
    query = _check_query(side, query, engine.name)
    schema = _postgres_schema(engine.backend, query) if engine.name == "postgres" else None
    return make_table(engine.backend.sql(query, schema=schema), side, seed, key, unread, engine.name)


def make_table(rows: ir.Table, side: str, seed: int, key: str, unread: frozenset[str], engine: str) -> Table:
    """Return the rows as a table: columns called c0, c1, ..., of types that every engine knows, and a digest."""
    names = tuple(rows.columns)
    columns = {f"c{i}": rows[name] if name in unread else _plain(rows[name]) for i, name in enumerate(names)}
    table = Table(side, rows.select(**columns), names, engine=engine, source=f"a query on {LABELS.get(engine, engine)}")
    if key:
        return replace(table, rows=table.rows.mutate(row_hash=key_digest(table, key, seed)))
    read = [name for name in table.read(unread) if not table.rows[name].type().is_unknown()]
    rows = table.rows.mutate(row_hash=values_digest(table.rows, read, seed, engine))
    return replace(table, rows=rows, number_copies=partial(_number_copies, engine))


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


def _check_query(side: str, query: str, engine: str) -> str:
    """Return the query without comments and semicolons; refuse anything but one SELECT."""
    dialect = DIALECTS.get(engine, engine)
    statements = [statement for statement in sqlglot.parse(query, read=dialect) if statement]
    if len(statements) != 1 or not isinstance(statements[0], sql.Query) or statements[0].find(*CHANGES):
        raise DriftMonitorError(f"{side}: the query is not one SELECT; give one SELECT statement.")
    return statements[0].sql(dialect=dialect, comments=False)


def _postgres_schema(backend: Any, query: str) -> ibis.Schema:
    """Return names and types of a query's columns; Ibis would create a view, which a reader may not."""
    with backend.con.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({query}) AS asked LIMIT 0")  # noqa: S608  the user's own query, read-only
        described = [(column.name, column.type_code) for column in cursor.description]
        asked = "SELECT oid::int, format_type(oid, NULL) FROM pg_type WHERE oid = ANY(%s)"
        kinds = dict(cursor.execute(asked, ([code for _, code in described],)).fetchall())
    types = backend.compiler.type_mapper
    return ibis.schema({name: types.from_string(kinds[code]) for name, code in described})


def explained(engine: Engine, side: str, query: str) -> AbstractContextManager[None]:
    """Raise an engine's errors as one line that a user can act on; the query is published, the rows are not."""
    return explain_errors(side, engine.label, query, "fix the query")
