"""Decide how each column is tested, or why it is not. The rules are in `infer_columns`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.parameter_types import check_types
from driftmonitor.analysis.sides import Sides, Values, both_sides, clean_pair, usable_values
from driftmonitor.analysis.sources import Data, Snapshot, nearest_column
from driftmonitor.analysis.usable import FIRST_ROWS, Numbers, least_common
from driftmonitor.analysis.values import Content, Kind
from driftmonitor.config.named_columns import show
from driftmonitor.facts.record import FEWEST_VALUES, Finding
from driftmonitor.formats import NAME_LENGTH, as_seen, counted, number, one_line, percent, show_category

FEW_VALUES = 10
ROWS_PER_VALUE = 10
NEARLY_ALL = 0.9
LARGEST_EXACT = 2**53  # above it two whole numbers can be the same float64
FEW_WORDS = 0.01  # of the values of a side that are text in a column of numbers
ID_NAME = re.compile(r"(.*_)?id", re.IGNORECASE | re.DOTALL)
GROUPED = re.compile(r"[-+]?\d{1,3},\d{3}")  # which may be thousands
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
KINDS = ("numerical", "categorical", "ignore")
SHORT = "floating-point numbers of over 15 digits, of which different ones may have become one; read them as text"
IS_TIME = "the time column, which chooses the rows"
TYPE_WORDS: dict[Content, str] = {
    "number": "numbers", "text": "text", "boolean": "true/false", "time": "dates or times",
    "mixed": "numbers and text mixed",
}  # fmt: skip
INCOMPARABLE: dict[Content, str] = {
    "time": "dates always differ from the reference; name it numerical to test it",
    "mixed": "numbers and text mixed; name it numerical or categorical to test it",
    "empty": "missing in the whole reference",
}


@dataclass(frozen=True)
class Column:
    """How one column is tested, and why so.

    A column is watched if it is not ignored: the record has one score for each watched column. Columns that only
    current has, ignored ones and the time column are listed too, as ignored. `findings` (missing_column, new_column,
    type_changed, constant, infinite) go into the record's `quality`.
    """

    name: str
    kind: Kind | None
    reason: str  # why this kind, why it is not testable or why it is not watched, in plain words
    testable: bool = True
    ignored: bool = False
    findings: tuple[Finding, ...] = ()


def infer_columns(
    data: Data | Snapshot | Sides,
    columns: Mapping[str, str] | None = None,
    time_column: str = "",
    left_out: Mapping[str, str] | None = None,
) -> list[Column]:
    """Return one Column for each column of either side, in the reference's order. The first rule that fits decides.

    1. A kind that you name under `columns` (numerical, categorical, ignore) wins. The time column is not watched, and
       neither are those that are `left_out`, with a reason, such as a model's key.
    2. The reference's columns are watched. A column that current lacks is counted but cannot be tested. One that only
       current has is reported, not counted.
    3. True/false and text are categories. Text that is nearly all different in the reference (over 90%) looks like an
       identifier and cannot be tested. Neither can text that is numbers with a decimal comma.
    4. Numbers, decimals and durations (in seconds) are numerical, with three exceptions.
       Whole numbers in a column called id or ..._id are treated as text, because their size means nothing.
       Whole numbers that are all different and fill their range look like row numbers, and cannot be tested.
       Whole numbers are categories if both sides together have at most 10 different values, and 10 rows or more for
       each: a chi-squared test detects any change among few values, and Kolmogorov-Smirnov loses power to ties.
    5. Dates and times cannot be tested, because they always differ from the reference; named numerical they count as
       days since 1970. Columns that mix numbers and text cannot be tested unless you name their kind.
    6. Numbers in the reference that are not numbers in current cannot be tested, unless every value of current can be
       read as a number. Text in the reference is compared as text, whatever current contains.
    7. A column with no value, or fewer than 5 usable ones, on a side cannot be tested. A column with one value is: the
       same value on both sides has not drifted, another value has.

    Infinite numbers count as missing, and are reported. Raises DriftMonitorError when a named column does not exist,
    when nothing is watched, and when no watched column can be tested.
    """
    check_types("dict", columns=columns or {})
    kinds, sides = dict(columns or {}), both_sides(data)
    names = list(dict.fromkeys([*sides.reference.frame, *sides.current.frame, *sorted(sides.unread)]))
    _check_kinds(kinds, names)
    of_time = {} if not time_column or time_column in kinds else {time_column: IS_TIME}
    unwatched = {**of_time, **(left_out or {})}
    inferred = [_infer(sides, name, kinds.get(name), unwatched) for name in names]
    watched = [column for column in inferred if not column.ignored]
    if not watched:
        raise DriftMonitorError("columns: none is left to watch; ignore fewer.")
    if not any(column.testable for column in watched):
        reasons = "; ".join(f"{one_line(column.name)}: {one_line(column.reason, 100)}" for column in watched[:3])
        raise DriftMonitorError(f"columns: none can be tested ({reasons}); name the kind of one.")
    return inferred


def _check_kinds(kinds: Mapping[str, str], names: list[str]) -> None:
    for name, kind in kinds.items():
        if name not in names:
            raise DriftMonitorError(f"columns.{show(name)}: no such column{nearest_column(str(name), names)}")
        if kind not in KINDS:
            raise DriftMonitorError(f"columns.{one_line(name)} is {kind!r}; use {', '.join(KINDS)}.")


def _infer(sides: Sides, name: str, named: str | None, unwatched: Mapping[str, str]) -> Column:
    if named == "ignore":
        is_read = name in sides.reference or name in sides.current
        reason = "ignored, as named" if is_read else "ignored, as named; not read"
        return Column(name, None, reason, testable=False, ignored=True)
    if name in unwatched:
        return Column(name, None, unwatched[name], testable=False, ignored=True)
    if name not in sides.reference:
        column = Column(name, None, "only in current, so there is no reference for it", testable=False, ignored=True)
        return _report(column, "new_column", "is in current, but not in the reference")
    reference = sides.reference.column(name)
    current = sides.current.column(name) if name in sides.current else None
    rows = sides.snapshot.sampled_from("reference", name)
    kind, reason = (_to_kind(named), "as named") if named else _infer_kind(name, reference, current, rows)
    if current is None:
        missing = f"is missing in current{_name_alike(name, sides)}"
        return _report(Column(name, kind, "missing in current", False), "missing_column", missing)
    return _check_values(Column(name, kind, reason, testable=kind is not None), reference, current)


def _name_alike(name: str, sides: Sides) -> str:
    """Return the end of a sentence about a missing column, if current has its name but for what is hard to see."""
    new = (str(other) for other in sides.current.frame if other not in sides.reference)
    alike = next((other for other in new if as_seen(other) == as_seen(name)), None)
    return f', which calls it "{show_category(alike, NAME_LENGTH)}"; write both names alike' if alike else ""


def _to_kind(named: str) -> Kind:
    return "numerical" if named == "numerical" else "categorical"


def _infer_kind(name: str, reference: Values, current: Values | None, rows: int) -> tuple[Kind | None, str]:
    """Return the kind, None if it cannot be tested, and the reason. The reference, a sample of `rows`, decides."""
    if reference.content == "number":
        return _infer_number(name, reference, current, rows)
    if reference.content == "text":
        return reference.once(_infer_text, "text")
    return ("categorical", "true/false") if reference.content == "boolean" else (None, INCOMPARABLE[reference.content])


def _infer_text(reference: Values, description: str) -> tuple[Kind | None, str]:
    rows, levels = len(reference.words), reference.words.levels
    if rows >= FEWEST_VALUES and len(levels) > NEARLY_ALL * rows:
        if all(map(DECIMAL_COMMA.fullmatch, levels)):
            return None, _say_commas(levels)
        return None, f"looks like an identifier: {len(levels):,} of {rows:,} values are different"
    return "categorical", f"{description}, {counted(len(levels), 'different value')}"


def _say_commas(texts: np.ndarray) -> str:
    if all(map(GROUPED.fullmatch, texts)):
        return "has commas that may be decimal signs or not; set read.decimal or read.thousands to ','"
    return "has decimal commas; set read.decimal to ','"


def _infer_number(name: str, reference: Values, current: Values | None, rows: int) -> tuple[Kind | None, str]:
    if not reference.numbers.is_whole:
        return "numerical", "numbers"
    if ID_NAME.fullmatch(name):
        return reference.once(_infer_text, "whole numbers called id")
    if reference.numbers.once(_fill_their_range, rows):
        return None, "looks like an identifier: whole numbers, all different, that fill their range"
    sides = [reference, *([current] if current else [])]
    different = _count_few(sides)
    if different is not None and sum(len(side.numbers) for side in sides) >= ROWS_PER_VALUE * different:
        return "categorical", f"whole numbers, {counted(different, 'different value')}"
    return "numerical", "whole numbers"


def _fill_their_range(numbers: Numbers, rows: int) -> bool:
    """Return whether whole numbers, which may be a sample of `rows`, are all different and leave hardly any gap."""
    if len(numbers) < FEWEST_VALUES or np.ptp(numbers.values) + 1 > 1.05 * max(rows, len(numbers)):
        return False
    return len(np.unique(numbers.values)) == len(numbers)


def _count_few(sides: list[Values]) -> int | None:
    """Return how many different whole numbers the sides have together; None if they are more than a few."""
    found = [side.numbers.once(_find_few) for side in sides]
    numbers = set().union(*(few for few in found if few is not None))
    if None in found or len(numbers) > FEW_VALUES:
        return None
    if max(map(abs, numbers), default=0) > LARGEST_EXACT:  # as text they may be more
        numbers = set().union(*(side.words.levels for side in sides))
    return len(numbers) if len(numbers) <= FEW_VALUES else None


def _find_few(numbers: Numbers) -> frozenset[float] | None:
    """Return the different numbers, None if they are more than a few."""
    if len(pd.unique(numbers.values[:FIRST_ROWS])) > FEW_VALUES:
        return None
    different = pd.unique(numbers.values)
    return frozenset(different.tolist()) if len(different) <= FEW_VALUES else None


def _check_values(column: Column, reference: Values, current: Values) -> Column:
    """Return the column with its findings; not testable if the values of a side do not allow a test."""
    sides = {"the reference": reference, "current": current}
    column = _report_types(_report_infinite(column, sides), reference, current)
    if not column.testable:
        return column
    if column.kind == "categorical" and any(map(_lacks_digits, sides.values())):
        return replace(column, testable=False, reason=SHORT)
    column = _report_words(column, sides) if column.kind == "numerical" else column
    if not column.testable:
        return column
    pair = usable_values(reference, current, column.kind)
    for (side, values), usable in zip(sides.items(), pair, strict=True):
        if len(usable) < FEWEST_VALUES:
            return replace(column, testable=False, reason=_say_few(side, len(usable), values.present > 0))
    if pair[1].is_constant and not pair[0].is_constant:
        return _report(column, "constant", f"has one value only in current: {show_category(str(pair[1].values[0]))}")
    return column


def _say_few(side: str, usable: int, has_values: bool) -> str:
    if not has_values:
        return f"missing in the whole of {side}"
    return f"{counted(usable, 'usable value') if usable else 'no usable values'} in {side}, fewer than {FEWEST_VALUES}"


def _report_words(column: Column, sides: Mapping[str, Values]) -> Column:
    """Return the column with a finding if some of its text is no number; not testable if that is over 1% of a side."""
    for side, values in sides.items():
        words = values.present - len(values.numbers) if values.content in ("text", "mixed") else 0
        if words > FEW_WORDS * values.present:
            reason = f"as named, and {percent(words / values.present)} of its values in {side} are not numbers"
            return replace(column, testable=False, reason=f"{reason}; cast them, or name it categorical")
        if words:
            said = f"{counted(words, 'value')} of {side} cannot be read as a number; counted as missing"
            column = _report(column, "unreadable", said)
    return column


def _report_infinite(column: Column, sides: Mapping[str, Values]) -> Column:
    for side, values in sides.items():
        if values.infinite:
            column = _report(column, "infinite", f"{values.infinite:,} infinite in {side}, counted as missing")
    return column


def _lacks_digits(values: Values) -> bool:
    """Return whether different numbers may have become one, as account numbers in a column of floating point do."""
    is_float = values.content == "number" and values.series.dtype.kind == "f"
    return is_float and len(values.numbers) > 0 and bool(np.abs(values.numbers.values).max() > LARGEST_EXACT)


def _report_types(column: Column, reference: Values, current: Values) -> Column:
    """Return the column with a finding if its type changed; not testable if numbers were inferred and are none now."""
    was, now = reference.content, current.content
    if was == now or "empty" in (was, now):
        return column
    column = _report(column, "type_changed", f"was {TYPE_WORDS[was]}, is {TYPE_WORDS[now]} in current")
    lost = now == "time" or len(current.numbers) + current.infinite < current.present
    if column.kind == "numerical" and column.reason != "as named" and lost:
        return replace(column, testable=False, reason=f"was {TYPE_WORDS[was]}, is {TYPE_WORDS[now]} in current")
    return column


def _report(column: Column, kind: str, message: str) -> Column:
    finding = Finding(kind=kind, column=column.name, message=f"{one_line(column.name)}: {message}.")
    return replace(column, findings=(*column.findings, finding))


def columns_table(data: Data, columns: list[Column]) -> pd.DataFrame:
    """Return a first look: each column's kind, the reason, its values on both sides, and its missing share."""
    rows = [[one_line(column.name), *_look(data, column)] for column in columns]
    titles = ["column", "kind", "reason", "reference", "current", "missing"]
    return pd.DataFrame(rows, columns=titles).set_index("column")


def _look(data: Data, column: Column) -> list[str]:
    """Return a column's kind, the reason, its values on both sides, and its missing share on each if they differ."""
    if column.ignored or not column.testable:
        return ["not watched" if column.ignored else "not testable", column.reason, "", "", ""]
    pair, frames = clean_pair(data, column), (data.reference, data.current)
    shares = [percent(1 - len(values) / len(frame)) for values, frame in zip(pair, frames, strict=True)]
    described = [_describe(values, column.kind) for values in pair]
    return [str(column.kind), column.reason, *described, " → ".join(dict.fromkeys(shares))]


def _describe(values: np.ndarray, kind: Kind | None) -> str:
    """Return the mean and standard deviation of numbers, the shares of the three most frequent common categories."""
    if kind == "numerical":
        with np.errstate(over="ignore", invalid="ignore"):  # numbers near the largest that a float can be
            return f"{number(values.mean())} ± {number(values.std(ddof=1))}"
    counts = pd.Series(values).value_counts().sort_index()
    named = counts[counts >= least_common(len(values))].sort_values(ascending=False, kind="stable").head(3)
    shares = [f"{show_category(str(level), 20)} {percent(rows / len(values))}" for level, rows in named.items()]
    rest = len(counts) - len(named)
    more = f"{rest:,} more" if len(named) else f"{rest:,} rare categories"
    return ", ".join([*shares, more] if rest else shares)
