"""Decide what a column of text is, from counts over all rows of both sides. Pure: it sees counts, never a value.

Both sides are read as what their values mean, each as it is written there. If that is not clear, the column stays text,
and it is said. A few values that do not fit are a trace: under 1% of each side. They are then counted and named by
line, and the others are read as what they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from driftmonitor.analysis.sources import column_types as types
from driftmonitor.analysis.sources import spelled_types as spelled
from driftmonitor.analysis.sources.column_types import ColumnType
from driftmonitor.analysis.sources.counted_column import Column, Verdict, alike
from driftmonitor.analysis.sources.date_rules import by_format, dates, time_column
from driftmonitor.analysis.sources.number_rules import measures, mixed, named_number, nearly_numbers, numbers
from driftmonitor.analysis.sources.number_signs import signs
from driftmonitor.analysis.sources.rows import DURATION, NESTED, NUMBERS
from driftmonitor.analysis.sources.spelled_rules import booleans, clocks, flags, lists

BESIDE = "as on the other side"
Rule = Callable[[Column], Verdict | None]


def decide(column: Column) -> Verdict:
    """Return how a column is read. Words such as NA and "" are missing among values that are no text."""
    filled = column.without_blanks()
    found = _decide(filled) if filled.every["n"] < column.every["n"] and filled.every["n"] else None
    if not found or found.doubtful or all(kind.read_as == types.AS_TEXT for kind in found.types.values()):
        return replace(_decide(column), counts=column.counts)
    return replace(found, counts=filled.counts)


def _decide(column: Column) -> Verdict:
    """Return what the first rule says that has an answer, or else text."""
    return next(filter(None, (rule(column) for rule in RULES)), None) or _text(column)


def _text(column: Column) -> Verdict:
    """Text, which may be numbers on one side alone."""
    one_sided = any(each["numbers"] == each["n"] > 0 for each in column.counts.values())
    if one_sided and column.all_are("numbers"):
        return alike(column, types.TEXT, why="text in its source")
    return alike(column, types.TEXT, why="numbers on one side alone" if one_sided else "")


def open_questions(column: Column) -> list[str]:
    """Return what the first counts leave open: keys of `value_tests.QUESTIONS`."""
    column = column.without_blanks()
    if not column.every["n"]:
        return []
    found = _open_beside(column) if column.has_typed_side else _open_in_text(column)
    if column.is_time or column.sure_format:
        found = [*found, "dates"]
    return [*dict.fromkeys(found)]


def _open_beside(column: Column) -> list[str]:
    """Return what is open of text beside a type: whether it can be read as that."""
    kind = str(column.beside)
    if kind in SPELLED:
        return SPELLED[kind].questions
    if NUMBERS.fullmatch(kind) or DURATION.fullmatch(kind):
        return _open_of_numbers(column) if column.all_are("numbers") else ["digits", "signs", "clocks"]
    return [] if NESTED.fullmatch(kind) else ["dates"]


def _open_in_text(column: Column) -> list[str]:
    found = ["words"] if _may_be_flags(column) else []
    if column.all_are("numbers"):
        return _open_of_numbers(column)
    if column.all_are("lists"):
        return ["lists"]
    if column.formats or column.named == "numerical" or _half_begin_with_digits(column):
        return [*found, "digits", "signs", "dates", "clocks"]
    return [*found, "dates"] if column.every["months"] * 2 >= column.every["n"] else found


def _open_of_numbers(column: Column) -> list[str]:
    """Return what is open if all are numbers: whether long ones keep their digits, and what 12.345 is."""
    every = column.every
    if every["points"]:
        return []
    return [*(["digits"] if every["long"] else []), *(["signs"] if every["thirds"] else [])]


def _half_begin_with_digits(column: Column) -> bool:
    return any(each["digits"] * 2 >= each["n"] > each["numbers"] for each in column.filled.values())


def _may_be_flags(column: Column) -> bool:
    """Return whether each value may mean true or false, and the sides may write it in different ways."""
    sorts = ("booleans", "flag_words", "numbers")
    return column.all_are(*sorts) and not column.all_are("numbers") and len(column.filled) > 1


def beside(column: Column) -> Verdict | None:
    """Text beside a side that has a type is read as that type if all of it can be; else it stays as it is written."""
    kind = column.beside
    if kind in (None, "VARCHAR") or not column.every["n"]:
        return None
    if kind in SPELLED:
        return _spelled(column, SPELLED[kind])
    if NUMBERS.fullmatch(kind):
        return signs(column) or numbers(column) or measures(column) or nearly_numbers(column)
    if DURATION.fullmatch(kind):
        return numbers(column) or (alike(column, spelled.DURATION, why=BESIDE) if column.all_are("spans") else None)
    return alike(column, spelled.NESTED) if NESTED.fullmatch(kind) else dates(column)


@dataclass(frozen=True)
class Spelled:
    """How text is read beside a type that can be spelled in several ways, if all of it fits, and if it does not."""

    questions: list[str]
    sort: str
    meaning: ColumnType
    word: ColumnType
    said: str


SPELLED = {
    "BOOLEAN": Spelled(["words"], "flags", spelled.FLAG, spelled.FLAG_WORD, "true or false"),
    "TIME": Spelled(["clocks"], "clocks", spelled.CLOCK, spelled.CLOCK_WORD, "times of day"),
}


def _spelled(column: Column, how: Spelled) -> Verdict:
    fits = column.all_are(how.sort)
    return alike(column, how.meaning if fits else how.word, why=BESIDE if fits else f"not all {how.said}")


RULES: tuple[Rule, ...] = (
    by_format, time_column, beside, booleans, signs, numbers, flags, dates, measures, clocks, lists, nearly_numbers,
    named_number, mixed,
)  # fmt: skip
