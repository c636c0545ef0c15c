"""The two yardsticks of a day's signals: many comparable days, and the few that a new monitor has.

Both say of each signal where it usually lies and by how many standard deviations a day is off. Of many days the mean
and the standard deviation are known. Of a few they are not, and a day's own chance is no help: real days differ by
more than chance. What a few days can't say yet is taken from PRIOR_DAYS imagined ones that differ by chance and
`signals.DAY_SD`, and the reference counts as a day at zero.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from driftmonitor.budget.policy import WEEK_DAYS

PRESENT_SHARE = 0.5  # a signal that most days of the pool lack is left out
WEEKDAY_F = 3.0  # over it a signal is compared within its day of the week
FEWEST_OF_A_WEEKDAY = 6
PRIOR_DAYS = 6


@dataclass(frozen=True)
class Terms:
    """How days are judged: the budget a year, and of each signal what is known before any day.

    one_sided: strange only when large. least_sd: the least sd that it is given. usual_sd: the sd that it is expected to
    have. windows: how many days it adds up. Each is an array (signals) or one value for all.
    """

    false_alarms_per_year: float
    one_sided: np.ndarray | bool = False
    least_sd: np.ndarray | float = 0.0
    usual_sd: np.ndarray | float = 1.0
    windows: np.ndarray | float = 1.0


class WeekdayMoments:
    """A pool's days by day of the week: count, mean, squares about the mean, largest and smallest of each signal.

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
class Baseline:
    """Centre (7, signals), sd (signals), which signals have a centre for each day of the week, and the chance of a z.

    freedom: the degrees of freedom behind each sd (signals); None where chance is not asked for.
    """

    centre: np.ndarray
    sd: np.ndarray
    weekly: np.ndarray
    freedom: np.ndarray | None = None

    def z(self, signals: np.ndarray, weekday: np.ndarray | int, terms: Terms) -> np.ndarray:
        """Return how strange each signal is, in standard deviations; NaN where it is left out."""
        z = (signals - self.centre[weekday]) / self.sd
        return np.where(terms.one_sided, z, np.abs(z))

    def limit(self, week: WeekdayMoments, terms: Terms) -> float:
        """Return S of the strangest day of the pool: the largest z over signals of the largest over days."""
        high, low = (week.high - self.centre) / self.sd, (self.centre - week.low) / self.sd
        return float(largest(np.maximum(high, np.where(terms.one_sided, -np.inf, low)).ravel()))

    def chances(self, z: np.ndarray, terms: Terms) -> np.ndarray:
        """Return how often a day is as strange in each signal; NaN where it is left out."""
        tail = special.stdtr(self.freedom, -z)
        return np.where(terms.one_sided, tail, 2 * tail)


def full_baseline(week: WeekdayMoments, today: np.ndarray, weekday: int, pool_size: int, terms: Terms) -> Baseline:
    """Return the yardstick of the pool and today together, so that no day is favoured."""
    known = np.isfinite(today) & (week.count.sum(axis=0) >= PRESENT_SHARE * pool_size)
    count, mean, squares = week.count.copy(), week.mean.copy(), week.squares.copy()
    off = np.where(known, today - mean[weekday], 0.0)
    squares[weekday] += off**2 * count[weekday] / (count[weekday] + 1)
    mean[weekday] += off / (count[weekday] + 1)
    count[weekday] += 1
    total = count.sum(axis=0)
    grand, within, between = _take_apart(count, mean, squares)
    weekly = _differ(count, within, between)
    sd = np.sqrt(np.where(weekly, within, within + between) / total)
    sd = np.maximum(sd, terms.least_sd)
    sd = np.where(known, np.where(sd > 1e-9 * np.abs(grand), sd, np.inf), np.nan)
    return Baseline(np.where(weekly, mean, grand), sd, weekly & known)


def warm_up_baseline(week: WeekdayMoments, weekday: int, terms: Terms) -> Baseline:
    """Return the yardstick of a new monitor's days: what they and the prior leave open of the next day's signals.

    It is Student's t, the prediction of a normal with unknown mean and variance (Gelman et al. 2013, section 3.3).
    Signals that add up several days are worth as many days as have none in common.
    """
    grand, within, between = _take_apart(week.count, week.mean, week.squares)
    weekly = _differ(week.count, within, between) & (week.count[weekday] >= FEWEST_OF_A_WEEKDAY)
    known = week.count.sum(axis=0) / terms.windows
    groups = np.where(weekly, (week.count > 0).sum(axis=0), 1)
    freedom = PRIOR_DAYS + np.maximum(known - groups, 0)
    squares = np.where(weekly, within, within + between) / terms.windows
    variance = (PRIOR_DAYS * np.square(terms.usual_sd) + squares) / freedom
    of_centre = np.where(weekly, week.count[weekday], known + 1)
    centre = np.where(weekly, week.mean, grand * known / (known + 1))
    return Baseline(centre, np.sqrt(variance * (1 + 1 / of_centre)), weekly, freedom)


def largest(z: np.ndarray) -> np.ndarray:
    """Return the largest z of each day, -infinity for a day without any."""
    return np.where(np.isnan(z), -np.inf, z).max(axis=-1, initial=-np.inf)


def _take_apart(count: np.ndarray, mean: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of all days, and the squares about it within and between the days of the week."""
    grand = (count * mean).sum(axis=0) / np.maximum(count.sum(axis=0), 1)
    return grand, squares.sum(axis=0), (count * (mean - grand) ** 2).sum(axis=0)


def _differ(count: np.ndarray, within: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Return which signals differ between the days of the week: F over 3, one in a hundred by chance (Fisher 1925)."""
    groups = (count > 0).sum(axis=0)
    enough = (np.where(count > 0, count, np.inf).min(axis=0) >= FEWEST_OF_A_WEEKDAY) & (groups > 1)
    freedom = np.maximum(count.sum(axis=0) - groups, 1)
    return enough & (between * freedom > WEEKDAY_F * within * np.maximum(groups - 1, 1))
