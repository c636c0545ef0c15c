"""The names of columns in their files, where DuckDB changes them.

DuckDB ignores case, and names A and a of one file A and a_1. It replaces a name in a CSV that means a missing value.
"""

import re
from collections.abc import Callable, Sequence

from ibis.backends.duckdb import Backend

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import no_glob
from driftmonitor.analysis.sources.names import some_names

NUMBERED = re.compile(r"(.*)_\d+", re.DOTALL)
NAMELESS = re.compile(r"column\d+")
ReadSql = Callable[..., str]


def original_names(
    backend: Backend, side: str, kind: str, read_sql: ReadSql, files: Sequence[str], given: Sequence[str]
) -> list[str]:
    """Return the columns' names in the files, in place of those that DuckDB has `given` them.

    `read_sql(files)` returns the SQL that reads files, and `read_sql(files, as_text=True)` that of their first rows.
    The files are asked only if DuckDB may have changed a name.
    """
    if not _may_be_changed(given):
        return list(given)
    if kind == "json":
        return _check_keys(backend, side, files, given)
    find = _parquet_names if kind == "parquet" else _csv_names
    # Asking a CSV takes as long as a small query, so the others are compared with the first only where it matters.
    headers = [find(backend, read_sql, file) for file in (files if kind == "parquet" else files[:1])]
    original = {name: own for name, own in zip(given, headers[0], strict=False) if own and _may_replace(name, own)}
    alike = next(filter(None, map(_differ_by_case, headers)), [])
    if not original and not alike:
        return list(given)
    headers += [find(backend, read_sql, file) for file in files[len(headers) :]]
    if any(header != headers[0] for header in headers):
        names = some_names(alike or original.values())
        remedy = "rename one, or write all files with the same columns in the same order"
        raise DriftMonitorError(f"{side}: columns {names}: such names cannot be told apart; {remedy}.")
    return [original.get(name, name) for name in given]


def _may_be_changed(names: Sequence[str]) -> bool:
    lower = {name.lower() for name in names}
    numbered = any((match := NUMBERED.fullmatch(name)) and match[1].lower() in lower for name in names)
    return numbered or any(map(NAMELESS.fullmatch, names))


def _may_replace(given: str, original: str) -> bool:
    """Return whether DuckDB may have replaced the original name by the given one."""
    return given != original and (given.startswith(f"{original}_") or bool(NAMELESS.fullmatch(given)))


def _differ_by_case(names: Sequence[str | None]) -> list[str]:
    """Return the names that differ from another one only by case."""
    lower = [(name or "").lower() for name in names]
    return [name for name, low in zip(names, lower, strict=True) if name and lower.count(low) > 1]


def _parquet_names(backend: Backend, read_sql: ReadSql, file: str) -> list[str | None]:
    names: list[str | None] = []
    inside = 0
    query = "SELECT name, coalesce(num_children, 0) FROM parquet_schema(?)"
    rows = backend.con.execute(query, [no_glob(file)]).fetchall()
    for name, children in rows[1:]:  # the first is the row as a whole; the parts of a nested column follow it
        if inside:
            inside += children - 1
        else:
            names.append(name)
            inside = children
    return names


def _csv_names(backend: Backend, read_sql: ReadSql, file: str) -> list[str | None]:
    query = f"SELECT * FROM {read_sql([file], as_text=True)} LIMIT 1"  # noqa: S608  quoted by with_duckdb
    return list(backend.con.execute(query).fetchone())


def _check_keys(backend: Backend, side: str, files: Sequence[str], given: Sequence[str]) -> list[str]:
    query = "SELECT DISTINCT unnest(json_keys(json)) AS key FROM read_json_objects(?) ORDER BY key"
    keys = [key for (key,) in backend.con.execute(query, [list(map(no_glob, files))]).fetchall()]
    if set(given) <= set(keys):
        return list(given)
    names = some_names(_differ_by_case(keys) or given)
    raise DriftMonitorError(f"{side}: columns {names}: such names of JSON cannot be told apart; rename one.")
