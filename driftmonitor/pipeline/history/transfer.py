"""Export a history to files, one for each table, and import it from them: Parquet or CSV, without loss."""

import csv
import datetime as dt
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.csv_formulas import defuse, restore
from driftmonitor.pipeline.history.database import insert_missing, newest_version
from driftmonitor.pipeline.history.tables import ALL, Moment, events, outbox, runs
from driftmonitor.regular_files import check_file, parse_json, read_file

MANIFEST = "history.json"
FORMS = ("parquet", "csv")
DEFUSED = "defused"  # in the manifest; before 0.2, CSV files had texts as they are
NULL = r"\N"  # as in PostgreSQL's COPY; text that starts with a backslash gets a second one
OF_RUN = {"scores", "findings", "checks", "model_days", "distributions"}

Tables = dict[str, list[dict[str, Any]]]
Reader = Callable[[Path, sa.Table], list[dict[str, Any]]]


def export(connection: sa.Connection, folder: Path, form: str) -> dict[str, int]:
    """Write every table to `folder`; return the rows of each."""
    if form not in FORMS:
        raise DriftMonitorError(f"export: {form!r} is not a format; use parquet or csv.")
    counts = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)  # written last: without it the export is not complete
        for table in ALL:
            rows = [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]
            {"parquet": _write_parquet, "csv": _write_csv}[form](folder / f"{table.name}.{form}", table, rows)
            counts[table.name] = len(rows)
        manifest = {"schema": newest_version(), "format": form, "rows": counts, "formulas": DEFUSED}
        (folder / MANIFEST).write_text(json.dumps(manifest))
    except OSError as error:
        raise DriftMonitorError(f"{folder}: cannot be written: {error.strerror}; choose another folder.") from None
    return counts


def read(folder: Path) -> Tables:
    """Return the tables that `export` wrote to `folder`."""
    try:
        manifest = parse_json(read_file(folder / MANIFEST))
        form, schema, counts = manifest["format"], manifest["schema"], manifest["rows"]
    except (OSError, ValueError, KeyError, TypeError):
        raise DriftMonitorError(
            f"{folder}: contains no complete export ({MANIFEST}); export the history again."
        ) from None
    if schema != newest_version() or form not in FORMS:
        raise DriftMonitorError(
            f"{folder}: exported by another version (schema {schema}, this one reads {newest_version()}); "
            "export with the version you import with."
        )
    text = restore if manifest.get("formulas") == DEFUSED else str
    readers: dict[str, Reader] = {"parquet": _read_parquet, "csv": partial(_read_csv, text)}
    tables = {table.name: _read(readers[form], folder / f"{table.name}.{form}", table) for table in ALL}
    for name, rows in tables.items():
        if len(rows) != counts.get(name):
            raise DriftMonitorError(f"{folder / name}.{form}: {len(rows)} rows, not {counts.get(name)}; export again.")
    return tables


def add(connection: sa.Connection, tables: Tables) -> dict[str, int]:
    """Insert the rows of runs and events that are not there yet; return the rows added to each table.

    A run that is already there keeps its own test results and issues, an event its own rows in the outbox.
    """
    run_key, event_key = ([column.name for column in table.primary_key] for table in (runs, events))
    old_runs, old_events = (_keys(connection, table) for table in (runs, events))
    added = {}
    for table in ALL:
        rows = tables[table.name]
        if table.name in OF_RUN:
            rows = [row for row in rows if _key(row, run_key) not in old_runs]
        elif table is outbox:
            rows = [row for row in rows if _key(row, event_key) not in old_events]
        before = _count(connection, table)
        insert_missing(connection, table, rows)
        added[table.name] = _count(connection, table) - before
    return added


def _keys(connection: sa.Connection, table: sa.Table) -> set[tuple]:
    return {tuple(row) for row in connection.execute(sa.select(*table.primary_key))}


def _key(row: dict[str, Any], names: list[str]) -> tuple:
    return tuple(row[name] for name in names)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _read(reader: Reader, path: Path, table: sa.Table) -> list[dict[str, Any]]:
    import pyarrow as pa

    try:
        check_file(path)
        return reader(path, table)
    except (OSError, ValueError, KeyError, csv.Error, pa.ArrowException) as error:
        missing = isinstance(error, FileNotFoundError)  # pyarrow's has no strerror
        reason = "no such file" if missing else "damaged, or not written by export"
        raise DriftMonitorError(f"{path}: cannot be read: {reason}; export the history again.") from None


def _write_parquet(path: Path, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(column.name, _arrow_type(column)) for column in table.c])
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


def _arrow_type(column: sa.Column) -> Any:
    import pyarrow as pa

    if isinstance(column.type, Moment):
        return pa.timestamp("us", "UTC")
    types = {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_(), dt.date: pa.date32()}
    return types[column.type.python_type]


def _read_parquet(path: Path, table: sa.Table) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=None).select([column.name for column in table.c]).to_pylist()


def _write_csv(path: Path, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.name for column in table.c)
        writer.writerows([_to_text(row[column.name]) for column in table.c] for row in rows)


def _to_text(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return defuse(f"\\{value}" if value.startswith("\\") else value)
    return value.isoformat() if isinstance(value, dt.date) else repr(value)


def _read_csv(original: Callable[[str], str], path: Path, table: sa.Table) -> list[dict[str, Any]]:
    csv.field_size_limit(2**31 - 1)  # a record may be longer than the default limit
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        names = next(reader, [])
        if names != [column.name for column in table.c]:
            raise ValueError(names)
        return [
            {column.name: _from_text(original(text), column) for column, text in zip(table.c, row, strict=True)}
            for row in reader
        ]


def _from_text(text: str, column: sa.Column) -> Any:
    if text == NULL:
        return None
    if isinstance(column.type, Moment):
        return dt.datetime.fromisoformat(text)
    kinds: dict[type, Callable[[str], Any]] = {
        str: lambda text: text[1:] if text.startswith("\\") else text,
        bool: {"True": True, "False": False}.__getitem__,
        dt.date: dt.date.fromisoformat,
        float: float,
        int: int,
    }
    return kinds[column.type.python_type](text)
