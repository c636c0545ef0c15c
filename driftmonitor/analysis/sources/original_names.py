"""The names that files give their columns, where DuckDB gives others.

It minds no case, and calls A and a of one file A and a_1; a name of a CSV that is a word for a missing value is none.
"""

import re
from collections.abc import Callable, Sequence

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import no_glob
from driftmonitor.analysis.sources.names import some_names

NUMBERED = re.compile(r"(.*)_\d+", re.DOTALL)
NAMELESS = re.compile(r"column\d+")
Read = Callable[..., str]


def own_names(connection, side: str, kind: str, read: Read, files: Sequence[str], given: Sequence[str]) -> list[str]:
    """Return the columns' own names in place of those that DuckDB has `given` them.

    `read(files)` gives the SQL that reads files, or that of their first rows as text. They are asked only where a name
    may be DuckDB's.
    """
    if not _may_be_given(given):
        return list(given)
    if kind == "json":
        return _check_keys(connection, side, files, given)
    find = _parquet_names if kind == "parquet" else _csv_names
    # To ask a CSV takes as long as a small query; that all have the names of the first is seen only where it matters.
    found = [find(connection, read, file) for file in (files if kind == "parquet" else files[:1])]
    own = {name: mine for name, mine in zip(given, found[0], strict=False) if mine and _is_for(name, mine)}
    alike = next(filter(None, map(_alike, found)), [])
    if not own and not alike:
        return list(given)
    found += [find(connection, read, file) for file in files[len(found) :]]
    if any(names != found[0] for names in found):
        names = some_names(alike or own.values())
        remedy = "rename one, or write all files with the same columns in the same order"
        raise DriftMonitorError(f"{side}: columns {names}: such names can't be told apart; {remedy}.")
    return [own.get(name, name) for name in given]


def _may_be_given(names: Sequence[str]) -> bool:
    known = {name.lower() for name in names}
    numbered = any((found := NUMBERED.fullmatch(name)) and found[1].lower() in known for name in names)
    return numbered or any(map(NAMELESS.fullmatch, names))


def _is_for(given: str, own: str) -> bool:
    """Return whether DuckDB may have given this name in place of that."""
    return given != own and (given.startswith(f"{own}_") or bool(NAMELESS.fullmatch(given)))


def _alike(names: Sequence[str | None]) -> list[str]:
    """Return the names that are the same but for their case."""
    lower = [(name or "").lower() for name in names]
    return [name for name, low in zip(names, lower, strict=True) if name and lower.count(low) > 1]


def _parquet_names(connection, read: Read, file: str) -> list[str | None]:
    names, inside = [], 0
    query = "SELECT name, coalesce(num_children, 0) FROM parquet_schema(?)"
    rows = connection.con.execute(query, [no_glob(file)]).fetchall()
    for name, children in rows[1:]:  # the first is the row as a whole; what a column is made of follows it
        if inside:
            inside += children - 1
        else:
            names, inside = [*names, name], children
    return names


def _csv_names(connection, read: Read, file: str) -> list[str | None]:
    return list(connection.con.execute(f"SELECT * FROM {read([file], as_text=True)} LIMIT 1").fetchone())  # noqa: S608


def _check_keys(connection, side: str, files: Sequence[str], given: Sequence[str]) -> list[str]:
    query = "SELECT DISTINCT unnest(json_keys(json)) AS key FROM read_json_objects(?) ORDER BY key"
    keys = [key for (key,) in connection.con.execute(query, [list(map(no_glob, files))]).fetchall()]
    if set(given) <= set(keys):
        return list(given)
    names = some_names(_alike(keys) or given)
    raise DriftMonitorError(f"{side}: columns {names}: such names of JSON can't be told apart; rename one.")
