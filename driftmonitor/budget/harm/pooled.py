"""Pool days with few rows of a class into windows, and find how much days differ beyond chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.facts.performance import Decisive

FEWEST = 70  # rows of the rarer class in a window
LONGEST = 90  # days of a window
PAST = 90  # labelled days that say how much days differ
PRIOR_DAYS = 5  # what is assumed of how days differ counts as much as so many days
PRIOR_SHARE, FIRST_SHARE = 0.25, 1.0  # of the tolerated loss: the standard deviation assumed, and while days are few
FEW_DAYS = 7


@dataclass(frozen=True)
class Pooled:
    """The decisive metric of some days, weighted by the rows of the rarest class.

    `of_one`: the sampling variance of a single such row. `concentration`: how much of the variance of days remains.
    """

    value: float
    of_one: float
    concentration: float
    weight: int
    days: int

    @property
    def variance(self) -> float:
        """The sampling variance."""
        return self.of_one / self.weight

    def total(self, between: float) -> float:
        """Return the variance if days differ by a variance of `between`."""
        return self.variance + self.concentration * between


def pool(days: Sequence[Decisive]) -> Pooled | None:
    """Return the days as one; None if no day's rows say how much they vary by chance.

    The variance of a single row is pooled with the weights of its degrees of freedom: a day with one positive row has a
    value, but says nothing of its variance.
    """
    weights = np.array([day.weight for day in days], dtype=float)
    known = [(day.variance * day.weight, day.weight - 1) for day in days if day.variance is not None and day.weight > 1]
    if not known:
        return None
    of_one = sum(spread * freedom for spread, freedom in known) / sum(freedom for _, freedom in known)
    total = float(weights.sum())
    value = float(weights @ [day.value for day in days]) / total
    return Pooled(value, of_one, float((weights**2).sum()) / total**2, int(total), len(days))


def newest_window(days: Sequence[Decisive], least_days: int = 1) -> Pooled | None:
    """Return the fewest of the newest days, `least_days` or more if there are, with enough rows of the rarer class.

    None if there are too few such rows.
    """
    weight = 0
    for number, day in enumerate(reversed(days[-LONGEST:]), start=1):
        weight += day.weight
        if weight >= FEWEST and number >= min(least_days, len(days)):
            return pool(days[-number:])
    return None


def between_days(days: Sequence[Decisive], tolerated_loss: float) -> float:
    """Return the variance of days beyond chance, from the newest days and from what is assumed without any."""
    known = [day for day in days[-PAST:] if day.variance is not None]
    share = FIRST_SHARE if len(known) < FEW_DAYS else PRIOR_SHARE
    prior = PRIOR_DAYS * (share * tolerated_loss) ** 2
    if len(known) < 2:
        return prior / PRIOR_DAYS
    values, chance = (np.array([getattr(day, name) for day in known]) for name in ("value", "variance"))
    weights = np.array([day.weight for day in known], dtype=float)
    mean = float(weights @ values / weights.sum())
    excess = float(weights @ ((values - mean) ** 2 * len(known) / (len(known) - 1) - chance) / weights.sum())
    return max(0.0, (prior + len(known) * excess) / (PRIOR_DAYS + len(known)))
