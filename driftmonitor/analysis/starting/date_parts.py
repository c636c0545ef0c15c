"""Make a time of columns such as year, month and day, or of Unix time, by a query that takes the place of a file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftmonitor.analysis.sources.rows import quoted, text, texts
from driftmonitor.analysis.starting.calendar import MONTHS, PARTS
from driftmonitor.analysis.starting.facts import Facts
from driftmonitor.config.data_settings import file_format

YEAR, MONTH, DAY, HOUR = "year", "month", "day of the month", "hour"
CALLED = {part.words: re.compile(rf"(.*_)?({part.called})", re.IGNORECASE) for part in PARTS if part.called}
RANGES = {YEAR: (1900, 2100), MONTH: (1, 12), DAY: (1, 31), HOUR: (0, 23)}
EPOCH_NAME = re.compile(r"date|time|epoch|unix|(^|_)ts($|_)|_at$|stamp", re.IGNORECASE)
UNITS = {1: "to_timestamp({})", 1000: "epoch_ms({})", 1_000_000: "make_timestamp({})"}  # of Unix time, in a second
FIRST, LAST = 946_684_800, 2_114_380_800  # the seconds that are believed to be Unix time: from 2000 to 2036
NAMES = ("date", "row_date", "date_of_row")
READERS = {"csv": "read_csv", "tsv": "read_csv", "json": "read_json", "parquet": "read_parquet"}
OPTIONS = {
    "skip_lines": "skip", "delimiter": "delim", "header": "header", "comment": "comment", "encoding": "encoding",
    "decimal": "decimal_separator",
}  # fmt: skip
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MISSING = ("", "NA", "N/A", "NaN", "NULL")


@dataclass(frozen=True)
class Made:
    """A time that SQL makes of columns, and their names."""

    sql: str
    names: Sequence[str]


def find_made(columns: Sequence[Facts]) -> Made | None:
    """Return a time that can be made of columns, None if there is none."""
    if parts := _find_parts(columns):
        return Made(_date(parts), [facts.name for facts in parts.values()])
    for facts in columns:
        if EPOCH_NAME.search(facts.name) and facts.is_number and facts.values == facts.rows and facts.distinct > 1:
            for unit, sql in UNITS.items():
                if FIRST <= facts.low / unit <= facts.high / unit <= LAST:
                    return Made(sql.format(_shown(facts.name)), [facts.name])
    return None


def _find_parts(columns: Sequence[Facts]) -> dict[str, Facts]:
    """Return the columns that together say a day, by the part that each is; none unless there is a year of each row.

    Of columns with a common beginning, such as arrival_year and arrival_month, those of the first are taken.
    """
    found: dict[str, dict[str, Facts]] = {}
    for facts in columns:
        for words in RANGES:
            if (named := CALLED[words].fullmatch(facts.name)) and facts.values == facts.rows and _fits(facts, words):
                found.setdefault(named[1] or "", {}).setdefault(words, facts)
    for parts in found.values():
        if YEAR in parts and (MONTH in parts or not set(parts) & {DAY, HOUR}):
            return {words: parts[words] for words in RANGES if words in parts and (words != HOUR or DAY in parts)}
    return {}


def _fits(facts: Facts, words: str) -> bool:
    if words == MONTH and facts.is_text:
        return bool(facts.levels) and all(level[:3].lower() in MONTHS for level in facts.levels)
    low, high = RANGES[words]
    return facts.is_number and not facts.fractions and low <= facts.low <= facts.high <= high


def can_query(location: str) -> bool:
    """Return whether a query can read the files of a location."""
    return file_format(location) in READERS


def write_query(
    location: str,
    made: Made,
    columns: Sequence[Facts],
    read: Mapping[str, Any],
    texts_of: Sequence[str] = (),
) -> str:
    """Return a query for all columns of the files and a time that is made of some.

    `read` says how text is written, and `texts_of` names columns of text that would be read as something else.
    """
    taken = {facts.name.lower() for facts in columns}
    name = next(each for each in NAMES if each not in taken)
    kind = str(file_format(location))
    options = [text(location), *(_text_options(read, texts_of) if kind in ("csv", "tsv") else [])]
    return f"SELECT *, {made.sql} AS {name} FROM {READERS[kind]}({', '.join(options)})"  # noqa: S608


def _date(parts: Mapping[str, Facts]) -> str:
    year, month, day, hour = (_shown(parts[each].name) if each in parts else "" for each in RANGES)
    if month and parts[MONTH].is_text:
        form = "%B" if any(len(level) > 3 for level in parts[MONTH].levels) else "%b"
        made = f"CAST(try_strptime(concat_ws(' ', {year}, {month}, {day or 1}), '%Y {form} %d') AS DATE)"
        return f"{made} + to_hours({hour})" if hour else made
    if hour:
        return f"try(make_timestamp({year}, {month}, {day}, {hour}, 0, 0))"
    return f"try(make_date({year}, {month or 1}, {day or 1}))"


def _shown(name: str) -> str:
    return name if PLAIN.fullmatch(name) else quoted(name)


def _text_options(read: Mapping[str, Any], texts_of: Sequence[str]) -> list[str]:
    said = {OPTIONS[name]: value for name, value in read.items() if name in OPTIONS}
    own = [f"{name}={text(value) if isinstance(value, str) else str(value).lower()}" for name, value in said.items()]
    kept = ", ".join(f"{text(name)}: 'VARCHAR'" for name in texts_of)
    return [*own, f"nullstr={texts(MISSING)}", *([f"types={{{kept}}}"] if kept else [])]
