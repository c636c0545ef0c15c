"""The dates and times that a column of text can be read as, each with the SQL that converts a text."""

from driftmonitor.analysis.sources.column_types import ColumnType
from driftmonitor.analysis.sources.rows import text, texts
from driftmonitor.facts.reading import ReadAs

TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", " %H:%M:%S.%f")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# 5 March 2026, Mar. 5, 2026 and 05-MAR-26 with three letters of the month and one space between the parts.
SHORT_MONTH = r"regexp_replace({v}, '([A-Za-z]{3})[A-Za-z]*\.?', '\1')"
PLAIN = f"regexp_replace({SHORT_MONTH}, '[-, /]+', ' ', 'g')"
WORDED_SHAPE = r"([0-9]{1,2}[-. /]+)?[A-Za-z]{3,9}\.?[-, /]+([0-9]{1,2}[-, /]+)?([0-9]{2}|[0-9]{4})( .*)?"
WITH_OFFSET = ReadAs(type="date and time", written="with an offset")


def formatted(date_format: str) -> ColumnType:
    """Return the type of dates or times that are written in one format."""
    sql = f"TRY_STRPTIME({{v}}, {text(date_format)})"
    return ColumnType(f"a date written as {date_format}", sql, ReadAs(type="date", written=date_format))


def _ordered(order: str) -> ColumnType:
    """Return the type of dates in an order such as "%d %m %Y", with one of three signs, and perhaps a time."""
    first, _, last = ("[0-9]{4}" if part == "%Y" else "[0-9]{1,2}" for part in order.split())
    signs = "/." if first == "[0-9]{4}" else "/.-"  # 2026-01-31 is read faster by itself
    shape = f"{first}[{signs}][0-9]{{1,2}}[{signs}]{last}( .*)?"
    formats = [order.replace(" ", sign) + time for sign in signs for time in TIMES]
    sql = f"CASE WHEN regexp_full_match({{v}}, {text(shape)}) THEN TRY_STRPTIME({{v}}, {texts(formats)}) END"
    return ColumnType("a date", sql, ReadAs(type="date", written=order.replace(" ", "/")))


def _iso(words: str, shape: str, kind: str, read_as: ReadAs) -> ColumnType:
    """Return the type of dates or times that begin as in 2026-01-31."""
    return ColumnType(words, f"CASE WHEN {{v}} LIKE '{shape}' THEN TRY_CAST({{v}} AS {kind}) END", read_as)


def _worded() -> ColumnType:
    """Return the type of dates with the month in English words: they fit one order alone."""
    formats = [order + time for order in ("%d %b %y", "%b %d %y", "%d %b %Y", "%b %d %Y") for time in TIMES]
    sql = f"CASE WHEN regexp_full_match({{v}}, {text(WORDED_SHAPE)}) THEN TRY_STRPTIME({PLAIN}, {texts(formats)}) END"
    return ColumnType("a date", sql, ReadAs(type="date", written="with the month in words"))


DATE = _iso("a date", "____-__-__", "DATE", ReadAs(type="date"))
TIME = _iso("a time", "____-__-__%", "TIMESTAMP", ReadAs(type="date and time"))
ZONED = _iso("a time", "____-__-__%", "TIMESTAMPTZ", WITH_OFFSET)
COMPACT = ColumnType(
    "a date", "CASE WHEN regexp_full_match({v}, '[0-9]{8}') THEN TRY_STRPTIME({v}, '%Y%m%d') END",
    ReadAs(type="date", written="%Y%m%d"),
)  # fmt: skip
WORDED = _worded()
# By the format that a user would set.
DATES = {
    order.replace(" ", "/"): _ordered(order)
    for order in ("%d %m %Y", "%m %d %Y", "%Y %m %d", "%d %m %y", "%m %d %y", "%y %m %d")
}
SHORT = {written for written in DATES if "%y" in written}  # a year of two digits: as likely a code as a date
SURE = {**{written: kind for written, kind in DATES.items() if written not in SHORT}, "worded": WORDED}
