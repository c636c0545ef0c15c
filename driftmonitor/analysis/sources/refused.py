"""Lines of CSV files with more or fewer fields than the header: where they are, and whether the rest may be read.

A trace of them is left out and named. 1% of the rows can move a K-S distance or a share by 0.01 at most, which is far
under any change that matters. With more of them, or in a file that is cut off, the file is refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ibis.backends.duckdb import Backend

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import absent
from driftmonitor.analysis.sources.places import say_places
from driftmonitor.analysis.sources.rows import Line, Part, Refused, text
from driftmonitor.analysis.sources.streams import find_lines
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted

TRACE = 0.01  # of the rows of a side, and of those of each file, where a single line is a trace in any case
RAGGED = {"MISSING COLUMNS", "TOO MANY COLUMNS"}
FIELDS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
LEFT_OUT = ", ignore_errors=true"
KEPT = f"{LEFT_OUT}, store_rejects=true, rejects_table='refused', rejects_scan='refused_scans'"
COUNTS = """
    SELECT file_path, count(DISTINCT line_byte_position) FROM refused JOIN refused_scans USING (scan_id, file_id)
    GROUP BY file_path ORDER BY file_path
"""
LINES = """
    SELECT line_byte_position, csv_line, list(error_message) FROM refused JOIN refused_scans USING (scan_id, file_id)
    WHERE file_path = {file} GROUP BY ALL ORDER BY ALL LIMIT {most}
"""

Source = Callable[[Sequence[str], str], str]  # SQL that reads files as c0, c1, ... with further options


def find_refused(backend: Backend, side: str, source: Source, readable: Mapping[str, str]) -> Refused:
    """Return the lines that do not have as many fields as the header; raise if they are many, or a file is cut off.

    `readable` has, by file, what DuckDB reads in its place.

    If there are other errors it returns none: whoever reads the files is told which.
    """
    files, originals = [*readable.values()], {path: file for file, path in readable.items()}
    _read(backend, f"SELECT count(*) FROM {source(files, KEPT)}")  # noqa: S608
    if not _ask(backend, "SELECT 1 FROM refused LIMIT 1"):
        return Refused()
    counts = _read(backend, f"SELECT filename, count(*), count(COLUMNS(*)) FROM {source(files, KEPT)} GROUP BY 1")  # noqa: S608
    if {kind for (kind,) in _ask(backend, "SELECT DISTINCT error_type::VARCHAR FROM refused")} - RAGGED:
        return Refused()
    rows = {file: count for file, count, *_ in counts}
    found = {}
    for path, lines in _ask(backend, COUNTS):
        file = originals[path]
        found[file] = _locate(backend, f"{side}: {file}", side, path, lines, rows.get(path, 0))
    return Refused(found, sum(rows.values()))


def _read(backend: Backend, query: str) -> list[tuple[Any, ...]]:
    """Return the answer of a query that keeps the lines it leaves out in tables."""
    backend.con.execute("DROP TABLE IF EXISTS refused")
    backend.con.execute("DROP TABLE IF EXISTS refused_scans")
    return _ask(backend, query)


def _ask(backend: Backend, query: str) -> list[tuple[Any, ...]]:
    answer: list[tuple[Any, ...]] = backend.con.execute(query).fetchall()
    return answer


def _locate(backend: Backend, where: str, side: str, path: str, count: int, rows: int) -> tuple[Line, ...]:
    """Return the lines of a file that are refused; raise if they are more than a trace, or if the file is cut off."""
    is_trace = count <= max(1, TRACE * (rows + count))
    found = _ask(backend, LINES.format(file=text(path), most=count if is_trace else 1))
    # The position, from 1 on, is that of the line end before it in a file of Windows.
    starts = [position - 1 + written.startswith("\n") for position, written, _ in found]
    numbers, last = find_lines(path, starts)
    lines = tuple(_line(number, *each[1:]) for number, each in zip(numbers, found, strict=True))
    if not is_trace:
        raise _too_many(side, where, lines[0], count, rows)
    if lines[-1].number + lines[-1].height - 1 == last and lines[-1].fields < lines[-1].expected:
        raise DriftMonitorError(f"{where} is cut off in line {last}; write it again.")
    return lines


def _line(number: int, written: str, messages: list[str]) -> Line:
    expected, found = max(tuple(map(int, FIELDS.findall(message)[0])) for message in messages)
    return Line(number, written.strip("\r\n").count("\n") + 1, found, expected, written.lstrip().startswith("#"))


def check_trace(side: str, parts: Sequence[Part]) -> None:
    """Raise if more than a trace of a side's lines are refused."""
    refused = _refused(parts)
    rows = sum(part.refused.rows for part in parts)
    if len(refused) > TRACE * (rows + len(refused)):
        file, line = refused[0]
        raise _too_many(side, f"{side}: {file}", line, len(refused), rows)


def count_refused(parts: Sequence[Part]) -> int:
    return len(_refused(parts))


def _refused(parts: Sequence[Part]) -> list[tuple[str, Line]]:
    return [(file, line) for part in parts for file, lines in part.refused.lines.items() for line in lines]


def _too_many(side: str, where: str, line: Line, count: int, rows: int) -> DriftMonitorError:
    remedy = "set read.comment to '#' if such lines are comments" if line.is_comment else "write the file again"
    fields = f"line {line.number} has {counted(line.fields, 'field')}, and {line.expected} were expected"
    share = f"{count:,} of {rows + count:,} rows are so, and {TRACE:.0%} may be left out"
    return absent(side)(f"{where}: {fields} ({share}); {remedy}.")


def say_refused(side: str, parts: Sequence[Part]) -> list[Finding]:
    """Return a finding for the lines of a side that are left out."""
    found = [(file, "line", line.number) for file, line in _refused(parts)]
    if not found:
        return []
    have, are = ("has", "is") if len(found) == 1 else ("have", "are")
    fields = f"{counted(len(found), 'line')} {have} more or fewer fields than the header and {are} left out"
    message = f"{side}: {fields}{say_places(found, len(found))}."
    return [Finding(kind="refused", column=None, message=message)]
