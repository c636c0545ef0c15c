"""How strange a day is beside the days before it: the judgement of the false-alarm budget. Pure numpy.

The signals of one day, from `signals.py`, are a vector; those of comparable days, one row each, are the *pool*.
The *strangeness* S of a day is its largest signal in standard deviations, by the yardsticks of
`baseline.py`. A day is an alarm when it is stranger than every comparable day. Where days are
exchangeable, a day is the strangest of H + 1 with chance 1 / (H + 1), whatever the signals are (Vovk, Gammerman and
Shafer 2005): that keeps the budget once H is large. While it is small an alarm must also be as rare as the budget by
what the few days leave open. `benchmarks/budget12` measures what is kept where days are not exchangeable.
"""

from dataclasses import dataclass

import numpy as np

from driftmonitor.budget.baseline import Baseline, Terms, WeekdayMoments, full_baseline, largest, warm_up_baseline
from driftmonitor.budget.policy import DAYS_A_YEAR, GAP_DAYS, WARM_UP_GAP_DAYS, WEEK_DAYS, baseline_days

# An alarm that nobody judged returns, at most so much stranger than the strangest of the others. Without it the limit
# could only fall and the alarms grow from year to year; with all of it one real spike would blind the monitor.
# Of few days the strangest is no sure limit: an early alarm must be so much stranger still.
MARGIN = 1.2


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

    mode: "pool" when the pool is full, until then "early". strangeness: S of the day; limit: S of the strangest
    comparable day; both are largest |z| over the signals. z: each signal's distance from its usual value, in standard
    deviations, NaN where it was left out. weekly: which signals were compared within their day of the week. pool: the
    days whose means and standard deviations count. compared, compared_strangeness: the index and S of each day that it
    was compared with, as cut. chances: how often each signal is so strange, asked only while mode is "early".
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
    chances: np.ndarray | None = None

    @property
    def p(self) -> float:
        """The share of days, today among them, that are as strange (Vovk, Gammerman and Shafer 2005)."""
        return (1 + int((self.compared_strangeness >= self.strangeness).sum())) / (1 + len(self.compared))


@dataclass(frozen=True)
class Candidates:
    """The days before one day: evidence (days, signals), day numbers ascending, alarms, and labels.

    A label is "dismissed", "confirmed" or "".
    """

    signals: np.ndarray
    days: np.ndarray
    alarm: np.ndarray
    labels: np.ndarray


def chance_limit(chances: np.ndarray, false_alarms_per_year: float) -> float:
    """Return the chance of a signal at which a day alarms while there are few: B / (365 k) of k (Bonferroni 1936)."""
    return false_alarms_per_year / DAYS_A_YEAR / max(1, int(np.isfinite(chances).sum()))


def judge_day(today: np.ndarray, day: int, past: Candidates, terms: Terms) -> Verdict:
    """Return what the past says of today's signals (signals); NaN is a signal that a day does not have.

    The pool is the last `pool_days` ordinary days that ended 14 days before. A signal whose level differs between the
    days of the week is compared within them. Alarms never enter the means and standard deviations; they return to the
    comparison with S cut at 1.2 times the pool's. A dismissed alarm also excuses today's signals that are no more than
    1.2 times as strange as they were then.

    Until the pool is full, today is compared with the days that ended 7 days before, and with alarms as with others,
    whole, once they ended 14 days before: an alarm that rests on few days is no proof that its day was strange, and a
    rhythm that alarms once must be learned.
    """
    chosen = _choose(past, day, terms)
    week = WeekdayMoments(past.signals, past.days)
    week.hold(chosen.pool)
    return _judge(today, day, past, week, chosen, terms)


def judge_days(signals: np.ndarray, days: np.ndarray, terms: Terms, labels: np.ndarray | None = None) -> Series:
    """Return the judgement of each day (days, signals) from those before it, as `judge_day` would one after another."""
    labels = np.full(len(days), "") if labels is None else np.asarray(labels)
    series = Series(*(np.zeros(len(days), dtype) for dtype in (bool, bool, float, float, int)))
    past, week = Candidates(signals, np.asarray(days), series.alarm, labels), WeekdayMoments(signals, days)
    for t, day in enumerate(days):
        before = Candidates(signals[:t], past.days[:t], series.alarm[:t], labels[:t])
        chosen = _choose(before, day, terms)
        week.hold(chosen.pool)
        verdict = _judge(signals[t], day, before, week, chosen, terms, tell=False)
        series.alarm[t], series.full[t] = verdict.alarm, verdict.mode == "pool"
        series.strangeness[t], series.limit[t] = verdict.strangeness, verdict.limit
        series.cause[t] = int(np.argmax(np.nan_to_num(verdict.z, nan=-np.inf)))
    return series


@dataclass(frozen=True)
class _Chosen:
    """The indices of the pool, of the alarms that return cut, and of the dismissed ones that excuse.

    early: whether the pool is not full yet, and is of the few days that there are.
    """

    pool: np.ndarray
    returned: np.ndarray
    dismissed: np.ndarray
    early: bool


def _choose(past: Candidates, day: int, terms: Terms) -> _Chosen:
    needed, open_days = baseline_days(terms.false_alarms_per_year), past.labels != "confirmed"
    old = (past.days <= day - GAP_DAYS) & open_days
    pool, dismissed = np.flatnonzero(old & ~past.alarm)[-needed:], np.flatnonzero(past.labels == "dismissed")
    if len(pool) < needed:
        gap = np.where(past.alarm, GAP_DAYS, WARM_UP_GAP_DAYS)
        few = np.flatnonzero((past.days <= day - gap) & open_days)[1 - needed :]
        return _Chosen(few, few[:0], dismissed, early=True)
    returned = np.flatnonzero(old & past.alarm)
    return _Chosen(pool, returned[returned >= pool[0]], dismissed[dismissed >= pool[0]], early=False)


def _judge(
    today: np.ndarray,
    day: int,
    past: Candidates,
    week: WeekdayMoments,
    chosen: _Chosen,
    terms: Terms,
    tell: bool = True,
) -> Verdict:
    weekday, early, size = day % WEEK_DAYS, chosen.early, len(chosen.pool)
    baseline = warm_up_baseline(week, weekday, terms) if early else full_baseline(week, today, weekday, size, terms)
    z = _without_excused(baseline.z(today, weekday, terms), past, week, chosen.dismissed, baseline, terms)
    strangeness, limit = float(largest(z)), baseline.limit(week, terms)
    others = largest(baseline.z(past.signals[chosen.returned], week.weekday[chosen.returned], terms))
    cut = np.minimum(others, MARGIN * limit)
    limit = max([limit, *cut])
    chances = baseline.chances(z, terms) if early else None
    own = chosen.pool if tell else chosen.pool[:0]
    own_strangeness = largest(baseline.z(past.signals[own], week.weekday[own], terms))
    return Verdict(
        alarm=strangeness > limit if chances is None else _rare(z, limit, chances, terms),
        mode="early" if early else "pool",
        strangeness=strangeness,
        limit=float(limit),
        z=z,
        weekly=baseline.weekly,
        pool=chosen.pool,
        compared=np.concatenate([chosen.pool, chosen.returned]),
        compared_strangeness=np.concatenate([own_strangeness, cut]),
        chances=chances,
    )


def _rare(z: np.ndarray, limit: float, chances: np.ndarray, terms: Terms) -> bool:
    """Return whether a signal is a fifth stranger than all few days, and by its chance rarer than the budget."""
    return bool(((z > MARGIN * limit) & (chances <= chance_limit(chances, terms.false_alarms_per_year))).any())


def _without_excused(
    z: np.ndarray, past: Candidates, week: WeekdayMoments, dismissed: np.ndarray, baseline: Baseline, terms: Terms
) -> np.ndarray:
    """Return the z without those that are much as they were on a dismissed day."""
    then = baseline.z(past.signals[dismissed], week.weekday[dismissed], terms)
    excused = np.where(np.isnan(then), -np.inf, then).max(axis=0, initial=-np.inf)
    return np.where(z > MARGIN * excused, z, np.nan)
