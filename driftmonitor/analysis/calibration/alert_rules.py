"""The alert rules that are tried on simulated days: which of them alarm, and where an incident begins."""

from dataclasses import dataclass

import numpy as np

from driftmonitor.config.settings import BUDGET_CLEAR_RUNS
from driftmonitor.formats import number, percent


@dataclass(frozen=True)
class ShareRule:
    """Alarm when the share of drifted columns is greater than the threshold."""

    threshold: float
    columns: int  # all that are watched, those not testable included

    @property
    def words(self) -> str:
        """The rule as people write it."""
        return f"share > {percent(self.threshold)}"

    def alarms(self, drifted: np.ndarray) -> np.ndarray:
        """Return which days alarm; `drifted` is (days, tested columns)."""
        return drifted.sum(axis=1) / self.columns > self.threshold

    def onsets(self, alarm: np.ndarray) -> np.ndarray:
        """Return the days on which an incident begins: alarms after a day that was none."""
        return alarm & ~np.concatenate([[False], alarm[:-1]])


@dataclass(frozen=True)
class BudgetRule:
    """Alarm when the day is stranger than every day of its pool."""

    false_alarms_per_year: float
    clear_runs: int = BUDGET_CLEAR_RUNS

    @property
    def words(self) -> str:
        """The rule as people write it."""
        return f"budget of {number(self.false_alarms_per_year)} a year"

    def onsets(self, alarm: np.ndarray) -> np.ndarray:
        """Return the days on which an incident begins: alarms with none in the `clear_runs` days before."""
        recent = np.cumsum(np.concatenate([np.zeros(self.clear_runs + 1), alarm]))
        return alarm & (recent[self.clear_runs : -1] == recent[: -self.clear_runs - 1])
