"""Compute what the two rules decide from on a scenario's days: signals (budget rule), drifted columns (share rule)."""

import functools
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from benchmarks.budget12.worlds import (
    LEVELS,
    ROWS,
    Days,
    Reference,
    column_signals,
    count,
    has_missing,
    is_category,
    missing_signals,
    numbers,
    pair_signals,
)
from driftmonitor.budget import policy, signals
from driftmonitor.budget.beside import LEAST_SD, MOST_COLUMNS
from driftmonitor.budget.column_tests import EXACT_ROWS
from driftmonitor.budget.policy import PAIR_COLUMNS

P_THRESHOLD, MIN_DISTANCE, DRIFT_SHARE = 0.05, 0.04, 0.1  # the share rule's defaults


@dataclass(frozen=True)
class DailySignals:
    """For each signal: its column or two, kind and window, whether it is one-sided, and two standard deviations."""

    owners: tuple[tuple[int, ...], ...]
    kinds: tuple[str, ...]
    windows: np.ndarray
    one_sided: np.ndarray
    least_sd: np.ndarray
    usual_sd: np.ndarray

    @property
    def beside(self) -> np.ndarray:
        """The places (2, windows, columns) of the levels and of the signals that compare each with the others'."""
        told = list(enumerate(zip(self.kinds, self.windows, self.owners, strict=True)))
        levels = {(window, owner): place for place, (kind, window, owner) in told if kind == "level"}
        found = [(levels[window, owner], place) for place, (kind, window, owner) in told if kind == "beside"]
        return np.array(found).T.reshape(2, len(policy.WINDOWS), -1)


def daily_signals(columns: int, reference_rows: int) -> DailySignals:
    """Describe the signals of a table with this many columns."""
    told: list[tuple[tuple[int, ...], str, int]] = []
    for column in range(columns):
        kinds = ("shape", *("share",) * len(LEVELS)) if is_category(column) else signals.NUMBER_SIGNALS
        told += [((column,), kind, window) for window in policy.WINDOWS for kind in kinds]
        told += [((column,), "missing", 1)] if has_missing(column) else []
    names = numbers(columns)[:PAIR_COLUMNS]
    told += [((a, b), "pair", 1) for place, a in enumerate(names) for b in names[place + 1 :]]
    told += [((column,), "beside", window) for window in policy.WINDOWS for column in numbers(columns)[:MOST_COLUMNS]]
    owners, kinds, windows = zip(*told, strict=True)
    beside = np.array(kinds) == "beside"
    return DailySignals(
        owners,
        kinds,
        np.array(windows),
        np.isin(kinds, signals.ONE_SIDED),
        np.where(beside, LEAST_SD, [signals.least_sd(window * ROWS, reference_rows) for window in windows]),
        np.where(beside, 1.0, [signals.usual_sd(window * ROWS, reference_rows) for window in windows]),
    )


@dataclass(frozen=True)
class Evidence:
    """Each column's signals, its missing rows included (arrays (days, k)), those of the pairs, and what drifted."""

    by_column: list[np.ndarray]
    pairs: np.ndarray
    drifted: np.ndarray

    def signals(self, columns: int, days: slice = slice(None)) -> np.ndarray:
        """Return the signals (days, signals) of the first columns, in the order of `daily_signals`."""
        names = len(numbers(columns)[:PAIR_COLUMNS])
        of_all = round((1 + np.sqrt(1 + 8 * self.pairs.shape[1])) / 2)
        first, second = np.triu_indices(of_all, k=1)
        kept = (first < names) & (second < names)
        pairs = self.pairs[days][:, kept]
        beside = np.full((len(pairs), len(policy.WINDOWS) * len(numbers(columns)[:MOST_COLUMNS])), np.nan)
        return np.hstack([*(values[days] for values in self.by_column[:columns]), pairs, beside])


def gather(days: Days, reference: Reference, add: np.ndarray) -> tuple[Evidence, list[np.ndarray]]:
    """Return the evidence of the days and each column's counts; `add` (days, columns) is what each day adds."""
    counts = [count(days.sorted_rows[j], reference.edges[j], add[:, j]) for j in range(days.columns)]
    by_column = [
        of_column(j, reference, counts[j], days.missing[:, j] if has_missing(j) else None) for j in range(days.columns)
    ]
    drifted = [has_drifted(j, reference, counts[j], days.sorted_rows[j], add[:, j]) for j in range(days.columns)]
    return Evidence(by_column, pair_signals(reference, days.correlations), np.array(drifted).T), counts


def of_column(column: int, reference: Reference, counts: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    """Return one column's signals (days, k); that of its missing rows, if any, comes last."""
    values = column_signals(column, reference, counts)
    return values if missing is None else np.hstack([values, missing_signals(column, reference, missing)])


def has_drifted(column: int, reference: Reference, counts: np.ndarray, rows: np.ndarray, add: np.ndarray) -> np.ndarray:
    """Return on which days a column has drifted: p < 0.05 and a distance of at least 0.04."""
    usual = reference.counts[column]
    if is_category(column):
        return _category_drifted(usual, counts)
    # The bins bound the distance: it is at least the gap at the edges. Only if the bounds leave doubt, use the rows.
    critical = max(critical_distance(reference.rows, rows.shape[1]), MIN_DISTANCE) - 1e-9
    was = np.concatenate([[0], np.cumsum(usual) / usual.sum()])
    now = np.pad(np.cumsum(counts, axis=1) / rows.shape[1], ((0, 0), (1, 0)))
    sure = np.abs(now - was).max(axis=1) >= critical
    room = np.maximum(now[:, 1:] - was[:-1], was[1:] - now[:, :-1]).max(axis=1)
    for day in np.flatnonzero(~sure & (room >= critical)):
        sure[day] = exact_distance(reference.sorted_rows[column], rows[day] + np.float32(add[day])) >= critical
    return sure


def exact_distance(reference: np.ndarray, rows: np.ndarray) -> float:
    """Return the two-sample Kolmogorov-Smirnov distance of sorted rows without ties."""
    was, place = np.searchsorted(reference, rows, side="right") / len(reference), np.arange(len(rows)) / len(rows)
    return float(max((place + 1 / len(rows) - was).max(), (was - place).max()))


@functools.cache
def critical_distance(m: int, n: int) -> float:
    """Return the smallest distance with p < 0.05 in scipy's two-sample test of m and n rows."""
    low, high = 0.0, 1.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        exact = max(m, n) <= EXACT_ROWS
        p = _exact_p(middle, m, n) if exact else special.kolmogorov(middle * np.sqrt(m * n / (m + n)))
        low, high = (low, middle) if p < P_THRESHOLD else (middle, high)
    return int(high * max(m, n)) / max(m, n)


def _exact_p(distance: float, m: int, n: int) -> float:
    """Return scipy's p for a distance, from two samples made to have it."""
    few, many = sorted((m, n))
    moved = int(np.floor(distance * many + 1e-9))
    others = (np.arange(many - moved) + 0.5 + moved) / many
    return float(stats.ks_2samp(np.arange(few) / few, np.r_[np.full(moved, -1.0), others]).pvalue)


def _category_drifted(usual: np.ndarray, counts: np.ndarray) -> np.ndarray:
    total, rows = usual.sum(), counts.sum(axis=1, keepdims=True)
    expected = (counts + usual) * rows / (rows + total)
    chi_squared = ((counts - expected) ** 2 / expected).sum(axis=1) * (1 + rows[:, 0] / total)
    variation = np.abs(counts / rows - usual / total).sum(axis=1) / 2
    return (special.chdtrc(len(usual) - 1, chi_squared) < P_THRESHOLD) & (variation >= MIN_DISTANCE - 1e-9)
