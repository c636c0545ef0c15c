"""Take a change for usual that came in the same weeks of last year, once a year is known.

A signal that follows the seasons goes where it was a year ago. What the last 219 days show of it is not all: some weeks
of each year are further off than all of these. So a signal that is beyond its limit is compared with its mean in the
same three weeks of last year as well. That counts if two things hold. The signal was off its baseline mean in those
weeks too, to the same side. And four weeks that ended two weeks ago were as they were a year before, which those of
something that moves without a season seldom are. Besides, a signal may be as unusual as on the same day of last year.
"""

import numpy as np

from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.full_baseline import FullBaseline
from driftmonitor.budget.policy import AROUND, GAP_DAYS, MONTH, SAME_DAY, WEEK_DAYS, YEAR

FEWEST = 3  # days of which a mean is taken
ALIKE = 1.5  # standard deviations of a day, between four weeks and those of last year
OFF = 3.0  # standard errors of the mean of three weeks, from the mean of the baseline


class LastYear:
    """What is known of last year, by those earlier days (days, signals) that may be compared, for a `day` now."""

    def __init__(self, signals: np.ndarray, days: np.ndarray, day: int) -> None:
        self.signals, self.ages = signals, day - days
        self.day = day
        self.known = bool((self.ages >= YEAR - AROUND).any())

    def same_day(self, today: np.ndarray, full: FullBaseline, terms: Terms) -> np.ndarray:
        """Return the z (days, signals) of the same day of last year, of the same date and of the same day of the week.

        Those to the other side of the mean than today are NaN.
        """
        same = (self.ages >= SAME_DAY[0]) & (self.ages <= SAME_DAY[1])
        then, days = self.signals[same], self.day - self.ages[same]
        sides = self._side(then, days, full) == self._side(today, self.day, full)
        return np.where(sides, full.z(then, days, terms), np.nan)

    def lower(
        self, z: np.ndarray, today: np.ndarray, full: FullBaseline, noise: np.ndarray, terms: Terms
    ) -> np.ndarray:
        """Return the z (signals) of today, or those from the same weeks of last year where these explain them.

        `noise`: the standard deviation of each signal from one week to the next.
        """
        weeks, number = self._mean(YEAR - AROUND, YEAR + AROUND)
        recent, _ = self._mean(GAP_DAYS, GAP_DAYS + MONTH - 1)
        then, _ = self._mean(YEAR + GAP_DAYS, YEAR + GAP_DAYS + MONTH - 1)
        noise, error = np.maximum(noise, terms.least_sd), np.sqrt(terms.windows / np.maximum(number, 1))
        usual = full.baseline.centre[self.day % WEEK_DAYS]
        weeks = weeks + usual - full.baseline.centre.mean(axis=0)  # of the same day of the week
        side = self._side(today, self.day, full)
        with np.errstate(invalid="ignore"):
            was_off = side * (full.wandering.fill(weeks, self.day) - usual) > OFF * noise * error
            counts = was_off & (np.abs(recent - then) <= ALIKE * noise)
            of_weeks = np.abs(today - weeks) / (noise * np.sqrt(1 + error**2)) / full.tails
        return np.where(counts, np.minimum(z, of_weeks), z)

    def _side(self, signals: np.ndarray, days: np.ndarray | int, full: FullBaseline) -> np.ndarray:
        """Return to which side of its baseline mean each signal is (..., signals): 1 or -1."""
        return np.sign(full.fill(signals, days) - full.baseline.centre[np.asarray(days) % WEEK_DAYS])

    def _mean(self, youngest: int, oldest: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean of each signal over the days of these ages, NaN with too few, and their number."""
        values = self.signals[(self.ages >= youngest) & (self.ages <= oldest)]
        known = np.isfinite(values)
        number = known.sum(axis=0)
        mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(number, 1)
        return np.where(number >= FEWEST, mean, np.nan), number


def week_to_week(signals: np.ndarray) -> np.ndarray:
    """Return the standard deviation of each signal from one week to the next (days, signals), without what wanders."""
    differences = signals[WEEK_DAYS:] - signals[:-WEEK_DAYS]
    known = np.isfinite(differences)
    squares = np.where(known, differences, 0.0) ** 2
    return np.sqrt(squares.sum(axis=0) / np.maximum(known.sum(axis=0), 1) / 2)
