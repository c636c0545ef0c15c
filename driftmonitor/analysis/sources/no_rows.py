"""Lines of a CSV file that have all fields and yet are no rows: a second line of the header, and totals at the end.

They are left out, and the reading says so. A line is one only if nothing speaks for a row: see each function.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from driftmonitor.analysis.sources.first_records import (
    Record,
    is_missing,
    read_records,
    sort_of,
    sort_of_column,
    value_columns,
)

TOTAL = re.compile(
    r"(grand[ -]?|sub[ -]?)?totals?|sums?|averages?|means?|summe|gesamt(summe)?|total(e|es|i) ?\w*|total g[eé]n[eé]ral"
    r"|suma|totaal|合计|總計|总计|合計",
    re.IGNORECASE,
)
FEWEST_ROWS = 5  # that show what the columns are
MOST_TOTALS = 3
SECOND, TOTALS = "the second line of the header", "totals at the end"
Cells = tuple[str, ...]


class NoRows(NamedTuple):
    """The cells of lines that are no rows, and what they are in words."""

    cells: tuple[Cells, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return " and ".join(self.kinds)

    def __or__(self, other: "NoRows") -> "NoRows":
        """Return those of both."""
        cells, kinds = dict.fromkeys(self.cells + other.cells), dict.fromkeys(self.kinds + other.kinds)
        return NoRows(tuple(cells), tuple(kinds))


def find_no_rows(lines: Sequence[str], last_lines: Sequence[str], delimiter: str, header: bool) -> NoRows:
    """Return which of a file's first and last lines are no rows; `lines` begin with the header, if there is one."""
    records = read_records(lines, delimiter)
    rows = records[header:]
    if len(rows) <= FEWEST_ROWS or {each.width for each in records} != {records[0].width}:
        return NoRows()
    second = rows[:1] if header and has_second_header(records) else []
    rows = rows[len(second) :]
    totals = _find_totals(rows, last_lines, delimiter)
    kinds = (*([SECOND] if second else []), *([TOTALS] if totals else []))
    return NoRows(tuple(each.cells for each in (*second, *totals)), kinds)


def has_second_header(records: Sequence[Record]) -> bool:
    """Return whether the second record has words, such as units, in columns of values, and no cell of others."""
    if len(records) < FEWEST_ROWS + 2:
        return False
    record, rows = records[1], records[2:]
    numbers = [i for i, cell in enumerate(record.cells) if sort_of(cell) != "text"]
    if any(sort_of_column(rows, i) != "text" for i in numbers):
        return False
    values = value_columns(rows)
    words = [i for i in values if not is_missing(record.cells[i])]
    if not words:
        return False
    others = [i for i in range(record.width) if i not in values and not is_missing(record.cells[i])]
    return not any(record.cells[i] in {row.cells[i] for row in rows} for i in others)


def _find_totals(rows: Sequence[Record], last_lines: Sequence[str], delimiter: str) -> list[Record]:
    """Return the totals among the last lines, from the end on."""
    found: list[Record] = []
    for line in reversed([line for line in last_lines if line.strip(f" \r\n\t{delimiter}")]):
        records = read_records([line], delimiter)
        if len(found) == MOST_TOTALS or len(records) != 1 or not _is_total(records[0], rows):
            break
        found += records
    return found


def _is_total(record: Record, rows: Sequence[Record]) -> bool:
    """Return whether a record has only numbers beside its first cell, and that is a word for totals which no row has.

    Its word stands in a column of values, or it lacks a value that each row has.
    """
    if record.width != rows[0].width:
        return False
    label = next((i for i, cell in enumerate(record.cells) if cell), -1)
    others = [cell for i, cell in enumerate(record.cells) if i != label and not is_missing(cell)]
    if label < 0 or not TOTAL.fullmatch(record.cells[label].rstrip(" :")) or not others:
        return False
    if any(sort_of(cell) != "number" for cell in others) or record.cells[label] in {row.cells[label] for row in rows}:
        return False
    gaps = [i for i, cell in enumerate(record.cells) if not cell and all(row.cells[i] for row in rows)]
    return label in value_columns(rows) or bool(gaps)
