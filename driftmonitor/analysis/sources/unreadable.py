"""Values that cannot be read as their column's type: how many there are in a side's window, and in which lines.

They are no missing values. They are named by file and line, never by what is written there.
"""

from dataclasses import dataclass, field
from pathlib import PurePath

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources import sampling, tables
from driftmonitor.analysis.sources.column_types import ColumnType
from driftmonitor.analysis.sources.request import Request
from driftmonitor.analysis.sources.rows import Part, Rows
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


def find_unreadable(backend: Backend, request: Request, rows: Rows, table: Table) -> Unreadable:
    """Return what cannot be read on one side; rows whose time cannot be read are in no window, and named here."""
    time = {request.time_column} & set(table.doubtful)
    counts = tables.count_unreadable(table, time)
    table = sampling.cut_to_window(request, table)
    counts |= tables.count_unreadable(table, set(table.doubtful) - time)
    findings = []
    for name, count in counts.items():
        kind = table.doubtful[name]
        lines = ", ".join(_find_lines(backend, rows, name, kind))
        rest = "its rows are left out" if name in time else "not counted as missing"
        message = f"{one_line(name)}: {counted(count, 'value')} of {rows.side} cannot be read as {kind.words}"
        message += f" ({lines}{', …' if count > LINES_NAMED else ''})" if lines else ""
        findings.append(Finding(kind="unreadable", column=name, message=f"{message}; {rest}."))
    return Unreadable(table, {name: count for name, count in counts.items() if name not in time}, tuple(findings))


def _find_lines(backend: Backend, rows: Rows, name: str, kind: ColumnType) -> list[str]:
    """Return the first lines, each file named once: `c.csv line 102`, `205`."""
    found: list[str] = []
    for files in rows.parts:
        for file in files.files:
            lines = _lines_of(backend, files, file, rows, name, kind) if len(found) < LINES_NAMED else []
            found += [f"{PurePath(file).name} line {line}" if i == 0 else f"{line}" for i, line in enumerate(lines)]
    return found[:LINES_NAMED]


def _lines_of(backend: Backend, part: Part, file: str, rows: Rows, name: str, kind: ColumnType) -> list[int]:
    """Return the first lines of a file with a value that cannot be read; values may themselves have several lines."""
    columns = [f"c{i}" for i in range(len(rows.names))]
    breaks = " + ".join(f"coalesce(length({c}) - length(replace({c}, chr(10), '')), 0)" for c in columns)
    line = f"{part.lines_before} + row_number() OVER () + sum({breaks}) OVER (ROWS UNBOUNDED PRECEDING) - ({breaks})"
    numbered = f"SELECT {rows.column(name)} AS v, {line} AS line FROM ({part.select([file])})"  # noqa: S608
    odd = f"v IS NOT NULL AND ({kind.convert('v')}) IS NULL"
    query = f"SELECT line FROM ({numbered}) WHERE {odd} LIMIT {LINES_NAMED}"  # noqa: S608
    return [int(number) for (number,) in backend.con.execute(query).fetchall()]
