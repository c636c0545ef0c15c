"""How a CSV file is written: delimiter, encoding, and the names in its header. Decided once, from its first lines.

Nothing else is guessed: quotes are double, and a line that begins with # is a row unless `read: {comment: "#"}` is set.
"""

import codecs
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from driftmonitor import DriftMonitorError
from driftmonitor.config.read_settings import SideSettings

HEAD = 1 << 18  # bytes of a file in which its header ends
RECORDS = 50  # records that tell one delimiter from another
DELIMITERS = (",", ";", "\t", "|")
MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8"}
WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SEPARATOR_LINE = "sep="  # Excel's own first line


@dataclass(frozen=True)
class Dialect:
    """How one file is written; `skipped` lines come before its header or its first row."""

    names: tuple[str, ...]
    delimiter: str
    skipped: int = 0
    header: bool = True
    comment: str = ""
    encoding: str = "utf-8"

    @property
    def lines_before(self) -> int:
        """How many lines come before the first row, if the header has no line end in it."""
        return self.skipped + self.header

    @property
    def words(self) -> str:
        """What such a file is called: `CSV with semicolons`."""
        encoding = "" if self.encoding == "utf-8" else f" in {self.encoding}"
        return f"CSV with {WORDS.get(self.delimiter, self.delimiter)}{encoding}{'' if self.header else ', no header'}"


def find_dialect(where: str, kind: str, head: bytes, settings: SideSettings) -> Dialect:
    """Return how a file that begins with `head` is written; settings win."""
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), "utf-8")
    encoding = str(settings.encoding or marked)
    text = head.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    lines = text.splitlines(keepends=True)[: None if len(head) < HEAD else -1]
    skipped = settings.skip_lines or 0
    delimiter = settings.delimiter or ("\t" if kind == "tsv" else None)
    if lines[skipped:] and lines[skipped].lower().startswith(SEPARATOR_LINE):
        delimiter = settings.delimiter or lines[skipped].rstrip("\r\n")[len(SEPARATOR_LINE) :] or delimiter
        skipped += 1
    comment = settings.comment or ""
    lines = [line for line in lines[skipped:] if line.strip() and not (comment and line.startswith(comment))]
    delimiter = delimiter or _find_delimiter(lines)
    first = next(csv.reader(lines, delimiter=delimiter), None)
    if not first:
        raise DriftMonitorError(f"{where} has no header; write it again.")
    header = settings.header is not False
    names = tuple(name if header and name else f"column{i}" for i, name in enumerate(first))
    return Dialect(names, delimiter, skipped, header, comment, encoding)


def _find_delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that cuts the header into most fields, and all records into as many if one does."""
    widths = {delimiter: _widths(lines, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: (len(set(widths[delimiter])) == 1, widths[delimiter][:1]))


def _widths(lines: Sequence[str], delimiter: str) -> list[int]:
    """Return how many fields the first records have; a header of one field says nothing."""
    widths = [len(record) for record in islice(csv.reader(lines, delimiter=delimiter), RECORDS)]
    return widths if widths and widths[0] > 1 else [0, 1]
