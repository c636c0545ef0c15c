"""Hash values of a row that every engine computes alike: MD5 of text, in hex. DuckDB's own hash exists only there."""

from collections.abc import Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.names import nearest_column
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.formats import one_line

# The functions that give the digest as 32 lower-case digits, the outermost first.
FUNCTIONS = {
    "bigquery": ("to_hex", "md5"),
    "clickhouse": ("lower", "hex", "MD5"),
    "trino": ("lower", "to_hex", "md5", "to_utf8"),
}


def key_digest(table: Table, key: str, seed: int) -> ir.StringValue:
    """Return the digest of the seed and the column called `key`, the same on every engine."""
    if key not in table.names:
        raise DriftMonitorError(f"{table.side}: sample_key {key!r}: no such column{nearest_column(key, table.names)}")
    column = table.column(key)
    kind = column.type()
    if not (kind.is_integer() or kind.is_string() or kind.is_date()):
        raise DriftMonitorError(
            f"{table.side}: sample_key {one_line(key)!r} is {kind}, which engines write differently; "
            "name a column of whole numbers, text or dates."
        )
    return digest(ibis.literal(f"{seed}:") + _text(column), table.engine)


def values_digest(rows: ir.Table, columns: Sequence[str], seed: int, engine: str) -> ir.StringValue:
    """Return the digest of the seed and the values of a row, some of which each engine writes in its own way."""
    return digest(reduce(lambda text, name: text + "|" + _text(rows[name]), columns, ibis.literal(f"{seed}:")), engine)


def digest(text: ir.StringValue, engine: str) -> ir.StringValue:
    """Return the MD5 of text as hex, by the functions that `engine` has for it."""
    for name in reversed(FUNCTIONS.get(engine, ("md5",))):
        text = ibis.udf.scalar.builtin(name=name, signature=(("string",), "string"))(lambda text: None)(text)
    return text


def _text(column: ir.Column) -> ir.StringValue:
    return column.cast("string").fill_null("")
