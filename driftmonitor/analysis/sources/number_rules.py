"""Decide which columns of text are numbers, and which only look like it: codes, lists, words among numbers."""

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import column_types as types
from driftmonitor.analysis.sources.column_types import POINT, Marks, Profile
from driftmonitor.analysis.sources.counted_column import TRACE, Column, Verdict, alike, others, refusal
from driftmonitor.formats import one_line, percent

CODES = 0.01  # of whole numbers that begin with a zero: they are codes
FEW_NUMBERS = 10  # so few different numbers may be codes, and then a word among them is one, too
SOME_NUMBERS = 50  # the same, if a number is written in several ways: versions 1.1 and 1.10
COMMAS = {"comma_groups": Marks(".", ","), "comma_decimals": Marks(",", ".")}


def numbers(column: Column) -> Verdict | None:
    """Numbers, unless they are codes: many begin with a zero, or they have more digits than a number keeps."""
    if not column.all_are("numbers"):
        return None
    kept = _kept_in_codes(column)
    return alike(column, types.TEXT, why=f"codes keep {kept}") if kept else _as_numbers(column)


def _kept_in_codes(column: Column) -> str:
    """Return what numbers would lose of what is written: leading zeros, or more digits than a number keeps."""
    every = column.every
    if column.must_be_numbers:
        return ""
    if every["zeros"] > max(CODES * every["n"], every["points"]):
        return "their leading zeros"
    return "all their digits" if every["long"] and _width(every) == "DOUBLE" else ""


def _as_numbers(column: Column, doubtful: bool = False) -> Verdict:
    kind = _width(column.every)
    marks = {side: column.marks.get(side, POINT) for side in column.counts}
    found = {side: types.number(kind, marks[side], doubtful) for side in column.counts}
    return Verdict(found, doubtful, why="set by read" if any(each.read_as.written for each in found.values()) else "")


def _width(counts: Profile) -> str:
    """Return the narrowest type of DuckDB that keeps all digits of the numbers; DOUBLE keeps about 16."""
    if counts["points"]:
        return "DOUBLE"
    if not counts["long"] or counts["bigint"] >= counts["numbers"]:  # more with 0x1A, which is no number
        return "BIGINT"
    return "UBIGINT" if counts["ubigint"] >= counts["numbers"] else "DOUBLE"


def commas(column: Column) -> Verdict | None:
    """Numbers with commas, if the column shows in one way alone what the commas mean."""
    every = column.every
    # 44.612 may be grouped by its point: a few commas among such numbers show nothing.
    least = {"comma_groups": 0, "comma_decimals": TRACE * every["n"]}
    more = [sort for sort in COMMAS if every[sort] - every["numbers"] > least[sort]]
    fitting = [sort for sort in more if column.all_are(sort)] or [sort for sort in more if column.nearly_all_are(sort)]
    if not fitting or not every["commas"] or every["long"] or any(mark != POINT for mark in column.marks.values()):
        return None
    decimals = not every["points"] and (column.commas_in_fields or column.named == "numerical")
    if fitting == ["comma_groups"] or (fitting == ["comma_decimals"] and decimals):
        doubtful = not column.all_are(*fitting)
        return alike(column, types.number("DOUBLE", COMMAS[fitting[0]], doubtful), doubtful)
    if column.named == "numerical":
        raise refusal(column, "has commas that may be decimal signs or not", "decimal or read.thousands", "','")
    remark = "commas may be decimal signs or stand between thousands, so it is compared as text; set read.decimal"
    return alike(column, types.TEXT, remark=f"{remark} or read.thousands", why="commas with two meanings")


def nearly_numbers(column: Column) -> Verdict | None:
    """Numbers and a trace of something else, unless the numbers may be codes."""
    if not column.nearly_all_are("numbers"):
        return None
    if column.must_be_numbers:
        return _as_numbers(column, doubtful=True)
    different, spellings = column.spellings()
    codes = different <= FEW_NUMBERS or (different <= SOME_NUMBERS and spellings > different)
    return None if codes or _kept_in_codes(column) else _as_numbers(column, doubtful=True)


def named_number(column: Column) -> Verdict | None:
    """A column that is said to be numerical, and is not."""
    if column.named != "numerical" or column.beside or not column.every["n"] or column.every["quoted"]:
        return None
    shares = {side: others(each, ("numbers",)) / max(each["n"], 1) for side, each in column.counts.items()}
    said = " and ".join(f"{percent(share)} in {side}" for side, share in shares.items() if share)
    text = f"is named numerical, and of its values {said} are not numbers"
    raise DriftMonitorError(f"columns.{one_line(column.name)} {text}; set read, or name it categorical.")


def mixed(column: Column) -> Verdict | None:
    """Numbers and more than a trace of words: text, and it is said if only one side has words, or if it is no code."""
    every = column.every
    shares = {side: others(each, ("numbers",)) / each["n"] for side, each in column.counts.items() if each["n"]}
    one_sided = len(shares) > 1 and min(shares.values()) == 0 < max(shares.values()) < 1
    mostly = every["numbers"] * 2 >= every["n"] > every["numbers"]
    if not (one_sided or (mostly and column.spellings()[0] > SOME_NUMBERS)):
        return None
    said = " and ".join(f"{percent(share)} of the values in {side}" for side, share in shares.items() if share)
    remark = f"{said} are not numbers, so it is compared as text"
    return alike(column, types.TEXT, remark=remark, why="not all are numbers")
