"""What a column of text can be read as: a type in words, with the SQL that converts a text; here text and numbers."""

import re
from collections import Counter
from dataclasses import dataclass

from driftmonitor.analysis.sources.rows import text
from driftmonitor.facts.reading import ReadAs

SIGNS = {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes"}
LOOKALIKES = {" ": "\u00a0\u2007\u202f", "'": "\u2019"}  # signs that stand for these: spaces that do not break, ’

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
            alike = LOOKALIKES.get(self.thousands, "")
            value = f"translate({value}, {text(alike)}, {text(self.thousands * len(alike))})" if alike else value
            sign, point = re.escape(self.thousands), re.escape(self.decimal)
            grouped = f"[-+]?[0-9]{{1,3}}({sign}[0-9]{{2,3}})*{sign}[0-9]{{3}}({point}.*)?"  # 1,00,000 too
            bare = f"replace({value}, {text(self.thousands)}, '')"
            value = f"CASE WHEN regexp_full_match({value}, {text(grouped)}) THEN {bare} ELSE {value} END"
        if self.decimal == ",":
            value = f"replace(replace({value}, '.', '_'), ',', '.')"
        return value


POINT = Marks()
AS_TEXT = ReadAs(type="text")


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


def typed(kind: str | None) -> ColumnType:
    """Return the type of a column that has a type of DuckDB's already."""
    words = {"BOOLEAN": "true or false", "DATE": "a date", "TIMESTAMP": "a time", "TIME": "a time of day"}
    return ColumnType(words.get(kind or "", "a number"))


TEXT = ColumnType("text")
