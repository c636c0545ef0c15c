"""Values that cannot be read as their column's type, and rows without a time: how many, and where they are.

Such values are no missing ones, and such rows are in no window. They are named by file and line, never by what is
written there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources import tables
from driftmonitor.analysis.sources.column_types import TEXT, ColumnType, typed
from driftmonitor.analysis.sources.date_types import ZONED
from driftmonitor.analysis.sources.places import find_places
from driftmonitor.analysis.sources.request import Request
from driftmonitor.analysis.sources.rows import Rows, plain_present, text
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line


@dataclass(frozen=True)
class Unreadable:
    """How many values of a side cannot be read, by column, and the findings that say where."""

    counts: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def find_unreadable(
    backend: Backend, request: Request, rows: Rows, table: Table, read: Mapping[str, ColumnType]
) -> Unreadable:
    """Return what cannot be read in a side's window; the time column is left to `find_timeless`."""
    names = [name for name in table.doubtful if name not in _cut_by(request, rows.side)]
    counts = tables.count_unreadable(table, names)
    within = _within(request, rows, read)
    findings = []
    for name, count in counts.items():
        where = find_places(backend, rows, f"{_is_unreadable(rows, name, read)} AND {within}", count)
        findings.append(say_unreadable(name, count, rows.side, table.doubtful[name], where))
    return Unreadable(counts, tuple(findings))


def find_timeless(
    backend: Backend, request: Request, rows: Rows, table: Table, read: Mapping[str, ColumnType], count: int
) -> list[Finding]:
    """Return findings for the `count` rows that are in no window: their time is empty, or cannot be read."""
    name, side = request.time_column, "reference and current" if request.same_table else rows.side
    findings: list[Finding] = []
    if bad := tables.count_unreadable(table, {name} & set(table.doubtful)).get(name, 0):
        where = find_places(backend, rows, _is_unreadable(rows, name, read), bad)
        findings.append(say_unreadable(name, bad, side, table.doubtful[name], where, "its rows are left out"))
    if empty := count - bad:
        value = rows.text_of(name) if name in read else plain_present(rows, name)
        where = find_places(backend, rows, f"({value}) IS NULL", empty)
        findings.append(say_timeless(name, empty, side, where))
    return findings


def say_timeless(name: str, count: int, side: str, where: str = "") -> Finding:
    """Return the finding for rows whose time is empty."""
    have, are = ("has", "is") if count == 1 else ("have", "are")
    message = f"{one_line(name)}: {counted(count, 'row')} of {side} {have} no time{where} and {are} in no window."
    return Finding(kind="no_time", column=name, message=message)


def say_unreadable(
    name: str, count: int, side: str, kind: ColumnType, where: str = "", so: str = "not counted as missing"
) -> Finding:
    """Return the finding for values that are not of their column's type."""
    message = f"{one_line(name)}: {counted(count, 'value')} of {side} cannot be read as {kind.words}{where}; {so}."
    return Finding(kind="unreadable", column=name, message=message)


def _is_unreadable(rows: Rows, name: str, read: Mapping[str, ColumnType]) -> str:
    """Return SQL for whether a row has a value that its column's type does not have."""
    kind = read.get(name) or typed(rows.kind_of(name))
    return rows.cannot_read(name, kind.convert(rows.text_of(name)))


def _cut_by(request: Request, side: str) -> set[str]:
    """Return the time column if a side is cut to a window."""
    return {request.time_column} if request.sides[side].window else set()


def _within(request: Request, rows: Rows, read: Mapping[str, ColumnType]) -> str:
    """Return SQL for whether a row is in its side's window."""
    window, name = request.sides[rows.side].window, request.time_column
    if not window or read.get(name) == TEXT:
        return "true"
    moment = read[name].convert(rows.text_of(name)) if name in read else rows.column(name)
    is_zoned = read.get(name) == ZONED or rows.kind_of(name) == "TIMESTAMP WITH TIME ZONE"
    moment = f"timezone({text(request.timezone)}, {moment})" if is_zoned else moment
    return f"CAST({moment} AS DATE) BETWEEN DATE '{window[0]}' AND DATE '{window[1]}'"
