"""The signals of many days side by side, from their counts: what `strangeness.judge_day` asks for.

Every day is seen with the same eyes: the reference's counts are today's, and the formulas are today's, whatever a day
was judged by when it was today.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor import signals
from driftmonitor.strangeness import Terms

SHARE_OF_WINDOW = 0.5  # of a window's days, today among them, more must have been finished


@dataclass(frozen=True)
class ColumnDays:
    """One column: the reference's counts (bins or levels) and each day's (days, bins), all 0 where a day lacks it.

    `missing` are rows without and with a value: (2,) of the reference, (days, 2) of the days.
    """

    name: str
    categorical: bool
    reference: np.ndarray
    counts: np.ndarray
    missing: tuple[np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True)
class Signal:
    """What one signal is of: its kind, how many days it adds up, its column or two, and which level of a category."""

    kind: str  # level, spread, shape, range, share, missing or pair
    window: int
    columns: tuple[str, ...]
    level: int | None = None


@dataclass(frozen=True)
class Layout:
    """The signals, and their values (days, signals): NaN where a day has none. `least_sd` holds for the last day."""

    signals: tuple[Signal, ...]
    values: np.ndarray
    one_sided: np.ndarray
    least_sd: np.ndarray

    def terms(self, false_alarms_per_year: float) -> Terms:
        """Return how these signals are judged."""
        return Terms(false_alarms_per_year, self.one_sided, self.least_sd)

    def p_values(self) -> np.ndarray:
        """Return how often chance alone makes each of the last day's signals as large."""
        return signals.p_values(self.values[-1], self.one_sided)


def lay_out(
    columns: Sequence[ColumnDays],
    days: np.ndarray,
    pair_columns: Sequence[tuple[str, str]] = (),
    pairs: np.ndarray | None = None,
    apart: np.ndarray | None = None,
    windows: Sequence[int] = signals.WINDOWS,
) -> Layout:
    """Return the layout of the days; `days` are day numbers, ascending, the last one today's.

    `pairs` (days, pairs) are signals of pairs of columns. Days that stand `apart` are in no window but their own: an
    analyst has judged them, and the days after need not speak of them again.
    """
    apart = np.zeros(len(days), dtype=bool) if apart is None else apart
    told: list[Signal] = []
    values: list[np.ndarray] = []
    least: list[float] = []
    for column in columns:
        for window in windows:
            counts = add_up(column.counts, days, window, apart)
            kinds, found = _signals(column, counts, window)
            told += kinds
            values.append(found)
            least += [signals.least_sd(counts[-1].sum(), column.reference.sum())] * len(kinds)
        if column.missing is not None:
            usual, missing = column.missing
            told.append(Signal("missing", 1, (column.name,)))
            values.append(signals.share_signals(usual, missing)[:, :1])
            least.append(signals.least_sd(missing[-1].sum(), usual.sum()))
    if pairs is not None and len(pair_columns):
        told += [Signal("pair", 1, names) for names in pair_columns]
        values.append(pairs)
        least += [signals.least_sd(1, 1)] * len(pair_columns)
    one_sided = np.array([signal.kind in signals.ONE_SIDED for signal in told], dtype=bool)
    return Layout(tuple(told), np.hstack(values), one_sided, np.array(least))


def add_up(counts: np.ndarray, days: np.ndarray, window: int, apart: np.ndarray | None = None) -> np.ndarray:
    """Return each day's counts with those of the days before it in its window; 0 where too few days were finished."""
    own = counts.sum(axis=1) > 0
    if window == 1:
        return counts
    lent = own if apart is None else own & ~apart
    start = np.searchsorted(days, days - window, side="right")
    end = np.arange(len(days))
    sums = np.concatenate([np.zeros((1, counts.shape[1])), np.cumsum(np.where(lent[:, None], counts, 0), axis=0)])
    finished = np.concatenate([[0], np.cumsum(lent)])
    enough = own & (finished[end] - finished[start] + 1 > SHARE_OF_WINDOW * window)
    return np.where(enough[:, None], sums[end] - sums[start] + counts, 0.0)


def _signals(column: ColumnDays, counts: np.ndarray, window: int) -> tuple[list[Signal], np.ndarray]:
    names = (column.name,)
    if not column.categorical:
        kinds = [Signal(kind, window, names) for kind in signals.NUMBER_SIGNALS]
        return kinds, signals.number_signals(column.reference, counts)
    apart = min(len(column.reference) - 1, signals.LEVELS_APART)
    kinds = [Signal("shape", window, names), *(Signal("share", window, names, level) for level in range(apart))]
    return kinds, signals.level_signals(column.reference, counts)[:, : 1 + apart]


def distance(column: ColumnDays, counts: np.ndarray) -> float:
    """Return the share of rows that moved past an edge, or to another level, of counts (bins)."""
    if not column.categorical:
        return float(signals.binned_distance(column.reference, counts))
    return float(np.abs(column.reference / column.reference.sum() - counts / counts.sum()).sum() / 2)
