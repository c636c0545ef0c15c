"""Find columns that only repeat what the time column says: month, weekday, hour and the like, in whatever coding.

They differ from the reference as time goes by, so they are not drift. What a column is called is not enough: its
values are compared with the time column's, in all rows.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from driftmonitor.analysis.sources.overview import Overview
from driftmonitor.analysis.starting.facts import Facts

MOST_VALUES = 60  # different values of a coded part: minutes have most


@dataclass(frozen=True)
class Part:
    """A part of a time: SQL for it as a number, and how columns of it are called.

    `nearly` is the share of rows in which one in another time zone agrees. From `least` to `most` are its values.
    """

    words: str
    sql: str
    called: str
    nearly: float  # the share of rows in which a column that is called so may differ by its time zone, and still be it
    least: int = 0  # the values that such a column may have
    most: int = 0


PARTS = (
    Part("year", "year({t})", "year|yr", 0.95, 1900, 2100),
    Part("quarter", "quarter({t})", "quarter|qtr", 0.95, 1, 4),
    Part("month", "month({t})", "month|mnth|mth|mon", 0.95, 1, 12),
    Part("week of the year", "weekofyear({t})", "week|week_?(number|no|of_?year)", 0.95, 1, 53),
    Part("day of the month", "dayofmonth({t})", "day|mday|dom|day_of_month", 0.7, 1, 31),
    Part("day of the year", "dayofyear({t})", "yday|doy|day_?of_?year", 0.7, 1, 366),
    Part("weekday", "isodow({t})", "week_?day|day_?of_?week|dow|wday", 0.7, 0, 7),
    Part("weekday", "dayofweek({t})", "week_?day|day_?of_?week|dow|wday", 0.7),
    Part("hour", "hour({t})", "hour|hr|hh", 0.5),
    Part("minute", "minute({t})", "minute|min", 0.95),
    Part("Unix time", "epoch({t})", "", 1),
)
TEXTS = {
    "month": "lower(left({c}, 3)) = lower(strftime({t}, '%b'))",
    "weekday": "lower(left({c}, 3)) = lower(strftime({t}, '%a'))",
    "day": "{c} IN (strftime({t}, '%Y-%m-%d'), strftime({t}, '%d/%m/%Y'), strftime({t}, '%m/%d/%Y'))",
    "month and year": "{c} IN (strftime({t}, '%Y-%m'), strftime({t}, '%m/%Y'), strftime({t}, '%Y/%m'))",
    "time of day": "left({c}, 5) = strftime({t}, '%H:%M')",
}
FUNCTION_OF = {"month": 365, "day and month": 365, "weekday": 7, "hour": 1}
KEYS = {**{part.words: part.sql for part in PARTS[::-1]}, "day and month": "strftime({t}, '%m-%d')"}
UNEXPLAINED = 0.05  # of the rows that the most frequent value does not fit: seasons begin a day earlier in leap years
FEWEST_MORE = 30  # rows than parts: a few agree by chance
CYCLES = 2  # that the data must span before what comes again is believed to be the calendar's
OTHER = "perhaps of another time"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = tuple(dt.date(2000, month, 1).strftime("%B")[:3].lower() for month in range(1, 13))


def find_parts(overview: Overview, columns: list[Facts], time: Facts) -> dict[str, str]:
    """Return, by column, which part of the time column it is, in words."""
    found = {}
    for column in columns:
        if (
            column is not time
            and column.distinct > 1
            and not column.is_time
            and (words := _find(overview, column, time))
        ):
            found[column.name] = words
    return found


def find_named_parts(columns: Iterable[Facts]) -> dict[str, str]:
    """Return, by column, which part of a time it seems to be in a table without times: by its name and its values."""
    found: dict[str, str] = {}
    for column in columns:
        if column.distinct < 2 or "per" in re.split(r"[^a-z]+", column.name.lower()):
            continue
        for part in PARTS:
            named = part.most and re.fullmatch(f"(.*_)?({part.called})", column.name, re.IGNORECASE)
            whole = column.is_number and not column.fractions
            if named and ((whole and part.least <= column.low <= column.high <= part.most) or _are_names(column)):
                found.setdefault(column.name, f"the {part.words}")
    return found


def _are_names(column: Facts) -> bool:
    """Return whether a text has the names of months or of weekdays."""
    names = [level[:3].lower() for level in column.levels]
    return bool(names) and any(set(names) <= {*known} for known in (MONTHS, WEEKDAYS))


def _find(overview: Overview, column: Facts, time: Facts) -> str:
    moment = f"CAST({time.column} AS TIMESTAMP)"
    both = f"FROM all_rows WHERE {column.column} IS NOT NULL AND {time.column} IS NOT NULL"
    if column.is_number and not column.fractions:
        return _as_number(overview, column, moment, both) or _as_function(overview, column, time, moment, both)
    if column.is_text:
        for words, test in TEXTS.items():
            if _holds(overview, test.format(c=column.column, t=moment), both):
                return f"the {words}"
        if column.levels and all(level[:3].lower() in MONTHS for level in column.levels):
            return f"the month, {OTHER}"
    return _as_function(overview, column, time, moment, both)


def _holds(overview: Overview, test: str, both: str) -> bool:
    return bool(overview.ask(f"SELECT coalesce(bool_and({test}), false) {both}")[0][0])


def _as_number(overview: Overview, column: Facts, moment: str, both: str) -> str:
    """Return the part that a whole number is, perhaps counted from another start; or nearly is, and is called so."""
    differences = [f"{column.column} - {part.sql.format(t=moment)}" for part in PARTS]
    ends = ", ".join(f"min({each}), max({each}), min({part.sql.format(t=moment)}) < max({part.sql.format(t=moment)})"
                     for part, each in zip(PARTS, differences, strict=True))  # fmt: skip
    answers = overview.ask(f"SELECT {ends} {both}")[0]
    for i, part in enumerate(PARTS):
        low, high, varies = answers[3 * i : 3 * i + 3]
        if varies and low == high and (part.words in ("year", "Unix time") or abs(low) <= 1):
            return f"the {part.words}"
    for part, difference in zip(PARTS, differences, strict=True):
        if not (part.called and re.fullmatch(f"(.*_)?({part.called})", column.name, re.IGNORECASE)):
            continue
        query = f"SELECT count(*) / sum(count(*)) OVER () {both} GROUP BY {difference} ORDER BY 1 DESC LIMIT 1"
        if (overview.ask(query) or [(0,)])[0][0] >= part.nearly:
            return f"nearly the {part.words}"
        if part.least <= column.low <= column.high <= part.most:
            return f"the {part.words}, {OTHER}"
    return ""


def _as_function(overview: Overview, column: Facts, time: Facts, moment: str, both: str) -> str:
    """Return which part decides a column's value in every row, over several cycles: a season, or a weekend."""
    days = (time.high - time.low).days if time.low is not None else 0
    keys = [words for words, cycle in FUNCTION_OF.items() if days >= CYCLES * cycle]
    if column.distinct > MOST_VALUES or column.values < column.rows or not keys:
        return ""
    for words in keys:
        key = KEYS[words].format(t=moment)
        cells = f"SELECT {key} AS k, {column.column} AS v, count(*) AS n {both} GROUP BY 1, 2"
        groups = f"SELECT max(n) AS most, count(*) OVER () AS groups FROM ({cells}) GROUP BY k"  # noqa: S608
        usual = f"SELECT sum(n) AS n FROM ({cells}) GROUP BY v ORDER BY 1 DESC LIMIT 1"  # noqa: S608
        query = f"SELECT sum(most), max(groups), ({usual}) FROM ({groups})"  # noqa: S608
        by_part, parts, by_guess = overview.ask(query)[0]
        if 1 < parts <= column.values - FEWEST_MORE and column.values - by_part <= UNEXPLAINED * (
            column.values - by_guess
        ):
            return f"a function of the {words}"
    return ""
