"""Decide how each column is tested, or why it is not. The rules are in `infer_columns`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.parameter_types import check_types
from driftmonitor.analysis.sources import Data, Snapshot, nearest_column
from driftmonitor.analysis.values import Content, Kind, clean_pair, count_infinite, describe_type, to_numbers, to_text
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, number, one_line, percent, show_category

FEW_VALUES = 10
ROWS_PER_VALUE = 10
NEARLY_ALL = 0.9
LARGEST_EXACT = 2**53  # above it two whole numbers can be the same float64
FEWEST_VALUES = 5  # with fewer, even two samples with no value in common are hardly evidence
ID_NAME = re.compile(r"(.*_)?id", re.IGNORECASE | re.DOTALL)
GROUPED = re.compile(r"[-+]?\d{1,3},\d{3}")  # which may be thousands
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
KINDS = ("numerical", "categorical", "ignore")
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


def infer_columns(data: Data, columns: Mapping[str, str] | None = None, time_column: str = "") -> list[Column]:
    """Return one Column for each column of either side, in the reference's order. The first rule that fits decides.

    1. A kind that you name under `columns` (numerical, categorical, ignore) wins. The time column is not watched.
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
    kinds, now = dict(columns or {}), data.snapshot()
    names = list(dict.fromkeys([*now.reference, *now.current, *sorted(data.unread)]))
    _check_kinds(kinds, names)
    inferred = [_infer(now, name, kinds.get(name), time_column) for name in names]
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
            raise DriftMonitorError(f"columns.{one_line(str(name))}: no such column{nearest_column(str(name), names)}")
        if kind not in KINDS:
            raise DriftMonitorError(f"columns.{one_line(name)} is {kind!r}; use {', '.join(KINDS)}.")


def _infer(data: Snapshot, name: str, named: str | None, time_column: str) -> Column:
    if named == "ignore":
        is_read = name in data.reference or name in data.current
        reason = "ignored, as named" if is_read else "ignored, as named; not read"
        return Column(name, None, reason, testable=False, ignored=True)
    if time_column and name == time_column and not named:
        return Column(name, None, "the time column, which chooses the rows", testable=False, ignored=True)
    if name not in data.reference:
        column = Column(name, None, "only in current, so there is no reference for it", testable=False, ignored=True)
        return _report(column, "new_column", "is in current, but not in the reference")
    kind, reason = (_to_kind(named), "as named") if named else _infer_kind(data, name)
    if name not in data.current:
        return _report(Column(name, kind, "missing in current", False), "missing_column", "is missing in current")
    return _check_values(data, Column(name, kind, reason, testable=kind is not None))


def _to_kind(named: str) -> Kind:
    return "numerical" if named == "numerical" else "categorical"


def _infer_kind(data: Snapshot, name: str) -> tuple[Kind | None, str]:
    """Return the kind, None if it cannot be tested, and the reason; the reference's values decide."""
    reference = data.reference[name]
    content = describe_type(reference)
    if content == "number":
        return _infer_number(data, name)
    if content == "text":
        return _infer_text(to_text(reference), "text")
    return ("categorical", "true/false") if content == "boolean" else (None, INCOMPARABLE[content])


def _infer_text(texts: np.ndarray, description: str) -> tuple[Kind | None, str]:
    different = len(pd.unique(texts))
    if len(texts) >= FEWEST_VALUES and different > NEARLY_ALL * len(texts):
        if all(map(DECIMAL_COMMA.fullmatch, texts)):
            return None, _say_commas(texts)
        return None, f"looks like an identifier: {different:,} of {len(texts):,} values are different"
    return "categorical", f"{description}, {counted(different, 'different value')}"


def _say_commas(texts: np.ndarray) -> str:
    if all(map(GROUPED.fullmatch, texts)):
        return "has commas that may be decimal signs or not; set read.decimal or read.thousands to ','"
    return "has decimal commas; set read.decimal to ','"


def _infer_number(data: Snapshot, name: str) -> tuple[Kind | None, str]:
    numbers = to_numbers(data.reference[name])
    if not (numbers == np.floor(numbers)).all():
        return "numerical", "numbers"
    if ID_NAME.fullmatch(name):
        return _infer_text(to_text(data.reference[name]), "whole numbers called id")
    if _fill_their_range(numbers, data.sampled_from("reference", name)):
        return None, "looks like an identifier: whole numbers, all different, that fill their range"
    current = to_numbers(data.current[name]) if name in data.current else numbers[:0]
    both = np.concatenate([numbers, current])
    different = len(np.unique(both))
    if different <= FEW_VALUES and np.abs(both).max(initial=0) > LARGEST_EXACT:
        texts = [to_text(side[name]) for side in (data.reference, data.current) if name in side]
        different = len(set(np.concatenate(texts)))
    few = different <= FEW_VALUES and len(both) >= ROWS_PER_VALUE * different
    if few:
        return "categorical", f"whole numbers, {counted(different, 'different value')}"
    return "numerical", "whole numbers"


def _fill_their_range(numbers: np.ndarray, rows: int) -> bool:
    """Return whether whole numbers, which may be a sample of `rows`, are all different and leave hardly any gap."""
    if len(numbers) < FEWEST_VALUES or len(np.unique(numbers)) < len(numbers):
        return False
    return bool(np.ptp(numbers) + 1 <= 1.05 * max(rows, len(numbers)))


def _check_values(data: Snapshot, column: Column) -> Column:
    """Return the column with its findings; not testable if the values of a side do not allow a test."""
    sides = {"the reference": data.reference[column.name], "current": data.current[column.name]}
    column = _report_types(_report_infinite(column, sides), *sides.values())
    if not column.testable:
        return column
    pair = clean_pair(data, column)
    for (side, series), values in zip(sides.items(), pair, strict=True):
        if len(values) < FEWEST_VALUES:
            return replace(column, testable=False, reason=_say_few(side, len(values), bool(series.notna().any())))
    if _is_constant(pair[1]) and not _is_constant(pair[0]):
        return _report(column, "constant", f"has one value only in current: {show_category(str(pair[1][0]))}")
    return column


def _is_constant(values: np.ndarray) -> bool:
    return bool((values == values[0]).all())


def _say_few(side: str, usable: int, has_values: bool) -> str:
    if not has_values:
        return f"missing in the whole of {side}"
    return f"{counted(usable, 'usable value') if usable else 'no usable values'} in {side}, fewer than {FEWEST_VALUES}"


def _report_infinite(column: Column, sides: Mapping[str, pd.Series]) -> Column:
    for side, series in sides.items():
        if infinite := count_infinite(series):
            column = _report(column, "infinite", f"{infinite:,} infinite in {side}, counted as missing")
    return column


def _report_types(column: Column, reference: pd.Series, current: pd.Series) -> Column:
    """Return the column with a finding if its type changed; not testable if numbers were inferred and are none now."""
    was, now = describe_type(reference), describe_type(current)
    if was == now or "empty" in (was, now):
        return column
    column = _report(column, "type_changed", f"was {TYPE_WORDS[was]}, is {TYPE_WORDS[now]} in current")
    lost = now == "time" or len(to_numbers(current)) + count_infinite(current) < current.notna().sum()
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
    """Return the mean and standard deviation of numbers, the shares of the three most frequent categories."""
    if kind == "numerical":
        with np.errstate(over="ignore", invalid="ignore"):  # numbers near the largest that a float can be
            return f"{number(values.mean())} ± {number(values.std(ddof=1))}"
    counted = pd.Series(values).value_counts(normalize=True).sort_index()
    shares = counted.sort_values(ascending=False, kind="stable")
    more = f", {len(shares) - 3:,} more" if len(shares) > 3 else ""
    return (
        ", ".join(f"{show_category(str(level), 20)} {percent(share)}" for level, share in shares.head(3).items()) + more
    )
