"""The signals of many days side by side, from their counts: what `strangeness.judge_day` asks for.

Every day is seen with the same eyes: the reference's counts are today's, and the formulas are today's, whatever a day
was judged by when it was today.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.policy import WINDOWS

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]

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

    def signals(self, usual: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Return the column's signals of counts (..., bins) beside the `usual` ones (bins)."""
        if not self.categorical:
            return signals.number_signals(usual, counts)
        return signals.level_signals(usual, counts)[..., : 1 + self.levels_apart]

    @property
    def levels_apart(self) -> int:
        """How many levels of a category have signals of their own."""
        return min(len(self.reference) - 1, signals.LEVELS_APART)


@dataclass(frozen=True)
class Signal:
    """What one signal is of: its kind, how many days it adds up, its column or two, and which level of a category."""

    kind: str  # level, spread, shape, range, share, missing or pair
    window: int
    columns: tuple[str, ...]
    level: int | None = None


@dataclass(frozen=True)
class DailySignals:
    """The signals, and their values (days, signals): NaN where a day has none.

    `least_sd` and `usual_sd` hold for the last day.
    """

    signals: tuple[Signal, ...]
    values: np.ndarray
    one_sided: np.ndarray
    least_sd: np.ndarray
    usual_sd: np.ndarray

    def terms(self, false_alarms_per_year: float) -> Terms:
        """Return how these signals are judged."""
        windows = np.array([signal.window for signal in self.signals])
        return Terms(false_alarms_per_year, self.one_sided, self.least_sd, self.usual_sd, windows)

    def p_values(self) -> np.ndarray:
        """Return how often chance alone makes each of the last day's signals as large."""
        return signals.p_values(self.values[-1], self.one_sided)


def daily_signals(
    columns: Sequence[ColumnDays],
    days: np.ndarray,
    pair_columns: Sequence[tuple[str, str]] = (),
    pairs: np.ndarray | None = None,
    apart: np.ndarray | None = None,
    windows: Sequence[int] = WINDOWS,
    inside: np.ndarray | None = None,
) -> DailySignals:
    """Return the daily of the days; `days` are day numbers, ascending, the last one today's.

    `pairs` (days, pairs) are signals of pairs of columns. Days that stand `apart` are in no window but their own: an
    analyst has judged them, and the days after need not speak of them again. Days `inside` the reference are compared
    with the rest of it.
    """
    inside = np.flatnonzero(inside) if inside is not None else ()
    apart = np.zeros(len(days), dtype=bool) if apart is None else apart
    told: list[Signal] = []
    values: list[np.ndarray] = []
    least: list[float] = []
    usually: list[float] = []
    for column in columns:
        for window in windows:
            counts = add_up(column.counts, days, window, apart)
            kinds = _kinds(column, window)
            told += kinds
            values.append(_left_out(column.signals, column.reference, counts, inside))
            rows = counts[-1].sum(), column.reference.sum()
            least += [signals.least_sd(*rows)] * len(kinds)
            usually += [signals.usual_sd(*rows)] * len(kinds)
        if column.missing is not None:
            usual, missing = column.missing
            told.append(Signal("missing", 1, (column.name,)))
            values.append(_left_out(signals.share_signals, usual, missing, inside)[:, :1])
            rows = missing[-1].sum(), usual.sum()
            least.append(signals.least_sd(*rows))
            usually.append(signals.usual_sd(*rows))
    if pairs is not None and len(pair_columns):
        told += [Signal("pair", 1, names) for names in pair_columns]
        values.append(pairs)
        least += [signals.least_sd(1, 1)] * len(pair_columns)
        rows = {column.name: (column.counts[-1].sum(), column.reference.sum()) for column in columns}
        usually += [signals.usual_sd(*rows[first]) for first, _ in pair_columns]
    one_sided = np.array([signal.kind in signals.ONE_SIDED for signal in told], dtype=bool)
    return DailySignals(tuple(told), np.hstack(values), one_sided, np.array(least), np.array(usually))


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


def _left_out(formula: Formula, usual: np.ndarray, counts: np.ndarray, inside: Iterable[int]) -> np.ndarray:
    """Return the signals of each day's counts (days, bins); of those inside the reference against the rest of it."""
    found = formula(usual, counts)
    for day in inside:
        rest = usual - counts[day]
        if counts[day].sum() > 0 and rest.min() >= 0 and rest.sum() > 0:
            found[day] = formula(rest, counts[day])
    return found


def _kinds(column: ColumnDays, window: int) -> list[Signal]:
    names = (column.name,)
    if not column.categorical:
        return [Signal(kind, window, names) for kind in signals.NUMBER_SIGNALS]
    shares = [Signal("share", window, names, level) for level in range(column.levels_apart)]
    return [Signal("shape", window, names), *shares]


def distance(column: ColumnDays, counts: np.ndarray) -> float:
    """Return the share of rows that moved past an edge, or to another level, of counts (bins)."""
    if not column.categorical:
        return float(signals.binned_distance(column.reference, counts))
    return float(np.abs(column.reference / column.reference.sum() - counts / counts.sum()).sum() / 2)
