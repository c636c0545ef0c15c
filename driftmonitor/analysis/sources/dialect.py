"""How a CSV file is written: its delimiter, and the names in its header. Decided once, from its first lines.

Nothing else is guessed: quotes are double, and a line that begins with # is a row unless `read: {comment: "#"}` is set.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.layout import DELIMITERS, check_layout
from driftmonitor.analysis.sources.no_rows import NoRows, find_no_rows
from driftmonitor.analysis.sources.streams import first_bytes, last_lines, open_stream
from driftmonitor.analysis.sources.utf8 import HEAD, Utf8
from driftmonitor.config.read_settings import SideSettings

TAIL = 1 << 14  # bytes in which totals at the end are looked for
RECORDS = 50  # records that tell one delimiter from another
WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# Excel's own first line; a program that wrote it again may have put it in quotes, or filled it up.
SEPARATOR_LINE = re.compile(r"\"?sep=([^\"\r\n]?)[\"; ,\t]*\r?\n?", re.IGNORECASE)
csv.field_size_limit((1 << 31) - 1)  # a cell may have more than 131,072 characters


@dataclass(frozen=True)
class Dialect:
    """How one file is written; `skipped` lines come before its header or its first row."""

    names: tuple[str, ...]
    delimiter: str
    skipped: int = 0
    header: bool = True
    encoding: str = "utf-8"  # of the file; what is read is UTF-8 in any case
    no_rows: NoRows = field(default=NoRows(), compare=False)  # lines that are left out although they have all fields

    @property
    def words(self) -> str:
        """What such a file is called: `CSV with semicolons`."""
        encoding = "" if self.encoding == "utf-8" else f" in {self.encoding}"
        header = "" if self.header else ", no header"
        without = f", without {self.no_rows.words}" if self.no_rows.words else ""
        return f"CSV with {WORDS.get(self.delimiter, self.delimiter)}{encoding}{header}{without}"


def find_dialect(side: str, file: str, kind: str, utf8: Utf8, settings: SideSettings) -> Dialect:
    """Return how a file is written, of which `utf8` is the text; settings win."""
    head = first_bytes(utf8.path, HEAD)
    text = io.StringIO(head.decode(errors="replace"), newline="")
    lines = [*text][: None if len(head) < HEAD else -1]
    skipped = _skip_blank(lines, settings.skip_lines or 0)
    delimiter = settings.delimiter or ("\t" if kind == "tsv" else None)
    if lines[skipped:] and (named := SEPARATOR_LINE.fullmatch(lines[skipped])):
        delimiter = settings.delimiter or named[1] or delimiter
        skipped = _skip_blank(lines, skipped + 1)
    filled = [line for line in lines[skipped:] if line.strip()]
    delimiter = delimiter or _find_delimiter(filled)
    first = next(csv.reader(filled, delimiter=delimiter), None)
    if not first:
        raise DriftMonitorError(f"{side}: {file} has no header; write it again.")
    check_layout(side, file, lines, delimiter, skipped, settings)
    header = settings.header is not False
    names = tuple(name if header and name else f"column{i}" for i, name in enumerate(first))
    no_rows = find_no_rows(lines[skipped:], last_lines(utf8.path, TAIL), delimiter, header)
    return Dialect(names, delimiter, skipped, header, utf8.encoding, no_rows)


def _skip_blank(lines: Sequence[str], skipped: int) -> int:
    """Return the number of the first line from there on that is not blank: DuckDB would take that for the header."""
    return next((i for i, line in enumerate(lines[skipped:], start=skipped) if line.strip()), skipped)


def _find_delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that cuts the header into most fields, and all records into as many if one does."""
    widths = {delimiter: _widths(lines, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: (len(set(widths[delimiter])) == 1, widths[delimiter][:1]))


def _widths(lines: Sequence[str], delimiter: str) -> list[int]:
    """Return how many fields the first records have; a header of one field says nothing."""
    widths = [len(record) for record in islice(csv.reader(lines, delimiter=delimiter), RECORDS)]
    return widths if widths and widths[0] > 1 else [0, 1]


def lines_of_rows(dialect: Dialect, file: str, rows: Sequence[int]) -> list[int]:
    """Return the lines in which these rows of a file begin. Blank lines and those that are left out are no rows."""
    found, row, before = [], 0, 0
    with open_stream(file) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="") as text:
        lines = islice(text, dialect.skipped, None)
        for record in (reader := csv.reader(lines, delimiter=dialect.delimiter)):
            line, before = dialect.skipped + before + 1, reader.line_num
            if len(record) != len(dialect.names) or tuple(map(str.strip, record)) in dialect.no_rows.cells:
                continue
            if row - dialect.header + 1 in rows:
                found.append(line)
            row += 1
            if len(found) == len(rows):
                break
    return found
