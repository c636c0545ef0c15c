"""Write a sheet of a workbook again as a temporary CSV file of text, and find in it the header and the columns.

Before the columns come each row's number and which of its cells are errors of formulas. A value in a column without a
name is refused: it may belong to a title, a second header or another table.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, dropwhile, islice
from pathlib import Path

from ibis.backends.duckdb import Backend

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import transcripts
from driftmonitor.analysis.sources.first_records import MOST, Record
from driftmonitor.analysis.sources.layout import check_rows
from driftmonitor.analysis.sources.locations import absent
from driftmonitor.analysis.sources.names import unique_names
from driftmonitor.analysis.sources.streams import open_whole
from driftmonitor.analysis.sources.workbooks import EMPTY, FAULT, Cell, NumberedRow, column_letters, open_sheet
from driftmonitor.config.read_settings import ReadSettings
from driftmonitor.formats import composed

NUMBER, FAULTS = "number", "faults"  # columns of the CSV before those of the sheet, which are called x0, x1, ...


@dataclass(frozen=True)
class Sheet:
    """A sheet that was written again: its columns in the CSV by their names, and the sorts of cells in each."""

    path: Path
    every_column: tuple[str, ...]
    columns: dict[str, str]
    sorts: dict[str, set[str]]


@dataclass(frozen=True)
class _Header:
    """The row that decides which columns there are, and what the cells below it were seen to be.

    It gives names, or is itself the first row of values. Columns before its first value may have no name: in the
    first column, pandas writes its index.
    """

    where: str
    row: int
    cells: tuple[Cell, ...]
    has_names: bool
    sorts: tuple[set[str], ...]

    @property
    def names(self) -> list[str]:
        """The names of all columns by position, unique."""
        texts = [text if self.has_names else "" for text, _ in self.cells]
        return unique_names(composed(text) or f"column{i}" for i, text in enumerate(texts))

    @property
    def first(self) -> int:
        return next((i for i, (text, _) in enumerate(self.cells) if text), 0)

    def take(self, number: int, position: int, cell: Cell) -> None:
        """Note a cell with a value; refuse it if its column has no name."""
        inside = position < len(self.cells)
        if not inside or (self.has_names and position > self.first and not self.cells[position][0]):
            place = f"column {column_letters(position)} has a value in row {number}"
            lacks = "no name" if self.has_names else "none"
            remedy = "name it, or set read.skip_lines" if self.has_names else "fill both"
            raise DriftMonitorError(f"{self.where}: {place} and {lacks} in row {self.row}; {remedy}.")
        self.sorts[position].add(cell[1])

    def columns(self) -> dict[str, int]:
        """Return the position of each column that has a name or a value."""
        return {name: i for i, name in enumerate(self.names) if self.cells[i][0] or self.sorts[i]}


def write_again(backend: Backend, side: str, file: str, settings: ReadSettings) -> Sheet:
    """Return the sheet that the settings name; DriftMonitorError if it is not clear what its columns are."""
    own, where = settings.of_side(side), f"{side}: {file}"
    path = transcripts.new_file(backend, file, ".csv")
    with open_whole(file) as workbook, open_sheet(where, workbook, own.sheet) as rows:
        rows = dropwhile(lambda row: row[0] <= (own.skip_lines or 0), rows)
        top = [*islice(rows, MOST)]
        if own.skip_lines is None and own.header is not False:
            check_rows(side, where, _as_records(top))
        rows = chain(top, rows)
        if not (first := next(rows, None)):
            raise absent(side)(f"{where} has no rows; check read.sheet, or write it again.")
        header = _Header(where, first[0], tuple(first[1]), own.header is not False, tuple(set() for _ in first[1]))
        rows = rows if header.has_names else chain([first], rows)
        decimals = [settings.of_column(side, name).decimal_sign for name in header.names]
        with path.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target, lineterminator="\n").writerows(_lines(header, decimals, rows))
    columns = header.columns()
    return Sheet(
        path,
        every_column=tuple(f"x{i}" for i in range(len(header.cells))),
        columns={name: f"x{i}" for name, i in columns.items()},
        sorts={name: header.sorts[i] for name, i in columns.items()},
    )


def _as_records(rows: Sequence[NumberedRow]) -> list[Record]:
    """Return rows as records of one width."""
    width = max((len(cells) for _, cells in rows), default=0)
    return [Record(number, (*(text for text, _ in cells), *[""] * (width - len(cells)))) for number, cells in rows]


def _lines(header: _Header, decimals: Sequence[str], rows: Iterable[NumberedRow]) -> Iterator[list[str]]:
    """Yield the fields of each row. Numbers have the decimal sign that is set for text, for a column that has both."""
    for number, cells in rows:
        texts, faults = [""] * len(header.cells), ""
        for i, cell in enumerate(cells):
            if cell == EMPTY:
                continue
            header.take(number, i, cell)
            faults += f"|x{i}|" if cell == FAULT else ""
            texts[i] = cell[0].replace(".", decimals[i]) if cell[1] == "number" else cell[0]
        yield [str(number), faults, *texts]
