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
        self.sums, self.counts = _sums(np.where(known, signals, 0.0)), _sums(known)
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
        before = self._before(days)
        known = np.isfinite(before).any(axis=1)
        if known.sum() < FEWEST:
            return np.zeros(signals.shape[1], dtype=bool)
        weekday = days[known] % WEEK_DAYS
        moments = Moments(signals[known], weekday)
        usual = moments.around(moments.weekdays_differ())[0][weekday]
        own = np.where(np.isfinite(before[known]), signals[known] - usual, np.nan)
        differences = own - (before[known] - moments.grand)
        enough = np.isfinite(differences).sum(axis=0) >= FEWEST
        return enough & (_variance(differences) < WANDERS * _variance(own))


def _variance(values: np.ndarray) -> np.ndarray:
    """Return the variance of each signal (days, signals); 0 without any value."""
    known = np.isfinite(values)
    number, values = np.maximum(known.sum(axis=0), 1), np.where(known, values, 0.0)
    return (values**2).sum(axis=0) / number - (values.sum(axis=0) / number) ** 2


def _sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of the first 0, 1, 2 and so on of the values (days, signals)."""
    return np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
