"""A column over many days: its counts, against today's reference, and the identities and values of its signals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.tails import TAIL_SIGNALS

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
    """The identity of a signal: its kind, the days that it adds up, its columns, and the level of a category.

    The number of rows and a check have no column. Of dependence, `level` is the number of its table, of a check its
    place among today's, of a segment its number; `segment` is then the name of the segmentation.
    """

    kind: str  # level, spread, shape, range, share, missing, pair, dependence, above, below, same, rows, check,
    # segment, mix or new
    window: int
    columns: tuple[str, ...]
    level: int | None = None
    segment: str | None = None


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


def distance(column: ColumnDays, counts: np.ndarray) -> np.ndarray:
    """Return the K-S distance at the edges of the bins (numbers) or the total variation (categories) of counts."""
    if not column.categorical:
        return signals.binned_distance(column.reference, counts)
    shares = counts / counts.sum(axis=-1, keepdims=True)
    return np.abs(column.reference / column.reference.sum() - shares).sum(axis=-1) / 2
