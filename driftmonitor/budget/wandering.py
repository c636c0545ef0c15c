"""Compare a signal that wanders, as with the seasons, with where the weeks before say that it is now.

Its mean over a whole baseline says little of tomorrow. Of such signals each day's difference from what was expected is
judged instead: from the mean of 28 earlier days, or from the line through 42 of them, which goes on. All of them ended
two weeks before. The baseline days alone decide which signals wander, and in which way. The mean difference is taken
for 0, as it is over a whole year: the part of a year that a baseline holds may only have seen the signal rise.
"""

import numpy as np

from driftmonitor.budget.baseline import AT_ONCE, Moments, Terms
from driftmonitor.budget.policy import GAP_DAYS, WEEK_DAYS
from driftmonitor.budget.signals import LEAST_SD

NEAR_DAYS = 28  # four of each day of the week, whose mean is expected
LINE_DAYS = 42  # through which the line goes
WANDERS = 0.95  # of the variance is left after the comparison with earlier days; of a signal that stays, about 1.04
TRIED = 1.0  # at most this is left of a signal whose line is tried
FOLLOWS = 0.9  # of that variance is left by the line instead of the mean; of a signal that stays, about 1.2
VARIES = 1.5  # times the variance by chance, of a signal of a segment that may wander
FEWEST = 28  # days whose differences are known


class Wandering:
    """Which signals wander, by the days (days, signals) at these day numbers, ascending, of which some are `ordinary`.

    The others, drift days that nobody confirmed, only show where a signal was: it may have wandered there.
    signals: those that wander. lines: those of them that are expected on the line.
    """

    def __init__(self, signals: np.ndarray, days: np.ndarray, ordinary: np.ndarray) -> None:
        self.days, known = days, np.isfinite(signals)
        self.sums = _sums(np.where(known, signals, 0.0)), _sums(known)
        self.signals = self.lines = np.zeros(signals.shape[1], dtype=bool)
        own = _Ordinary(signals[ordinary], days[ordinary], self._before(days[ordinary]))
        if not own.are_enough:
            return
        by_mean = own.left(own.before)
        self.tried = np.flatnonzero(by_mean < TRIED)
        self.line = _Line(signals[:, self.tried], days)
        by_line = own.left(self._on_line(days[ordinary]))
        self.lines = by_line < FOLLOWS * by_mean
        self.signals = np.where(self.lines, by_line, by_mean) < WANDERS

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
        total, number = _add_up(self.sums, self.days, days, NEAR_DAYS)
        return np.where(number >= NEAR_DAYS / 2, total / np.maximum(number, 1), np.nan)

    def _on_line(self, days: np.ndarray) -> np.ndarray:
        """Return where the line of each signal is on these days (..., signals), NaN of one that is not tried."""
        expected = np.full((*days.shape, len(self.signals)), np.nan)
        expected[..., self.tried] = self.line.at(days)
        return expected


class SomeWander:
    """Those of several signals at these `places` that wander, as `Wandering` says; the others stay as they are."""

    def __init__(self, places: np.ndarray, some: Wandering, number: int) -> None:
        self.places, self.some = places, some
        self.signals = np.zeros(number, dtype=bool)
        self.signals[places] = some.signals

    def fill(self, signals: np.ndarray, days: np.ndarray | int) -> np.ndarray:
        """Return the signals (..., signals) of days, with the differences of those that wander."""
        if not self.signals.any():
            return signals
        filled = np.array(signals)
        filled[..., self.places] = self.some.fill(signals[..., self.places], days)
        return filled


def find_wandering(signals: np.ndarray, days: np.ndarray, ordinary: np.ndarray, terms: Terms) -> Wandering | SomeWander:
    """Return which signals wander. Of segments, which are many, only those are tried that vary by more than chance."""
    if not terms.of_segments.any():
        return Wandering(signals, days, ordinary)
    segments, tried = np.flatnonzero(terms.of_segments), ~terms.of_segments
    by_chance = (np.broadcast_to(terms.least_sd, tried.shape)[segments] / LEAST_SD) ** 2
    for start in range(0, len(segments), AT_ONCE):
        own = segments[start : start + AT_ONCE]
        tried[own] = _variance(signals[np.ix_(ordinary, own)]) > VARIES * by_chance[start : start + AT_ONCE]
    places = np.flatnonzero(tried)
    return SomeWander(places, Wandering(signals[:, places], days, ordinary), signals.shape[1])


class _Line:
    """The line of least squares through the 42 known days of each signal (days, signals) that came before."""

    def __init__(self, signals: np.ndarray, days: np.ndarray) -> None:
        self.days, self.first = days, days[0]
        known, at = np.isfinite(signals), (days - self.first)[:, None].astype(float)
        values = np.where(known, signals, 0.0)
        self.sums = _sums(values), _sums(known), _sums(values * at), _sums(known * at), _sums(known * at**2)

    def at(self, days: np.ndarray) -> np.ndarray:
        """Return where the lines are on these days (..., signals); NaN with few days before."""
        total, number, moment, at, squares = _add_up(self.sums, self.days, days, LINE_DAYS)
        many = np.maximum(number, 1)
        spread = squares - at**2 / many
        slope = (moment - total * at / many) / np.where(spread > 0, spread, np.inf)
        expected = total / many + slope * ((days - self.first)[..., None] - at / many)
        return np.where(number >= LINE_DAYS / 2, expected, np.nan)


class _Ordinary:
    """The ordinary days of which it is known where each signal (days, signals) was `before`."""

    def __init__(self, signals: np.ndarray, days: np.ndarray, before: np.ndarray) -> None:
        self.known = np.isfinite(before).any(axis=1)
        self.are_enough = bool(self.known.sum() >= FEWEST)
        self.before, weekday = before, days[self.known] % WEEK_DAYS
        moments = Moments(signals[self.known], weekday)
        self.grand = moments.grand
        self.own = signals[self.known] - moments.around(moments.weekdays_differ())[0][weekday]

    def left(self, expected: np.ndarray) -> np.ndarray:
        """Return which share of each signal's variance is left by its differences from what was expected."""
        differences = self.own - (expected[self.known] - self.grand)
        known = np.isfinite(differences)
        usual = _variance(np.where(known, self.own, np.nan))
        counts = (known.sum(axis=0) >= FEWEST) & (usual > 0)
        return np.divide(_variance(differences), usual, out=np.full(usual.shape, np.inf), where=counts)


def _add_up(sums: tuple[np.ndarray, ...], days: np.ndarray, wanted: np.ndarray, near: int) -> list[np.ndarray]:
    """Return each of the sums over the last so many `days` that ended two weeks before those `wanted`."""
    end = np.searchsorted(days, wanted - GAP_DAYS, side="right")
    start = np.maximum(end - near, 0)
    return [each[end] - each[start] for each in sums]


def _variance(values: np.ndarray) -> np.ndarray:
    """Return the variance of each signal (days, signals); 0 without any value."""
    known = np.isfinite(values)
    number, values = np.maximum(known.sum(axis=0), 1), np.where(known, values, 0.0)
    return (values**2).sum(axis=0) / number - (values.sum(axis=0) / number) ** 2


def _sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of the first 0, 1, 2 and so on of the values (days, signals)."""
    return np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
