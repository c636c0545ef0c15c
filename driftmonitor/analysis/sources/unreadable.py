"""Values that cannot be read as their column's type: how many there are in a side's window, and in which lines.

They are no missing values. They are named by file and line, never by what is written there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources import sampling, tables
from driftmonitor.analysis.sources.column_types import TEXT, ZONED, ColumnType
from driftmonitor.analysis.sources.request import Request
from driftmonitor.analysis.sources.rows import Part, Rows, text
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line

LINES_NAMED = 3


@dataclass(frozen=True)
class Unreadable:
    """A side's rows in its window, how many values cannot be read by column, and the findings that say so."""

    table: Table
    counts: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def find_unreadable(
    backend: Backend, request: Request, rows: Rows, table: Table, read: Mapping[str, ColumnType]
) -> Unreadable:
    """Return what cannot be read on one side; rows whose time cannot be read are in no window, and named here."""
    time = {request.time_column} & set(table.doubtful)
    counts = tables.count_unreadable(table, time)
    table = sampling.cut_to_window(request, table)
    counts |= tables.count_unreadable(table, set(table.doubtful) - time)
    within = _within(request, rows, read)
    findings = []
    for name, count in counts.items():
        kind = table.doubtful[name]
        lines = ", ".join(_find_lines(backend, rows, name, kind, "true" if name in time else within))
        rest = "its rows are left out" if name in time else "not counted as missing"
        message = f"{one_line(name)}: {counted(count, 'value')} of {rows.side} cannot be read as {kind.words}"
        message += f" ({lines}{', …' if count > LINES_NAMED else ''})" if lines else ""
        findings.append(Finding(kind="unreadable", column=name, message=f"{message}; {rest}."))
    return Unreadable(table, {name: count for name, count in counts.items() if name not in time}, tuple(findings))


def _within(request: Request, rows: Rows, read: Mapping[str, ColumnType]) -> str:
    """Return SQL for whether a row of text is in its side's window."""
    window, kind = request.sides[rows.side].window, read.get(request.time_column, TEXT)
    if not window or kind == TEXT:
        return "true"
    moment = kind.convert(rows.column(request.time_column))
    moment = f"timezone({text(request.timezone)}, {moment})" if kind == ZONED else moment
    return f"CAST({moment} AS DATE) BETWEEN DATE '{window[0]}' AND DATE '{window[1]}'"


def _find_lines(backend: Backend, rows: Rows, name: str, kind: ColumnType, within: str) -> list[str]:
    """Return the first lines, each file named once: `c.csv line 102`, `205`."""
    odd = f"{rows.column(name)} IS NOT NULL AND ({kind.convert(rows.column(name))}) IS NULL AND {within}"
    found: list[str] = []
    for part in rows.parts:
        for file in part.files:
            lines = _lines_of(backend, part, file, len(rows.names), odd) if len(found) < LINES_NAMED else []
            found += [f"{PurePath(file).name} line {line}" if i == 0 else f"{line}" for i, line in enumerate(lines)]
    return found[:LINES_NAMED]


def _lines_of(backend: Backend, part: Part, file: str, columns: int, odd: str) -> list[int]:
    """Return the first lines of a file with an odd value; values may themselves have several lines."""
    breaks = " + ".join(f"coalesce(length(c{i}) - length(replace(c{i}, chr(10), '')), 0)" for i in range(columns))
    line = f"{part.lines_before} + row_number() OVER () + sum({breaks}) OVER (ROWS UNBOUNDED PRECEDING) - ({breaks})"
    numbered = f"SELECT *, {line} AS line FROM ({part.select([file])})"  # noqa: S608
    query = f"SELECT line FROM ({numbered}) WHERE {odd} LIMIT {LINES_NAMED}"  # noqa: S608
    return [int(number) for (number,) in backend.con.execute(query).fetchall()]
