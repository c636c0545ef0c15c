"""How strange a day is beside the days before it: the judgement of the false-alarm budget. Pure numpy.

The signals of one day, `driftmonitor/signals.py`, are a vector; those of comparable days, one row each, are the *pool*.
The *strangeness* S of a day is its largest signal in standard deviations of that signal over the pool. A day is an
alarm when it is stranger than every comparable day. Where days are exchangeable, a day is the strangest of H + 1 with
chance 1 / (H + 1), whatever the signals are (Vovk, Gammerman and Shafer 2005): that keeps the budget.
`benchmarks/budget12` measures what is kept where they are not.
"""

from dataclasses import dataclass

import numpy as np

DAYS_A_YEAR = 365
POOL_GAP_DAYS = 14  # the newest days are no yardstick: a drift that has just begun would be among them
WEEK_DAYS = 7
# An alarm that nobody judged returns, at most so much stranger than the strangest of the others. Without it the limit
# could only fall and the alarms grow from year to year; with all of it one real spike would blind the monitor.
RETURN_FACTOR = 1.2
PRESENT_SHARE = 0.5  # a signal that most days of the pool lack is left out
WEEKDAY_F = 3.0  # over it a signal is compared within its day of the week
FEWEST_OF_A_WEEKDAY = 6


def pool_days(false_alarms_per_year: float) -> int:
    """Return how many days a full pool has: with twice a year's share of the budget an alarm is half as likely."""
    return int(2 * DAYS_A_YEAR / false_alarms_per_year)


def smallest_p_alarm(p_values: np.ndarray | None, false_alarms_per_year: float) -> bool:
    """Return whether the smallest of k p-values is at most B / (365 k) (Bonferroni 1936)."""
    known = [] if p_values is None else np.asarray(p_values)[np.isfinite(p_values)]
    return len(known) > 0 and bool(np.min(known) <= false_alarms_per_year / (DAYS_A_YEAR * len(known)))


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
