"""Compare a signal that wanders, as with the seasons, with where it was two to six weeks before.

Its mean over a whole baseline says little of tomorrow. Of such signals each day's difference from the mean of 28
earlier days is judged instead: that does not wander. Which do so is decided by the baseline days alone.
"""

import numpy as np

from driftmonitor.budget.baseline import Moments
from driftmonitor.budget.policy import GAP_DAYS, WEEK_DAYS

NEAR_DAYS = 28  # four of each day of the week
WANDERS = 0.8  # of the variance is left after the comparison with earlier days; of a signal that stays, about 1.04
FEWEST = 28  # days whose differences are known


class Wandering:
    """Which signals wander, by the days (days, signals) at these day numbers, ascending, of which some are `ordinary`.

    The others, drift days that nobody confirmed, only show where a signal was: it may have wandered there.
    """

    def __init__(self, signals: np.ndarray, days: np.ndarray, ordinary: np.ndarray) -> None:
        self.days = days
        known = np.isfinite(signals)
        first = np.zeros((1, signals.shape[1]))
        self.sums = np.concatenate([first, np.cumsum(np.where(known, signals, 0.0), axis=0)])
        self.counts = np.concatenate([first, np.cumsum(known, axis=0)])
        self.signals = self._wandering(signals[ordinary], days[ordinary])

    def fill(self, signals: np.ndarray, days: np.ndarray | int) -> np.ndarray:
        """Return the signals (..., signals) of days, with the differences of those that wander; NaN if not known."""
        if not self.signals.any():
            return signals
        return np.where(self.signals, signals - self._before(np.asarray(days)), signals)

    def _before(self, days: np.ndarray) -> np.ndarray:
        """Return the mean of each signal over the 28 known days before each of these; NaN with fewer."""
        end = np.searchsorted(self.days, days - GAP_DAYS, side="right")
        start = np.maximum(end - NEAR_DAYS, 0)
        number = self.counts[end] - self.counts[start]
        enough = number >= NEAR_DAYS / 2
        return np.where(enough, (self.sums[end] - self.sums[start]) / np.maximum(number, 1), np.nan)

    def _wandering(self, signals: np.ndarray, days: np.ndarray) -> np.ndarray:
        differences = signals - self._before(days)
        known = np.isfinite(differences).any(axis=1)
        if known.sum() < FEWEST:
            return np.zeros(signals.shape[1], dtype=bool)
        weekday = days[known] % WEEK_DAYS
        of_signals = np.where(np.isfinite(differences), signals, np.nan)[known]
        variances = [_variance(Moments(each, weekday)) for each in (differences[known], of_signals)]
        return (Moments(differences[known], weekday).total >= FEWEST) & (variances[0] < WANDERS * variances[1])


def _variance(moments: Moments) -> np.ndarray:
    weekly = moments.weekdays_differ()
    return np.where(weekly, moments.within, moments.within + moments.between) / np.maximum(moments.total, 1)
