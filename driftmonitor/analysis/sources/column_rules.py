"""Decide what a column of text is, from counts over all rows of both sides. Pure: it sees counts, never a value.

A few values that do not fit are a trace: under 1% of each side. They are then counted and named by line, and the others
are read as what they are. With more of them, the column stays the text that is written in the file.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import column_types as types
from driftmonitor.analysis.sources.column_types import DATES, POINT, SHORT, ColumnType, Marks, Profile
from driftmonitor.analysis.sources.rows import NUMBERS
from driftmonitor.formats import one_line, percent

TRACE = 0.01
CODES = 0.01  # of whole numbers that begin with a zero: they are codes
FEW_NUMBERS = 10  # so few different numbers may be codes, and then a word among them is one, too
COMMAS = {"comma_groups": Marks(".", ","), "comma_decimals": Marks(",", ".")}
SOME_NUMBERS = 50  # the same, if a number is written in several ways: versions 1.1 and 1.10


@dataclass(frozen=True)
class Column:
    """What is known of one column: its counts by side, and what a user or the other side says of it.

    `beside` is the type in DuckDB that the column has on the other side, if that is not text of a file. `sure_format`
    says that a user gave the format for this column. `spellings` counts different numbers and their different texts.
    """

    name: str
    counts: Mapping[str, Profile]
    beside: str | None = None
    named: str | None = None
    is_time: bool = False
    marks: Mapping[str, Marks] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    sure_format: bool = False
    commas_in_fields: bool = False  # in a file whose delimiter is no comma, where 1,5 is hardly a list
    spellings: Callable[[], tuple[int, int]] = lambda: (0, 0)

    @property
    def every(self) -> Profile:
        """The counts of all sides together."""
        return sum(self.counts.values(), Counter())

    @property
    def must_be_numbers(self) -> bool:
        """Whether a user, or the other side's own type, says that these are numbers."""
        return self.named == "numerical" or bool(self.beside and NUMBERS.fullmatch(self.beside))

    def all_are(self, *sorts: str) -> bool:
        """Return whether there are values, and all of them are of these sorts."""
        return bool(self.every["n"]) and all(_others(each, sorts) == 0 for each in self.counts.values())

    def nearly_all_are(self, *sorts: str) -> bool:
        """Return whether there are values, and all but a trace on each side are of these sorts."""
        few = all(_others(each, sorts) <= TRACE * each["n"] for each in self.counts.values())
        return bool(self.every["n"]) and few


def _others(counts: Profile, sorts: tuple[str, ...]) -> int:
    return counts["n"] - sum(counts[sort] for sort in sorts)


@dataclass(frozen=True)
class Verdict:
    """How a column is read, by side; `doubtful` if some values may not fit. `remark` is what a reader should know."""

    types: Mapping[str, ColumnType]
    doubtful: bool = False
    remark: str = ""


Rule = Callable[[Column], Verdict | None]


def decide(column: Column) -> Verdict:
    """Return how a column is read: what the first rule says that has an answer, or else as text."""
    return next(filter(None, (rule(column) for rule in RULES)), None) or _same(column, types.TEXT)


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


def _same(column: Column, kind: ColumnType, doubtful: bool = False, remark: str = "") -> Verdict:
    return Verdict(dict.fromkeys(column.counts, kind), doubtful, remark)


def _by_format(column: Column) -> Verdict | None:
    """A format that a user gives for the column, or for all columns and that fits this one."""
    if not column.formats or (column.all_are("numbers") and not (column.is_time or column.sure_format)):
        return None
    fits = column.nearly_all_are("formatted")
    if not fits and column.sure_format:
        raise _error(
            column, f"has values that are not written as {', '.join(set(column.formats.values()))}", "date_format"
        )
    kinds = {side: types.formatted(column.formats[side]) for side in column.counts if side in column.formats}
    return Verdict(kinds, not column.all_are("formatted")) if fits and len(kinds) == len(column.counts) else None


def _time_column(column: Column) -> Verdict | None:
    """The time column may have years of two digits; dates that fit two orders are refused."""
    if not column.is_time or (column.beside not in (None, "VARCHAR") and not column.every["n"]):
        return None
    fitting = [written for written in DATES if column.nearly_all_are(written)]
    if len(fitting) > 1:
        orders = " and ".join(fitting)
        raise _error(column, f"has dates that fit {orders}", "date_format", f"{fitting[0]!r} or {fitting[1]!r}")
    return _dates(column) or (_same(column, DATES[fitting[0]], not column.all_are(*fitting)) if fitting else None)


def _beside(column: Column) -> Verdict | None:
    """Text beside a side that has a type is read as that type if all of it can be; else it stays as it is written."""
    kind = column.beside
    if kind is None or not column.every["n"]:
        return None
    if kind == "BOOLEAN":
        return _same(column, types.FLAG if column.all_are("flags") else types.FLAG_WORD)
    if kind == "TIME":
        return _same(column, types.CLOCK if column.all_are("clocks") else types.TEXT)
    if NUMBERS.fullmatch(kind):
        return _numbers(column) if column.all_are("numbers") else _commas(column) or _nearly_numbers(column)
    return _dates(column) if kind != "VARCHAR" else _same(column, types.TEXT)


def _booleans(column: Column) -> Verdict | None:
    return _same(column, types.BOOLEAN) if column.all_are("booleans") else None


def _numbers(column: Column) -> Verdict | None:
    """Numbers, unless they are codes: many begin with a zero, or they have more digits than a number keeps."""
    if not column.all_are("numbers"):
        return None
    return _same(column, types.TEXT) if _are_codes(column) else _as_numbers(column)


def _are_codes(column: Column) -> bool:
    """Return whether numbers would lose what is written: leading zeros, or more digits than a number keeps."""
    every = column.every
    if column.must_be_numbers:
        return False
    many_zeros = every["zeros"] > CODES * every["n"] and not every["points"]
    return many_zeros or bool(every["long"] and _width(every) == "DOUBLE")


def _as_numbers(column: Column, doubtful: bool = False) -> Verdict:
    kind = _width(column.every)
    marks = {side: column.marks.get(side, POINT) for side in column.counts}
    return Verdict({side: types.number(kind, marks[side], doubtful) for side in column.counts}, doubtful)


def _width(counts: Profile) -> str:
    """Return the narrowest type of DuckDB that keeps all digits of the numbers; DOUBLE keeps about 16."""
    if counts["points"]:
        return "DOUBLE"
    if not counts["long"] or counts["bigint"] >= counts["numbers"]:  # more with 0x1A, which is no number
        return "BIGINT"
    return "UBIGINT" if counts["ubigint"] >= counts["numbers"] else "DOUBLE"


def _dates(column: Column) -> Verdict | None:
    """Dates as in 2026-01-31, or in one order alone, unless the column is said to be categories."""
    if column.named == "categorical" and not column.is_time:
        return None
    if column.nearly_all_are("dates", "times"):
        every = column.every
        kind = types.ZONED if every["zoned"] else types.TIME if every["times"] else types.DATE
        return _same(column, kind, not column.all_are("dates", "times"))
    fitting = [written for written in DATES if written not in SHORT and column.nearly_all_are(written)]
    if len(fitting) == 1:
        return _same(column, DATES[fitting[0]], not column.all_are(*fitting))
    remark = f"dates that fit {' and '.join(fitting)} are compared as text; set read.date_format"
    return _same(column, types.TEXT, remark=remark) if fitting and not column.is_time else None


def _commas(column: Column) -> Verdict | None:
    """Numbers with commas, if the column shows in one way alone what the commas mean."""
    every = column.every
    # 44.612 may be grouped by its point: a few commas among such numbers show nothing.
    least = {"comma_groups": 0, "comma_decimals": TRACE * every["n"]}
    more = [sort for sort in COMMAS if every[sort] - every["numbers"] > least[sort]]
    fitting = [sort for sort in more if column.all_are(sort)] or [sort for sort in more if column.nearly_all_are(sort)]
    if not fitting or every["long"] or any(mark != POINT for mark in column.marks.values()):
        return None
    decimals = not every["points"] and (column.commas_in_fields or column.named == "numerical")
    if fitting == ["comma_groups"] or (fitting == ["comma_decimals"] and decimals):
        doubtful = not column.all_are(*fitting)
        return _same(column, types.number("DOUBLE", COMMAS[fitting[0]], doubtful), doubtful)
    if column.named == "numerical":
        raise _error(column, "has commas that may be decimal signs or not", "decimal or read.thousands", "','")
    remark = "commas may be decimal signs or stand between thousands, so it is compared as text; set read.decimal"
    return _same(column, types.TEXT, remark=f"{remark} or read.thousands")


def _nearly_numbers(column: Column) -> Verdict | None:
    """Numbers and a trace of something else, unless the numbers may be codes."""
    if not column.nearly_all_are("numbers"):
        return None
    if column.must_be_numbers:
        return _as_numbers(column, doubtful=True)
    different, spellings = column.spellings()
    codes = different <= FEW_NUMBERS or (different <= SOME_NUMBERS and spellings > different)
    return None if codes or _are_codes(column) else _as_numbers(column, doubtful=True)


def _named_number(column: Column) -> Verdict | None:
    """A column that is said to be numerical, and is not."""
    if column.named != "numerical" or column.beside or not column.every["n"] or column.every["quoted"]:
        return None
    shares = {side: _others(each, ("numbers",)) / max(each["n"], 1) for side, each in column.counts.items()}
    said = " and ".join(f"{percent(share)} in {side}" for side, share in shares.items() if share)
    text = f"is named numerical, and of its values {said} are not numbers"
    raise DriftMonitorError(f"columns.{one_line(column.name)} {text}; set read, or name it categorical.")


def _mixed(column: Column) -> Verdict | None:
    """Numbers and more than a trace of words: text, and it is said if only one side has words, or if it is no code."""
    every = column.every
    shares = {side: _others(each, ("numbers",)) / each["n"] for side, each in column.counts.items() if each["n"]}
    one_sided = len(shares) > 1 and min(shares.values()) == 0 < max(shares.values()) < 1
    mostly = every["numbers"] * 2 >= every["n"] > every["numbers"]
    if not (one_sided or (mostly and column.spellings()[0] > SOME_NUMBERS)):
        return None
    said = " and ".join(f"{percent(share)} of the values in {side}" for side, share in shares.items() if share)
    return _same(column, types.TEXT, remark=f"{said} are not numbers, so it is compared as text")


def _error(column: Column, problem: str, option: str, example: str = "") -> DriftMonitorError:
    name, sides = one_line(column.name), " and ".join(column.counts)
    label = f"time_column {name!r}" if column.is_time else f"column {name}"
    return DriftMonitorError(f"{sides}: {label} {problem}; set read.{option}{f' to {example}' if example else ''}.")


RULES: tuple[Rule, ...] = (
    _by_format, _time_column, _beside, _booleans, _numbers, _dates, _commas, _nearly_numbers, _named_number, _mixed,
)  # fmt: skip
