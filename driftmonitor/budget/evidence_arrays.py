"""Turn the evidence of several days into arrays of counts, and join those of some days to those of others."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from driftmonitor.budget.column_signals import ColumnDays, Measured
from driftmonitor.budget.signals import pair_names
from driftmonitor.budget.windows import NEW
from driftmonitor.facts.evidence import ColumnEvidence, Evidence, even_counts


class Basis(NamedTuple):
    """What a column's arrays depend on, apart from the days: those of two tables can be joined if it is the same."""

    reference: str
    rows: int
    counts: tuple[int, ...] | None
    missing: tuple[int, int] | None
    tail: tuple[float, float, float, float, int] | None
    categorical: bool

    @classmethod
    def of(cls, today: ColumnEvidence, kind: str | None) -> "Basis":
        """Return what today's evidence says of a column's reference."""
        missing = None if today.missing is None else today.missing[:2]
        tail = None if today.tail is None else today.reference_tail
        return cls(today.reference, today.rows[0], today.reference_counts, missing, tail, kind == "categorical")


def comparable(days: Sequence[Evidence], today: ColumnEvidence) -> list[ColumnEvidence | None]:
    """Return each day's evidence of a column; None if it has none, or another reference than today."""
    found = (day.column(today.name) for day in days)
    return [column if column and column.reference == today.reference else None for column in found]


def arrange_column(today: ColumnEvidence, basis: Basis, days: Sequence[Evidence]) -> ColumnDays:
    """Return one column over some days, against today's reference."""
    found, no_rows, unknown = comparable(days, today), (0,) * len(today.counts), (np.nan,) * 3
    counted = [day.missing[2:] if day and day.missing else (0, 0) for day in found]
    return make_column(
        today,
        basis,
        np.array([day.counts if day else no_rows for day in found], dtype=float),
        np.array([(missing, rows - missing) for missing, rows in counted], dtype=float),
        np.array([_tail(day) for day in found], dtype=float),
        np.array([day.quartiles if day and day.quartiles else unknown for day in found], dtype=float),
    )


def _tail(day: ColumnEvidence | None) -> tuple[float, ...]:
    """Return what the tails' signals take of a day; zeros if it is not known."""
    if day is None or day.tail is None:
        return (0,) * 6
    return sum(day.counts), day.tail.excess[0], 0, day.tail.excess[1], 0, day.tail.same


def make_column(
    today: ColumnEvidence,
    basis: Basis,
    counts: np.ndarray,
    missing: np.ndarray,
    tails: np.ndarray,
    quartiles: np.ndarray,
) -> ColumnDays:
    """Return one column over some days, from what they counted (days, ...), against today's reference.

    `missing`: rows without and with a value. `tails`: as in ColumnDays. Neither counts if the reference's is not known.
    """
    reference = np.array(basis.counts or even_counts(basis.rows), dtype=float)
    of_missing: Measured | None = None
    if basis.missing is not None:
        without, rows = basis.missing
        of_missing = np.array([without, rows - without], dtype=float), missing
    of_tail = None if basis.tail is None else (np.array([basis.rows, *basis.tail], dtype=float), tails)
    return ColumnDays(today.name, basis.categorical, reference, counts, of_missing, of_tail, quartiles)


def arrange_pairs(today: Evidence, columns: Sequence[str], days: Sequence[Evidence]) -> np.ndarray:
    """Return the signals of pairs of `columns` (days, pairs), NaN where a day is not comparable in both columns.

    Nor is it in columns with missing values, if an older version computed its signals.
    """
    names = pair_names(columns)
    found = np.full((len(days), len(names)), np.nan)
    for row, day in zip(found, days, strict=True):
        signals = dict(day.pairs.items()) if day.pairs else {}
        alike = {name for name, _ in today.references.items() & day.references.items()}
        if day.pairs and not day.pairs.complete:
            alike -= {column.name for column in day.columns if column.missing and any(column.missing[::2])}
        row[:] = [signals.get(pair) if alike.issuperset(pair) else None for pair in names]
    return found


def join_columns(known: ColumnDays, places: np.ndarray, new: ColumnDays) -> ColumnDays:
    """Return a column over the days at these `places` of those known, and in the order of places the new ones."""

    def join(one: Measured | None, other: Measured | None) -> Measured | None:
        return (other[0], join_days(one[1], places, other[1])) if one and other else None

    return replace(
        new,
        counts=join_days(known.counts, places, new.counts),
        missing=join(known.missing, new.missing),
        tail=join(known.tail, new.tail),
        quartiles=join_days(known.quartiles, places, new.quartiles),
    )


def join_days(known: np.ndarray, places: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return the rows at these `places` of those known, and the new ones where a place is NEW."""
    rows = known[np.maximum(places, 0)]
    rows[places == NEW] = new
    return rows
