"""Durations in Parquet files: pandas and Arrow keep them as whole numbers, with a note in the file that tells."""

import base64
from collections.abc import Mapping

import pyarrow as pa
from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources.locations import no_glob

IN_A_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def find_durations(backend: Backend, file: str, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Return the types of columns, by name as DuckDB has them, with `DURATION 1000` for those in milliseconds."""
    units = _units_in(backend, file) if "BIGINT" in kinds.values() else {}
    return tuple(f"DURATION {units[name]}" if name in units else kind for name, kind in kinds.items())


def _units_in(backend: Backend, file: str) -> dict[str, int]:
    query = "SELECT value FROM parquet_kv_metadata(?) WHERE key = 'ARROW:schema'"
    found = backend.con.execute(query, [no_glob(file)]).fetchone()
    if not found:
        return {}
    try:
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(bytes(found[0]))))
    except (ValueError, OSError, pa.ArrowException):  # a note that some other program wrote
        return {}
    return {field.name: IN_A_SECOND[field.type.unit] for field in schema if pa.types.is_duration(field.type)}
