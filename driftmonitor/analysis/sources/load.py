"""Load the reference and the current data from any source, as frames of at most `max_rows` rows each.

What a source needs is imported when it is read: DuckDB and Ibis, or scipy, take most of a second.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.parameter_types import check_types
from driftmonitor.analysis.sources.blank_words import find_blank_words
from driftmonitor.analysis.sources.data import Data
from driftmonitor.analysis.sources.locations import DataMissing
from driftmonitor.analysis.sources.memory import Memory
from driftmonitor.analysis.sources.names import nearest_column
from driftmonitor.analysis.sources.overlap import of_windows
from driftmonitor.analysis.sources.readers import reader_of
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.analysis.sources.side_reading import put_together
from driftmonitor.complaints import parse_date
from driftmonitor.config.check_settings import parse_checks
from driftmonitor.config.read_settings import ReadSettings, parse_read, parse_timezone
from driftmonitor.facts.record import Finding
from driftmonitor.formats import as_seen, one_line

__all__ = ["Data", "DataMissing", "load_data", "load_day"]


def load_data(
    *,
    source: str,
    reference: str,
    current: str,
    run_date: str,
    time_column: str = "",
    reference_window: str = "",
    current_days: int = 1,
    max_rows: int = 100_000,
    seed: int = 0,
    sample_key: str = "",
    connection: str = "",
    drift: dict[str, dict[str, Any]] | None = None,
    rows: int = 1000,
    columns: dict[str, str] | None = None,
    read: dict[str, Any] | None = None,
    timezone: str = "",
    checks: dict[str, Any] | None = None,
    memory: Memory | None = None,
) -> Data:
    """Return the reference and the current rows of `run_date` (ISO text).

    simulate: `rows` rows a side, drawn as `drift` says (see simulate.py).
    files: `reference` and `current` are files or globs, CSV, TSV, JSON (also .gz), Parquet or Excel; {date} becomes the
        run date. The first line of a CSV has the names. Paths are relative to the working directory.
    sql: `reference` and `current` are one SELECT each, in DuckDB's SQL, where read_parquet('data/*.parquet') works, or
        in that of the engine which `connection` names (postgres://reader:${PGPASSWORD}@host/db).

    With `time_column`, current is cut to the `current_days` days up to and including the run date, and the reference
    to `reference_window` ("2013-01-01/2013-02-28", both days included) if there is one. Days are those of `timezone`,
    or UTC. If current is empty, it is the same table as the reference.

    What a column of text is (CSV, JSON) is decided over all rows of both sides, and read so on both. `read` says how
    files are written where that is not clear: {"decimal": ",", "date_format": "%d/%m/%Y"}; docs/data.md has all keys.

    A side of more than `max_rows` rows is sampled, the same rows every time for one `seed`; missing values and
    categories are counted in all rows (`Data.full_counts`). `sample_key` names a column with a unique value in each
    row, such as an order number: it decides which rows are sampled, on any engine and after any join. Columns that
    `columns` names as "ignore" are not read from a sampled side (`Data.unread`), because they are often the widest.

    `checks` are numbers of the current data that `run_checks` watches. Of a sampled side they are computed here, from
    all rows.

    `memory` keeps what was read, for other days with the same parameters: what does not change is read once.

    Raises DataMissing if there are no rows for the run date, and DriftMonitorError for anything else a user can fix.
    """
    texts = {"reference": reference, "current": current, "time_column": time_column, "sample_key": sample_key}
    texts |= {"connection": connection, "timezone": timezone}
    check_types("str", source=source, run_date=run_date, **texts, reference_window=reference_window)
    check_types("int", rows=rows, max_rows=max_rows, seed=seed, current_days=current_days)
    check_types("dict", columns=columns or {}, read=read or {}, checks=checks or {})
    for name, (value, least) in {"seed": (seed, 0), "rows": (rows, 1), "max_rows": (max_rows, 1)}.items():
        if value < least:
            raise DriftMonitorError(f"{name} is {value}; use {10 * least} or more.")
    reader = reader_of(source, connection)
    request = Request(
        run_date=parse_date(run_date, "run_date"), source=source, reference=reference, current=current,
        time_column=time_column, reference_window=reference_window, current_days=current_days, max_rows=max_rows,
        seed=seed, sample_key=sample_key, connection=connection, rows=rows, drift=drift or {}, kinds=columns or {},
        read=parse_read(read or {}), timezone=parse_timezone(timezone), checks=parse_checks(checks or {}),
        memory=memory or Memory(),
    )  # fmt: skip
    return _put_together(reader.read(request), request)


def load_day(data: Data, day: dt.date, memory: Memory | None = None) -> Data:
    """Return the data of another day, loaded by the same parameters; without checks, and without edits.

    What does not change from day to day is read once, if `memory` is that of other such days or left out.
    DriftMonitorError if the data was not loaded, or as `load_data` raises it.
    """
    if data.request is None:
        raise DriftMonitorError("data: it was not loaded, so no other day is known; use load_data.")
    request = replace(data.request, run_date=day, checks=(), memory=memory or data.request.memory)
    return _put_together(reader_of(request.source, request.connection).read(request), request)


def _put_together(sides: Mapping[str, Side], request: Request) -> Data:
    reference, current = sides["reference"], sides["current"]
    if not (reference.names & current.names) - {request.time_column}:
        seen = [{*map(as_seen, side.names - {request.time_column})} for side in (reference, current)]
        alike = ": their names differ in spaces, capitals or signs that do not show" if seen[0] & seen[1] else ""
        raise DriftMonitorError(  # without names: those of a file that lacks a header are a row's values
            f"reference and current have no column in common{alike}; "
            "check that both are the right data and have a header."
        )
    full_counts = {name: side.full_counts for name, side in sides.items() if side.full_counts}
    unread = reference.unread | current.unread
    found = *of_windows(request), *find_blank_words(sides, request.memory), *_find_unknown(sides, request.read)
    findings = (*reference.findings, *current.findings, *found)
    unreadable = {name: side.unreadable for name, side in sides.items()}
    totals = reference.total, current.total
    reading = put_together(sides, {name for name, kind in request.kinds.items() if kind == "ignore"})
    return Data(
        reference.frame, current.frame, *totals, findings, full_counts, unread, unreadable, reading, reference.read,
        request,
    )  # fmt: skip


def _find_unknown(sides: Mapping[str, Side], read: ReadSettings) -> Iterator[Finding]:
    """Yield a finding for each setting of `read` for a column that neither side has, so that it has no effect."""
    names = sorted(name for name in sides["reference"].names | sides["current"].names)
    given = {"": read.columns, "reference.": read.reference.columns, "current.": read.current.columns}
    for side, columns in given.items():
        for name in (name for name in columns if name not in names):
            message = f"read.{side}columns.{one_line(name)}: neither side has this column{nearest_column(name, names)}"
            yield Finding(kind="reading", column=None, message=message)
