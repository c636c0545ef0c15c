"""Decide by a first look at the data whether a run can read it, and whether the columns that are named are there."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from driftmonitor.analysis.schemas import (
    Schema,
    Unclear,
    describe_tables,
    find_local_files,
    table_of_files,
    table_of_query,
)
from driftmonitor.config.data_settings import fill_date, fill_locations, has_date, parse_window
from driftmonitor.config.model_settings import OF_THE_MODEL
from driftmonitor.config.named_columns import find_absent, find_untested, named_columns, tested
from driftmonitor.config.simulation import COLUMNS
from driftmonitor.formats import one_line

ALWAYS_TRIED = ("segments", "checks", "methods", *OF_THE_MODEL)
USUAL = {"num_method": "ks", "cat_method": "chisquare"}
AS_NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN|DATE|TIMESTAMP.*")
AS_KEY = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|VARCHAR|DATE")
DAYS_BACK = 400


def look(parameters: Mapping[str, Any], run_date: dt.date) -> list[str] | None:
    """Return what is to be known of the data, None if something may be wrong or has to be tried on rows.

    `parameters` are all of the notebook's. Data on a network is not looked at: it is enough that no column is named.
    """
    named = named_columns(parameters)
    if needs_rows(parameters) or find_untested(parameters):
        return None
    if is_far(parameters):
        return None if named else []
    try:
        schemas = _describe(parameters, run_date)
    except (Unclear, OSError):
        return None
    absent = _say_absent(parameters, run_date, schemas)
    if "reference" not in schemas:
        return absent or None
    names = {side: [*schema] for side, schema in schemas.items()}
    fits = not find_absent(named, names) and tested(parameters, names["reference"]) and _fit(parameters, schemas)
    return absent if fits else None


def needs_rows(parameters: Mapping[str, Any]) -> bool:
    """Return whether something can only be tried on rows: segments, checks, a model, and methods of another kind."""
    given = any(parameters.get(name) for name in ALWAYS_TRIED)
    methods = any((parameters.get(name) or usual) != usual for name, usual in USUAL.items())
    return given or methods or any(limit >= 1 for limit in (parameters.get("thresholds") or {}).values())


def is_far(parameters: Mapping[str, Any]) -> bool:
    """Return whether the data is on a network: reading it may take long, and a password that is not here."""
    texts = (parameters.get("reference"), parameters.get("current"))
    return bool(parameters.get("connection")) or any("://" in (text or "") for text in texts)


def days_with_files(location: str, run_date: dt.date) -> Iterator[dt.date]:
    """Yield the run date and the days of the year before it for which this machine has files, the newest first."""
    for back in range(DAYS_BACK if has_date(location) else 1):
        day = run_date - dt.timedelta(days=back)
        if find_local_files(fill_date(location, day)):
            yield day


def _describe(parameters: Mapping[str, Any], run_date: dt.date) -> dict[str, Schema]:
    """Return the schemas of the sides that are there."""
    source, time_column = parameters["source"], parameters.get("time_column") or ""
    if source == "simulate":
        return dict.fromkeys(("reference", "current"), dict.fromkeys(COLUMNS, "DOUBLE"))
    if source not in ("files", "sql"):
        raise Unclear
    texts = fill_locations(parameters["reference"], parameters.get("current") or "", time_column, run_date)
    read, window = parameters.get("read") or {}, parameters.get("reference_window")
    tables = {side: table_of_files(t, read) if source == "files" else table_of_query(t) for side, t in texts.items()}
    return describe_tables(tables, time_column, parse_window(window) if window else None)


def _fit(parameters: Mapping[str, Any], schemas: Mapping[str, Schema]) -> bool:
    """Return whether both sides have a column in common, and named columns are of a type that they can have."""
    if not set.intersection(*map(set, schemas.values())):
        return False
    if parameters["source"] == "simulate":
        return True
    wanted = {name: AS_NUMBERS for name, kind in (parameters.get("columns") or {}).items() if kind == "numerical"}
    wanted |= {parameters["sample_key"]: AS_KEY} if parameters.get("sample_key") else {}
    kinds = [(schema[name], kind) for schema in schemas.values() for name, kind in wanted.items() if name in schema]
    return all(kind.fullmatch(written) for written, kind in kinds)


def _say_absent(parameters: Mapping[str, Any], run_date: dt.date, schemas: Mapping[str, Schema]) -> list[str]:
    """Return a sentence for each side that has no files yet."""
    said = []
    for side in ("reference", "current"):
        location = parameters.get(side) or ""
        if side in schemas or not location:
            continue
        where = f"{side}: {one_line(location, 200)}" if parameters["source"] == "files" else side
        if side == "current" and has_date(location):
            if not (parameters["source"] == "files" and any(days_with_files(location, run_date))):
                until = " or any day of the year before" if parameters["source"] == "files" else ""
                said.append(f"{where}: no file for {run_date}{until}; check the path, or wait for the data.")
        elif parameters["source"] == "files":
            said.append(f"{where}: no such file yet; a run needs it.{_say_place(location)}")
    return said


def _say_place(location: str) -> str:
    """Return a sentence about a path that seems to have the day in another way than {date}."""
    return " Only {date} becomes the run date." if {"{", "%"} & {*location} and not has_date(location) else ""
