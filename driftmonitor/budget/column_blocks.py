"""Compute the signals of columns over many days, in all windows. Columns of one shape are computed together.

A call of numpy takes as long for one column's few new days as for those of a hundred columns.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.column_signals import Block, ColumnDays, Known, Measured
from driftmonitor.budget.tails import tail_signals
from driftmonitor.budget.windows import Windows

MOST_ROWS = 2_000  # columns times days that are computed at once: the arrays of more do not fit into a cache

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]
Part = tuple[np.ndarray, np.ndarray, np.ndarray]  # values (columns, days, signals), least_sd and usual_sd


def column_blocks(
    columns: Sequence[ColumnDays],
    added: Windows,
    windows: Sequence[int],
    of_reference: np.ndarray,
    known: Mapping[str, Known],
) -> dict[str, Block]:
    """Return all signals of each column. `added`: the days that each window adds up.

    `of_reference`: days of the reference, which are compared with the rest of it. Only stale days are computed of what
    is `known`: a day's values depend on the counts in its windows alone, to the last bit.
    """
    tasks = [_task(column, added, windows, len(of_reference), known.get(column.name)) for column in columns]
    found = {}
    for alike in _batches(tasks):
        days = alike[0].days
        values, *sd = _Computing(added, days, of_reference[days], windows).compute(alike)
        for task, own, least, usual in zip(alike, values, *sd, strict=True):
            task.values[days] = own
            found[task.column.name] = Block(task.column.signals(windows), task.values, least, usual, task.frequent)
    return {column.name: found[column.name] for column in columns}


@dataclass(frozen=True)
class _Task:
    """A column, its values as far as they are known, the days whose values are not, and its frequent levels."""

    column: ColumnDays
    values: np.ndarray
    days: np.ndarray
    frequent: np.ndarray | None

    @property
    def shape(self) -> tuple[int | bool | bytes, ...]:
        """What columns must have in common to be computed together."""
        column = self.column
        parts = column.tail is None, column.missing is None
        return column.categorical, len(column.reference), *parts, self.days.tobytes()


def _task(column: ColumnDays, added: Windows, windows: Sequence[int], number: int, known: Known | None) -> _Task:
    frequent = _frequent_levels(column, added, windows) if column.categorical else None
    if known is not None and _are_alike(frequent, known.frequent):
        return _Task(column, known.values, np.flatnonzero(known.stale), frequent)
    return _Task(column, np.empty((number, len(column.signals(windows)))), np.arange(number), frequent)


def _are_alike(frequent: np.ndarray | None, known: np.ndarray | None) -> bool:
    return frequent is known if frequent is None or known is None else np.array_equal(frequent, known)


def _batches(tasks: Sequence[_Task]) -> Iterator[Sequence[_Task]]:
    """Yield tasks of one shape, not too many at once."""
    for _, alike in groupby(sorted(tasks, key=lambda task: task.shape), key=lambda task: task.shape):
        group = list(alike)
        size = max(1, MOST_ROWS // len(group[0].days))
        yield from (group[start : start + size] for start in range(0, len(group), size))


def _frequent_levels(column: ColumnDays, added: Windows, windows: Sequence[int]) -> np.ndarray:
    """Return which levels of a category are frequent in each window (windows, 1, levels), by the rows of all days."""
    sums = added.add_up(column.counts.sum(axis=1, keepdims=True), windows)
    return np.stack([signals.frequent_levels(column.reference, np.median(rows)) for rows in sums])[:, None]


@dataclass(frozen=True)
class _Computing:
    """Computes the signals of some days: their windows, and which of them are days of the reference."""

    added: Windows
    days: np.ndarray
    of_reference: np.ndarray
    windows: Sequence[int]

    def compute(self, tasks: Sequence[_Task]) -> Part:
        """Return the signals of columns of one shape, those of each window together."""
        columns = [task.column for task in tasks]
        counts, formulas = [(each.reference, each.counts) for each in columns], _formulas(tasks)
        together = [self._part(*formulas, counts, self.windows)]
        if tails := [each.tail for each in columns if each.tail is not None]:
            together.append(self._part(tail_signals, tail_signals, tails, self.windows, slice(1)))
        parts = [_by_window(together)]
        if missing := [each.missing for each in columns if each.missing is not None]:
            parts.append(_by_window([self._part(_missing_signal, _missing_signal, missing, (1,))]))
        values, least, usual = (np.concatenate(each, axis=-1) for each in zip(*parts, strict=True))
        return values, least, usual

    def _part(
        self,
        formula: Formula,
        apart: Formula,
        measured: Sequence[Measured],
        windows: Sequence[int],
        rows: slice = slice(None),
    ) -> Part:
        """Return values (windows, columns, days, signals), least_sd and usual_sd (windows, columns, signals).

        `apart`: the formula for days of the reference. `rows`: the measurements that add up to all rows.
        """
        references = np.stack([reference for reference, _ in measured])[:, None]
        sums = self.added.add_up_together([counts for _, counts in measured], windows, self.days)
        values, rest = formula(references, sums), references - sums
        lent = self.of_reference & (sums.sum(axis=-1) > 0) & (rest.min(axis=-1) >= 0) & (rest.sum(axis=-1) > 0)
        if lent.any():
            values[lent] = apart(rest[lent], sums[lent])
        sizes = sums[:, :, -1, rows].sum(axis=-1), references[:, 0, rows].sum(axis=-1)
        least, usual = (sd(*sizes)[..., None] for sd in (signals.least_sd, signals.usual_sd))
        number = values.shape[-1]
        return values, least.repeat(number, axis=-1), usual.repeat(number, axis=-1)


def _formulas(tasks: Sequence[_Task]) -> tuple[Formula, Formula]:
    """Return the formula of the columns' counts, and that for days of the reference.

    Of such a day with a reference of its own, its own rows say which levels are frequent.
    """
    frequent = [task.frequent for task in tasks if task.frequent is not None]
    if not frequent:
        return signals.number_signals, signals.number_signals
    levels = tasks[0].column.separate_levels
    return partial(_level_signals, levels, np.stack(frequent, axis=1)), partial(_level_signals, levels, None)


def _level_signals(levels: int, frequent: np.ndarray | None, reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    chosen = signals.frequent_levels(reference, counts.sum(axis=-1)) if frequent is None else frequent
    return signals.level_signals(reference, counts, chosen)[..., : 1 + levels]


def _missing_signal(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return signals.share_signals(reference, counts)[..., :1]


def _by_window(parts: Sequence[Part]) -> Part:
    """Return the parts joined, the signals of each window together: (columns, days, signals), (columns, signals)."""
    values, least, usual = (np.concatenate(each, axis=-1) for each in zip(*parts, strict=True))
    _, columns, days, _ = values.shape
    least, usual = (each.transpose(1, 0, 2).reshape(columns, -1) for each in (least, usual))
    return values.transpose(1, 2, 0, 3).reshape(columns, days, -1), least, usual
