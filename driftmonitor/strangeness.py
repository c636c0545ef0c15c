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
RETURN_FACTOR = 1.2  # an alarm that nobody judged returns at most this much stranger than the strangest of the others
PRESENT_SHARE = 0.5  # a signal that most days of the pool lack is left out
WEEKDAY_F = 3.0  # over it a signal is compared within its day of the week
FEWEST_OF_A_WEEKDAY = 6
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
    S is cut at 1.2 times the limit of the others. `p_values` are today's, for the time until the pool is full.
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


@dataclass(frozen=True)
class Verdict:
    """What the comparable days say of one day.

    strangeness: S of the day; limit: S of the strangest comparable day; both are largest |z| over the signals. z: each
    signal's distance from its mean over the pool and today, in standard deviations, NaN where it was left out.
    compared, compared_strangeness: the index and S of each day that it was compared with, as cut. weekly: which signals
    were compared within their day of the week. mode: "pool" when the pool is full, until then "interchangeable".
    """

    alarm: bool
    mode: str
    strangeness: float
    limit: float
    z: np.ndarray
    weekly: np.ndarray
    pool: np.ndarray
    compared: np.ndarray
    compared_strangeness: np.ndarray

    @property
    def p(self) -> float:
        """The share of days, today among them, that are as strange (Vovk, Gammerman and Shafer 2005)."""
        return (1 + int((self.compared_strangeness >= self.strangeness).sum())) / (1 + len(self.compared))


@dataclass(frozen=True)
class Past:
    """The days before one day: evidence (days, signals), day numbers ascending, alarms, and labels.

    A label is "dismissed", "confirmed" or "".
    """

    signals: np.ndarray
    days: np.ndarray
    alarm: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Terms:
    """How days are judged: the budget a year, which signals are strange only when large, and the least sd of each.

    one_sided and least_sd are arrays (signals) or one value for all.
    """

    false_alarms_per_year: float
    one_sided: np.ndarray | bool = False
    least_sd: np.ndarray | float = 0.0


def judge_day(today: np.ndarray, day: int, past: Past, terms: Terms, p_values: np.ndarray | None = None) -> Verdict:
    """Return what the past says of today's signals (signals); NaN is a signal that a day does not have.

    The pool is the last `pool_days` ordinary days that ended 14 days before. A signal whose level differs between the
    days of the week is compared within them. Alarms never enter the means and standard deviations; they return to the
    comparison with S cut at 1.2 times the pool's. A dismissed alarm also excuses today's signals that are no more than
    1.2 times as strange as they were then. `p_values` are today's, for the time until the pool is full.
    """
    pool, returned, dismissed = _choose(past, day, terms)
    week = _Week(past.signals, past.days)
    week.hold(pool)
    return _judge(today, day, past, week, (pool, returned, dismissed), terms, p_values)


def judge_days(
    signals: np.ndarray,
    days: np.ndarray,
    terms: Terms,
    p_values: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> Series:
    """Return the judgement of each day (days, signals) from those before it, as `judge_day` would one after another."""
    labels = np.full(len(days), "") if labels is None else np.asarray(labels)
    series = Series(*(np.zeros(len(days), dtype) for dtype in (bool, bool, float, float, int)))
    past, week = Past(signals, np.asarray(days), series.alarm, labels), _Week(signals, days)
    for t, day in enumerate(days):
        before = Past(signals[:t], past.days[:t], series.alarm[:t], labels[:t])
        chosen = _choose(before, day, terms)
        week.hold(chosen[0])
        verdict = _judge(signals[t], day, before, week, chosen, terms, None if p_values is None else p_values[t], False)
        series.alarm[t], series.full[t] = verdict.alarm, verdict.mode == "pool"
        series.strangeness[t], series.limit[t] = verdict.strangeness, verdict.limit
        series.cause[t] = int(np.argmax(np.nan_to_num(verdict.z, nan=-np.inf)))
    return series


def _choose(past: Past, day: int, terms: Terms) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the indices of the pool, of the alarms that return cut, and of the dismissed ones that excuse."""
    old = past.days <= day - POOL_GAP_DAYS
    pool = np.flatnonzero(old & ~past.alarm & (past.labels != "confirmed"))[-pool_days(terms.false_alarms_per_year) :]
    since = pool[0] if len(pool) else len(past.days)
    returned = np.flatnonzero(old & past.alarm & (past.labels != "confirmed"))
    dismissed = np.flatnonzero(past.labels == "dismissed")
    return pool, returned[returned >= since], dismissed[dismissed >= since]


class _Week:
    """The pool's days by day of the week: count, mean, squares about the mean, largest and smallest of each signal.

    All arrays are (7, signals). From day to day only the weekdays whose days changed are worked out again.
    """

    def __init__(self, signals: np.ndarray, days: np.ndarray) -> None:
        self.signals, self.weekday = signals, np.asarray(days, dtype=int) % WEEK_DAYS
        shape = (WEEK_DAYS, signals.shape[1])
        self.count, self.mean, self.squares = (np.zeros(shape) for _ in range(3))
        self.high, self.low = np.full(shape, -np.inf), np.full(shape, np.inf)
        self.held: list[bytes] = [b""] * WEEK_DAYS
        self.whole = bool(np.isfinite(signals).all())

    def hold(self, pool: np.ndarray) -> None:
        """Make these the pool's days."""
        weekday = self.weekday[pool]
        for place in range(WEEK_DAYS):
            rows = pool[weekday == place]
            if rows.tobytes() != self.held[place]:
                self.held[place] = rows.tobytes()
                self._sum_up(place, self.signals[rows])

    def _sum_up(self, place: int, rows: np.ndarray) -> None:
        known = None if self.whole else np.isfinite(rows)
        filled = rows if known is None else np.where(known, rows, 0.0)
        self.count[place] = len(rows) if known is None else known.sum(axis=0)
        self.mean[place] = filled.sum(axis=0) / np.maximum(self.count[place], 1)
        centred = rows - self.mean[place] if known is None else np.where(known, rows - self.mean[place], 0.0)
        self.squares[place] = (centred**2).sum(axis=0)
        self.high[place] = np.max(rows if known is None else np.where(known, rows, -np.inf), axis=0, initial=-np.inf)
        self.low[place] = np.min(rows if known is None else np.where(known, rows, np.inf), axis=0, initial=np.inf)


@dataclass(frozen=True)
class _Scale:
    """Centre (7, signals), sd (signals) and which signals have a centre for each day of the week."""

    centre: np.ndarray
    sd: np.ndarray
    weekly: np.ndarray

    def z(self, signals: np.ndarray, weekday: np.ndarray, terms: Terms) -> np.ndarray:
        """Return how strange each signal is, in standard deviations; NaN where it is left out."""
        z = (signals - self.centre[weekday]) / self.sd
        return np.where(terms.one_sided, z, np.abs(z))


def _scale(week: _Week, today: np.ndarray, weekday: int, pool_size: int, terms: Terms) -> _Scale:
    """Return the scale of the pool and today together, so that no day is favoured."""
    known = np.isfinite(today) & (week.count.sum(axis=0) >= PRESENT_SHARE * pool_size)
    count, mean, squares = week.count.copy(), week.mean.copy(), week.squares.copy()
    off = np.where(known, today - mean[weekday], 0.0)
    squares[weekday] += off**2 * count[weekday] / (count[weekday] + 1)
    mean[weekday] += off / (count[weekday] + 1)
    count[weekday] += 1
    total = count.sum(axis=0)
    grand = (count * mean).sum(axis=0) / total
    within, between = squares.sum(axis=0), (count * (mean - grand) ** 2).sum(axis=0)
    weekly = _differ(count, within, between)
    sd = np.sqrt(np.where(weekly, within, within + between) / total)
    sd = np.maximum(sd, terms.least_sd)
    sd = np.where(known, np.where(sd > 1e-9 * np.abs(grand), sd, np.inf), np.nan)
    return _Scale(np.where(weekly, mean, grand), sd, weekly & known)


def _differ(count: np.ndarray, within: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Return which signals differ between the days of the week: F over 3, one in a hundred by chance (Fisher 1925)."""
    groups = (count > 0).sum(axis=0)
    enough = (np.where(count > 0, count, np.inf).min(axis=0) >= FEWEST_OF_A_WEEKDAY) & (groups > 1)
    freedom = np.maximum(count.sum(axis=0) - groups, 1)
    return enough & (between * freedom > WEEKDAY_F * within * np.maximum(groups - 1, 1))


def _judge(
    today: np.ndarray,
    day: int,
    past: Past,
    week: _Week,
    chosen: tuple[np.ndarray, np.ndarray, np.ndarray],
    terms: Terms,
    p_values: np.ndarray | None,
    tell: bool = True,
) -> Verdict:
    pool, returned, dismissed = chosen
    scale = _scale(week, today, day % WEEK_DAYS, len(pool), terms)
    z = scale.z(today, day % WEEK_DAYS, terms)
    others = scale.z(past.signals[returned], week.weekday[returned], terms)
    limit = _limit(week, scale, terms) if len(pool) else np.nan
    cut = np.minimum(_largest(others), RETURN_FACTOR * limit)
    excused = _largest_of_each(scale.z(past.signals[dismissed], week.weekday[dismissed], terms))
    told = np.where(z > RETURN_FACTOR * excused, z, np.nan)
    strangeness, limit = float(_largest(told)), max([limit, *cut])
    full = len(pool) >= pool_days(terms.false_alarms_per_year)
    alarm = strangeness > limit if full else smallest_p_alarm(p_values, terms.false_alarms_per_year)
    own = _largest(scale.z(past.signals[pool], week.weekday[pool], terms)) if tell else np.zeros(0)
    return Verdict(
        alarm=bool(alarm),
        mode="pool" if full else "interchangeable",
        strangeness=strangeness,
        limit=float(limit),
        z=told,
        weekly=scale.weekly,
        pool=pool,
        compared=np.concatenate([pool, returned]),
        compared_strangeness=np.concatenate([own, cut]),
    )


def _limit(week: _Week, scale: _Scale, terms: Terms) -> float:
    """Return S of the strangest day of the pool: the largest z over signals of the largest over days."""
    high, low = (week.high - scale.centre) / scale.sd, (scale.centre - week.low) / scale.sd
    return float(_largest(np.maximum(high, np.where(terms.one_sided, -np.inf, low)).ravel()))


def _largest_of_each(z: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(z), -np.inf, z).max(axis=0, initial=-np.inf)
