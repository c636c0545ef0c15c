"""The first records of a CSV file, and what their cells look like: which columns hold numbers or dates."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

MOST = 70  # records that are looked at
FEWEST = 3  # cells of a column of numbers or dates
SPACED = 2  # whole numbers at equal distances that are names: 0 and 1, or years
VALUE = re.compile(r"[-+(]?[$€£¥]?\s?\.?\d[\d\s.,:/'TZeE+-]*\s?(%|[AaPp][Mm])?\)?")
DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([T ].*)?")
YEAR = re.compile(r"(1[89]|20|21)\d\d")
NO_VALUE = {"", "na", "n/a", "nan", "null", "none", "-", "?", "."}


@dataclass(frozen=True)
class Record:
    """The cells of a record, and the line that it begins in, from 1 on."""

    line: int
    cells: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.cells)

    @cached_property
    def filled(self) -> int:
        """How many cells have a text."""
        return sum(map(bool, self.cells))

    @cached_property
    def named(self) -> bool:
        """Whether all cells have a text, and none comes twice; a delimiter at the end of the line is none."""
        return all(self.cells[: self.filled]) and len({*self.cells[: self.filled]}) == self.filled > 1


def read_records(lines: Sequence[str], delimiter: str, skipped: int = 0) -> list[Record]:
    """Return the first records that are not blank; `skipped` lines come before `lines`."""
    found, before = [], skipped
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in islice(reader, 2 * MOST):
            if any(cells):
                found.append(Record(before + 1, tuple(cell.strip() for cell in cells)))
            before = skipped + reader.line_num
    except csv.Error:  # of a NUL: whoever reads the file says so
        pass
    return found[:MOST]


def value_columns(records: Sequence[Record]) -> dict[int, str]:
    """Return which columns hold nothing but dates or numbers, by position: "date" or "number"."""
    width = max((record.width for record in records), default=0)
    sorts = {i: sort_of_column(records, i) for i in range(width)}
    return {i: sort for i, sort in sorts.items() if sort != "text"}


def sort_of_column(records: Sequence[Record], position: int) -> str:
    """Return whether all values of a column are dates or numbers, and there are a few; "text" otherwise."""
    found, sort = 0, ""
    for record in records:
        if position >= record.width or is_missing(cell := record.cells[position]):
            continue
        if (own := sort_of(cell)) == "text" or own != (sort or own):
            return "text"
        found, sort = found + 1, own
    return sort if found >= FEWEST else "text"


def is_missing(cell: str) -> bool:
    """Return whether a cell has no value."""
    return cell.lower() in NO_VALUE


def sort_of(cell: str) -> str:
    """Return whether a cell is a "date", a "number" or "text"."""
    if DATE.fullmatch(cell):
        return "date"
    return "number" if VALUE.fullmatch(cell) else "text"


def has_names(record: Record, rest: Sequence[Record]) -> bool:
    """Return whether a record can be the header of the `rest`: no value in a column of values, unless it is a year."""
    values = value_columns(rest)
    odd = [record.cells[i] for i in values if i < record.width and sort_of(record.cells[i]) != "text"]
    return bool(values) and all(YEAR.fullmatch(cell) for cell in odd)


def is_row(record: Record, rest: Sequence[Record]) -> bool:
    """Return whether a record is clearly one of the `rest`: each number is among theirs, or one is a date.

    Numbers can be names: years, hours, or those that pandas gives to columns.
    """
    if all(is_missing(cell) or sort_of(cell) == "text" for cell in record.cells):
        return False
    values = {i: sort for i, sort in value_columns(rest).items() if not is_missing(record.cells[i])}
    if not values or any(sort_of(record.cells[i]) != sort for i, sort in values.items()):
        return False
    if "date" in values.values():
        return list(values.values()).count("date") <= SPACED
    numbers = {i: number for i in values if (number := _number(record.cells[i])) is not None}
    if len(numbers) < len(values) or _are_spaced([*numbers.values()]):
        return False
    return all(_is_among(number, [_number(each.cells[i]) for each in rest]) for i, number in numbers.items())


def _number(cell: str) -> float | None:
    try:
        return float(cell.replace(",", ".", 1) if cell.count(",") == 1 and "." not in cell else cell)
    except ValueError:
        return None


def _are_spaced(numbers: Sequence[float]) -> bool:
    """Return whether numbers are whole and rise as names do: in equal steps, or as years."""
    if not all(number == int(number) for number in numbers):
        return False
    steps = {after - before for before, after in pairwise(numbers)}
    years = all(YEAR.fullmatch(f"{number:.0f}") for number in numbers)
    return min(steps, default=1) > 0 and (years or len(steps) == 1 or numbers in ([0], [1]))


def _is_among(number: float, others: Sequence[float | None]) -> bool:
    """Return whether a number lies among others, or near the end of those that only rise or only fall."""
    known = [other for other in others if other is not None]
    low, high = min(known), max(known)
    reach = high - low if known in (sorted(known), sorted(known, reverse=True)) else 0
    return low - reach <= number <= high + reach
