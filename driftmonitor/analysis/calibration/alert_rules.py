"""Apply an alert rule to a simulated scenario: its drift days, and the days on which an incident opens."""

from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.calibration.scenario import LAST_DAYS, Scenario
from driftmonitor.budget import anomaly
from driftmonitor.budget.policy import GAP_DAYS, WEEK_DAYS, baseline_days
from driftmonitor.config.settings import BUDGET_CLEAR_RUNS
from driftmonitor.formats import number, percent


@dataclass(frozen=True)
class ShareRule:
    """A drift day has a larger share of drifted columns than the threshold."""

    threshold: float
    columns: int  # all that are watched, also those that are not testable
    warm_up_days = WEEK_DAYS

    @property
    def words(self) -> str:
        """The rule and its setting."""
        return f"share > {percent(self.threshold)}"

    def drift_days(self, scenario: Scenario) -> np.ndarray:
        """Return which days of the scenario are drift days."""
        return scenario.drifted.sum(axis=1) / self.columns > self.threshold

    def last_drift_days(self, scenario: Scenario, before: np.ndarray) -> np.ndarray:
        """Return which of a shifted scenario's last days are drift days; those `before` the shift do not matter."""
        return self.drift_days(scenario)[-LAST_DAYS:]

    def onsets(self, drift: np.ndarray) -> np.ndarray:
        """Return the drift days after a day that was none."""
        return drift & ~np.concatenate([[False], drift[:-1]])


@dataclass(frozen=True)
class BudgetRule:
    """A drift day is more unusual than each of its baseline days."""

    false_alarms_per_year: float
    clear_runs: int = BUDGET_CLEAR_RUNS

    @property
    def words(self) -> str:
        """The rule and its setting."""
        return f"budget of {number(self.false_alarms_per_year)} a year"

    @property
    def warm_up_days(self) -> int:
        """The days until the baseline is full and every window has all its days."""
        return baseline_days(self.false_alarms_per_year) + GAP_DAYS + WEEK_DAYS

    def drift_days(self, scenario: Scenario) -> np.ndarray:
        """Return which days of the scenario are drift days."""
        daily = scenario.daily_signals
        terms = daily.terms(self.false_alarms_per_year)
        return anomaly.judge_days(daily.values, np.arange(len(daily.values)), terms).drift

    def last_drift_days(self, scenario: Scenario, before: np.ndarray) -> np.ndarray:
        """Return which of a shifted scenario's last days are drift days, up to the first one.

        `before`: which of all days are drift days without the shift.
        """
        daily = scenario.daily_signals
        terms = daily.terms(self.false_alarms_per_year)
        days, labels = np.arange(len(daily.values)), np.full(len(daily.values), "")
        drift = before.copy()
        drift[-LAST_DAYS:] = False
        for day in days[-LAST_DAYS:]:
            past = anomaly.Candidates(daily.values[:day], days[:day], drift[:day], labels[:day])
            drift[day] = anomaly.judge_day(daily.values[day], day, past, terms).drift
            if drift[day]:
                break
        return drift[-LAST_DAYS:]

    def onsets(self, drift: np.ndarray) -> np.ndarray:
        """Return the drift days without another in the `clear_runs` days before."""
        recent = np.cumsum(np.concatenate([np.zeros(self.clear_runs + 1), drift]))
        return drift & (recent[self.clear_runs : -1] == recent[: -self.clear_runs - 1])


AlertRule = ShareRule | BudgetRule
