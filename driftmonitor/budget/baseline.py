"""Compute each signal's baseline mean and standard deviation, and those of a warm-up.

During the warm-up a prior makes up for the missing days: PRIOR_DAYS pseudo-days that differ by chance and by
`signals.DAY_SD`, and the reference as one day at zero. Without DAY_SD it would be too narrow: real days differ by more
than chance.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special

from driftmonitor.budget.policy import WEEK_DAYS

WEEKDAY_F = 3.0  # above it a signal is compared within its day of the week
FEWEST_OF_A_WEEKDAY = 6
PRIOR_DAYS = 6
SINGLE, SEVERAL, OTHERS, SEGMENTS = range(4)  # the groups of signals
OF_SIGNALS = ("one_sided", "least_sd", "usual_sd", "windows", "groups")
AT_ONCE = 400  # signals of segments: a day's arrays of more do not fit into a cache
SEGMENT_MARGIN = 1.05  # times the strangest baseline day: the others' limits use up the budget already
SEVERAL_MARGIN = 1.1  # times that, over several days: few weeks show less of their tails, and a change adds up anyway
SEGMENT_SHARE = 0.25  # of the budget of a warm-up, in addition


@dataclass(frozen=True)
class Terms:
    """The budget, and what is known of each signal in advance: an array (signals), or one value for all.

    one_sided: only large values are unusual. least_sd: a lower bound of its standard deviation. usual_sd: the standard
    deviation to expect. windows: the number of days that it adds up. groups: the number of its group, from 0; each
    group has a limit of its own, so that heavy tails in one do not hide what happens in another. beside: (2, windows,
    columns), the places of the levels and of the signals that compare each with the others'; None without any.
    """

    false_alarms_per_year: float
    one_sided: np.ndarray | bool = False
    least_sd: np.ndarray | float = 0.0
    usual_sd: np.ndarray | float = 1.0
    windows: np.ndarray | float = 1.0
    groups: np.ndarray | int = 0
    beside: np.ndarray | None = None

    def some(self, places: slice) -> "Terms":
        """Return the terms of some signals; only the first ones are compared with others `beside`."""

        def take(value: Any) -> Any:
            return value[places] if isinstance(value, np.ndarray) and value.ndim else value

        known = {name: take(getattr(self, name)) for name in OF_SIGNALS}
        return replace(self, **known, beside=self.beside if places.start == 0 else None)

    @property
    def of_segments(self) -> np.ndarray:
        """Which signals are of segments."""
        return np.asarray(self.groups) == SEGMENTS

    @property
    def margins(self) -> np.ndarray | float:
        """By what the limit of each group is multiplied: there are many segments, whose limit is to add few alerts."""
        last = int(np.max(self.groups, initial=0))
        return np.where(np.arange(last + 1) == SEGMENTS, SEGMENT_MARGIN, 1.0) if last == SEGMENTS else 1.0

    @property
    def several_margins(self) -> np.ndarray:
        """By what the limit of each signal is multiplied further: that of segments over several days (signals)."""
        return np.where(self.of_segments & (np.asarray(self.windows) > 1), SEVERAL_MARGIN, 1.0)


class Moments:
    """Moments of baseline days (days, signals) by day of the week: number, mean and sum of squares (7, signals).

    grand: the mean of all days (signals). within, between: the sums of squares within and between the days of the week.
    """

    def __init__(self, signals: np.ndarray, weekday: np.ndarray) -> None:
        shape = (WEEK_DAYS, signals.shape[1])
        self.count, self.mean, self.squares = (np.zeros(shape) for _ in range(3))
        for number in range(WEEK_DAYS):
            self._compute(number, signals[weekday == number])
        self.total = self.count.sum(axis=0)
        self.grand = (self.count * self.mean).sum(axis=0) / np.maximum(self.total, 1)
        self.within = self.squares.sum(axis=0)
        self.between = (self.count * (self.mean - self.grand) ** 2).sum(axis=0)

    def around(self, weekly: np.ndarray, around_0: np.ndarray | bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return the means (7, signals) and the squares around them, of the same day of the week where `weekly`.

        `around_0`: signals whose mean of all days is taken for 0.
        """
        squares = np.where(weekly, self.within, self.within + self.between)
        off = np.where(around_0, self.grand, 0.0)
        return np.where(weekly, self.mean, self.grand) - off, squares + self.total * off**2

    def _compute(self, number: int, rows: np.ndarray) -> None:
        present = np.isfinite(rows)
        self.count[number] = present.sum(axis=0)
        self.mean[number] = np.where(present, rows, 0.0).sum(axis=0) / np.maximum(self.count[number], 1)
        self.squares[number] = (np.where(present, rows - self.mean[number], 0.0) ** 2).sum(axis=0)

    def weekdays_differ(self) -> np.ndarray:
        """Return which signals differ between the days of the week: F above 3, by chance one in 100 (Fisher 1925)."""
        groups = (self.count > 0).sum(axis=0)
        fewest = np.where(self.count > 0, self.count, np.inf).min(axis=0)
        freedom = np.maximum(self.total - groups, 1)
        larger = self.between * freedom > WEEKDAY_F * self.within * np.maximum(groups - 1, 1)
        return (fewest >= FEWEST_OF_A_WEEKDAY) & (groups > 1) & larger


@dataclass(frozen=True)
class Baseline:
    """The baseline of each signal.

    centre: (7, signals), by day of the week. sd: (signals). weekly: the signals whose centre differs by day of the
    week. freedom: degrees of freedom of each sd (signals), for the warm-up; else None.
    """

    centre: np.ndarray
    sd: np.ndarray
    weekly: np.ndarray
    freedom: np.ndarray | None = None

    def z(self, signals: np.ndarray, weekday: np.ndarray | int, terms: Terms) -> np.ndarray:
        """Return the distance of each signal from its mean, in standard deviations; NaN if it is left out."""
        z = (signals - self.centre[weekday]) / self.sd
        return np.where(terms.one_sided, z, np.abs(z))

    def chances(self, z: np.ndarray, terms: Terms) -> np.ndarray:
        """Return the probability that the next day is as unusual in each signal; NaN if it is left out."""
        tail = special.stdtr(self.freedom, -z)
        return np.where(terms.one_sided, tail, 2 * tail)

    def distance(self, chance: float) -> np.ndarray:
        """Return the distance from its mean, in standard deviations, that a signal exceeds with this probability."""
        return special.stdtrit(self.freedom, 1 - chance / 2)


def warm_up_baseline(week: Moments, weekday: int, terms: Terms, accepted: bool = False) -> Baseline:
    """Return the baseline of the few days of a new monitor and the prior, for predicting the next day.

    The prediction is Student's t, for a normal distribution of unknown mean and variance (Gelman et al. 2013, section
    3.3). Signals that add up several days count as many days as there are without overlap. If an analyst `accepted`
    these days, the reference is no longer one of them.
    """
    weekly = week.weekdays_differ() & (week.count[weekday] >= FEWEST_OF_A_WEEKDAY)
    days = week.total / terms.windows
    groups = np.where(weekly, (week.count > 0).sum(axis=0), 1)
    freedom = PRIOR_DAYS + np.maximum(days - groups, 0)
    squares = week.around(weekly)[1] / terms.windows
    variance = (PRIOR_DAYS * np.square(terms.usual_sd) + squares) / freedom
    with_reference = np.where(accepted & (days > 0), days, days + 1)
    of_centre = np.where(weekly, week.count[weekday], with_reference)
    centre = np.where(weekly, week.mean, week.grand * days / with_reference)
    return Baseline(centre, np.sqrt(variance * (1 + 1 / of_centre)), weekly, freedom)


def largest(z: np.ndarray) -> np.ndarray:
    """Return the anomaly score of each day, its largest z; -infinity for a day without any."""
    return np.where(np.isnan(z), -np.inf, z).max(axis=-1, initial=-np.inf)


def largest_of(groups: np.ndarray | int, z: np.ndarray) -> np.ndarray:
    """Return the largest z of each group (..., groups); -infinity for a group without any."""
    number = int(np.max(groups, initial=0)) + 1
    of_group = (np.broadcast_to(groups, z.shape[-1:]) == group for group in range(number))
    return np.stack([largest(z[..., own]) for own in of_group], axis=-1)
