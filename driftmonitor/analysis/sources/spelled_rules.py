"""Decide which columns of text are true/false or times of day: where the sides spell them in different ways.

Where both spell them alike, the words stay as they are written, but for true and false.
"""

from driftmonitor.analysis.sources import spelled_types as types
from driftmonitor.analysis.sources.counted_column import Column, Verdict, alike

SPELLINGS = [f"{yes}/{no}" for yes, no in types.SPELLED_PAIRS]
CLOCK_FORMS = ("half_clocks", "long_clocks", "short_clocks")
UNLIKE = "written in another way on each side"


def booleans(column: Column) -> Verdict | None:
    """The words true and false, in small letters or capitals; words that a source declares to be text stay so.

    Beside a trace of other words they are text, but named as without them.
    """
    if column.declared or not column.nearly_all_are("booleans"):
        return None
    is_all = column.all_are("booleans")
    return alike(column, types.BOOLEAN if is_all else types.BOOLEAN_WORD, why="" if is_all else "not all true or false")


def flags(column: Column) -> Verdict | None:
    """Words such as yes and no, of which each side has one pair, and not the same."""
    one_pair = all(sum(map(bool, map(counts.get, SPELLINGS))) == 1 for counts in column.filled.values())
    if column.all_are("flags") and one_pair and column.differ_in(SPELLINGS):
        return alike(column, types.FLAG, why=UNLIKE)
    return None


def clocks(column: Column) -> Verdict | None:
    """Times of day, such as 08:00 on one side and 08:00:00 on the other."""
    if column.all_are("clocks") and column.differ_in(CLOCK_FORMS):
        return alike(column, types.CLOCK, why=UNLIKE)
    return None


def lists(column: Column) -> Verdict | None:
    """Lists and objects, which JSON and Python write in other ways."""
    if column.all_are("lists") and column.differ_in(("spaced_lists", "quoted_lists")):
        return alike(column, types.NESTED, why=UNLIKE)
    return None
