"""Find the names of a day's columns without reading its rows, where the source tells them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from driftmonitor.analysis.sources.readers import reader_of
from driftmonitor.analysis.sources.request import Request
from driftmonitor.config.read_settings import parse_read

OF_A_SCHEMA = ("source", "reference", "current", "time_column", "reference_window", "current_days", "connection")


def find_names(parameters: Mapping[str, Any], run_date: dt.date) -> dict[str, tuple[str, ...]]:
    """Return the names of the columns of the sides that are there, none if the source does not tell.

    `parameters` are all of a notebook's. DriftMonitorError if the reference is not there, or a side cannot be read.
    """
    given = {name: parameters[name] for name in OF_A_SCHEMA if parameters.get(name)}
    reader = reader_of(given["source"], given.get("connection", ""))
    if not hasattr(reader, "names"):
        return {}
    found: dict[str, tuple[str, ...]] = reader.names(
        Request(run_date=run_date, read=parse_read(parameters.get("read") or {}), **given)
    )
    return found
