"""Compare a signal that wanders, as with the seasons, with where the weeks before say that it is now.

Its mean over a whole baseline says little of tomorrow. Of such signals each day's difference from what was expected is
judged instead: from the mean of 28 earlier days, or from the line through 42 of them, which goes on. All of them ended
two weeks before. The baseline days alone decide which signals wander, and in which way. The mean difference is taken
for 0, as it is over a whole year: the part of a year that a baseline holds may only have seen the signal rise.
"""

import numpy as np

from driftmonitor.budget.baseline import Moments
from driftmonitor.budget.policy import GAP_DAYS, WEEK_DAYS

NEAR_DAYS = 28  # four of each day of the week, whose mean is expected
LINE_DAYS = 42  # through which the line goes
WANDERS = 0.95  # of the variance is left after the comparison with earlier days; of a signal that stays, about 1.04
FOLLOWS = 0.9  # of that variance is left by the line instead of the mean; of a signal that stays, about 1.2
FEWEST = 28  # days whose differences are known


class Wandering:
    """Which signals wander, by the days (days, signals) at these day numbers, ascending, of which some are `ordinary`.

    The others, drift days that nobody confirmed, only show where a signal was: it may have wandered there.
    signals: those that wander. lines: those of them that are expected on the line.
    """

    def __init__(self, signals: np.ndarray, days: np.ndarray, ordinary: np.ndarray) -> None:
        self.days, self.first = days, days[0] if len(days) else 0
        known, at = np.isfinite(signals), (days - self.first)[:, None].astype(float)
        values = np.where(known, signals, 0.0)
        self.sums = _sums(values), _sums(known), _sums(values * at), _sums(known * at), _sums(known * at**2)
        self.signals, self.lines = self._wandering(signals[ordinary], days[ordinary])

    def fill(self, signals: np.ndarray, days: np.ndarray | int) -> np.ndarray:
        """Return the signals (..., signals) of days, with the differences of those that wander; NaN if not known."""
        if not self.signals.any():
            return signals
        days = np.asarray(days)
        expected = self._before(days)
        if self.lines.any():
            expected = np.where(self.lines, self._on_line(days), expected)
        return np.where(self.signals, signals - expected, signals)

    def _before(self, days: np.ndarray) -> np.ndarray:
        """Return the mean of each signal over the 28 known days before each of these; NaN with fewer."""
        total, number, *_ = self._add_up(days, NEAR_DAYS)
        return np.where(number >= NEAR_DAYS / 2, total / np.maximum(number, 1), np.nan)

    def _on_line(self, days: np.ndarray) -> np.ndarray:
        """Return where the line of least squares through the 42 known days before is on each of these days."""
        total, number, moment, at, squares = self._add_up(days, LINE_DAYS)
        many = np.maximum(number, 1)
        spread = squares - at**2 / many
        slope = np.divide(moment - total * at / many, spread, out=np.zeros(spread.shape), where=spread > 0)
        expected = total / many + slope * ((days - self.first)[..., None] - at / many)
        return np.where(number >= LINE_DAYS / 2, expected, np.nan)

    def _add_up(self, days: np.ndarray, near: int) -> list[np.ndarray]:
        """Return each of the sums over the last so many days that ended two weeks before each of these."""
        end = np.searchsorted(self.days, days - GAP_DAYS, side="right")
        start = np.maximum(end - near, 0)
        return [each[end] - each[start] for each in self.sums]

    def _wandering(self, signals: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        expected = self._before(days), self._on_line(days)
        known = np.isfinite(expected[0]).any(axis=1)
        if known.sum() < FEWEST:
            none = np.zeros(signals.shape[1], dtype=bool)
            return none, none
        weekday = days[known] % WEEK_DAYS
        moments = Moments(signals[known], weekday)
        own = signals[known] - moments.around(moments.weekdays_differ())[0][weekday]
        left = []
        for each in expected:
            differences = own - (each[known] - moments.grand)
            enough = np.isfinite(differences).sum(axis=0) >= FEWEST
            usual = _variance(np.where(np.isfinite(differences), own, np.nan))
            left.append(np.where(enough & (usual > 0), _variance(differences) / np.maximum(usual, 1e-300), np.inf))
        lines = left[1] < FOLLOWS * left[0]
        return np.where(lines, left[1], left[0]) < WANDERS, lines


def _variance(values: np.ndarray) -> np.ndarray:
    """Return the variance of each signal (days, signals); 0 without any value."""
    known = np.isfinite(values)
    number, values = np.maximum(known.sum(axis=0), 1), np.where(known, values, 0.0)
    return (values**2).sum(axis=0) / number - (values.sum(axis=0) / number) ** 2


def _sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of the first 0, 1, 2 and so on of the values (days, signals)."""
    return np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
