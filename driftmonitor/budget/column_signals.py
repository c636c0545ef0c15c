"""Compute one column's signals of many days, in all its windows, from its stored counts and today's reference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.tails import TAIL_SIGNALS, tail_signals
from driftmonitor.budget.windows import Windows

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]
Measured = tuple[np.ndarray, np.ndarray]  # of the reference, and the same of each day


@dataclass(frozen=True)
class ColumnDays:
    """One column's counts: of the reference (bins or levels), and of each day (days, bins), all 0 if it has no data.

    missing: rows without and with a value, of the reference (2,) and of each day (days, 2); None if unknown.
    tail: what `tail_signals` takes, of the reference (6,) and of each day (days, 6); None if unknown.
    quartiles: of each day (days, 3), NaN where they are not known; empty if nobody asks for them.
    """

    name: str
    categorical: bool
    reference: np.ndarray
    counts: np.ndarray
    missing: Measured | None = None
    tail: Measured | None = None
    quartiles: np.ndarray = field(default_factory=lambda: np.empty((0, 3)))

    @property
    def separate_levels(self) -> int:
        """The number of a category's levels that have signals of their own."""
        return min(len(self.reference) - 1, signals.SEPARATE_LEVELS)

    def signals(self, windows: Sequence[int]) -> tuple["Signal", ...]:
        """Return the identities of the column's signals, those of each window together."""
        levels = self.separate_levels if self.categorical else None
        return _signals(self.name, levels, self.tail is not None, self.missing is not None, tuple(windows))


@dataclass(frozen=True)
class Signal:
    """The identity of a signal: its kind, the days that it adds up, its column or two, and the level of a category.

    The number of rows has no column.
    """

    kind: str  # level, spread, shape, range, share, missing, pair, above, below, same or rows
    window: int
    columns: tuple[str, ...]
    level: int | None = None


@lru_cache(maxsize=10_000)
def _signals(name: str, levels: int | None, tail: bool, missing: bool, windows: tuple[int, ...]) -> tuple[Signal, ...]:
    names, found = (name,), []
    for window in windows:
        if levels is None:
            found += [Signal(kind, window, names) for kind in signals.NUMBER_SIGNALS]
        else:
            found += [Signal("shape", window, names), *(Signal("share", window, names, i) for i in range(levels))]
        found += [Signal(kind, window, names) for kind in TAIL_SIGNALS if tail]
    return (*found, *([Signal("missing", 1, names)] if missing else []))


@dataclass(frozen=True)
class Block:
    """Some signals of all days: values (days, signals), NaN where a day has none.

    `least_sd` and `usual_sd` are those of the last day. `frequent`: which levels of a category are tested one by one,
    in each window (windows, 1, levels).
    """

    signals: tuple[Signal, ...]
    values: np.ndarray
    least_sd: np.ndarray
    usual_sd: np.ndarray
    frequent: np.ndarray | None = None


@dataclass(frozen=True)
class Known:
    """A column's signals of today's days (days, signals), as they were computed before for other days' sake.

    stale: which days are computed again, since they are new or their windows have other days now. `frequent`: as in
    the block that they are from.
    """

    values: np.ndarray
    stale: np.ndarray
    frequent: np.ndarray | None


def column_block(
    column: ColumnDays, added: Windows, windows: Sequence[int], of_reference: np.ndarray, known: Known | None = None
) -> Block:
    """Return all signals of a column. `added`: the days that each window adds up.

    `of_reference`: days of the reference, which are compared with the rest of it. Only stale days are computed of what
    is `known`: a day's values depend on the counts in its windows alone, to the last bit.
    """
    names, frequent = column.signals(windows), _frequent_levels(column, added, windows)
    if known is None or not _are_alike(frequent, known.frequent):
        values, days = np.empty((len(of_reference), len(names))), np.arange(len(of_reference))
    else:
        values, days = known.values, np.flatnonzero(known.stale)
    part = _Computing(added, days, of_reference[days])
    formula = signals.number_signals if frequent is None else partial(_level_signals, column.separate_levels, frequent)
    together = [part.compute(formula, (column.reference, column.counts), windows)]
    if column.tail is not None:
        together.append(part.compute(tail_signals, column.tail, windows, slice(1)))
    parts = [_by_window(together)]
    if column.missing is not None:
        parts.append(_by_window([part.compute(_missing_signal, column.missing, (1,))]))
    values[days], least, usual = (np.concatenate(each, axis=-1) for each in zip(*parts, strict=True))
    return Block(names, values, least, usual, frequent)


def _frequent_levels(column: ColumnDays, added: Windows, windows: Sequence[int]) -> np.ndarray | None:
    """Return which levels of a category are frequent in each window (windows, 1, levels), by the rows of all days."""
    if not column.categorical:
        return None
    sums = added.add_up(column.counts.sum(axis=1, keepdims=True), windows)
    return np.stack([signals.frequent_levels(column.reference, np.median(rows)) for rows in sums])[:, None]


def _are_alike(frequent: np.ndarray | None, known: np.ndarray | None) -> bool:
    return frequent is known if frequent is None or known is None else np.array_equal(frequent, known)


def _level_signals(levels: int, frequent: np.ndarray, reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the signals of a category; of days with a reference of their own, their own rows say what is frequent."""
    chosen = frequent if reference.ndim == 1 else signals.frequent_levels(reference, counts.sum(axis=-1))
    return signals.level_signals(reference, counts, chosen)[..., : 1 + levels]


def _missing_signal(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return signals.share_signals(reference, counts)[..., :1]


Part = tuple[np.ndarray, np.ndarray, np.ndarray]  # values, least_sd and usual_sd


@dataclass(frozen=True)
class _Computing:
    """What all signals of some days have in common: their windows, and which of them are days of the reference."""

    added: Windows
    days: np.ndarray
    of_reference: np.ndarray

    def compute(self, formula: Formula, measured: Measured, windows: Sequence[int], rows: slice = slice(None)) -> Part:
        """Return values (windows, days, signals), least_sd and usual_sd (windows, signals); `rows` add up to all."""
        reference, counts = measured
        sums = self.added.add_up(counts, windows, self.days)
        values = formula(reference, sums)
        rest = reference - sums
        apart = self.of_reference & (sums.sum(axis=-1) > 0) & (rest.min(axis=-1) >= 0) & (rest.sum(axis=-1) > 0)
        if apart.any():
            values[apart] = formula(rest[apart], sums[apart])
        sizes = [(float(own[rows].sum()), float(reference[rows].sum())) for own in sums[:, -1]]
        least, usual = (
            [[sd(*size)] * values.shape[-1] for size in sizes] for sd in (signals.least_sd, signals.usual_sd)
        )
        return values, np.array(least), np.array(usual)


def _by_window(parts: Sequence[Part]) -> Part:
    """Return the parts joined, the signals of each window together: values (days, signals), least_sd and usual_sd."""
    values, least, usual = (np.concatenate(each, axis=-1) for each in zip(*parts, strict=True))
    return values.transpose(1, 0, 2).reshape(values.shape[1], -1), least.ravel(), usual.ravel()


def distance(column: ColumnDays, counts: np.ndarray) -> np.ndarray:
    """Return the K-S distance at the edges of the bins (numbers) or the total variation (categories) of counts."""
    if not column.categorical:
        return signals.binned_distance(column.reference, counts)
    shares = counts / counts.sum(axis=-1, keepdims=True)
    return np.abs(column.reference / column.reference.sum() - shares).sum(axis=-1) / 2
