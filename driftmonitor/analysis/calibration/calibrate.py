"""Measure each alert rule on simulated days: false alarms a year, and the shifts it detects in 1, 7 and 30 days."""

from collections.abc import Callable, Sequence

import numpy as np

from driftmonitor.analysis.calibration.alert_rules import AlertRule
from driftmonitor.analysis.calibration.measured_days import Limits
from driftmonitor.analysis.calibration.population import Population
from driftmonitor.analysis.calibration.scenario import Scenario, make_scenario
from driftmonitor.budget.column_tests import smallest_shift
from driftmonitor.budget.policy import DAYS_A_YEAR
from driftmonitor.facts.calibration import DAYS, Calibration, Power, Rate, RuleResult

MOST_ROWS = 20_000  # of a simulated day: more would take hours and change the result little
SHIFT_STEPS = (1, 2, 3, 4, 5, 7, 10, 15, 22)  # of sqrt(1/n + 1/m) standard deviations, the scale of the test
FURTHER_STEPS = (33, 50, 75)  # if `min_distance` hides smaller shifts
SHIFTED_COLUMNS = 2  # of each scenario, one after the other


def calibrate(
    population: Population,
    rules: Sequence[AlertRule],
    *,
    monitor: str,
    rows: tuple[int, int],
    limits: Limits,
    references: int,
    seed: int,
    on_reference: Callable[[], None] = lambda: None,
) -> Calibration:
    """Return what each of the rules does at `rows` (of the reference, of a day).

    `references` scenarios are simulated, each with its own reference: the days of the longest warm-up, then a year
    without drift. Its last 30 days are repeated with each shift in one column. `on_reference` is called after each
    scenario.
    """
    rows = _bounded(rows)
    warm_up = max((rule.warm_up_days for rule in rules), default=0)
    shifts = _shifts(rows, limits)
    tallies = [_Tally(rule) for rule in rules]
    for number in range(references):
        random = np.random.default_rng([seed, number])
        scenario = make_scenario(population, random, rows, warm_up + DAYS_A_YEAR, limits)
        for tally in tallies:
            tally.count(scenario, warm_up)
        for column in random.permutation(len(population.number_names))[:SHIFTED_COLUMNS]:
            for shift in shifts:
                shifted = scenario.shifted(int(column), shift, random)
                for tally in tallies:
                    tally.time(shifted, shift)
        on_reference()
    return Calibration(
        monitor=monitor,
        columns=len(population.names),
        reference_rows=rows[0],
        current_rows=rows[1],
        references=references,
        seed=seed,
        reference_days=population.windows.days,
        window_days=population.windows.span,
        rules=tuple(tally.result(shifts) for tally in tallies),
    )


def _shifts(rows: tuple[int, int], limits: Limits) -> list[float]:
    """Return the shifts to try, in standard deviations."""
    unit = np.sqrt(1 / rows[0] + 1 / rows[1])
    detected = smallest_shift(*rows, limits.p_threshold, limits.min_distance) or np.inf
    steps = [*SHIFT_STEPS, *(step for step in FURTHER_STEPS if step * unit < 1.6 * detected)]
    return [float(f"{step * unit:.2g}") for step in steps]


def _bounded(rows: tuple[int, int]) -> tuple[int, int]:
    """Return the numbers of rows to simulate, in the same proportion."""
    scale = min(1.0, MOST_ROWS / rows[1], 10 * MOST_ROWS / rows[0])
    return max(10, round(rows[0] * scale)), max(10, round(rows[1] * scale))


class _Tally:
    """The results of one rule over the scenarios so far."""

    def __init__(self, rule: AlertRule) -> None:
        self.rule = rule
        self.drift_days: list[int] = []
        self.onsets: list[int] = []
        self.days_to_detect: dict[float, list[float]] = {}  # shift -> days, one a trial; infinite if never
        self.drift = np.empty(0, dtype=bool)  # the drift days of the last scenario without a shift

    def count(self, scenario: Scenario, warm_up: int) -> None:
        """Count the drift days and onsets of a scenario's year without drift."""
        self.drift = self.rule.drift_days(scenario)
        self.drift_days.append(int(self.drift[warm_up:].sum()))
        self.onsets.append(int(self.rule.onsets(self.drift)[warm_up:].sum()))

    def time(self, scenario: Scenario, shift: float) -> None:
        """Measure how many days the rule takes to detect the shift of a scenario's last days."""
        drift = self.rule.last_drift_days(scenario, self.drift)
        days = float(np.argmax(drift)) + 1 if drift.any() else np.inf
        self.days_to_detect.setdefault(shift, []).append(days)

    def result(self, shifts: Sequence[float]) -> RuleResult:
        """Return the rates a year, and the share of trials in which each shift was detected in time."""
        trials = {shift: np.array(self.days_to_detect[shift]) for shift in shifts if shift in self.days_to_detect}
        power = [
            Power(shift_sd=shift, trials=len(days), within={most: float((days <= most).mean()) for most in DAYS})
            for shift, days in trials.items()
        ]
        return RuleResult(
            rule=self.rule.words, alarm_days=_rate(self.drift_days), onsets=_rate(self.onsets), power=tuple(power)
        )


def _rate(counts: Sequence[int]) -> Rate:
    low, high = np.percentile(counts, [5, 95])
    return Rate(mean=float(np.mean(counts)), low=float(low), high=float(high))
