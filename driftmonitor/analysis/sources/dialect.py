"""How a CSV file is written: its delimiter, and the names in its header. Decided once, from its first lines.

Nothing else is guessed: quotes are double, and a line that begins with # is a row unless `read: {comment: "#"}` is set.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.streams import open_stream
from driftmonitor.analysis.sources.utf8 import HEAD
from driftmonitor.config.read_settings import SideSettings

RECORDS = 50  # records that tell one delimiter from another
DELIMITERS = (",", ";", "\t", "|")
WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SEPARATOR_LINE = "sep="  # Excel's own first line
csv.field_size_limit((1 << 31) - 1)  # a cell may have more than 131,072 characters


@dataclass(frozen=True)
class Dialect:
    """How one file is written; `skipped` lines come before its header or its first row."""

    names: tuple[str, ...]
    delimiter: str
    skipped: int = 0
    header: bool = True
    encoding: str = "utf-8"  # of the file; what is read is UTF-8 in any case

    @property
    def words(self) -> str:
        """What such a file is called: `CSV with semicolons`."""
        encoding = "" if self.encoding == "utf-8" else f" in {self.encoding}"
        return f"CSV with {WORDS.get(self.delimiter, self.delimiter)}{encoding}{'' if self.header else ', no header'}"


def find_dialect(where: str, kind: str, head: bytes, settings: SideSettings, encoding: str = "utf-8") -> Dialect:
    """Return how a file that begins with `head`, in UTF-8, is written; settings win."""
    text = io.StringIO(head.decode(errors="replace"), newline="")
    lines = [*text][: None if len(head) < HEAD else -1]
    skipped = _skip_blank(lines, settings.skip_lines or 0)
    delimiter = settings.delimiter or ("\t" if kind == "tsv" else None)
    if lines[skipped:] and lines[skipped].lower().startswith(SEPARATOR_LINE):
        delimiter = settings.delimiter or lines[skipped].rstrip("\r\n")[len(SEPARATOR_LINE) :] or delimiter
        skipped = _skip_blank(lines, skipped + 1)
    lines = [line for line in lines[skipped:] if line.strip()]
    delimiter = delimiter or _find_delimiter(lines)
    first = next(csv.reader(lines, delimiter=delimiter), None)
    if not first:
        raise DriftMonitorError(f"{where} has no header; write it again.")
    header = settings.header is not False
    names = tuple(name if header and name else f"column{i}" for i, name in enumerate(first))
    return Dialect(names, delimiter, skipped, header, encoding)


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
            if len(record) != len(dialect.names):
                continue
            if row - dialect.header + 1 in rows:
                found.append(line)
            row += 1
            if len(found) == len(rows):
                break
    return found
