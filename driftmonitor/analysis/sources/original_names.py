"""The names of columns in Parquet and JSON files, where DuckDB changes them: it names A and a of one file A and a_1."""

import re
from collections.abc import Sequence

from ibis.backends.duckdb import Backend

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import no_glob
from driftmonitor.formats import some_names

NUMBERED = re.compile(r"(.*)_\d+", re.DOTALL)


def parquet_names(backend: Backend, side: str, files: Sequence[str], given: Sequence[str]) -> list[str]:
    """Return the columns' names in Parquet files, in place of those that DuckDB has `given` them.

    The files are asked only if DuckDB may have changed a name.
    """
    if not may_be_changed(given):
        return list(given)
    headers = [_names_in(backend, file) for file in files]
    original = {name: own for name, own in zip(given, headers[0], strict=False) if _may_replace(name, own)}
    alike = next(filter(None, map(_differ_by_case, headers)), [])
    if not original and not alike:
        return list(given)
    if any(header != headers[0] for header in headers):
        names = some_names(alike or original.values())
        remedy = "rename one, or write all files with the same columns in the same order"
        raise DriftMonitorError(f"{side}: columns {names}: such names cannot be told apart; {remedy}.")
    return [original.get(name, name) for name in given]


def may_be_changed(names: Sequence[str]) -> bool:
    """Return whether DuckDB may have numbered a name because it differs from another one only by case."""
    lower = {name.lower() for name in names}
    return any((match := NUMBERED.fullmatch(name)) and match[1].lower() in lower for name in names)


def _may_replace(given: str, original: str) -> bool:
    """Return whether DuckDB may have replaced the original name by the given one."""
    return given != original and given.startswith(f"{original}_")


def _differ_by_case(names: Sequence[str]) -> list[str]:
    """Return the names that differ from another one only by case."""
    lower = [name.lower() for name in names]
    return [name for name, low in zip(names, lower, strict=True) if lower.count(low) > 1]


def _names_in(backend: Backend, file: str) -> list[str]:
    """Return the names of a Parquet file's own columns."""
    names: list[str] = []
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


def is_key(backend: Backend, files: Sequence[str], name: str) -> bool:
    """Return whether a record of JSON has a key of this name."""
    query = "SELECT bool_or(list_contains(json_keys(json), ?)) FROM read_json_objects(?)"
    return bool(backend.con.execute(query, [name, list(map(no_glob, files))]).fetchone()[0])


def check_keys(backend: Backend, side: str, files: Sequence[str], given: Sequence[str]) -> list[str]:
    """Return the keys of JSON records; refuse those that DuckDB cannot tell apart."""
    if not may_be_changed(given):
        return list(given)
    query = "SELECT DISTINCT unnest(json_keys(json)) AS key FROM read_json_objects(?) ORDER BY key"
    keys = [key for (key,) in backend.con.execute(query, [list(map(no_glob, files))]).fetchall()]
    if set(given) <= set(keys):
        return list(given)
    names = some_names(_differ_by_case(keys) or given)
    raise DriftMonitorError(f"{side}: columns {names}: such names of JSON cannot be told apart; rename one.")
