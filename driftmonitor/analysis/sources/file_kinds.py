"""What a file is, by its first bytes: a name's ending may say something else, as after a failed download."""

import codecs
import re

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.streams import first_bytes, first_packed_bytes
from driftmonitor.config.data_settings import PACKED, file_format, scheme_of

HEAD = 1000  # bytes that tell
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAVE_TABLE = "save the table as CSV or Parquet"
# The kind of file, and what to do, by how it begins. The first that fits is taken.
KINDS = (
    (rb"PAR1", "a Parquet file", "rename it to .parquet"),
    (rb"PK\x03\x04(?=.*(\[Content_Types\]|xl/|_rels/))", "an Excel workbook", "rename it to .xlsx"),
    (rb"PK\x03\x04", "a ZIP archive", "unpack it"),
    (rb"\x1f\x8b", "a gzip archive", "add .gz to its name"),
    (rb"\x28\xb5\x2f\xfd", "a zstd archive", "add .zst to its name"),
    (rb"BZh|\xfd7zXZ|7z\xbc\xaf", "a packed file", "unpack it"),
    (rb"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "save it as an Excel workbook (.xlsx)"),
    (rb"SQLite format 3", "an SQLite database", SAVE_TABLE),
    (rb"%PDF-", "a PDF", SAVE_TABLE),
    (rb"\s*<(!doctype|html|head|body|table)\b", "a web page (perhaps an error)", f"download it again, or {SAVE_TABLE}"),
    (rb"\s*<(\?xml|error)\b", "XML (perhaps an error)", f"download it again, or {SAVE_TABLE}"),
    (rb"version https://git-lfs", "a pointer of Git LFS", "run `git lfs pull`"),
    (rb"\s*(\{\s*[\"}]|\[\s*[\[{\]])", "JSON", "rename it to .json"),
)
OWN = {"parquet": "a Parquet file", "json": "JSON"}
CALLED = {"csv": "CSV", "tsv": "TSV", "json": "JSON", "parquet": "Parquet"}
LEFT_TO_READERS = ("excel",)  # whose reader knows more of what is no workbook


def check_kind(side: str, file: str) -> None:
    """Refuse a file that clearly is of another kind than its name says.

    Of Parquet in a bucket, where each look costs a request, the reader alone says whether it is.
    """
    kind = file_format(file)
    if kind in LEFT_TO_READERS or (kind == "parquet" and scheme_of(file)):
        return
    if problem := _find_problem(file, str(kind)):
        raise DriftMonitorError(f"{side}: {file} {problem}.")


def _find_problem(file: str, kind: str) -> str:
    """Return what is wrong with a file that is called a `kind`, "" if nothing is."""
    packed = next((ending for ending in PACKED if file.lower().endswith(ending)), "")
    if packed and (problem := _find_packing(first_packed_bytes(file, HEAD), packed)):
        return problem
    head = _first_unpacked(file)
    what, remedy = _recognise(head)
    if what and what != OWN.get(kind):
        return f"is {what}, not {CALLED[kind]}; {remedy}"
    is_other = kind == "parquet" or (kind == "json" and not _may_be_json(head))
    if is_other and head and not what and _is_text(head):
        return f"is text, not {CALLED[kind]}; rename it to .csv if it is a table"
    return ""


def _first_unpacked(file: str) -> bytes:
    """Return the first bytes, none of an archive that is damaged: whoever reads it says so."""
    try:
        return first_bytes(file, HEAD)
    except OSError:
        if not file.lower().endswith(PACKED):
            raise
        return b""


def _find_packing(head: bytes, ending: str) -> str:
    """Return what is wrong with a file whose name says that it is packed."""
    what, remedy = _recognise(head)
    if f"add {ending} " in remedy:
        return ""
    if what:
        return f"is {what}, although its name ends in {ending}; rename or unpack it"
    return f"is not packed, although its name ends in {ending}; rename it" if _is_text(head) else ""


def _recognise(head: bytes) -> tuple[str, str]:
    """Return what a file is that begins so and what to do, two empty texts for text."""
    for mark in MARKS:
        head = head.removeprefix(mark)
    for begins, what, remedy in KINDS:
        if re.match(begins, head, re.IGNORECASE | re.DOTALL):
            return what, remedy
    return "", ""


def _is_text(head: bytes) -> bool:
    return b"\0" not in head or head.startswith(MARKS)


def _may_be_json(head: bytes) -> bool:
    """Return whether text may be JSON: a list, a record or a single value."""
    return bool(re.match(rb"\s*([\[{\"]|[-\d.\s]*$|true|false|null)", head)) or head.startswith(MARKS)
