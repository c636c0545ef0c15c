"""Compute what the figure of an origin draws: the slice beside the other rows, and what each value contributes."""

from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.where.divisions import Division, aligned, both
from driftmonitor.analysis.where.measured import measure
from driftmonitor.analysis.where.mix import split
from driftmonitor.analysis.where.of_column import Rows, of_rows
from driftmonitor.analysis.where.sums import Sums
from driftmonitor.facts.where import Condition, Where

Pair = tuple[np.ndarray, np.ndarray]  # the reference's and the current numbers
MOST_VALUES = 10  # of a column; what all others contribute is added up
LEAST = 0.005  # of the change, that others have to contribute to be shown


@dataclass(frozen=True)
class Part:
    """What the rows with one value contribute to a change, 1 being all of it: by their number, and within them."""

    condition: Condition | None  # None of all others
    mix: float
    within: float


@dataclass(frozen=True)
class Contributions:
    """What a figure draws. inside, outside: the column's numbers in the slice and in the other rows, if it has any."""

    column: str
    parts: tuple[Part, ...]
    inside: Pair | None = None
    outside: Pair | None = None


def find_contributions(rows: Rows, where: Where) -> Contributions | None:
    """Return what the values of the slice's first column, or of the mix's, contribute; None without either."""
    conditions = where.slice.conditions if where.slice else ()
    named = conditions[0].column if conditions else where.mix.column if where.mix else None
    scores = measure(rows.reference, rows.current, rows.column(where.column), where.changed, where.level)
    if named is None or scores is None:
        return None
    known = ~np.isnan(scores.reference), ~np.isnan(scores.current)
    division = of_rows(rows.division(named).coarse(MOST_VALUES), known)
    cells = division.reference, division.current
    sums = Sums.of(cells, (scores.reference[known[0]], scores.current[known[1]]), len(division))
    parts = _add_up(division, sums)
    if not conditions or where.changed not in ("level", "spread"):
        return Contributions(named, parts)
    usable = both(rows.reference, rows.current, rows.column(where.column))
    inside, outside = [], []
    for side, frame, values in zip((0, 1), (rows.reference, rows.current), usable, strict=True):
        present, numbers = aligned(frame[where.column], values)
        own = np.logical_and.reduce([_is_in(rows.division(each.column), each, side) for each in conditions])[present]
        inside.append(numbers[own])
        outside.append(numbers[~own])
    return Contributions(named, parts, (inside[0], inside[1]), (outside[0], outside[1]))


def _add_up(division: Division, sums: Sums) -> tuple[Part, ...]:
    """Return the parts of the values that contribute most, numbers in their order, and the others as the last one."""
    found = split(division, sums)
    shares, means = sums.rows / sums.rows.sum(axis=1, keepdims=True), sums.means
    within = np.where((sums.rows > 0).all(axis=0), shares.mean(axis=0) * (means[1] - means[0]), 0.0)
    total = float((sums.total.sum(axis=1) / sums.rows.sum(axis=1)) @ [-1, 1])
    named = [i for i, condition in enumerate(division.conditions) if condition and sums.rows[:, i].any()]
    most = sorted(named, key=lambda i: -abs(within[i] + found.of_cells[i]))[:MOST_VALUES]
    kept = sorted(most, key=lambda i: i if division.ranges else -(within[i] + found.of_cells[i]) / total)
    parts = [Part(division.conditions[i], found.of_cells[i] / total, within[i] / total) for i in kept]
    if len(kept) < len(named) or division.conditions.count(None):
        mix = (found.mix - found.of_cells[kept].sum()) / total
        rest = 1 - sum(part.mix + part.within for part in parts) - mix
        if max(abs(mix), abs(rest)) >= LEAST:
            parts.append(Part(None, float(mix), float(rest)))
    return tuple(parts)


def _is_in(division: Division, condition: Condition, side: int) -> np.ndarray:
    """Return which rows of a side meet a condition."""
    wanted = [i for i, each in enumerate(division.conditions) if each and _is_part(each, condition)]
    return np.isin((division.reference, division.current)[side], wanted)


def _is_part(cell: Condition, condition: Condition) -> bool:
    if condition.level is not None or condition.missing:
        return cell == condition
    if cell.level is not None or cell.missing:
        return False
    low, high = -np.inf, np.inf
    above, up_to = (low if cell.above is None else cell.above), (high if cell.up_to is None else cell.up_to)
    return above >= (low if condition.above is None else condition.above) and up_to <= (
        high if condition.up_to is None else condition.up_to
    )
