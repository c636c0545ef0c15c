"""Decide which columns of text are numbers, and which only look like it: codes, versions, words among numbers."""

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import column_types as types
from driftmonitor.analysis.sources import spelled_types as spelled
from driftmonitor.analysis.sources.column_types import POINT, ColumnType, Profile
from driftmonitor.analysis.sources.counted_column import Column, Verdict, alike, others
from driftmonitor.analysis.sources.profiles import Spellings
from driftmonitor.formats import one_line, percent

CODES = 0.01  # of whole numbers that lose a sign if they are read as numbers: they are codes
KEPT = {"zeros": "their leading zeros", "powers": "their letters", "pluses": "their plus signs"}  # 007, 1E2, +49151...
FEW_NUMBERS = 10  # so few different numbers may be codes, and then a word among them is one, too
AS_NAMED = "named categorical"
SOME_NUMBERS = 50  # the same, if a number is written in several ways: versions 1.1 and 1.10
# What shows that values are measures, and then the sort that all are of: 1 day, 2:00:00 and 2:00:00 are durations.
MEASURES = {"percents": ("percents", spelled.PERCENT), "durations": ("spans", spelled.DURATION)}


def numbers(column: Column) -> Verdict | None:
    """Numbers, unless they are codes: many begin with a zero, or they have more digits than a number keeps."""
    if not column.all_are("numbers"):
        return None
    kept = _kept_in_codes(column)
    if kept or not _declared_numbers(column):
        return alike(column, types.TEXT, why=f"codes keep {kept}" if kept else "text in its source")
    return alike(column, types.TEXT, why=AS_NAMED) if _are_named_codes(column) else as_numbers(column)


def _are_named_codes(column: Column) -> bool:
    """Return whether numbers with fractions are said to be categories, such as versions 1.1 and 1.10.

    If each side has its own way to write them, they are numbers: 1.5 and 1.50.
    """
    is_named = column.named == "categorical" and not column.has_typed_side
    if not is_named or not column.every["points"] + column.every["thirds"]:
        return False
    return column.spellings().uneven or not column.spellings().apart


def _kept_in_codes(column: Column) -> str:
    """Return what numbers would lose of what is written: leading zeros, or more digits than a number keeps."""
    every = column.every
    if column.must_be_numbers and not column.declared:
        return ""
    for sort, kept in KEPT.items():
        if every[sort] > max(CODES * every["n"], every["points"] + every["thirds"]):
            return kept
    return "all their digits" if every["long"] and _width(every) == "DOUBLE" else ""


def _declared_numbers(column: Column) -> bool:
    """Return whether text is meant as numbers, if a source declares that it is text, such as "1.50" in JSON."""
    if not column.declared or column.must_be_numbers:
        return True
    spellings = column.spellings()
    if spellings.apart:
        return True
    every = column.every
    may_be = len(column.declared) < len(column.filled) or every["points"] + every["thirds"] > 0
    return may_be and not _are_few(column)


def _are_few(column: Column) -> bool:
    """Return whether a column has so few different numbers that they may be codes or versions."""
    found = column.spellings()
    return found.numbers <= FEW_NUMBERS or (found.numbers <= SOME_NUMBERS and found.texts > found.numbers)


def as_numbers(column: Column, doubtful: bool = False) -> Verdict:
    """Return numbers with the signs that a user named, of the narrowest type that keeps all digits."""
    kind = _width(column.every)
    marks = {side: column.marks.get(side, POINT) for side in column.counts}
    found = {side: types.number(kind, marks[side], doubtful) for side in column.counts}
    return Verdict(found, doubtful, why="set by read" if any(each.read_as.written for each in found.values()) else "")


def _width(counts: Profile) -> str:
    """Return the narrowest type of DuckDB that keeps all digits of the numbers; DOUBLE keeps about 16."""
    if counts["points"] or counts["thirds"]:
        return "DOUBLE"
    if not counts["long"] or counts["bigint"] >= counts["numbers"]:  # more with 0x1A, which is no number
        return "BIGINT"
    return "UBIGINT" if counts["ubigint"] >= counts["numbers"] else "DOUBLE"


def nearly_numbers(column: Column) -> Verdict | None:
    """Numbers and a trace of something else, unless the numbers may be codes."""
    if not column.nearly_all_are("numbers") or column.all_are("numbers"):
        return None
    if column.must_be_numbers and not column.declared:
        return as_numbers(column, doubtful=True)
    is_named = column.named == "categorical" and not column.has_typed_side
    is_text = is_named or _are_few(column) or _kept_in_codes(column) or not _declared_numbers(column)
    return None if is_text else as_numbers(column, doubtful=True)


def measures(column: Column) -> Verdict | None:
    """Percents, or durations, of which the other side may have the numbers: 25% is 0.25, and 1 day 86,400 seconds."""
    if column.named == "categorical" and any(column.all_are(shown) for shown in MEASURES):
        return alike(column, types.TEXT, why=AS_NAMED)
    for shown, (sort, kind) in MEASURES.items():
        sides = {side: _measure(counts, sort, kind) for side, counts in column.filled.items()}
        if column.every[shown] and kind in sides.values() and all(sides.values()):
            found = {side: sides.get(side) or kind for side in column.counts}
            return Verdict(found, remark=_say_percents(column, sides))
    return None


def _measure(counts: Profile, sort: str, kind: ColumnType) -> ColumnType | None:
    if others(counts, (sort,)) == 0:
        return kind
    return types.number("DOUBLE", POINT) if others(counts, ("numbers",)) == 0 else None


def _say_percents(column: Column, sides: dict[str, ColumnType | None]) -> str:
    alone = [side for side, kind in sides.items() if kind is spelled.PERCENT]
    is_one = len(alone) == 1 and (len(sides) > 1 or column.must_be_numbers)
    return f"{alone[0]} alone has percent signs, so 25% is read as 0.25 there" if is_one else ""


def named_number(column: Column) -> Verdict | None:
    """A column that is said to be numerical, and is not."""
    if column.named != "numerical" or column.beside or not column.every["n"] or column.declared:
        return None
    shares = {side: others(each, ("numbers",)) / max(each["n"], 1) for side, each in column.counts.items()}
    said = " and ".join(f"{percent(share)} in {side}" for side, share in shares.items() if share)
    text = f"is named numerical, and of its values {said} are not numbers"
    raise DriftMonitorError(f"columns.{one_line(column.name)} {text}; set read, or name it categorical.")


def mixed(column: Column) -> Verdict | None:
    """Numbers and more than a trace of words: text, and it is said if only one side has words, or if it is no code."""
    every = column.every
    shares = {side: others(each, ("numbers",)) / each["n"] for side, each in column.filled.items()}
    one_sided = len(shares) > 1 and min(shares.values()) == 0 < max(shares.values()) < 1
    may_be_said = not column.declared or column.must_be_numbers
    mostly = every["numbers"] * 2 >= every["n"] > every["numbers"] and may_be_said
    spellings = column.spellings() if every["numbers"] else Spellings()
    kind = spelled.NUMBER_WORD if spellings.apart and not every["zeros"] else types.TEXT
    if not (one_sided or (mostly and spellings.numbers > SOME_NUMBERS)):
        return alike(column, kind, why="4.0 is 4, as on the other side") if kind != types.TEXT else None
    said = " and ".join(f"{percent(share)} of the values in {side}" for side, share in shares.items() if share)
    remark = f"{said} are not numbers, so it is compared as text"
    return alike(column, kind, remark=remark, why="not all are numbers")
