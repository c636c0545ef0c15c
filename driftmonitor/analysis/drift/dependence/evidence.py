"""Collect what a day says of how its columns go together, and the same of each day of a reference."""

from collections.abc import Sequence

import numpy as np

from driftmonitor.analysis.drift.dependence.parts import Watched
from driftmonitor.analysis.drift.dependence.tables import Tables, find_tables
from driftmonitor.analysis.sides import Sides, Values
from driftmonitor.analysis.values import NamedColumn
from driftmonitor.facts.evidence import DependenceEvidence


def collect_dependence(sides: Sides, columns: Sequence[NamedColumn]) -> DependenceEvidence | None:
    """Return the current rows in the cells of the reference's tables; None if it has no tables."""
    tables = _find(sides, columns)
    if tables is None:
        return None
    return DependenceEvidence(
        reference=tables.fingerprint,
        columns=tuple(each.column.name for each in tables.parts),
        tables=tables.columns,
        counts=tables.count(sides.current),
        reference_counts=tables.reference_counts,
    )


def reference_dependence(
    sides: Sides, columns: Sequence[NamedColumn], today: DependenceEvidence | None, day_of_row: np.ndarray, days: int
) -> tuple[str, np.ndarray] | None:
    """Return the fingerprint of today's tables, and the rows of each day of the reference in their cells (days, cells).

    A day has fewer rows there than it has: the tables were chosen by the others. None if these are not today's tables.
    """
    tables = _find(sides, columns) if today else None
    if tables is None or today is None or tables.fingerprint != today.reference:
        return None
    return tables.fingerprint, tables.count_days(sides.reference, day_of_row, days)


def _find(sides: Sides, columns: Sequence[NamedColumn]) -> Tables | None:
    watched = tuple(_watch(sides, column) for column in columns if column.kind and column.name in sides.reference)
    return sides.reference.once(find_tables, watched)


def _watch(sides: Sides, column: NamedColumn) -> Watched:
    """Return a column to watch; true and false are 1 and 0 if the other side has numbers, as where it is compared."""
    kind = column.kind or "categorical"
    if kind == "numerical" or column.name not in sides.current:
        return Watched(column.name, kind)
    contents = {Values(side.frame[column.name]).content for _, side in sides}
    return Watched(column.name, kind, contents == {"boolean", "number"})
