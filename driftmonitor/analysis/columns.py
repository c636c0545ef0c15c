"""What to do with each column: how to test it, or why it can't be tested. The rules stand in `infer_columns`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.parameter_types import check_types
from driftmonitor.analysis.sources import Data, nearest_column
from driftmonitor.analysis.values import clean_pair, count_infinite, describe_type, to_numbers, to_text
from driftmonitor.facts.record import Finding
from driftmonitor.formats import number, one_line, percent

FEW_VALUES = 10
ROWS_PER_VALUE = 10
NEARLY_ALL = 0.9
LARGEST_EXACT = 2**53  # above it different whole numbers can be one float64
FEWEST_VALUES = 5  # of fewer, even two samples with nothing in common are hardly evidence
ID_NAME = re.compile(r"(.*_)?id", re.IGNORECASE | re.DOTALL)
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
KINDS = ("numerical", "categorical", "ignore")
TYPE_WORDS = {
    "number": "numbers", "text": "text", "boolean": "true/false", "time": "dates or times",
    "mixed": "numbers and text mixed",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """What is to be done with one column, and why.

    A column is watched if it is not ignored: the record has one score for each watched column. Columns only in current,
    ignored ones and the time column are in the list too. `findings` (missing_column, new_column, type_changed,
    constant, infinite) belong in the record's quality.
    """

    name: str
    kind: Literal["numerical", "categorical"] | None
    reason: str  # why this kind, or why not testable, or why not watched; plain words
    testable: bool = True
    ignored: bool = False
    findings: tuple[Finding, ...] = ()


def infer_columns(data: Data, columns: Mapping[str, str] | None = None, time_column: str = "") -> list[Column]:
    """Return one Column for each column seen, in the reference's order. The first rule that fits decides.

    1. A kind that you name under `columns` (numerical, categorical, ignore) wins. The time column is left out.
    2. The reference's columns are watched. One that current lacks is counted but can't be tested. One that only
       current has is reported, not counted.
    3. True/false and text are categories. Text that is nearly all different in the reference (over 90 %) looks like
       an identifier, and can't be tested. Neither can text that is numbers with a decimal comma.
    4. Numbers, decimals and durations (in seconds) are numerical, but:
       whole numbers in a column called id or ..._id are taken as text, because their size means nothing;
       whole numbers that are all different and fill their range number the rows, and can't be tested;
       whole numbers of at most 10 different values on both sides together, with 10 rows or more for each, are
       categories: a chi-squared test sees any change among few values, where Kolmogorov-Smirnov with its ties is blunt.
    5. Dates and times can't be tested, because a date moves by nature; named numerical they count as days since 1970.
       Columns that mix numbers and text can't be tested unless named.
    6. Numbers in the reference that are no numbers in current can't be tested, unless all of current reads as
       numbers. Text in the reference is compared as text, whatever current holds.
    7. Missing on one side altogether, or fewer than 5 usable values on a side: can't be tested. A column with one
       value is tested: the same value on both sides has not drifted, another value has.

    Infinite numbers count as missing, and are reported. Raises DriftMonitorError when a named column does not exist,
    nothing is watched, or no watched column can be tested.
    """
    check_types("dict", columns=columns or {})
    named = dict(columns or {})
    names = list(dict.fromkeys([*data.reference, *data.current]))
    _check_named(named, names)
    inferred = [_infer(data, name, named.get(name), time_column) for name in names]
    watched = [column for column in inferred if not column.ignored]
    if not watched:
        raise DriftMonitorError("columns: none is left to watch; ignore fewer.")
    if not any(column.testable for column in watched):
        reasons = "; ".join(f"{one_line(column.name)}: {one_line(column.reason, 100)}" for column in watched[:3])
        raise DriftMonitorError(f"columns: none can be tested ({reasons}); name the kind of one.")
    return inferred


def _check_named(named: Mapping[str, str], names: list[str]) -> None:
    for name, kind in named.items():
        if name not in names:
            raise DriftMonitorError(f"columns.{one_line(str(name))}: no such column{nearest_column(str(name), names)}")
        if kind not in KINDS:
            raise DriftMonitorError(f"columns.{one_line(name)} is {kind!r}; use {', '.join(KINDS)}.")


def _infer(data: Data, name: str, named: str | None, time_column: str) -> Column:
    if named == "ignore":
        return Column(name, None, "ignored, as named", testable=False, ignored=True)
    if time_column and name == time_column and not named:
        return Column(name, None, "the time column: it chooses the rows", testable=False, ignored=True)
    if name not in data.reference:
        column = Column(name, None, "only in current: nothing to compare it with", testable=False, ignored=True)
        return _report(column, "new_column", "is in current, but not in the reference")
    kind, reason = (named, "as named") if named else _infer_kind(data, name)
    if name not in data.current:
        return _report(Column(name, kind, "missing in current", False), "missing_column", "is missing in current")
    return _check_values(data, Column(name, kind, reason, testable=kind is not None))


def _infer_kind(data: Data, name: str) -> tuple[str | None, str]:
    """Return the kind (None if it can't be tested) and the reason, by what the reference holds."""
    reference, held = data.reference[name], describe_type(data.reference[name])
    if held == "number":
        return _infer_number(data, name)
    if held == "text":
        return _infer_text(to_text(reference), "text")
    return {
        "boolean": ("categorical", "true/false"),
        "time": (None, "a date moves by nature; name it numerical to test it"),
        "mixed": (None, "mixes numbers and text; name it numerical or categorical to test it"),
        "empty": (None, "missing in the whole reference"),
    }[held]


def _infer_text(texts: np.ndarray, what: str) -> tuple[str | None, str]:
    different = len(pd.unique(texts))
    if len(texts) >= FEWEST_VALUES and different > NEARLY_ALL * len(texts):
        if all(map(DECIMAL_COMMA.fullmatch, texts)):
            return None, "has decimal commas; read it with source: sql and read_csv(..., decimal_separator=',')"
        return None, f"looks like an identifier: {different:,} of {len(texts):,} values are different"
    return "categorical", f"{what}, {_count(different)}"


def _infer_number(data: Data, name: str) -> tuple[str | None, str]:
    numbers = to_numbers(data.reference[name])
    if not (numbers == np.floor(numbers)).all():
        return "numerical", "numbers"
    if ID_NAME.fullmatch(name):
        return _infer_text(to_text(data.reference[name]), "whole numbers called id")
    if _fill_their_range(numbers, data.reference_total):
        return None, "looks like an identifier: whole numbers, all different, that fill their range"
    current = to_numbers(data.current[name]) if name in data.current else numbers[:0]
    both = np.concatenate([numbers, current])
    different = len(np.unique(both))
    if different <= FEW_VALUES and np.abs(both).max(initial=0) > LARGEST_EXACT:
        sides = [to_text(side[name]) for side in (data.reference, data.current) if name in side]
        different = len(set(np.concatenate(sides)))
    few = different <= FEW_VALUES and len(both) >= ROWS_PER_VALUE * different
    return ("categorical", f"whole numbers, {_count(different)}") if few else ("numerical", "whole numbers")


def _fill_their_range(numbers: np.ndarray, total: int) -> bool:
    """Return whether whole numbers, maybe a sample of `total`, are all different and leave hardly any gap."""
    if len(numbers) < FEWEST_VALUES or len(np.unique(numbers)) < len(numbers):
        return False
    return bool(np.ptp(numbers) + 1 <= 1.05 * max(total, len(numbers)))


def _count(different: int) -> str:
    return f"{different:,} different value{'' if different == 1 else 's'}"


def _check_values(data: Data, column: Column) -> Column:
    """Return the column with its findings; not testable if the values of a side don't allow a test."""
    sides = {"the reference": data.reference[column.name], "current": data.current[column.name]}
    column = _report_types(_report_infinite(column, sides), *sides.values())
    if not column.testable:
        return column
    pair = clean_pair(data, column)
    for (side, series), values in zip(sides.items(), pair, strict=True):
        if len(values) < FEWEST_VALUES:
            return replace(column, testable=False, reason=_say_few(side, len(values), series.notna().any()))
    if _is_constant(pair[1]) and not _is_constant(pair[0]):
        return _report(column, "constant", f"has one value only in current: {one_line(str(pair[1][0]), 40)}")
    return column


def _is_constant(values: np.ndarray) -> bool:
    return bool((values == values[0]).all())


def _say_few(side: str, usable: int, any_value: bool) -> str:
    if not any_value:
        return f"missing in the whole of {side}"
    return f"{usable or 'no'} usable value{'' if usable == 1 else 's'} in {side}, fewer than {FEWEST_VALUES}"


def _report_infinite(column: Column, sides: Mapping[str, pd.Series]) -> Column:
    for side, series in sides.items():
        if infinite := count_infinite(series):
            column = _report(column, "infinite", f"{infinite:,} infinite in {side}, counted as missing")
    return column


def _report_types(column: Column, reference: pd.Series, current: pd.Series) -> Column:
    """Return the column with a finding if its type changed; not testable if numbers were inferred and are gone."""
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
    """Return a first look: each column's kind, why, its values on both sides, and its missing share."""
    lines = []
    for column in columns:
        values, missing = ("", ""), ""
        if column.testable:
            pair = clean_pair(data, column)
            values = [_describe(side, column.kind) for side in pair]
            frames = (len(data.reference), len(data.current))
            shares = [percent(1 - len(side) / rows) for side, rows in zip(pair, frames, strict=True)]
            missing = " → ".join(dict.fromkeys(shares))
        kind = "not watched" if column.ignored else column.kind if column.testable else "not testable"
        lines.append([one_line(column.name), kind, column.reason, *values, missing])
    titles = ["column", "kind", "why", "reference", "current", "missing"]
    return pd.DataFrame(lines, columns=titles).set_index("column")


def _describe(values: np.ndarray, kind: str | None) -> str:
    """Return numbers as mean and standard deviation, categories as the three most frequent with their shares."""
    if kind == "numerical":
        with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the largest there are
            return f"{number(values.mean())} ± {number(values.std(ddof=1))}"
    counted = pd.Series(values).value_counts(normalize=True).sort_index()
    shares = counted.sort_values(ascending=False, kind="stable")
    more = f", {len(shares) - 3:,} more" if len(shares) > 3 else ""
    return ", ".join(f"{one_line(level, 20)} {percent(share)}" for level, share in shares.head(3).items()) + more
