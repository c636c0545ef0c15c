"""Compare today with a full baseline, and each of its days with the others.

A day is left out of the baseline that it is compared with, and so are its neighbours that share days with it in a
signal of several days: else they would pull the mean towards it, and today, which has no such neighbours, would be
compared more strictly than the days that set its limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from driftmonitor.budget.baseline import AT_ONCE, Baseline, Moments, Terms
from driftmonitor.budget.beside import Beside
from driftmonitor.budget.policy import WEEK_DAYS
from driftmonitor.budget.wandering import SomeWander, Wandering, find_wandering

PRESENT_SHARE = 0.5  # a signal that fewer of the baseline days have is left out
NARROW = 1e-9  # of the mean: a smaller standard deviation is rounding
STRANGEST = 3  # days, whose mean says how heavy the tails of a signal are
ORDINARY = 2.6  # that mean, of 200 days of a normal variable


@dataclass(frozen=True)
class FullBaseline:
    """A full baseline, and the z of its own days (days, signals), each compared with the others.

    beside: compares columns with one another. tails: by what the z of other days are divided (signals), and those of
    its own days were.
    """

    baseline: Baseline
    beside: Beside
    wandering: Wandering | SomeWander
    own: np.ndarray
    tails: np.ndarray

    def z(self, signals: np.ndarray, days: np.ndarray | int, terms: Terms) -> np.ndarray:
        """Return the z of days that are not in the baseline, from `signals` (..., signals)."""
        return self.baseline.z(self.fill(signals, days), np.asarray(days) % WEEK_DAYS, terms) / self.tails

    def fill(self, signals: np.ndarray, days: np.ndarray | int) -> np.ndarray:
        """Return the signals (..., signals) of days as they are compared."""
        return self.beside.fill(self.wandering.fill(signals, days), np.asarray(days) % WEEK_DAYS)


def full_baseline(
    signals: np.ndarray,
    days: np.ndarray,
    places: tuple[np.ndarray, np.ndarray],
    today: np.ndarray,
    day: int,
    terms: Terms,
) -> FullBaseline:
    """Return the baseline of some of these days (days, signals), for comparing `today` (signals) with them.

    `places`: of those days, and of all ordinary ones; the others only show where signals that wander were.
    """
    chosen, ordinary = places
    wandering = find_wandering(signals, days, ordinary, terms)
    filled, now, days = wandering.fill(signals, days)[chosen], wandering.fill(today, day), days[chosen]
    around_0 = wandering.signals.copy()
    if terms.beside is not None:
        around_0[terms.beside[1]] = around_0[terms.beside[0]]
    first, *segments = (
        _Block.of(filled[:, own], days, now[own], day, terms.some(own), around_0[own])
        for own in in_blocks(terms, signals.shape[1])
    )
    of_segments = _usual_tail([block.strongest for block in segments])
    divided = [first.divide(_usual_tail([first.strongest])), *(block.divide(of_segments) for block in segments)]
    own, tails = (np.concatenate(each, axis=-1) for each in zip(*divided, strict=True))
    return FullBaseline(
        _join([first.baseline, *(block.baseline for block in segments)]), first.beside, wandering, own, tails
    )


@dataclass(frozen=True)
class _Block:
    """Some signals of a full baseline, so many that their arrays fit into a cache.

    z: of its own days (days, signals). strongest: the mean of the three largest z of each signal, and those without
    each of the days (days, signals).
    """

    baseline: Baseline
    beside: Beside
    z: np.ndarray
    strongest: np.ndarray
    without: np.ndarray

    @classmethod
    def of(
        cls, filled: np.ndarray, days: np.ndarray, today: np.ndarray, day: int, terms: Terms, around_0: np.ndarray
    ) -> "_Block":
        """Return the block of signals (days, signals) as they are compared."""
        weekday = days % WEEK_DAYS
        beside = Beside(filled, weekday, terms, around_0)
        filled = beside.fill_own(filled, weekday)
        moments = Moments(filled, weekday)
        weekly = moments.weekdays_differ()
        now = beside.fill(today, day % WEEK_DAYS)
        there = np.isfinite(now) & (moments.total >= PRESENT_SHARE * len(days))
        usual, squares = moments.around(weekly, around_0)
        sd = _bounded(np.sqrt(squares / np.maximum(moments.total, 1)), moments.grand, terms)
        baseline = Baseline(usual, np.where(there, sd, np.nan), weekly & there)
        centre, own_sd = _of_others(filled, days, moments, weekly, terms, around_0)
        own = replace(baseline, centre=centre, sd=np.where(there, _bounded(own_sd, moments.grand, terms), np.nan))
        z = own.z(filled, np.arange(len(days)), terms)
        return cls(baseline, beside, z, *_strongest(z))

    def divide(self, usual: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the z divided by how heavy each signal's tails are, and how heavy these are with all days (signals).

        Divided by it, the z of signals can be compared: else the limit of one column with heavy tails would be that of
        all.
        """
        return self.z / _at_least_one(self.without / usual), _at_least_one(self.strongest / usual)


def _join(baselines: Sequence[Baseline]) -> Baseline:
    if len(baselines) == 1:
        return baselines[0]
    every = zip(*((each.centre, each.sd, each.weekly) for each in baselines), strict=True)
    return Baseline(*(np.concatenate(each, axis=-1) for each in every))


def in_blocks(terms: Terms, number: int) -> list[slice]:
    """Return the places of the signals apart from those of segments, which come last, then of these in blocks."""
    apart = np.broadcast_to(terms.of_segments, number)
    first = number - int(apart.sum())
    starts = range(first, number, AT_ONCE)
    return [slice(0, first), *(slice(start, min(start + AT_ONCE, number)) for start in starts)]


def _strongest(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the three largest z of all days (signals), and without each of the days (days, signals)."""
    known = np.where(np.isnan(z), -np.inf, z)
    places = range(max(len(z) - STRANGEST - 1, 0), len(z))
    top = np.partition(known, places, axis=0)[-STRANGEST - 1 :]
    if len(top) <= STRANGEST:
        return np.full(z.shape[1], np.nan), np.full(z.shape, np.nan)
    with np.errstate(invalid="ignore"):
        mean = top[1:].mean(axis=0)
        return mean, np.where(known >= top[1], (top.sum(axis=0) - known) / STRANGEST, mean)


def _usual_tail(strongest: Sequence[np.ndarray]) -> float:
    """Return the median of these means over all signals, at least that of a normal variable."""
    every = np.concatenate(strongest) if strongest else np.empty(0)
    known = every[np.isfinite(every)]
    return max(float(np.median(known)), ORDINARY) if len(known) else ORDINARY


def _at_least_one(tails: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(tails), np.maximum(tails, 1.0), 1.0)


def _bounded(sd: np.ndarray, grand: np.ndarray, terms: Terms) -> np.ndarray:
    """Return the standard deviations, at least `least_sd`; infinite where days differ by rounding only."""
    bounded = np.maximum(sd, terms.least_sd)
    return np.where(bounded > NARROW * np.abs(grand), bounded, np.inf)


def _of_others(
    signals: np.ndarray, days: np.ndarray, moments: Moments, weekly: np.ndarray, terms: Terms, around_0: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and standard deviation that each day is compared with (days, signals), of the days left.

    Of signals `around_0`, their mean of all days is taken from what they are compared with.
    """
    centre, sd = np.empty(signals.shape), np.empty(signals.shape)
    for window in np.unique(terms.windows):
        of_window = np.broadcast_to(terms.windows == window, signals.shape[1:])
        near = _Near(days, window)
        for formula, places in ((_of_all, of_window & ~weekly), (_of_weekdays, of_window & weekly)):
            if places.any():
                of_all = signals[:, places], days % WEEK_DAYS, near, moments, places
                centre[:, places], sd[:, places] = formula(*of_all, np.where(around_0, moments.grand, 0.0)[places])
    return centre, sd


class _Near:
    """The days that share a window with each day, the day itself among them."""

    def __init__(self, days: np.ndarray, window: float) -> None:
        self.alone = window == 1
        self.first, self.end = np.searchsorted(days, days - window + 1), np.searchsorted(days, days + window)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sums (days, signals) of the values of these days."""
        if self.alone:
            return values
        up_to = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
        return up_to[self.end] - up_to[self.first]

    def count(self, present: np.ndarray) -> np.ndarray:
        """Return how many of these days have a value."""
        return (self.end - self.first)[:, None] if present.all() else self.sums(present.astype(float))


def _of_all(
    signals: np.ndarray, _weekday: np.ndarray, near: _Near, moments: Moments, places: np.ndarray, taken: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    present, grand = np.isfinite(signals), moments.grand[places] - taken
    off = np.where(present, signals - grand, 0.0)
    left = moments.total[places] - near.count(present)
    mean = np.where(taken, 0.0, -near.sums(off) / np.maximum(left, 1))
    squares = (off**2).sum(axis=0) - near.sums(off**2) - left * mean**2
    return grand + mean, np.sqrt(np.maximum(squares, 0) / np.maximum(left, 1))


def _of_weekdays(
    signals: np.ndarray, weekday: np.ndarray, near: _Near, moments: Moments, places: np.ndarray, taken: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Only the day itself is left out of the mean of its day of the week: its neighbours are other days of the week."""
    present, usual = np.isfinite(signals), moments.mean[:, places][weekday]
    off, alike = np.where(present, signals - usual, 0.0), moments.count[:, places][weekday]
    others = np.maximum(alike - 1, 1)
    squares = moments.within[places] - near.sums(off**2 * alike / others)  # by what each day adds to its weekday's
    left = moments.total[places] - near.count(present)
    squares = squares + left * taken**2
    return usual - taken - off / others, np.sqrt(np.maximum(squares, 0) / np.maximum(left, 1))
