"""Compare today with a full baseline, and each of its days with the others.

A day is left out of the baseline that it is compared with, and so are its neighbours that share days with it in a
signal of several days: else they would pull the mean towards it, and today, which has no such neighbours, would be
compared more strictly than the days that set its limit.
"""

from dataclasses import dataclass, replace

import numpy as np

from driftmonitor.budget.baseline import Baseline, Moments, Terms
from driftmonitor.budget.beside import Beside
from driftmonitor.budget.policy import WEEK_DAYS
from driftmonitor.budget.wandering import Wandering

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
    wandering: Wandering
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
    wandering = Wandering(signals, days, ordinary)
    filled, days = wandering.fill(signals, days)[chosen], days[chosen]
    weekday = days % WEEK_DAYS
    beside = Beside(filled, weekday, terms)
    filled = beside.fill_own(filled, weekday)
    moments = Moments(filled, weekday)
    weekly = moments.weekdays_differ()
    now = beside.fill(wandering.fill(today, day), day % WEEK_DAYS)
    there = np.isfinite(now) & (moments.total >= PRESENT_SHARE * len(days))
    squares = np.where(weekly, moments.within, moments.within + moments.between)
    sd = _bounded(np.sqrt(squares / np.maximum(moments.total, 1)), moments.grand, terms)
    baseline = Baseline(np.where(weekly, moments.mean, moments.grand), np.where(there, sd, np.nan), weekly & there)
    centre, own_sd = _of_others(filled, days, moments, weekly, terms)
    own = replace(baseline, centre=centre, sd=np.where(there, _bounded(own_sd, moments.grand, terms), np.nan))
    z = own.z(filled, np.arange(len(days)), terms)
    tails, own_tails = heavy_tails(z)
    return FullBaseline(baseline, beside, wandering, z / own_tails, tails)


def heavy_tails(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how heavy each signal's tails are (signals), and without each of the days (days, signals).

    It is the mean of the three largest z of all days (days, signals), divided by the median of all signals, at least 1.
    What is divided by it may be compared: else the limit of one column with heavy tails would hold for all others.
    """
    known = np.where(np.isnan(z), -np.inf, z)
    places = range(max(len(z) - STRANGEST - 1, 0), len(z))
    top = np.partition(known, places, axis=0)[-STRANGEST - 1 :]
    if len(top) <= STRANGEST or not np.isfinite(top).any():
        return np.ones(z.shape[1]), np.ones(z.shape)
    with np.errstate(invalid="ignore"):
        mean = top[1:].mean(axis=0)
        without = np.where(known >= top[1], (top.sum(axis=0) - known) / STRANGEST, mean)
    usual = max(np.median(mean[np.isfinite(mean)]), ORDINARY)
    return _at_least_one(mean / usual), _at_least_one(without / usual)


def _at_least_one(tails: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(tails), np.maximum(tails, 1.0), 1.0)


def _bounded(sd: np.ndarray, grand: np.ndarray, terms: Terms) -> np.ndarray:
    """Return the standard deviations, at least `least_sd`; infinite where days differ by rounding only."""
    bounded = np.maximum(sd, terms.least_sd)
    return np.where(bounded > NARROW * np.abs(grand), bounded, np.inf)


def _of_others(
    signals: np.ndarray, days: np.ndarray, moments: Moments, weekly: np.ndarray, terms: Terms
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and standard deviation that each day is compared with (days, signals), of the days left.

    Of a day of the week, only the day itself is left out of the mean: its neighbours are other days of the week.
    """
    weekday, present = days % WEEK_DAYS, np.isfinite(signals)
    off, own = np.where(present, signals - moments.grand, 0.0), np.where(present, signals - moments.mean[weekday], 0.0)
    alike = moments.count[weekday]
    per_week = own**2 * alike / np.maximum(alike - 1, 1)  # by what each day adds to the squares within its day of week
    left, mean, squares = (np.empty(signals.shape) for _ in range(3))
    for window in np.unique(terms.windows):
        of_window = np.broadcast_to(terms.windows == window, signals.shape[1:])
        near = (np.searchsorted(days, days - window + 1), np.searchsorted(days, days + window))
        chosen = [each[:, of_window] for each in (present.astype(float), off, off**2, per_week)]
        number, total, square, within = (_left_out(each, near) for each in chosen)
        left[:, of_window] = moments.total[of_window] - number
        mean[:, of_window] = -total / np.maximum(left[:, of_window], 1)
        overall = (off[:, of_window] ** 2).sum(axis=0) - square - left[:, of_window] * mean[:, of_window] ** 2
        squares[:, of_window] = np.where(weekly[of_window], moments.within[of_window] - within, overall)
    of_week = moments.mean[weekday] - own / np.maximum(alike - 1, 1)
    return np.where(weekly, of_week, moments.grand + mean), np.sqrt(np.maximum(squares, 0) / np.maximum(left, 1))


def _left_out(values: np.ndarray, near: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the sums (days, signals) of the values from the one index up to the other."""
    up_to = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return up_to[near[1]] - up_to[near[0]]
