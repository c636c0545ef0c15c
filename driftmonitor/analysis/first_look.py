"""Look at the schema of a day's data for the columns that a params file names: it takes a tenth of a second.

What it cannot tell has to be read as a run reads it. It imports DuckDB alone, which the rest of `analysis` does not.
"""

import codecs
import datetime as dt
import glob
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from driftmonitor.config.data_settings import file_format, fill_date, fill_locations, has_date, parse_window
from driftmonitor.config.model_settings import OF_THE_MODEL
from driftmonitor.config.named_columns import find_absent, find_untested, named_columns, tested
from driftmonitor.config.simulation import COLUMNS
from driftmonitor.formats import composed, one_line

READERS = {
    "parquet": "read_parquet({files})", "csv": "read_csv({files}{options})",
    "tsv": "read_csv({files}, delim='\t'{options})", "json": "read_json({files})",
}  # fmt: skip
OF_THE_LAYOUT = {"header", "skip_lines", "comment", "sheet", "reference", "current"}  # keys of `read`
OF_ONE_BYTE = {"cp1252", "iso8859-1", "iso8859-15"}  # encodings in which any file is text, with the same letters
BETWEEN_FIELDS = frozenset(",;|\t")
ALWAYS_TRIED = ("segments", "checks", "methods", *OF_THE_MODEL)
USUAL = {"num_method": "ks", "cat_method": "chisquare"}


DAYS_BACK = 400


class Unclear(Exception):  # noqa: N818  no error: it has to be read
    """A first look cannot tell."""


def needs_rows(parameters: Mapping[str, Any]) -> bool:
    """Return whether something can only be tried on rows: segments, checks, a model, and methods of another kind."""
    given = any(parameters.get(name) for name in ALWAYS_TRIED)
    methods = any((parameters.get(name) or usual) != usual for name, usual in USUAL.items())
    return given or methods or any(limit >= 1 for limit in (parameters.get("thresholds") or {}).values())


def is_far(parameters: Mapping[str, Any]) -> bool:
    """Return whether the data is on a network: reading it may take long, and a password that is not here."""
    texts = (parameters.get("reference"), parameters.get("current"))
    return bool(parameters.get("connection")) or any("://" in (text or "") for text in texts)


def find_absent_files(parameters: Mapping[str, Any], run_date: dt.date) -> list[str]:
    """Return a sentence for each side without a file on this machine; files of days may still come."""
    if parameters.get("source") != "files" or is_far(parameters):
        return []
    sides = {side: parameters.get(side) or "" for side in ("reference", "current")}
    absent = {
        side: location
        for side, location in sides.items()
        if location and not (side == "current" and has_date(location)) and not any(days_with_files(location, run_date))
    }
    return [
        f"{side}: {one_line(location, 200)}: no such file yet; a run needs it.{_say_place(location)}"
        for side, location in absent.items()
    ]


def _say_place(location: str) -> str:
    """Return a sentence about a path that seems to have the day in another way than {date}."""
    return " Only {date} becomes the run date." if {"{", "%"} & {*location} and not has_date(location) else ""


def days_with_files(location: str, run_date: dt.date) -> Iterator[dt.date]:
    """Yield the run date and the days of the year before it for which this machine has files, the newest first."""
    for back in range(DAYS_BACK if has_date(location) else 1):
        day = run_date - dt.timedelta(days=back)
        if _find_files(fill_date(location, day)):
            yield day


def _find_files(location: str) -> list[str]:
    return [location] if Path(location).exists() else sorted(glob.glob(location, recursive=True))  # noqa: PTH207


def is_clear(parameters: Mapping[str, Any], run_date: dt.date) -> bool:
    """Return whether a first look at the data shows that a run can read it and finds each column that is named.

    Of data on a network it is enough that none is named; of a reference without files there is nothing to look at.
    """
    named = named_columns(parameters)
    if needs_rows(parameters) or find_untested(parameters):
        return False
    if is_far(parameters):
        return not named
    try:
        names = _look(parameters, run_date)
    except (Unclear, duckdb.Error, OSError):
        return False
    return not find_absent(named, names) and (not names or bool(tested(parameters, names["reference"])))


def _look(parameters: Mapping[str, Any], run_date: dt.date) -> dict[str, Sequence[str]]:
    """Return the names of both sides' columns; without those of current if it is not there yet."""
    source = parameters.get("source")
    if source == "simulate":
        return {"reference": [*COLUMNS], "current": [*COLUMNS]}
    if source not in ("files", "sql"):
        raise Unclear
    time_column = parameters.get("time_column") or ""
    texts = fill_locations(parameters["reference"], parameters.get("current") or "", time_column, run_date)
    with duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 1}) as connection:
        connection.execute("SET enable_progress_bar = false")
        tables = {side: _table(source, location, parameters.get("read") or {}) for side, location in texts.items()}
        found = {side: _describe(connection, table) for side, table in tables.items()}
        if found["reference"] and (window := parameters.get("reference_window")):
            _check_window(connection, tables["reference"], time_column, window)
    if found["reference"] is None:
        if source == "sql":
            raise Unclear
        return {}
    return {side: names for side, names in found.items() if names is not None}


def _table(source: str, location: str, read: Mapping[str, Any]) -> str:
    """Return the SQL of a table, "" if its files are not there."""
    if source == "sql":
        return f"({location.strip().rstrip(';')}\n)"
    files = _find_files(location)
    if not files:
        return ""
    kinds = {file_format(file) for file in files}
    reader = READERS.get(kinds.pop() or "")
    if not reader or kinds or OF_THE_LAYOUT & read.keys() or not all(Path(file).stat().st_size for file in files):
        raise Unclear
    listed = ", ".join(_quoted(glob.escape(file)) for file in files)
    return reader.format(files=f"[{listed}]", options=_say_options(read))


def _say_options(read: Mapping[str, Any]) -> str:
    """Return how `read` says that a CSV file is written, in DuckDB's SQL."""
    options = f", delim={_quoted(read['delimiter'])}" if read.get("delimiter") else ""
    encoding = codecs.lookup(read.get("encoding") or "utf-8").name
    if encoding not in OF_ONE_BYTE | {"utf-8"}:
        raise Unclear
    return options + (", encoding='latin-1'" if encoding in OF_ONE_BYTE else "")


def _describe(connection: duckdb.DuckDBPyConnection, table: str) -> list[str] | None:
    """Return the names of a table's columns, None if its files are not there; Unclear if another sign is between them.

    Of several files it is the first that counts.
    """
    if not table:
        return None
    query = f"SELECT * FROM {table}"  # noqa: S608
    if len(connection.extract_statements(query)) != 1:
        raise Unclear
    try:
        names = [composed(name) for name, *_ in connection.execute(f"DESCRIBE {query}").fetchall()]
    except duckdb.IOException as error:
        if "No files found" in str(error):
            return None
        raise
    if any(BETWEEN_FIELDS & {*name} for name in names):
        raise Unclear
    return names


def _check_window(connection: duckdb.DuckDBPyConnection, table: str, time_column: str, window: str) -> None:
    """Unclear unless a row is in the window: none may be, or its time may be written in another way."""
    first, last = parse_window(window)
    time = f"TRY_CAST({_quoted(time_column, chr(34))} AS TIMESTAMP)"
    inside = f"{time} >= DATE '{first}' AND {time} < DATE '{last}' + 1"
    if not connection.execute(f"SELECT 1 FROM {table} WHERE {inside} LIMIT 1").fetchone():  # noqa: S608
        raise Unclear


def _quoted(text: str, sign: str = "'") -> str:
    return sign + text.replace(sign, sign * 2) + sign
