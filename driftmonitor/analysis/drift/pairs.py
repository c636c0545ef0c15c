"""Return the values of a column that are compared, with its counts in all rows where a sample is compared."""

from collections.abc import Mapping

from driftmonitor.analysis.drift.column_counts import count_all
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.sides import Sides, Values, usable_values
from driftmonitor.analysis.values import NamedColumn


def find_values(sides: Sides, name: str) -> dict[str, Values]:
    """Return a column's values on each side that has it."""
    return {side: rows.column(name) for side, rows in sides if name in rows}


def make_pair(sides: Sides, column: NamedColumn, values: Mapping[str, Values] | None = None) -> Pair:
    """Return the usable values of one column, which has a kind and is on both sides."""
    values = values or find_values(sides, column.name)
    reference, current = usable_values(values["reference"], values["current"], column.kind)
    return Pair(column.kind or "categorical", reference, current, count_all(sides.snapshot, column, values))
