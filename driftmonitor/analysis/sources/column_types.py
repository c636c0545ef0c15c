"""The types that a column of text can be read as, each with the SQL that converts a text."""

import re
from collections import Counter
from dataclasses import dataclass

from driftmonitor.analysis.sources.rows import one_of, text, texts
from driftmonitor.facts.reading import ReadAs

TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", " %H:%M:%S.%f")
YES, NO = ("true", "t", "yes", "y", "1", "1.0"), ("false", "f", "no", "n", "0", "0.0")

SIGNS = {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes"}

Profile = Counter[str]  # how many values are of each sort; `n` are all that are not missing, `rows` those too


@dataclass(frozen=True)
class Marks:
    """The signs with which numbers are written."""

    decimal: str = "."
    thousands: str = ""

    @property
    def words(self) -> str | None:
        """How numbers are written, None if in the usual way."""
        if self.decimal == ",":
            return "decimal comma"
        return f"{SIGNS[self.thousands]} between thousands" if self.thousands else None

    def sql(self, value: str) -> str:
        """Return SQL for the text of a number with a decimal point; a sign in any other place makes it no number."""
        if self.thousands:
            sign, point = re.escape(self.thousands), re.escape(self.decimal)
            grouped = f"[-+]?[0-9]{{1,3}}({sign}[0-9]{{2,3}})*{sign}[0-9]{{3}}({point}.*)?"  # 1,00,000 too
            bare = f"replace({value}, {text(self.thousands)}, '')"
            value = f"CASE WHEN regexp_full_match({value}, {text(grouped)}) THEN {bare} ELSE {value} END"
        if self.decimal == ",":
            value = f"replace(replace({value}, '.', '_'), ',', '.')"
        return value


POINT = Marks()
AS_TEXT, TRUE_FALSE = ReadAs(type="text"), ReadAs(type="true/false")
WITH_OFFSET = ReadAs(type="date and time", written="with an offset")


@dataclass(frozen=True)
class ColumnType:
    """What each value of a column is, in words for people, and SQL for the text {v} as that, NULL if it is not."""

    words: str
    sql: str = "{v}"
    read_as: ReadAs = AS_TEXT

    def convert(self, value: str) -> str:
        """Return SQL for a text as this type."""
        return self.sql.replace("{v}", value)


def is_number(value: str) -> str:
    """Return SQL for whether a text is a number; DuckDB would also take 1_000 for one."""
    return f"(TRY_CAST({value} AS DOUBLE) IS NOT NULL AND NOT contains({value}, '_'))"


def number(kind: str, marks: Marks, doubtful: bool = False) -> ColumnType:
    """Return the type of numbers, of a kind of DuckDB's: BIGINT, UBIGINT or DOUBLE. A doubtful text may be none."""
    value = marks.sql("{v}")
    sql = f"TRY_CAST({value} AS {kind})"
    is_whole = kind != "DOUBLE"
    read_as = ReadAs(type="whole number" if is_whole else "number", written=None if is_whole else marks.words)
    return ColumnType("a number", f"CASE WHEN {is_number(value)} THEN {sql} END" if doubtful else sql, read_as)


def formatted(date_format: str) -> ColumnType:
    """Return the type of dates or times that are written in one format."""
    sql = f"TRY_STRPTIME({{v}}, {text(date_format)})"
    return ColumnType(f"a date written as {date_format}", sql, ReadAs(type="date", written=date_format))


def typed(kind: str | None) -> ColumnType:
    """Return the type of a column that has a type of DuckDB's already."""
    words = {"BOOLEAN": "true or false", "DATE": "a date", "TIMESTAMP": "a time", "TIME": "a time of day"}
    return ColumnType(words.get(kind or "", "a number"))


def _ordered(order: str) -> ColumnType:
    """Return the type of dates in an order such as "%d %m %Y", with one of three signs, and perhaps a time."""
    year = "[0-9]{4}" if "%Y" in order else "[0-9]{1,2}"
    shape = f"[0-9]{{1,2}}[/.-][0-9]{{1,2}}[/.-]{year}( .*)?"
    formats = [order.replace(" ", sign) + time for sign in "/.-" for time in TIMES]
    sql = f"CASE WHEN regexp_full_match({{v}}, {text(shape)}) THEN TRY_STRPTIME({{v}}, {texts(formats)}) END"
    return ColumnType("a date", sql, ReadAs(type="date", written=order.replace(" ", "/")))


def _flags(yes: str, no: str, other: str) -> str:
    is_yes, is_no = (one_of(words, "lower({v})") for words in (YES, NO))
    return f"CASE WHEN {is_yes} THEN {yes} WHEN {is_no} THEN {no} ELSE {other} END"


def _iso(words: str, shape: str, kind: str, read_as: ReadAs) -> ColumnType:
    """Return the type of dates or times that begin as in 2026-01-31."""
    return ColumnType(words, f"CASE WHEN {{v}} LIKE '{shape}' THEN TRY_CAST({{v}} AS {kind}) END", read_as)


TEXT = ColumnType("text")
BOOLEAN = ColumnType("true or false", "TRY_CAST({v} AS BOOLEAN)", TRUE_FALSE)
FLAG = ColumnType("true or false", _flags("true", "false", "NULL"), TRUE_FALSE)
FLAG_WORD = ColumnType("text", _flags("'True'", "'False'", "{v}"))  # True as true/false of the other side is written
IS_CLOCK = "regexp_full_match({v}, '[0-9]{1,2}:[0-9:.]+')"  # DuckDB would take the time of a date for one, too
CLOCK = ColumnType("a time of day", "CAST(TRY_CAST({v} AS TIME) AS VARCHAR)", ReadAs(type="time of day"))
CLOCK_WORD = ColumnType("text", f"CASE WHEN {IS_CLOCK} THEN coalesce({CLOCK.sql}, {{v}}) ELSE {{v}} END")
DATE = _iso("a date", "____-__-__", "DATE", ReadAs(type="date"))
TIME = _iso("a time", "____-__-__%", "TIMESTAMP", ReadAs(type="date and time"))
ZONED = _iso("a time", "____-__-__%", "TIMESTAMPTZ", WITH_OFFSET)
# By the format that a user would set.
DATES = {
    order.replace(" ", "/"): _ordered(order) for order in ("%d %m %Y", "%m %d %Y", "%d %m %y", "%m %d %y", "%y %m %d")
}
SHORT = {written for written in DATES if "%y" in written}  # a year of two digits: as likely a code as a date
