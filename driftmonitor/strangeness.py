"""How strange a day is beside the days before it: the statistics of the false-alarm budget. Pure numpy and scipy.

A *signal* is one number a day that is large when the day is strange; it stands on Kolmogorov's scale, where 1.36 is
what chance passes once in twenty days, or, for pairs of columns, on the scale of a standard normal deviate. The signals
of one day are its *evidence*, a vector; the evidence of comparable days, one row each, is the *pool*. The *strangeness*
S of a day is its largest signal in standard deviations of that signal over the pool. A day is an alarm when it is
stranger than every day of the pool.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

DAYS_A_YEAR = 365
POOL_GAP_DAYS = 14  # the newest days are no yardstick: a drift that has just begun would be among them
WEEK_DAYS = 7  # the days that the week's signals pool, today included
BINS = 50  # of the reference's quantiles: what is kept of each day to pool it later
RETURN_FACTOR = 1.1  # an alarm that nobody judged returns at most this much stranger than the strangest of the others
PRESENT_SHARE = 0.5  # a signal that most days of the pool lack is left out
# A signal that hardly ever moves, such as that of values which are never missing, would be strange at its first breath.
# Kolmogorov's distribution has an sd of 0.26, and so has each signal whose reference is large beside a day.
LEAST_SD = {"day": 0.1, "week": 0.05, "missing": 0.26, "pair": 0.3}
SMALLEST_P = 1e-300  # under it a p-value can't be told from 0
RANK_VARIANCE = 1.06  # of Fisher's z of a rank correlation, times n - 3 (Fieller, Hartley and Pearson 1957)
LARGEST_RANK_CORRELATION = 0.9999  # atanh of 1 is infinite


def ks_signal(distance: np.ndarray, n: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Return K = D sqrt(nm / (n + m)) of the distances D, 0 to 1, of n rows from m (Kolmogorov 1933, Smirnov 1939)."""
    n, m = np.asarray(n, dtype=float), np.asarray(m, dtype=float)
    return np.asarray(distance) * np.sqrt(n * m / (n + m))


def p_signal(p_value: np.ndarray) -> np.ndarray:
    """Return the K whose Kolmogorov tail is the p-value, so that every test stands on one scale; 0 for p = 1."""
    return special.kolmogi(np.clip(p_value, SMALLEST_P, 1.0))


def signal_p(signal: np.ndarray) -> np.ndarray:
    """Return the p-value of K: how often chance alone reaches it (Kolmogorov 1933)."""
    return special.kolmogorov(np.asarray(signal, dtype=float))


def pair_p(signal: np.ndarray) -> np.ndarray:
    """Return the two-sided normal p-value of the signals of pairs."""
    return 2 * special.ndtr(-np.abs(signal))


def quantile_edges(reference: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Return the inner edges of the reference's quantile bins, ascending and different: at most bins - 1 of them."""
    shares = np.arange(1, bins) / bins
    return np.unique(np.quantile(reference, shares, method="inverted_cdf"))


def count_bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how many values stand in each bin, len(edges) + 1 counts; a value that equals an edge is under it."""
    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)


def binned_distance(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    """Return D between counts of the same bins, shaped (..., bins): the largest gap of the shares up to an edge."""
    up_to = [np.cumsum(counts, axis=-1) / np.sum(counts, axis=-1, keepdims=True) for counts in (reference, current)]
    return np.abs(up_to[0] - up_to[1]).max(axis=-1)


def week_signal(reference: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return K of several days pooled, from bin counts: reference (..., bins), days (days, ..., bins)."""
    pooled = np.sum(days, axis=0)
    return ks_signal(binned_distance(reference, pooled), pooled.sum(axis=-1), np.sum(reference, axis=-1))


def category_signal(reference: np.ndarray, current: np.ndarray) -> float:
    """Return the K whose tail is the p-value of Pearson's two-sample chi-squared (1900), from counts of levels.

    Levels absent from both are left out; one level, or a side without rows, is 0: nothing speaks of a change.
    """
    table = np.array([reference, current], dtype=float)
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return 0.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    chi_squared = ((table - expected) ** 2 / expected).sum()
    return float(p_signal(special.chdtrc(table.shape[1] - 1, chi_squared)))


def pair_names(columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of columns in the order of `pair_signals`."""
    first, second = np.triu_indices(len(columns), k=1)
    return [(columns[i], columns[j]) for i, j in zip(first, second, strict=True)]


def pair_correlations(ranks: np.ndarray) -> np.ndarray:
    """Return the correlation of each pair of columns of ranks (rows, columns): Spearman (1904).

    A constant column's are NaN.
    """
    centred = ranks - ranks.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    unit = np.divide(centred, length, out=np.full(centred.shape, np.nan), where=length > 0)
    return (unit.T @ unit)[np.triu_indices(ranks.shape[1], k=1)]


def pair_signals(reference: np.ndarray, current: np.ndarray, m: int, n: int) -> np.ndarray:
    """Return how far each pair's rank correlation moved, in standard errors: |atanh r_cur - atanh r_ref| / se.

    The correlations come from `pair_correlations` of m reference and n current rows; se is
    sqrt(1.06 / (n - 3) + 1.06 / (m - 3)) (Fieller, Hartley and Pearson 1957). NaN with fewer than 4 rows on a side.
    """
    if min(n, m) < 4:
        return np.full(np.shape(current), np.nan)
    fisher = [np.arctanh(np.clip(r, -LARGEST_RANK_CORRELATION, LARGEST_RANK_CORRELATION)) for r in (reference, current)]
    return np.abs(fisher[1] - fisher[0]) / np.sqrt(RANK_VARIANCE / (n - 3) + RANK_VARIANCE / (m - 3))


def pool_days(false_alarms_per_year: float) -> int:
    """Return how many days a full pool has: with twice a year's share of the budget an alarm is half as likely."""
    return int(2 * DAYS_A_YEAR / false_alarms_per_year)


@dataclass(frozen=True)
class Judgement:
    """What the pool says of one day.

    strangeness: S of the day. limit: S of the strangest day of the pool. z: each signal's, NaN where it was left out.
    pool_strangeness: S of the pool's days, then of the alarms that returned to it. p: the share of all days, today
    included, that are as strange (Vovk, Gammerman and Shafer 2005). mode: "pool" once the pool is full, until then
    "interchangeable": the alarm then takes single days of chance for granted, see `smallest_p`.
    """

    alarm: bool
    mode: str
    strangeness: float
    limit: float
    p: float
    z: np.ndarray
    pool_strangeness: np.ndarray


def judge(
    today: np.ndarray,
    pool: np.ndarray,
    false_alarms_per_year: float,
    returned: np.ndarray | None = None,
    p_values: np.ndarray | None = None,
    least_sd: np.ndarray | float = 0.0,
) -> Judgement:
    """Return what a pool (days, signals) says of today (signals); NaN is a signal that a day does not have.

    `returned` are evidence of unjudged alarms between the days of the pool: they don't count in mean and sd, and their
    S is cut at 1.1 times the limit of the others. `p_values` are today's, for the time until the pool is full.
    `least_sd` is what a signal is divided by at least: see LEAST_SD.
    """
    needed = pool_days(false_alarms_per_year)
    mean, sd = _moments(today, pool)
    sd = np.maximum(sd, least_sd)
    z = _standardise(today, mean, sd)
    strangeness = _largest(z)
    others = _largest(_standardise(pool, mean, sd))
    if returned is not None and len(returned) and len(pool):
        cut = np.minimum(_largest(_standardise(returned, mean, sd)), RETURN_FACTOR * others.max())
        others = np.concatenate([others, cut])
    limit = float(others.max()) if len(others) else np.nan
    full = len(pool) >= needed
    return Judgement(
        alarm=bool(strangeness > limit) if full else smallest_p_alarm(p_values, false_alarms_per_year),
        mode="pool" if full else "interchangeable",
        strangeness=float(strangeness),
        limit=limit,
        p=float((1 + (others >= strangeness).sum()) / (1 + len(others))),
        z=z,
        pool_strangeness=others,
    )


def smallest_p_alarm(p_values: np.ndarray | None, false_alarms_per_year: float) -> bool:
    """Return whether the smallest of k p-values is at most B / (365 k) (Bonferroni 1936)."""
    known = [] if p_values is None else np.asarray(p_values)[np.isfinite(p_values)]
    return len(known) > 0 and bool(np.min(known) <= false_alarms_per_year / (DAYS_A_YEAR * len(known)))


def _moments(today: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each signal over the pool and today; NaN where a signal is left out."""
    every = np.vstack([pool.reshape(-1, len(today)), today])
    present = np.isfinite(every)
    kept = present[-1] & (present[:-1].sum(axis=0) > PRESENT_SHARE * len(pool))
    count = np.where(kept, present.sum(axis=0), np.nan)
    mean = np.where(present, every, 0).sum(axis=0) / count
    sd = np.sqrt((np.where(present, every - mean, 0) ** 2).sum(axis=0) / count)
    return mean, sd


def _standardise(signals: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Return (signals - mean) / sd; 0 for a signal that never changes."""
    steady = sd <= 1e-9 * np.abs(mean)
    return np.where(steady, 0.0, (signals - mean) / np.where(steady, 1.0, sd))


def _largest(z: np.ndarray) -> np.ndarray:
    """Return the largest z of each day, -infinity for a day without any."""
    return np.where(np.isnan(z), -np.inf, z).max(axis=-1, initial=-np.inf)


@dataclass(frozen=True)
class Series:
    """The judgements of days in order, an entry a day: alarm, mode is "pool", strangeness, limit, and the cause.

    cause: the index of the day's largest z.
    """

    alarm: np.ndarray
    full: np.ndarray
    strangeness: np.ndarray
    limit: np.ndarray
    cause: np.ndarray


def judge_series(
    signals: np.ndarray,
    days: np.ndarray,
    false_alarms_per_year: float,
    p_values: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    least_sd: np.ndarray | float = 0.0,
) -> Series:
    """Return the judgement of each day (days, signals) from those before it, as `judge` would one after the other.

    `days` are day numbers, ascending. `labels`, a text a day: "dismissed" days count as ordinary, "confirmed" ones stay
    out of later pools, "" is unjudged.
    """
    total = len(signals)
    labels = np.full(total, "") if labels is None else np.asarray(labels)
    series = Series(*(np.zeros(total, dtype) for dtype in (bool, bool, float, float, int)))
    for index in range(total):
        pool, returned = choose_pool(
            days[:index], days[index], series.alarm[:index], labels[:index], false_alarms_per_year
        )
        p_value = None if p_values is None else p_values[index]
        judgement = judge(signals[index], signals[pool], false_alarms_per_year, signals[returned], p_value, least_sd)
        series.alarm[index], series.full[index] = judgement.alarm, judgement.mode == "pool"
        series.strangeness[index], series.limit[index] = judgement.strangeness, judgement.limit
        series.cause[index] = int(np.argmax(np.nan_to_num(judgement.z, nan=-np.inf)))
    return series


def choose_pool(
    days: np.ndarray, today: int, alarm: np.ndarray, labels: np.ndarray, false_alarms_per_year: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the pool's days and of the unjudged alarms that return to it.

    `days` (day numbers, ascending), `alarm` and `labels` describe the days before today. The pool is the last
    `pool_days` of them that were no alarm, or were dismissed, and ended 14 days before today; unjudged alarms between
    them return; confirmed days don't.
    """
    old = np.asarray(days) <= today - POOL_GAP_DAYS
    ordinary = old & (labels != "confirmed") & (~alarm | (labels == "dismissed"))
    pool = np.flatnonzero(ordinary)[-pool_days(false_alarms_per_year) :]
    unjudged = np.flatnonzero(old & alarm & (labels == ""))
    return pool, unjudged[unjudged >= pool[0]] if len(pool) else unjudged[:0]
