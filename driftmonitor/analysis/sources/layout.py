"""Find what is unusual in the layout of a CSV file: titles above the header, no header, another delimiter.

A run guesses none of it. Its error names the setting of `read` that describes the file, and `init` writes that setting.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.first_records import Record, has_names, is_row, read_records
from driftmonitor.analysis.sources.no_rows import has_second_header
from driftmonitor.config.read_settings import SideSettings

DELIMITERS = (",", ";", "\t", "|")
SPACE = " "
OTHERS = ("~", "^", ":", "\x01", "\x1f", "¦", "§", SPACE)  # that are not tried unless all else gives one column
IN_TEXT = (SPACE, ":")  # one of them in each line says nothing
SAID = {"\t": "a tab", SPACE: "a space", "\x01": "the sign \\x01", "\x1f": "the sign \\x1f"}
MOST_TITLES = 30  # records above the header
FEWEST_ROWS = 3  # below the header, that show what the table is
ALIKE = 0.8  # of the records have as many fields as the header
COMMENT = "#"
GAP = re.compile(r"\S {2,}\S")


class LayoutError(DriftMonitorError):
    """A file is laid out in a way that `read` has to describe: `settings` of a `side` would."""

    def __init__(self, side: str, problem: str, settings: Mapping[str, Any], remedy: str = "") -> None:
        own = "read" if side == "reference" else f"read.{side}"
        remedies = [f"{own}.{name} to {_as_yaml(value)}" for name, value in settings.items()]
        super().__init__(f"{problem}; set {' and '.join(remedies)}{remedy}.")
        self.side, self.settings, self.problem = side, dict(settings), problem
        self.set = " and ".join(f"read.{name} is set to {_as_yaml(value)}" for name, value in settings.items())


def check_layout(
    side: str, file: str, lines: Sequence[str], delimiter: str, skipped: int, settings: SideSettings
) -> None:
    """Raise LayoutError if the first lines are clearly not the header and its rows; `skipped` come before them.

    `delimiter` is what the file is read with.
    """
    where, lines = f"{side}: {file}", lines[skipped:]
    records = read_records(lines, delimiter, skipped)
    usual = _usual_width(records)
    if records and usual > 1 and records[0].width == usual:
        _check_header(side, where, [each for each in records if each.width == usual], settings)
        return
    given = [settings.delimiter] if settings.delimiter else DELIMITERS
    tables = [found for each in given if (found := _find_table(read_records(lines, each, skipped)))]
    if tables:
        raise _say_titles(side, where, lines, max(tables, key=lambda table: table[1].width))
    if usual <= 1:
        signs = () if settings.delimiter else OTHERS
        _check_delimiter(side, where, lines, [each for each in (*DELIMITERS, *signs) if each != delimiter])


def check_rows(side: str, where: str, rows: Sequence[Record]) -> None:
    """Raise LayoutError if the first rows of a sheet, all of one width, are a title and not the header."""
    if rows and not rows[0].named and (found := _find_table(rows)):
        raise _say_titles(side, where, (), found, "row")


def _check_header(side: str, where: str, records: Sequence[Record], settings: SideSettings) -> None:
    """Look at records of equal width: the first may be a title, or a row."""
    first, rest = records[0], records[1:]
    if settings.header is None and len(rest) >= FEWEST_ROWS and is_row(first, rest):
        problem = f"{where}: line {first.line} seems to be a row, not names"
        raise LayoutError(side, problem, {"header": False}, ", or to true if it has names")
    if settings.skip_lines is None and settings.header is None and first.named and has_second_header(records):
        second = rest[0]
        if second.named and second.filled == first.filled:
            problem = f"{where}: lines {first.line} and {second.line} both seem to have names"
            skip_lines = {"skip_lines": first.line - 1}
            raise LayoutError(
                side, problem, skip_lines, f", or to {second.line - 1} to take those of line {second.line}"
            )
    if settings.header is not False and first.width > 1 and not first.named and (found := _find_table(records)):
        raise _say_titles(side, where, (), found)


def _find_table(records: Sequence[Record]) -> tuple[Sequence[Record], Record] | None:
    """Return the titles above a table and its header: the first complete one after which records are alike."""
    for i, header in enumerate(records[1 : MOST_TITLES + 1], start=1):
        titles, rest = records[:i], records[i + 1 :]
        if not header.named or len(rest) < FEWEST_ROWS or not _are_alike(header, rest):
            continue
        if any(title.filled >= header.filled for title in titles):
            return None
        return (titles, header) if has_names(header, rest) else None
    return None


def _are_alike(header: Record, rest: Sequence[Record]) -> bool:
    return sum(each.width == header.width for each in rest) >= ALIKE * len(rest)


def _usual_width(records: Sequence[Record]) -> int:
    """Return how many fields most records have; 0 if there are none."""
    return Counter(record.width for record in records).most_common(1)[0][0] if records else 0


def _say_titles(
    side: str, where: str, lines: Sequence[str], table: tuple[Sequence[Record], Record], unit: str = "line"
) -> LayoutError:
    """Return the error for lines above a header: comments, if no other line begins as they do."""
    titles, header = table
    found = f"{where}: {unit} {header.line} seems to be the header, below"
    marked = [line.startswith(COMMENT) for line in lines if line.strip()]
    if lines and all(marked[: len(titles)]) and not any(marked[len(titles) :]):
        return LayoutError(side, f"{found} comments", {"comment": COMMENT})
    return LayoutError(side, f"{found} a title", {"skip_lines": header.line - 1})


def _check_delimiter(side: str, where: str, lines: Sequence[str], signs: Sequence[str]) -> None:
    """Refuse a table of one column if one of the `signs` cuts all its lines into equally many fields."""
    filled = [line.rstrip("\r\n") for line in lines if line.strip()][: 2 * MOST_TITLES]
    if len(filled) <= FEWEST_ROWS:
        return
    if SPACE in signs and all(GAP.search(line) for line in filled):
        raise DriftMonitorError(f"{where} seems to have columns of fixed width; save it as CSV or Parquet.")
    for sign in signs:
        widths = {record.width for record in read_records(filled, sign)}
        if len(widths) == 1 and min(widths) > (2 if sign in IN_TEXT else 1):
            problem = f"{where} seems to have {min(widths)} columns with {SAID.get(sign, repr(sign))} between them"
            raise LayoutError(side, problem, {"delimiter": sign})


def _as_yaml(value: Any) -> str:
    if isinstance(value, str):
        return repr(value) if value.isprintable() else '"' + value.encode("unicode_escape").decode() + '"'
    return str(value).lower()
