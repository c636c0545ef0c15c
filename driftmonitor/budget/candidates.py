"""Choose the earlier days that a day is compared with: its baseline, and those whose scores count besides."""

from dataclasses import dataclass

import numpy as np

from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.policy import (
    CLEAR_DAYS,
    DAYS_A_YEAR,
    DAYS_BEFORE,
    GAP_DAYS,
    LAST_GAPS,
    POOL,
    WARM_UP_GAP_DAYS,
    baseline_days,
    runs_a_year,
)

FIRST_YEAR = 1  # incident that the budget allows beside a full baseline until a year is known: each season is new
MOST_RAISED = 4  # times: 2.9 times the threshold, so that no number of incidents hides a large change


@dataclass(frozen=True)
class Candidates:
    """The days before one day, which may be its baseline days.

    signals: (days, signals). days: day numbers, ascending. drift: which were drift days. labels: their reviews, each
    "dismissed", "confirmed", "accepted" or "". kinds: what kind of special days they are, 0 if ordinary; None if all
    are. kind: that of the day itself.
    """

    signals: np.ndarray
    days: np.ndarray
    drift: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray | None = None
    kind: int = 0

    @property
    def special(self) -> np.ndarray:
        """Which days are special."""
        return np.zeros(len(self.days), dtype=bool) if self.kinds is None else self.kinds > 0

    @property
    def alike(self) -> np.ndarray:
        """Which days are special in the same way as the day itself."""
        return self.special if self.kinds is None else self.special & (self.kinds == self.kind)


@dataclass(frozen=True)
class Chosen:
    """Indices of the baseline days, of those before them, of drift days whose capped scores count, of dismissed days.

    alike: of the earlier days that are special in the same way. accepted: whether the baseline begins with days that an
    analyst accepted.
    """

    baseline_days: np.ndarray
    ordinary: np.ndarray
    known: np.ndarray
    returned: np.ndarray
    dismissed: np.ndarray
    alike: np.ndarray
    warm_up: bool
    needed: int
    runs: float
    raised: int = 0
    accepted: bool = False


def choose(past: Candidates, day: int, terms: Terms) -> Chosen:
    """Return the days that a day is compared with."""
    runs = runs_a_year([*past.days[-LAST_GAPS:].tolist(), day])
    needed = baseline_days(terms.false_alarms_per_year, runs)
    accepted = past.labels == "accepted"
    counts = (past.labels != "confirmed") & (np.arange(len(accepted)) >= _first_accepted(past.labels))
    counts, alike = counts & ~past.special, counts & past.alike
    drift = past.drift & ~accepted
    old = (past.days <= day - GAP_DAYS) | accepted
    alike, old = np.flatnonzero(old & alike), old & counts
    ordinary, dismissed = np.flatnonzero(old & ~drift), np.flatnonzero(past.labels == "dismissed")
    ordinary = ordinary[-needed - DAYS_BEFORE :]
    chosen = ordinary[-needed:]
    if len(chosen) < needed:
        gap = np.where(drift, GAP_DAYS, WARM_UP_GAP_DAYS)
        few = np.flatnonzero(((past.days <= day - gap) | accepted) & counts)[1 - needed :]
        known = day - past.days[0] if len(past.days) else 0
        allowed = int(known * terms.false_alarms_per_year / DAYS_A_YEAR)
        raised = _raised(past.days[drift & counts], day, allowed)
        none, is_accepted = few[:0], bool(accepted.any())
        return Chosen(few, few, none, none, dismissed, alike, True, needed, runs, raised, accepted=is_accepted)
    returned, dismissed = np.flatnonzero(old & drift), dismissed[dismissed >= chosen[0]]
    unconfirmed = past.days[chosen[0] :][(drift & counts)[chosen[0] :]]
    raised = _raised(unconfirmed, day, int(POOL) if day - past.days[0] >= DAYS_A_YEAR else FIRST_YEAR)
    known = np.flatnonzero(old)
    known, alike = known[known >= ordinary[0]], alike[alike >= ordinary[0]]
    returned = returned[returned >= chosen[0]]
    return Chosen(chosen, ordinary, known, returned, dismissed, alike, False, needed, runs, raised)


def _raised(drift_days: np.ndarray, day: int, allowed: int) -> int:
    """Return how often the threshold is raised, for as many incidents beyond those that are allowed."""
    return min(max(0, count_incidents(drift_days, day) - allowed), MOST_RAISED)


def _first_accepted(labels: np.ndarray) -> int:
    """Return the index of the first of the newest days in a row that an analyst accepted; 0 without any.

    Days with a review of their own, dismissed or confirmed, may be between them.
    """
    places = np.flatnonzero(labels == "accepted")
    if not len(places):
        return 0
    others = np.flatnonzero(labels[: places[-1]] == "")
    return int(places[places > others[-1]][0] if len(others) else places[0])


def count_incidents(drift_days: np.ndarray, day: int) -> int:
    """Return how many incidents drift days form, without one that is still open."""
    begins = np.diff(drift_days, prepend=drift_days[:1] - CLEAR_DAYS - 1) > CLEAR_DAYS
    is_open = len(drift_days) > 0 and day - drift_days[-1] <= CLEAR_DAYS
    return int(begins.sum()) - is_open
