"""Name the engines, and take one SELECT of a user's: anything else is refused before an engine sees it."""

import sqlglot
from sqlglot import expressions as sql

from driftmonitor import DriftMonitorError

DIALECTS = {"pyspark": "spark"}
LABELS = {
    "postgres": "PostgreSQL", "pyspark": "Spark", "trino": "Trino", "bigquery": "BigQuery", "snowflake": "Snowflake",
    "clickhouse": "ClickHouse",
}  # fmt: skip
CHANGES = (sql.Insert, sql.Update, sql.Delete, sql.Merge, sql.Create, sql.Drop, sql.Command, sql.Into)


def one_select(where: str, query: str, engine: str) -> str:
    """Return the query without comments and semicolons; refuse anything but one SELECT."""
    dialect = DIALECTS.get(engine, engine)
    statements = [statement for statement in sqlglot.parse(query, read=dialect) if statement]
    if len(statements) != 1 or not isinstance(statements[0], sql.Query) or statements[0].find(*CHANGES):
        raise DriftMonitorError(f"{where}: the query is not one SELECT; give one SELECT statement.")
    return statements[0].sql(dialect=dialect, comments=False)
