"""Decide what commas, points, spaces and apostrophes in numbers mean on each side.

A number such as 12.345 or 12,345 has two readings. What settles it is, in this order: the decimal sign in other
columns of the same side, how the other side writes the column, and whether the other side's numbers are whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from driftmonitor.analysis.sources.column_types import POINT, TEXT, Profile, number
from driftmonitor.analysis.sources.counted_column import TRACE, Column, Verdict, alike, are_nearly_all, refusal
from driftmonitor.analysis.sources.value_tests import SIGNS

PLAIN = "numbers"
MARKS = {PLAIN: POINT, **SIGNS}
DECIMAL_COMMAS = [sort for sort, marks in SIGNS.items() if marks.decimal == ","]
# Numbers with one sign have two readings: by it as the decimal sign, or as one that stands between thousands.
DECIMAL, THOUSANDS = "comma_decimals", "comma_groups"
COMMAS, POINTS = {",": DECIMAL, ".": THOUSANDS}, {",": DECIMAL, ".": PLAIN}  # by the decimal sign


@dataclass(frozen=True)
class Signs:
    """How a side writes its numbers: the readings that fit, of which one is right; none if they are no numbers."""

    fitting: tuple[str, ...] = ()

    @property
    def sure(self) -> str:
        """The only reading that fits, "" if there are several or none."""
        return self.fitting[0] if len(self.fitting) == 1 else ""


def signs(column: Column) -> Verdict | None:
    """Numbers with signs in them, if each side shows what they mean; else text, and it is said."""
    found = {side: read_signs(counts) for side, counts in column.filled.items()}
    are_codes = column.declared and column.every["zeros"] > TRACE * column.every["n"]
    if not found or column.signed or column.every["long"] or are_codes:
        return None
    if not all(each.fitting for each in found.values()) or all(each.sure == PLAIN for each in found.values()):
        return None
    settled = {side: each.sure or _settle(column, side, found) for side, each in found.items()}
    unclear = [side for side, sort in settled.items() if not sort or _may_be_list(column, side, sort)]
    if unclear:
        return _unclear(column, "commas" if column.counts[unclear[0]]["commas"] else "points")
    return _read(column, settled, found) if set(settled.values()) != {PLAIN} else None


def read_signs(counts: Profile) -> Signs:
    """Return the readings that fit all numbers of a side, but for a trace."""
    if counts[PLAIN] == counts["n"]:
        grouped = counts["thirds"] and not counts["points"] and counts["point_groups"] == counts["n"]
        return Signs((PLAIN, DECIMAL) if grouped else (PLAIN,))
    # 44.612 may be grouped by its point: a few commas among such numbers show nothing.
    least = dict.fromkeys(DECIMAL_COMMAS, TRACE * counts["n"])
    more = [sort for sort in SIGNS if counts[sort] - counts[PLAIN] > least.get(sort, 0)]
    fitting = [sort for sort in more if counts[sort] == counts["n"]] or [s for s in more if are_nearly_all(counts, s)]
    groups = [sort for sort in ("apostrophes", "spaces") if sort in fitting]  # which are no decimal signs
    if DECIMAL in fitting:  # 1,5 would fit other signs between thousands, too
        fitting = [sort for sort in (DECIMAL, THOUSANDS) if sort in fitting]
    if groups == ["spaces"] and counts["spaced_codes"] == counts["n"]:  # 552 100 554 may be a code
        return Signs()
    return Signs(tuple(groups or fitting) or ((PLAIN,) if are_nearly_all(counts, PLAIN) else ()))


def decimal_sign(counts: Profile, commas_in_fields: bool) -> str:
    """Return the decimal sign that a column of numbers shows, "" if it shows none."""
    sure = read_signs(counts).sure
    if sure == PLAIN:
        return "." if counts["points"] else ""
    is_comma = sure in DECIMAL_COMMAS
    return "" if not sure or (is_comma and not (counts["commas"] and commas_in_fields)) else MARKS[sure].decimal


def _settle(column: Column, side: str, found: Mapping[str, Signs]) -> str:
    """Return which of two readings is right on a side, "" if nothing shows it or if there are signs of both."""
    readings = POINTS if PLAIN in found[side].fitting else COMMAS
    shown = {readings[decimal]} if (decimal := column.decimals.get(side)) else set()
    shown |= {each.sure for name, each in found.items() if name != side} & {*readings.values()} - {PLAIN}
    if (is_whole := _other_is_whole(column, side, found)) is not None:
        # The sign stands between thousands if the decimal sign is the other one.
        shown.add(readings["," if is_whole == (readings is POINTS) else "."])
    if shown:
        return shown.pop() if len(shown) == 1 else ""
    return "" if readings is COMMAS or column.commas_in_fields else PLAIN


def _other_is_whole(column: Column, side: str, found: Mapping[str, Signs]) -> bool | None:
    """Return whether all numbers of the other side are whole, None if that is not clear."""
    other = next((name for name in found if name != side), None)
    if other is None:
        return column.beside_is_whole()
    counts = column.counts[other]
    return None if found[other].sure != PLAIN or counts["thirds"] else not counts["points"]


def _may_be_list(column: Column, side: str, sort: str) -> bool:
    """Return whether 1,5 may be two numbers: in a file with a comma as its delimiter, it is hardly one."""
    counts = column.counts[side]
    is_decimal = not counts["points"] and (column.commas_in_fields or column.must_be_numbers)
    return sort == DECIMAL and bool(counts["commas"]) and not is_decimal and side not in column.decimals


def _unclear(column: Column, words: str) -> Verdict:
    if column.named == "numerical":
        sign = "','" if words == "commas" else "'.'"
        raise refusal(column, f"has {words} that may be decimal signs or not", "decimal or read.thousands", sign)
    remark = f"{words} may be decimal signs or stand between thousands, so it is compared as text"
    remedy = "set read.decimal or read.thousands"
    return alike(column, TEXT, remark=f"{remark}; {remedy}", why=f"{words} with two meanings")


def _read(column: Column, settled: Mapping[str, str], found: Mapping[str, Signs]) -> Verdict:
    """Return numbers that are read by the signs of each side; an empty side is read as the other."""
    usual = next(iter(settled.values()))
    marks = {side: MARKS[settled.get(side, usual)] for side in column.counts}
    doubtful = any(column.counts[side][sort] < column.counts[side]["n"] for side, sort in settled.items())
    types = {side: number("DOUBLE", each, doubtful) for side, each in marks.items()}
    remarks = (
        _say_settled(column, side, sort) for side, sort in settled.items() if _by_other_side(column, side, found)
    )
    return Verdict(types, doubtful, next(remarks, ""))


def _by_other_side(column: Column, side: str, found: Mapping[str, Signs]) -> bool:
    """Return whether only the other side's numbers show how to read those of a side."""
    is_open = not found[side].sure and side not in column.decimals
    return is_open and _other_is_whole(column, side, found) is not None


def _say_settled(column: Column, side: str, sort: str) -> str:
    sign = "commas" if column.counts[side]["commas"] else "points"
    between = sort == (THOUSANDS if sign == "commas" else DECIMAL)
    meaning, whole = ("stand between thousands", "whole") if between else ("be decimal signs", "not whole")
    return f"{sign} of {side} are taken to {meaning}, as numbers of the other side are {whole}; else set read.decimal"
