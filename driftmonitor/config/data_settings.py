"""Read where the data is: `reference`, `current`, `time_column` and `reference_window` of a params file.

`{date}` is filled in, and days make windows.
"""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import parse_date
from driftmonitor.config.proposal import is_query
from driftmonitor.config.simulation import check_nothing_is_read
from driftmonitor.formats import one_line

FORMATS = {
    ".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "tsv",
    ".json": "json", ".ndjson": "json", ".jsonl": "json", ".xlsx": "excel", ".xlsm": "excel",
}  # fmt: skip
PACKED = (".gz", ".zst")
BUCKETS = ("s3", "gs", "az")
ISO = "%Y-%m-%d"
PLACE = re.compile(r"\{date(?::([^{}]*))?\}")
OF_RUN = re.compile(r"\{run_date(?::([^{}]*))?\}")
DATE_FORMAT = re.compile(r"(%[YymdjbB]|[\w ./=-])+")
LONGEST_DAYS = 36_500
ANY_DAY = dt.date(2000, 1, 1)
SOURCE = {"source", "reference", "current"}  # a notebook that has these reads them as the shipped one does
OF_THE_DATA = {"source", "reference", "current", "time_column", "reference_window", "current_days", "connection"}

Window = tuple[dt.date, dt.date]  # the first and the last day, both included


def check_data(parameters: Mapping[str, Any], where: str = "") -> None:
    """Refuse what no run could read; `parameters` are all of a notebook's. DriftMonitorError begins with `where`."""
    source, connection = parameters.get("source"), parameters.get("connection")
    try:
        if connection and source in ("files", "simulate"):
            raise DriftMonitorError(f"connection is for source: sql, and source is {source}; change one of them.")
        if source == "simulate":
            check_nothing_is_read(parameters)
        else:
            _check_locations(parameters)
    except DriftMonitorError as error:
        raise DriftMonitorError(f"{where}{error}") from None


def _check_locations(parameters: Mapping[str, Any]) -> None:
    texts = {name: parameters.get(name) or "" for name in ("reference", "current", "labels", "time_column")}
    time_column, same_table = texts.pop("time_column"), not texts["current"].strip()
    fill_locations(texts["reference"], texts["current"], time_column, ANY_DAY)
    choose_windows(
        parameters.get("reference_window") or "", time_column, parameters.get("current_days") or 1, ANY_DAY, same_table
    )
    for name, location in texts.items():
        if name != "labels" and OF_RUN.search(location):
            raise DriftMonitorError(f"{name} has {{run_date}}, which is for labels only; write {{date}}.")
        fill_date(fill_date(location, ANY_DAY), ANY_DAY, OF_RUN)
        if parameters.get("source") == "files":
            _check_is_file(name, location)


def _check_is_file(name: str, location: str) -> None:
    if is_query(location) and not file_format(location):
        raise DriftMonitorError(f"{name} is a query, but source is files; write source: sql, or name a file.")
    check_scheme(f"{name}: {one_line(location, 200)}", location)


def fill_locations(reference: str, current: str, time_column: str, day: dt.date) -> dict[str, str]:
    """Return the file, glob or query of each side, with {date} filled in."""
    if not reference.strip():
        raise DriftMonitorError("reference is empty; name a file or a query.")
    if not current.strip() and not time_column:
        raise DriftMonitorError("current is empty; name a file or a query, or set time_column to use the reference's.")
    locations = {"reference": reference, "current": current if current.strip() else reference}
    return {side: fill_date(location, day) for side, location in locations.items()}


def fill_date(location: str, day: dt.date, place: re.Pattern[str] = PLACE) -> str:
    """Return a location with the day for {date}, and in a format of strftime for {date:%Y%m%d}.

    What a format may have cannot end a quoted text. Other braces are part of the SQL.
    """

    def write(found: re.Match[str]) -> str:
        form = ISO if found[1] is None else found[1]
        if not DATE_FORMAT.fullmatch(form):
            problem = f"{one_line(found[0])} is no format of a day"
            raise DriftMonitorError(f"{problem}; use %Y, %m and %d, as in {{date:%Y%m%d}}.")
        return day.strftime(form)

    return place.sub(write, location)


def has_date(location: str) -> bool:
    """Return whether a location differs from day to day."""
    return PLACE.search(location) is not None


def choose_windows(text: str, time_column: str, current_days: int, day: dt.date, same_table: bool) -> dict[str, Window]:
    """Return the window of each side that is cut to one."""
    if text and not time_column:
        raise DriftMonitorError("reference_window needs time_column; name the column of times, or remove the window.")
    if not time_column:
        return {}
    if same_table and not text:
        raise DriftMonitorError("reference_window is empty and current is the same table; give 2013-01-01/2013-02-28.")
    if not 1 <= current_days <= LONGEST_DAYS:
        raise DriftMonitorError(f"current_days is {current_days}; use 1 to {LONGEST_DAYS}.")
    if day.toordinal() < current_days:
        raise DriftMonitorError(
            f"current_days is {current_days}, which reaches back before year 1; use fewer days or a later run_date."
        )
    windows = {"current": (day - dt.timedelta(days=current_days - 1), day)}
    return windows | ({"reference": parse_window(text)} if text else {})


def parse_window(text: str) -> Window:
    """Return the window that text such as 2013-01-01/2013-02-28 describes."""
    parts = [part.strip() for part in text.split("/")]
    if len(parts) != 2:
        raise DriftMonitorError(f"reference_window {text!r} is not two days; write it as 2013-01-01/2013-02-28.")
    first, last = (parse_date(part, "reference_window:") for part in parts)
    if last < first:
        raise DriftMonitorError(f"reference_window {text!r} ends before it begins; write the earlier day first.")
    return first, last


def scheme_of(location: str) -> str:
    """Return the scheme of an address such as s3://bucket/file, or "" for a path."""
    return location.partition("://")[0] if "://" in location else ""


def check_scheme(where: str, location: str) -> None:
    """Refuse an address that is of no bucket."""
    if scheme_of(location) == "file":
        raise DriftMonitorError(f"{where} is a path with a scheme; write it without file://.")
    if scheme_of(location) not in ("", *BUCKETS):
        addresses = ", ".join(f"{scheme}://" for scheme in BUCKETS)
        raise DriftMonitorError(f"{where} is on the network; copy it here, or to a bucket ({addresses}).")


def file_format(file: str) -> str | None:
    """Return parquet, csv, tsv, json or excel by a file's extension, before .gz or .zst; None for any other."""
    endings = [ending.lower() for ending in PurePath(file).suffixes]
    packed = len(endings) > 1 and endings[-1] in PACKED
    kind = FORMATS.get(endings[-2 if packed else -1]) if endings else None
    return None if packed and kind == "excel" else kind
