"""Decide what a column of text is, from counts over all rows of both sides. Pure: it sees counts, never a value.

A few values that do not fit are a trace: under 1% of each side. They are then counted and named by line, and the others
are read as what they are. With more of them, the column stays the text that is written in the file.
"""

from collections.abc import Callable

from driftmonitor.analysis.sources import column_types as types
from driftmonitor.analysis.sources.column_types import DATES, SHORT
from driftmonitor.analysis.sources.counted_column import Column, Verdict, alike, refusal
from driftmonitor.analysis.sources.number_rules import commas, mixed, named_number, nearly_numbers, numbers
from driftmonitor.analysis.sources.rows import NUMBERS

BESIDE = "as on the other side"
Rule = Callable[[Column], Verdict | None]


def decide(column: Column) -> Verdict:
    """Return how a column is read: what the first rule says that has an answer, or else as text."""
    return next(filter(None, (rule(column) for rule in RULES)), None) or _text(column)


def _text(column: Column) -> Verdict:
    """Text, which may be numbers on one side alone."""
    one_sided = any(each["numbers"] == each["n"] > 0 for each in column.counts.values())
    return alike(column, types.TEXT, why="numbers on one side alone" if one_sided else "")


def needs_dates(column: Column) -> bool:
    """Return whether the first counts leave open what a column is: a date, a number with commas or the like."""
    every = column.every
    if column.is_time or column.sure_format or column.beside not in (None, "VARCHAR"):
        return True
    if not every["n"] or column.all_are("booleans"):
        return False
    if column.all_are("numbers"):
        return bool(every["long"] and not every["points"])
    return bool(column.formats) or column.named == "numerical" or every["digits"] * 2 >= every["n"]


def _by_format(column: Column) -> Verdict | None:
    """A format that a user gives for the column, or for all columns and that fits this one."""
    if not column.formats or (column.all_are("numbers") and not (column.is_time or column.sure_format)):
        return None
    fits = column.nearly_all_are("formatted")
    if not fits and column.sure_format:
        raise refusal(
            column, f"has values that are not written as {', '.join(set(column.formats.values()))}", "date_format"
        )
    kinds = {side: types.formatted(column.formats[side]) for side in column.counts if side in column.formats}
    if not fits or len(kinds) < len(column.counts):
        return None
    return Verdict(kinds, not column.all_are("formatted"), why="set by read.date_format")


def _time_column(column: Column) -> Verdict | None:
    """The time column may have years of two digits; dates that fit two orders are refused."""
    if not column.is_time or (column.beside not in (None, "VARCHAR") and not column.every["n"]):
        return None
    fitting = [written for written in DATES if column.nearly_all_are(written)]
    if len(fitting) > 1:
        orders = " and ".join(fitting)
        raise refusal(column, f"has dates that fit {orders}", "date_format", f"{fitting[0]!r} or {fitting[1]!r}")
    return _dates(column) or (alike(column, DATES[fitting[0]], not column.all_are(*fitting)) if fitting else None)


def _beside(column: Column) -> Verdict | None:
    """Text beside a side that has a type is read as that type if all of it can be; else it stays as it is written."""
    kind = column.beside
    if kind is None or not column.every["n"]:
        return None
    if kind == "BOOLEAN":
        fits = column.all_are("flags")
        return alike(column, types.FLAG if fits else types.FLAG_WORD, why=BESIDE if fits else "not all true or false")
    if kind == "TIME":
        fits = column.all_are("clocks")
        return alike(column, types.CLOCK if fits else types.CLOCK_WORD, why=BESIDE if fits else "not all times of day")
    if NUMBERS.fullmatch(kind):
        return numbers(column) if column.all_are("numbers") else commas(column) or nearly_numbers(column)
    return _dates(column) if kind != "VARCHAR" else alike(column, types.TEXT, why=BESIDE)


def _booleans(column: Column) -> Verdict | None:
    return alike(column, types.BOOLEAN) if column.all_are("booleans") else None


def _dates(column: Column) -> Verdict | None:
    """Dates as in 2026-01-31, or in one order alone, unless the column is said to be categories."""
    if column.named == "categorical" and not column.is_time:
        return None
    if column.nearly_all_are("dates", "times"):
        every = column.every
        kind = types.ZONED if every["zoned"] else types.TIME if every["times"] else types.DATE
        return alike(column, kind, not column.all_are("dates", "times"))
    fitting = [written for written in DATES if written not in SHORT and column.nearly_all_are(written)]
    if len(fitting) == 1:
        return alike(column, DATES[fitting[0]], not column.all_are(*fitting))
    remark = f"dates that fit {' and '.join(fitting)} are compared as text; set read.date_format"
    if not fitting or column.is_time:
        return None
    return alike(column, types.TEXT, remark=remark, why="dates that fit two orders")


RULES: tuple[Rule, ...] = (
    _by_format, _time_column, _beside, _booleans, numbers, _dates, commas, nearly_numbers, named_number, mixed,
)  # fmt: skip
