"""Read a query of PostgreSQL as columns of types that every engine has, whatever its own are and are called."""

from typing import Any

import ibis
import ibis.expr.datatypes as dt

from driftmonitor.analysis.sources.names import unique_names
from driftmonitor.formats import composed

# SQL for a value {c} of a type that Ibis cannot convert, and the type that it becomes.
OWN_TYPES: dict[str, tuple[str, dt.DataType]] = {
    "money": ("{c}::numeric::double precision", dt.float64),
    "interval": ("extract(epoch FROM {c})::double precision", dt.float64),  # in seconds, as for DuckDB
}


def describe(backend: Any, query: str) -> tuple[str, list[str], ibis.Schema]:
    """Return SQL for a query with the columns c0, c1, ..., the names that it gives them, and their types.

    Ibis would create a view to ask for the types, which a reader may not. A domain has the type that it is made of.
    """
    with backend.con.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({query}) AS asked LIMIT 0")  # noqa: S608  the user's own query, read-only
        described = [(column.name, column.type_code) for column in cursor.description]
        asked = "SELECT oid::int, format_type(oid, NULL) FROM pg_type WHERE oid = ANY(%s)"
        kinds = dict(cursor.execute(asked, ([code for _, code in described],)).fetchall())
    read = {f"c{i}": _read(backend, f"c{i}", kinds[code]) for i, (_, code) in enumerate(described)}
    selected = ", ".join(f"{sql} AS {column}" for column, (sql, _) in read.items())
    wrapped = f"SELECT {selected} FROM ({query}) AS asked({', '.join(read)})"  # noqa: S608
    names = unique_names(composed(name) for name, _ in described)
    return wrapped, names, ibis.schema({column: kind for column, (_, kind) in read.items()})


def _read(backend: Any, column: str, kind: str) -> tuple[str, dt.DataType]:
    sql, known = OWN_TYPES.get(kind, ("{c}", None))
    return sql.format(c=column), known or backend.compiler.type_mapper.from_string(kind)
