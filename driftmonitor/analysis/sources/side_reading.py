"""Say what each column of a side was read as, and put both sides together as the record keeps it."""

from collections.abc import Collection, Mapping

import pandas as pd
from pandas.api import types

from driftmonitor.analysis.sources.column_types import AS_TEXT
from driftmonitor.analysis.sources.date_types import WITH_OFFSET
from driftmonitor.analysis.sources.names import column_names
from driftmonitor.analysis.sources.request import LeftOut, Side, SideReading
from driftmonitor.analysis.sources.spelled_types import TRUE_FALSE
from driftmonitor.facts.reading import IGNORED, NO_VALUES, ColumnsRead, ReadAs, Reading, SideRead

EMPTY = ReadAs(type=NO_VALUES)
NUMBER, WHOLE = ReadAs(type="number"), ReadAs(type="whole number")
# By DuckDB's or an engine's type as Ibis names it; all others are read as text.
TYPES = {"boolean": TRUE_FALSE, "date": ReadAs(type="date"), "timestamp": ReadAs(type="date and time")}


def put_together(sides: Mapping[str, Side], ignored: Collection[str]) -> Reading | None:
    """Return what was read of both sides, with the columns that were read alike together; None if a side is unknown."""
    reference, current = sides["reference"].reading, sides["current"].reading
    if reference is None or current is None:
        return None
    alike: dict[tuple[ReadAs | None, ReadAs | None, str | None], list[str]] = {}
    for name in dict.fromkeys([*reference.columns, *current.columns]):
        why = IGNORED if name in ignored else reference.why.get(name) or current.why.get(name)
        alike.setdefault((reference.columns.get(name), current.columns.get(name), why), []).append(name)
    columns = (
        ColumnsRead(names=tuple(names), reference=before, current=now, why=why)
        for (before, now, why), names in alike.items()
    )
    counts = {
        name: _count(reading.source, sides[name]) for name, reading in (("reference", reference), ("current", current))
    }
    return Reading(**counts, columns=tuple(columns))


def _count(source: str, side: Side) -> SideRead:
    left_out = side.left_out or LeftOut(outside=0)
    every = None if left_out.outside is None else side.total + left_out.outside + left_out.timeless
    first, last = (side.days[0], side.days[-1]) if side.days else (None, None)
    return SideRead(
        source=source, rows=every, rows_read=side.total, rows_without_time=left_out.timeless or None,
        rows_refused=left_out.refused or None, unreadable=dict(side.unreadable) or None, first_day=first, last_day=last,
        days=len(side.days) or None,
    )  # fmt: skip


def type_of(kind: str) -> ReadAs:
    """Return what values of a type are read as; `kind` is its name in Ibis, such as timestamp('UTC', 6)."""
    name = kind.removeprefix("!").partition("(")[0]
    if name.startswith(("int", "uint")):
        return WHOLE
    if name.startswith(("float", "decimal")):
        return NUMBER
    return WITH_OFFSET if name == "timestamp" and "'" in kind else TYPES.get(name, AS_TEXT)


def has_values(values: pd.Series) -> bool:
    """Return whether a column has a value."""
    return len(values) > 0 and (pd.notna(values.iat[0]) is True or bool(values.notna().any()))


def read_frame(source: str, frame: pd.DataFrame) -> SideReading:
    """Return what a side that is no table was read as; `frame` has its rows, or the first of them."""
    kinds = {name: _type_of(frame[name]) if has_values(frame[name]) else EMPTY for name in column_names(frame)}
    return SideReading(source, kinds)


def _type_of(values: pd.Series) -> ReadAs:
    if types.is_bool_dtype(values.dtype):
        return TRUE_FALSE
    if types.is_datetime64_any_dtype(values.dtype):
        return TYPES["timestamp"]
    if types.is_integer_dtype(values.dtype):
        return WHOLE
    return NUMBER if types.is_numeric_dtype(values.dtype) else AS_TEXT
