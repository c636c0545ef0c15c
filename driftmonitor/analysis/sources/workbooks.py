"""Read a sheet of an Excel workbook, as rows of cells of which each is a text and the sort of value that it is.

Only this module uses openpyxl, an extra: it reads row by row, and tells a formula's error from an empty cell.
"""

import datetime as dt
import mmap
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.names import nearest_column, some_names
from driftmonitor.formats import counted

MOST_BYTES = 1_000_000_000  # unpacked: 20 million cells, which take minutes to read
MOST_ROWS = 1_048_576  # of a sheet; a file can name a row far below
ZIP, OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
SAVE = "save it as an Excel workbook (.xlsx)"
LARGEST_WHOLE = 2**63

Cell = tuple[str, str]  # its text, "" if it has no value, and its sort
EMPTY: Cell = ("", "")
FAULT: Cell = ("", "fault")  # the error of a formula, such as #DIV/0!
NOT_AVAILABLE = "#N/A"  # which Excel's users write where a value is missing
NumberedRow = tuple[int, Sequence[Cell]]


@contextmanager
def open_sheet(where: str, file: IO[bytes], sheet: str | int | None) -> Iterator[Iterator[NumberedRow]]:
    """Yield the rows of a sheet that have a value, each with its number; DriftMonitorError for any other file."""
    try:
        from openpyxl import load_workbook
    except ModuleNotFoundError:
        raise DriftMonitorError(f"{where} needs openpyxl; pip install '.[excel]'.") from None
    with warnings.catch_warnings(action="ignore"):  # of parts that only a person looks at
        with _explained(where):
            _check(where, file)
            workbook = load_workbook(file, read_only=True, data_only=True)
        try:
            yield _rows(where, _choose(where, workbook.worksheets, sheet))
        finally:
            workbook.close()


def column_letters(position: int) -> str:
    """Return what Excel calls a column: A for 0."""
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(position + 1))


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Raise what zipfile, XML and openpyxl say of a damaged workbook as one line; they have no class for it."""
    try:
        yield
    except (DriftMonitorError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk
            raise
        entities = "EntitiesForbidden" in (type(error).__name__, type(error.__context__).__name__)  # of defusedxml
        what = "declares XML entities, as no workbook does" if entities else "is no Excel workbook, or is damaged"
        raise DriftMonitorError(f"{where} {what}; {SAVE}.") from None


def _check(where: str, file: IO[bytes]) -> None:
    """Refuse a file that is no ZIP archive, or one that is far larger than any sheet once it is unpacked."""
    head = file.read(1000)
    if head.startswith(OLE):
        encrypted = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ).find(ENCRYPTED) >= 0
        what = "is encrypted; save it without a password" if encrypted else f"is an old workbook (.xls); {SAVE}"
        raise DriftMonitorError(f"{where} {what}.")
    if not head.startswith(ZIP):
        raise DriftMonitorError(f"{where} {_other_kind(head)}.")
    size = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
    if size > MOST_BYTES:
        remedy = "save the table as CSV or Parquet"
        raise DriftMonitorError(f"{where} is {size / 1e9:,.1f} GB unpacked, and 1 GB is allowed; {remedy}.")


def _other_kind(head: bytes) -> str:
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return f"is HTML or XML, no Excel workbook; open it in Excel and {SAVE}"
    if b"\0" not in head:
        return f"is text, no Excel workbook; call it .csv, or {SAVE}"
    return f"is no Excel workbook; {SAVE}"


def _choose(where: str, sheets: Sequence[Any], wanted: str | int | None) -> Any:
    """Return the sheet that is asked for, by its name or position, or else the only one that is shown and not empty."""
    names = [sheet.title for sheet in sheets]
    if isinstance(wanted, int):
        if wanted > len(sheets):
            raise DriftMonitorError(f"{where} has {counted(len(sheets), 'sheet')}; set read.sheet to one of them.")
        return sheets[wanted - 1]
    if wanted is not None:
        if wanted not in names:
            raise DriftMonitorError(f"{where} has no sheet {wanted!r}{nearest_column(wanted, names)}")
        return sheets[names.index(wanted)]
    if not sheets:  # in the dialect called Strict, openpyxl finds none
        raise DriftMonitorError(f"{where} has no sheets that can be read; {SAVE}.")
    shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    filled = [sheet for sheet in shown if any(_rows(where, sheet))] if len(shown) > 1 else shown
    if len(filled) > 1:
        listed = some_names(sheet.title for sheet in filled)
        raise DriftMonitorError(f"{where} has {len(filled)} sheets: {listed}; set read.sheet to the one to read.")
    return (filled or shown or sheets)[0]


def _rows(where: str, sheet: Any) -> Iterator[NumberedRow]:
    """Yield the rows with a value; the explanation is here, so that errors of those who take them are not caught."""
    with _explained(where):
        sheet.reset_dimensions()  # what the file says of them may be wrong
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if number > MOST_ROWS:
                raise DriftMonitorError(f"{where} has a row below {MOST_ROWS:,}, as no sheet has; {SAVE}.")
            row = [EMPTY if cell.value is None else _read(cell) for cell in cells]
            if any(cell != EMPTY for cell in row):
                yield number, row


def _read(cell: Any) -> Cell:
    """Return a cell with a value: a number, date or the like as DuckDB reads it, and text as it is."""
    value = cell.value
    if cell.data_type == "e":
        return EMPTY if value == NOT_AVAILABLE else FAULT
    if isinstance(value, str):
        return value, "text" if value else ""
    if isinstance(value, bool):
        return str(value).upper(), "boolean"
    if isinstance(value, dt.timedelta):
        return repr(value.total_seconds()), "duration"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime):
        return (str(value), "time") if value.time() != dt.time() else (str(value.date()), "date")
    return str(value), {dt.date: "date", dt.time: "clock"}.get(type(value), "text")


def _number(value: float) -> Cell:
    """Return a number as a cell; Excel makes no difference between 3 and 3.0."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value)), "whole"
    if isinstance(value, float):
        return repr(value), "number"
    return str(value), "whole" if abs(value) < LARGEST_WHOLE else "text"
