"""Find where one column's change comes from: a mix first, then a slice in what is left, or everywhere."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from driftmonitor.analysis.values import NamedColumn
from driftmonitor.analysis.where.divisions import Division, divide
from driftmonitor.analysis.where.measured import Scores, measure
from driftmonitor.analysis.where.mix import CLEAR, Split, find_mix, without_mix
from driftmonitor.analysis.where.named_slices import AGREES, Searched, change_of, search_named
from driftmonitor.analysis.where.search import LEVEL, is_everywhere
from driftmonitor.facts.base import rounded
from driftmonitor.facts.where import Changed, Mix, Verdict, Where

MOST_ROWS = 20_000  # of a side, at even distances
MOST_COLUMNS = 300  # that rows are divided by, the first ones
FEWEST_ROWS = 500  # of a side, with a value
LEFT = 0.2  # of a change: if a mix leaves less, no slice is looked for
NEARLY = 0.36  # of the largest gain: a large change of the level widens or narrows the spread too


class Rows:
    """The rows of both sides, some of them if there are many, and how columns divide them."""

    def __init__(self, reference: pd.DataFrame, current: pd.DataFrame, columns: Sequence[NamedColumn]) -> None:
        self.reference, self.current = _some(reference), _some(current)
        self.columns = [each for each in columns if each.kind and each.name in reference and each.name in current]
        self._divisions: dict[str, Division] = {}

    @property
    def all_divide(self) -> bool:
        """Whether the rows are divided by all columns."""
        return len(self.columns) <= MOST_COLUMNS

    def column(self, name: str) -> NamedColumn:
        """Return a column by its name."""
        return next(each for each in self.columns if each.name == name)

    def divisions(self, without: Collection[str]) -> Iterator[Division]:
        """Yield the divisions by all other columns that divide anything."""
        for column in self.columns[:MOST_COLUMNS]:
            if column.name not in without:
                yield self.division(column.name)

    def division(self, name: str) -> Division:
        """Return the division by one column."""
        if name not in self._divisions:
            self._divisions[name] = divide(self.reference, self.current, self.column(name))
        return self._divisions[name]


def _some(frame: pd.DataFrame) -> pd.DataFrame:
    if len(frame) <= MOST_ROWS:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, MOST_ROWS).round().astype(int)]


def find_of_column(
    rows: Rows, name: str, kinds: Sequence[Changed], without: Collection[str] = frozenset()
) -> Where | None:
    """Return where the change of a column comes from; None if none of these `kinds` of change is clear.

    Of several kinds, such as level and spread, it is told of the one that is explained best, or of an earlier one that
    is explained nearly as well. Rows are not divided by the columns `without`.
    """
    measured = (measure(rows.reference, rows.current, rows.column(name), kind) for kind in kinds)
    told = [found for scores in measured if scores and (found := _explain(rows, name, scores, {name, *without}))]
    best = max(told, key=lambda each: each[0], default=None)
    if best is None:
        return None
    return next(where for gain, where in told if gain >= NEARLY * best[0])


def _explain(rows: Rows, name: str, scores: Scores, without: Collection[str]) -> tuple[float, Where] | None:
    """Return where a score's change comes from, and the gain of it."""
    sides = (scores.reference, scores.current)
    known = [~np.isnan(side) for side in sides]
    values = sides[0][known[0]], sides[1][known[1]]
    total = change_of(values)
    change = float(total.change[0])
    told = {"column": name, "changed": scores.changed, "level": scores.level, "rose": change > 0}
    if change == 0:
        return None
    if min(map(len, values)) < FEWEST_ROWS:
        return 0.0, Where(**told, verdict="too_few")
    divisions = [of_rows(each, known) for each in rows.divisions(without)]
    direct = search_named(divisions, values, total, change)
    mix = find_mix(divisions, values, change)
    if mix and direct.named and direct.named.contribution + direct.named.error >= mix.mix / change:
        mix = None  # a column that depends on this one, such as a tax, changed with it in the same rows
    left = without_mix(mix, values) if mix else values
    rest = change_of(left)
    is_left = mix is None or (abs(float(rest.z[0])) >= CLEAR and abs(float(rest.change[0]) / change) >= LEFT)
    found = direct if mix is None else search_named(divisions, left, total, change) if is_left else Searched()
    if found.named is None and mix is None and abs(float(total.z[0])) < CLEAR:
        return None
    gain = max(found.of_all, found.gain, mix.z**2 if mix else 0.0)
    where = Where(
        **told,
        verdict=_conclude(found, mix, rows.all_divide, lambda: is_everywhere(divisions, values, change)),
        slice=found.named,
        mix=_tell_mix(mix, change, all(each.all() for each in known)) if mix else None,
    )
    return gain, where


def _conclude(found: Searched, mix: Split | None, all_divide: bool, all_changed: Callable[[], bool]) -> Verdict:
    """Return what was found; of a table with more columns than are searched, no change is said to be everywhere."""
    if found.named:
        return "slice"
    if mix:
        return "mix"
    if not all_divide:
        return "unclear"
    if not any(each.p < LEVEL for each in found.slices):
        return "everywhere"
    return "unequal" if all_changed() else "unclear"


def of_rows(division: Division, known: Sequence[np.ndarray]) -> Division:
    """Return the division of those rows that have a score."""
    if all(each.all() for each in known):
        return division
    return replace(division, reference=division.reference[known[0]], current=division.current[known[1]])


def _tell_mix(mix: Split, change: float, all_known: bool) -> Mix:
    """Return the mix as it is told.

    The change of these rows is known, and so are their shares: the split of it is as exact as the values' means are.
    """
    left = (change - mix.mix) / mix.of_within if mix.of_within > 0 else 0.0
    division = mix.division
    parts = mix.of_cells * np.sign(change)
    named = [i for i, condition in enumerate(division.conditions) if condition]
    cell = max(named, key=lambda i: parts[i])
    shares = [float((side == cell).mean()) for side in (division.reference, division.current)]
    return Mix(
        column=division.column,
        contribution=rounded(mix.mix / change),
        error=rounded(mix.of_means / abs(change)),
        value=division.conditions[cell],
        rows=(rounded(shares[0]), rounded(shares[1])),
        some_missing=None if all_known else True,
        within="unchanged" if abs(left) < AGREES else "same" if left * change > 0 else "opposite",
    )
