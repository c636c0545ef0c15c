"""Compute the signals of many days from their stored counts, all with today's reference and formulas."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.policy import WINDOWS
from driftmonitor.budget.tails import LEAST_ROW_SD, TAIL_SIGNALS, USUAL_ROW_SD, row_changes, tail_signals

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]

GROUPS = {"rows": 2, **dict.fromkeys(TAIL_SIGNALS, 1)}  # on real days they vary more than others
SHARE_OF_WINDOW = 0.5  # a window counts if more of its days than this share have data


@dataclass(frozen=True)
class ColumnDays:
    """One column's counts: of the reference (bins or levels), and of each day (days, bins), all 0 if it has no data.

    missing: rows without and with a value, of the reference (2,) and of each day (days, 2); None if unknown.
    tail: what `tail_signals` takes, of the reference (6,) and of each day (days, 6); None if unknown.
    """

    name: str
    categorical: bool
    reference: np.ndarray
    counts: np.ndarray
    missing: tuple[np.ndarray, np.ndarray] | None = None
    tail: tuple[np.ndarray, np.ndarray] | None = None

    def signals(self, reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Return the column's signals of counts (..., bins) against those of a reference (bins)."""
        if not self.categorical:
            return signals.number_signals(reference, counts)
        return signals.level_signals(reference, counts)[..., : 1 + self.separate_levels]

    @property
    def separate_levels(self) -> int:
        """The number of a category's levels that have signals of their own."""
        return min(len(self.reference) - 1, signals.SEPARATE_LEVELS)


@dataclass(frozen=True)
class Signal:
    """The identity of a signal: its kind, the days that it adds up, its column or two, and the level of a category.

    The number of rows has no column.
    """

    kind: str  # level, spread, shape, range, share, missing, pair, above, below, same or rows
    window: int
    columns: tuple[str, ...]
    level: int | None = None


@dataclass(frozen=True)
class DailySignals:
    """The signals of all days: values (days, signals), NaN where a day has none.

    `least_sd` and `usual_sd` are those of the last day.
    """

    signals: tuple[Signal, ...]
    values: np.ndarray
    least_sd: np.ndarray
    usual_sd: np.ndarray

    @property
    def one_sided(self) -> np.ndarray:
        """Which signals are unusual only if large."""
        return np.array([signal.kind in signals.ONE_SIDED for signal in self.signals], dtype=bool)

    @property
    def groups(self) -> np.ndarray:
        """The group of each signal, which has a limit of its own: 1 tails, 2 rows, 0 all others."""
        return np.array([GROUPS.get(signal.kind, 0) for signal in self.signals], dtype=int)

    def terms(self, false_alarms_per_year: float) -> Terms:
        """Return what judging these signals needs to know of them."""
        windows = np.array([signal.window for signal in self.signals])
        return Terms(false_alarms_per_year, self.one_sided, self.least_sd, self.usual_sd, windows, self.groups)

    def p_values(self) -> np.ndarray:
        """Return the p-values of the last day's signals, if days are exchangeable."""
        return signals.p_values(self.values[-1], self.one_sided)


def daily_signals(
    columns: Sequence[ColumnDays],
    days: np.ndarray,
    pair_columns: Sequence[tuple[str, str]] = (),
    pairs: np.ndarray | None = None,
    reviewed: np.ndarray | None = None,
    windows: Sequence[int] = WINDOWS,
    of_reference: np.ndarray | None = None,
    rows: np.ndarray | None = None,
) -> DailySignals:
    """Return the signals of the days; `days` are day numbers, ascending, the last one today's.

    `pairs`: (days, pairs), the signals of `pair_columns`. `reviewed`: days that are part of no later window, because an
    analyst has reviewed them. `of_reference`: days of the reference, which are compared with the rest of it. `rows`: of
    each day, 0 if unknown.
    """
    left_out = [] if of_reference is None else np.flatnonzero(of_reference).tolist()
    blocks = []
    for column in columns:
        for window in windows:
            counts = add_up(column.counts, days, window, reviewed)
            values = _signals(column.signals, column.reference, counts, left_out)
            blocks.append(_make_block(_kinds(column, window), values, counts[-1].sum(), column.reference.sum()))
            if column.tail is not None:
                reference, of_days = column.tail
                measured = add_up(of_days, days, window, reviewed)
                values = _signals(tail_signals, reference, measured, left_out)
                kinds = [Signal(kind, window, (column.name,)) for kind in TAIL_SIGNALS]
                blocks.append(_make_block(kinds, values, measured[-1, 0], reference[0]))
        if column.missing is not None:
            reference, counts = column.missing
            values = _signals(signals.share_signals, reference, counts, left_out)[:, :1]
            missing = [Signal("missing", 1, (column.name,))]
            blocks.append(_make_block(missing, values, counts[-1].sum(), reference.sum()))
    if pairs is not None and len(pair_columns):
        blocks.append(_pair_block(columns, pair_columns, pairs))
    if rows is not None:
        changes = row_changes(rows, days)
        blocks += [_row_block(changes, days, window, reviewed) for window in windows]
    return _join(blocks)


def _row_block(changes: np.ndarray, days: np.ndarray, window: int, reviewed: np.ndarray | None) -> DailySignals:
    """Return the mean change of the number of rows over the days of a window."""
    known = np.isfinite(changes)
    counted = np.column_stack([known, np.where(known, changes, 0.0)])
    number, total = add_up(counted, days, window, reviewed, known).T
    values = np.divide(total, number, out=np.full(len(days), np.nan), where=number > 0)
    return DailySignals(
        (Signal("rows", window, ()),), values[:, None], np.array([LEAST_ROW_SD]), np.array([USUAL_ROW_SD])
    )


def _make_block(kinds: Sequence[Signal], values: np.ndarray, rows: float, reference_rows: float) -> DailySignals:
    """Return some signals of one column, whose counts have so many rows today."""
    least, usual = signals.least_sd(rows, reference_rows), signals.usual_sd(rows, reference_rows)
    return DailySignals(tuple(kinds), values, np.full(len(kinds), least), np.full(len(kinds), usual))


def _pair_block(
    columns: Sequence[ColumnDays], pair_columns: Sequence[tuple[str, str]], values: np.ndarray
) -> DailySignals:
    rows = {column.name: (column.counts[-1].sum(), column.reference.sum()) for column in columns}
    least = np.full(len(pair_columns), signals.least_sd(1, 1))
    usual = np.array([signals.usual_sd(*rows[first]) for first, _ in pair_columns])
    return DailySignals(tuple(Signal("pair", 1, names) for names in pair_columns), values, least, usual)


def _join(blocks: Sequence[DailySignals]) -> DailySignals:
    return DailySignals(
        tuple(signal for block in blocks for signal in block.signals),
        np.hstack([block.values for block in blocks]),
        np.concatenate([block.least_sd for block in blocks]),
        np.concatenate([block.usual_sd for block in blocks]),
    )


def add_up(
    counts: np.ndarray,
    days: np.ndarray,
    window: int,
    reviewed: np.ndarray | None = None,
    known: np.ndarray | None = None,
) -> np.ndarray:
    """Return each day's counts plus those of the earlier days in its window; 0 if too few of these have data.

    `known`: which days have data; without it, those with any counts.
    """
    has_data = counts.sum(axis=1) > 0 if known is None else known
    if window == 1:
        return counts
    added = has_data if reviewed is None else has_data & ~reviewed
    start = np.searchsorted(days, days - window, side="right")
    end = np.arange(len(days))
    sums = np.concatenate([np.zeros((1, counts.shape[1])), np.cumsum(np.where(added[:, None], counts, 0), axis=0)])
    number = np.concatenate([[0], np.cumsum(added)])
    enough = has_data & (number[end] - number[start] + 1 > SHARE_OF_WINDOW * window)
    return np.where(enough[:, None], sums[end] - sums[start] + counts, 0.0)


def _signals(formula: Formula, reference: np.ndarray, counts: np.ndarray, left_out: Iterable[int]) -> np.ndarray:
    """Return the signals of each day's counts (days, bins); for days `left_out`, against the rest of the reference."""
    values = formula(reference, counts)
    for day in left_out:
        rest = reference - counts[day]
        if counts[day].sum() > 0 and rest.min() >= 0 and rest.sum() > 0:
            values[day] = formula(rest, counts[day])
    return values


def _kinds(column: ColumnDays, window: int) -> list[Signal]:
    names = (column.name,)
    if not column.categorical:
        return [Signal(kind, window, names) for kind in signals.NUMBER_SIGNALS]
    shares = [Signal("share", window, names, level) for level in range(column.separate_levels)]
    return [Signal("shape", window, names), *shares]


def distance(column: ColumnDays, counts: np.ndarray) -> float:
    """Return the K-S distance at the edges of the bins (numbers) or the total variation (categories) of counts."""
    if not column.categorical:
        return float(signals.binned_distance(column.reference, counts))
    return float(np.abs(column.reference / column.reference.sum() - counts / counts.sum()).sum() / 2)
