"""The simulated scenarios: normal columns, and what each day adds to them.

Each column is N(0, 1) plus the day's shift. Every fifth is cut into a category of four levels, the others are numbers.
In the fourth of every ten columns, 2% of the rows are missing in addition. Correlated columns share one normal deviate
in each row.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from driftmonitor.analysis.drift.reference_bins import count_bins
from driftmonitor.budget import policy, signals
from driftmonitor.budget.policy import DAYS_A_YEAR, PAIR_COLUMNS
from driftmonitor.facts.evidence import BINS

ROWS = 1000  # a day, missing ones not counted
LEVELS = (0.5, 0.3, 0.15, 0.05)  # shares of a category
CUTS = ndtri(np.cumsum(LEVELS)[:-1]).astype(np.float32)
MISSING = 0.02
WORLDS = {
    "independent": "independent days",
    "day": "day effect 0.05 SD",
    "ar": "AR(1) 0.7, 0.1 SD",
    "weekend": "weekends +0.3 SD",
    "weekend_ar": "weekends, AR(1) 0.7, 0.05 SD",
    "annual": "yearly cycle 0.3 SD",
}
EARLY_WORLDS = WORLDS | {"heavy": "day effect 0.05 t(3) SD", "weekend_1": "weekends +1 SD"}


def is_category(column: int) -> bool:
    return column % 5 == 4


def has_missing(column: int) -> bool:
    return column % 10 == 3


def numbers(columns: int) -> list[int]:
    return [column for column in range(columns) if not is_category(column)]


def categories(columns: int) -> list[int]:
    return [column for column in range(columns) if is_category(column)]


def add_by_day(world: str, days: int, columns: int, random: np.random.Generator) -> np.ndarray:
    """Return what each day adds to each column (days, columns), in standard deviations."""
    none, weekends = np.zeros((days, columns)), (np.arange(days) % 7 >= 5)[:, None] * np.ones(columns)
    match world:
        case "independent":
            return none
        case "day":
            return random.normal(0, 0.05, (days, columns))
        case "ar":
            return _autoregressive(0.7, 0.1, days, columns, random)
        case "weekend":
            return 0.3 * weekends
        case "weekend_ar":
            return 0.3 * weekends + _autoregressive(0.7, 0.05, days, columns, random)
        case "annual":
            return none + 0.3 * np.sin(2 * np.pi * (np.arange(days) / DAYS_A_YEAR + random.uniform()))[:, None]
        case "heavy":
            return 0.05 * random.standard_t(3, (days, columns))
        case "weekend_1":
            return weekends
    raise ValueError(world)


def _autoregressive(phi: float, sd: float, days: int, columns: int, random: np.random.Generator) -> np.ndarray:
    values = random.normal(0, sd, (days, columns))
    for day in range(1, days):
        values[day] = phi * values[day - 1] + np.sqrt(1 - phi**2) * values[day]
    return values


def draw_rows(rows: int, columns: int, correlation: float, random: np.random.Generator) -> np.ndarray:
    """Return standard normal rows (rows, columns); all pairs have the same correlation."""
    own = random.standard_normal((rows, columns), dtype=np.float32)
    if not correlation:
        return own
    shared = random.standard_normal((rows, 1), dtype=np.float32)
    return np.float32(np.sqrt(correlation)) * shared + np.float32(np.sqrt(1 - correlation)) * own


def correlate_ranks(rows: np.ndarray) -> np.ndarray:
    """Return the rank correlation of each pair of the first 30 numeric columns."""
    return signals.pair_correlations(rank_rows(rows))


def rank_rows(rows: np.ndarray) -> np.ndarray:
    """Return the ranks of the first 30 numeric columns (rows, columns)."""
    some = rows[:, numbers(rows.shape[1])[:PAIR_COLUMNS]].T
    ranks = np.empty(some.shape, dtype=np.float32)
    np.put_along_axis(ranks, some.argsort(axis=1), np.arange(some.shape[1], dtype=np.float32)[None, :], axis=1)
    return ranks.T


@dataclass(frozen=True)
class Days:
    """The noise of consecutive days: sorted rows of each column (columns, days, rows), correlations, missing rows."""

    sorted_rows: np.ndarray
    correlations: np.ndarray
    missing: np.ndarray

    @property
    def columns(self) -> int:
        return len(self.sorted_rows)


def draw_days(days: int, columns: int, correlation: float, random: np.random.Generator) -> Days:
    """Return the noise of days. What a day adds comes later, and does not change the order of the rows."""
    sorted_rows = np.empty((columns, days, ROWS), dtype=np.float32)
    correlations = []
    for day in range(days):
        rows = draw_rows(ROWS, columns, correlation, random)
        correlations.append(correlate_ranks(rows))
        sorted_rows[:, day] = np.sort(rows.T, axis=1)
    return Days(sorted_rows, np.array(correlations), random.binomial(ROWS, MISSING, (days, columns)))


@dataclass(frozen=True)
class Reference:
    """What days are compared with: sorted rows (columns, rows), edges, counts, correlations of ranks."""

    sorted_rows: np.ndarray
    edges: list[np.ndarray]
    counts: list[np.ndarray]
    correlations: np.ndarray
    variances: np.ndarray
    missing: np.ndarray

    @property
    def rows(self) -> int:
        return self.sorted_rows.shape[1]


def quantile_edges(ordered: np.ndarray) -> np.ndarray:
    """Return the inner edges of the 50 bins of sorted, distinct numbers."""
    return ordered[(np.arange(1, BINS) * len(ordered) + BINS - 1) // BINS - 1]


def draw_reference(rows: int, columns: int, correlation: float, random: np.random.Generator) -> Reference:
    """Return a reference with this many rows."""
    drawn = draw_rows(rows, columns, correlation, random)
    ordered = np.sort(drawn.T, axis=1)
    edges = [CUTS if is_category(j) else quantile_edges(ordered[j]) for j in range(columns)]
    counts = [count_bins(ordered[j], edges[j]) for j in range(columns)]
    missing = random.binomial(rows, MISSING, columns)
    ranks = rank_rows(drawn)
    correlations, variances = signals.pair_correlations(ranks), signals.pair_variances(ranks.astype(float))
    return Reference(ordered, edges, counts, correlations, variances, missing)


def count(rows: np.ndarray, edges: np.ndarray, add: np.ndarray) -> np.ndarray:
    """Return the counts (days, bins) between the edges, of sorted rows (days, rows) to which `add` (days) is added."""
    moved = (edges - add[:, None]).astype(np.float32)
    up_to = np.array([row.searchsorted(edge, side="right") for row, edge in zip(rows, moved, strict=True)])
    return np.diff(up_to, prepend=0, append=rows.shape[1], axis=1)


def pool_windows(counts: np.ndarray, window: int) -> np.ndarray:
    """Return each day's counts added up over `window` days, up to and including it; fewer at the start."""
    sums = np.cumsum(counts, axis=0)
    return np.concatenate([sums[:window], sums[window:] - sums[:-window]])


def column_signals(column: int, reference: Reference, counts: np.ndarray) -> np.ndarray:
    """Return the signals (days, signals) of one column from each day's counts, one window after another."""
    usual = reference.counts[column]
    if is_category(column):
        usual, counts = np.append(usual, 0), np.pad(counts, ((0, 0), (0, 1)))  # there are no other levels
        kinds = 1 + len(LEVELS)
        signal = signals.level_signals
    else:
        kinds, signal = len(signals.NUMBER_SIGNALS), signals.number_signals
    return np.hstack([signal(usual, pool_windows(counts, window))[:, :kinds] for window in policy.WINDOWS])


def missing_signals(column: int, reference: Reference, missing: np.ndarray) -> np.ndarray:
    """Return the signal of a column's missing rows (days, 1)."""
    usual = np.array([reference.missing[column], reference.rows])
    return signals.share_signals(usual, np.stack([missing, np.full(len(missing), ROWS)], axis=1))[:, :1]


def pair_signals(reference: Reference, correlations: np.ndarray) -> np.ndarray:
    return signals.pair_signals(reference.correlations, reference.variances, correlations, reference.rows, ROWS)
