"""Find where one column's change comes from: a mix first, then a slice in what is left, or everywhere."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from driftmonitor.analysis.values import NamedColumn
from driftmonitor.analysis.where.divisions import Division, divide
from driftmonitor.analysis.where.measured import Scores, measure
from driftmonitor.analysis.where.mix import CLEAR, Split, find_mix, without_mix
from driftmonitor.analysis.where.search import LEVEL, Found, is_everywhere, search
from driftmonitor.analysis.where.sums import Changes, Sums, variance_of_all
from driftmonitor.facts.base import rounded
from driftmonitor.facts.where import Changed, Mix, Slice, Verdict, Where

MOST_ROWS = 20_000  # of a side, at even distances
MOST_COLUMNS = 300  # that rows are divided by, the first ones
FEWEST_ROWS = 500  # of a side, with a value
LEFT = 0.2  # of a change: if a mix leaves less, no slice is looked for
MOST = 0.4  # of the change that a mix leaves, that a slice has to have to be named
TOO_MUCH = 1.5  # of it: more is not its own
SURE = 1.5  # standard errors, that its contribution is at least
NEARLY = 0.36  # of the largest gain: a large change of the level widens or narrows the spread too
AGREES = 3.0  # standard errors: other rows, or those within a mix, that changed by less are said not to have changed


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

    def divisions(self, without: str) -> Iterator[Division]:
        """Yield the divisions by all other columns that divide anything."""
        for column in self.columns[:MOST_COLUMNS]:
            if column.name != without:
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


def find_of_column(rows: Rows, name: str, kinds: Sequence[Changed]) -> Where | None:
    """Return where the change of a column comes from; None if none of these `kinds` of change is clear.

    Of several kinds, such as level and spread, it is told of the one that is explained best, or of an earlier one that
    is explained nearly as well.
    """
    measured = (measure(rows.reference, rows.current, rows.column(name), kind) for kind in kinds)
    told = [found for scores in measured if scores and (found := _explain(rows, name, scores))]
    best = max(told, key=lambda each: each[0], default=None)
    if best is None:
        return None
    return next(where for gain, where in told if gain >= NEARLY * best[0])


def _explain(rows: Rows, name: str, scores: Scores) -> tuple[float, Where] | None:
    """Return where a score's change comes from, and the gain of it."""
    sides = (scores.reference, scores.current)
    known = [~np.isnan(side) for side in sides]
    values = sides[0][known[0]], sides[1][known[1]]
    total = _change(values)
    change = float(total.change[0])
    told = {"column": name, "changed": scores.changed, "level": scores.level, "rose": change > 0}
    if change == 0:
        return None
    if min(map(len, values)) < FEWEST_ROWS:
        return 0.0, Where(**told, verdict="too_few")
    divisions = [of_rows(each, known) for each in rows.divisions(name)]
    mix = find_mix(divisions, values, change)
    left = without_mix(mix, values) if mix else values
    rest = _change(left)
    is_left = mix is None or (abs(float(rest.z[0])) >= CLEAR and abs(float(rest.change[0]) / change) >= LEFT)
    of_all, slices = search(divisions, left) if is_left else (0.0, [])
    best = slices[0] if slices and slices[0].gain > of_all and slices[0].holds else None
    part = _tell_slice(best, change, float(total.variance[0])) if best else None
    found = part if part and _has_most(part, float(rest.change[0]) / change) else None
    if found is None and mix is None and abs(float(total.z[0])) < CLEAR:
        return None
    gain = max(of_all, best.gain if best and found else 0.0, mix.z**2 if mix else 0.0)
    where = Where(
        **told,
        verdict=_conclude(found, mix, slices, rows.all_divide, lambda: is_everywhere(divisions, values, change)),
        slice=found,
        mix=_tell_mix(mix, change, float(rest.z[0])) if mix else None,
    )
    return gain, where


def _has_most(found: Slice, left: float) -> bool:
    """Return whether a slice has much of the change that a mix left (1 if there is none), and that is no chance.

    If it has far more than that, and other rows changed the other way, the change of all is not its own.
    """
    is_half = found.elsewhere == "opposite" and found.contribution > TOO_MUCH * left
    return found.contribution >= max(MOST * left, SURE * found.error) and not is_half


def _conclude(
    found: Slice | None, mix: Split | None, slices: Sequence[Found], all_divide: bool, all_changed: Callable[[], bool]
) -> Verdict:
    """Return what was found; of a table with more columns than are searched, no change is said to be everywhere."""
    if found:
        return "slice"
    if mix:
        return "mix"
    if not all_divide:
        return "unclear"
    if not any(each.p < LEVEL for each in slices):
        return "everywhere"
    return "unequal" if all_changed() else "unclear"


def of_rows(division: Division, known: Sequence[np.ndarray]) -> Division:
    """Return the division of those rows that have a score."""
    if all(each.all() for each in known):
        return division
    return replace(division, reference=division.reference[known[0]], current=division.current[known[1]])


def _change(values: tuple[np.ndarray, np.ndarray]) -> Changes:
    return Changes.of(Sums.of_all(values), variance_of_all(values))


def _tell_slice(found: Found, change: float, variance: float) -> Slice:
    weight = sum(found.shares) / 2
    part, of_part = weight * found.change, weight**2 * found.variance
    z = found.elsewhere / found.elsewhere_variance**0.5 if found.elsewhere_variance > 0 else 0.0
    elsewhere: Literal["unchanged", "less", "opposite"] = (
        "unchanged" if abs(z) < AGREES else "less" if z * found.change > 0 else "opposite"
    )
    return Slice(
        conditions=found.conditions,
        rows=(rounded(found.shares[0]), rounded(found.shares[1])),
        contribution=rounded(part / change),
        error=rounded(_error_of_ratio(part, of_part, change, variance)),
        elsewhere=elsewhere,
    )


def _tell_mix(mix: Split, change: float, left: float) -> Mix:
    """Return the mix as it is told; `left`: the change within the values, in standard errors.

    The change of these rows is known, and so are their shares: the split of it is as exact as the values' means are.
    """
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
        within="unchanged" if abs(left) < AGREES else "same" if left * change > 0 else "opposite",
    )


def _error_of_ratio(part: float, of_part: float, whole: float, of_whole: float) -> float:
    """Return the standard error of part / whole, the part and the rest of the whole being independent."""
    rest, of_rest = whole - part, max(of_whole - of_part, 0.0)
    return float(np.sqrt(rest**2 * of_part + part**2 * of_rest)) / whole**2
