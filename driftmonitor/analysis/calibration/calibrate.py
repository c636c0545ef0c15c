"""What each rule does on simulated days: false alarms a year, and the shifts it sees within 1, 7 and 30 days."""

from collections.abc import Callable, Sequence

import numpy as np

from driftmonitor.analysis.calibration.alert_rules import BudgetRule, ShareRule
from driftmonitor.analysis.calibration.measured_days import Limits
from driftmonitor.analysis.calibration.population import Population
from driftmonitor.analysis.calibration.scenario import LAST_DAYS, Scenario, make_scenario
from driftmonitor.budget import anomaly
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.policy import DAYS_A_YEAR, GAP_DAYS, WEEK_DAYS, baseline_days
from driftmonitor.budget.share_rule import smallest_shift
from driftmonitor.facts.calibration import DAYS, Calibration, Power, Rate, RuleResult

MOST_ROWS = 20_000  # of a day that are simulated: more would take hours and show what 20,000 show, a little finer
SHIFT_STEPS = (1, 2, 3, 4, 5, 7, 10, 15, 22)  # of sqrt(1/n + 1/m) standard deviations: the test's own scale
FURTHER_STEPS = (33, 50, 75)  # where the least distance hides smaller shifts
SHIFTED_COLUMNS = 2  # of each scenario, that shift one after the other


def calibrate(
    population: Population,
    rules: Sequence[ShareRule | BudgetRule],
    *,
    monitor: str,
    rows: tuple[int, int],
    limits: Limits,
    references: int,
    seed: int,
    on_reference: Callable[[], None] = lambda: None,
) -> Calibration:
    """Return what each of the rules does at `rows` (of the reference, of a day).

    `references` scenarios are simulated, each with a reference of its own: days for the largest baseline, then a year
    without drift, of which the last 30 days are then repeated with each shift in one column. `on_reference` is called
    after each scenario.
    """
    rows = _bounded(rows)
    warm = max((_warm(rule) for rule in rules), default=0)
    shifts = _shifts(rows, limits)
    tallies = [_Tally(rule) for rule in rules]
    for number in range(references):
        dice = np.random.default_rng([seed, number])
        scenario = make_scenario(population, dice, rows, warm + DAYS_A_YEAR, limits)
        _watch(scenario, tallies, warm)
        numeric = len(population.number_names)
        for column in dice.permutation(numeric)[:SHIFTED_COLUMNS]:
            for shift in shifts:
                _watch_shift(scenario.shifted(int(column), shift, dice), tallies, shift)
        on_reference()
    return Calibration(
        monitor=monitor,
        columns=len(population.names),
        reference_rows=rows[0],
        current_rows=rows[1],
        references=references,
        seed=seed,
        rules=tuple(tally.result(shifts) for tally in tallies),
    )


def _shifts(rows: tuple[int, int], limits: Limits) -> list[float]:
    """Return the shifts to try, in standard deviations."""
    unit = np.sqrt(1 / rows[0] + 1 / rows[1])
    seen = smallest_shift(*rows, limits.p_threshold, limits.min_distance) or np.inf
    steps = [*SHIFT_STEPS, *(step for step in FURTHER_STEPS if step * unit < 1.6 * seen)]
    return [_round(step * unit) for step in steps]


def _bounded(rows: tuple[int, int]) -> tuple[int, int]:
    """Return the row counts that are simulated, in the same proportion."""
    scale = min(1.0, MOST_ROWS / rows[1], 10 * MOST_ROWS / rows[0])
    return max(10, round(rows[0] * scale)), max(10, round(rows[1] * scale))


def _warm(rule: ShareRule | BudgetRule) -> int:
    if isinstance(rule, ShareRule):
        return WEEK_DAYS
    return baseline_days(rule.false_alarms_per_year) + GAP_DAYS + WEEK_DAYS


def _round(value: float) -> float:
    return float(f"{value:.2g}")


class _Tally:
    """What one rule did in the scenarios so far."""

    def __init__(self, rule: ShareRule | BudgetRule) -> None:
        self.rule = rule
        self.alarm_days: list[int] = []
        self.onsets: list[int] = []
        self.first_alarms: dict[float, list[float]] = {}  # shift -> the days until the first alarm, one a trial
        self.alarm = np.empty(0, dtype=bool)  # of the scenario at hand

    def result(self, shifts: Sequence[float]) -> RuleResult:
        """Return the rates, and the share of trials seen in time for each shift."""
        found = [np.array(self.first_alarms.get(shift, [])) for shift in shifts]
        power = [
            Power(shift_sd=shift, trials=len(first), within={days: float((first <= days).mean()) for days in DAYS})
            for shift, first in zip(shifts, found, strict=True)
            if len(first)
        ]
        return RuleResult(
            rule=self.rule.words, alarm_days=_rate(self.alarm_days), onsets=_rate(self.onsets), power=tuple(power)
        )


def _rate(counts: Sequence[int]) -> Rate:
    low, high = np.percentile(counts, [5, 95])
    return Rate(mean=float(np.mean(counts)), low=float(low), high=float(high))


def _watch(scenario: Scenario, tallies: Sequence[_Tally], warm: int) -> None:
    """Count each rule's alarms over the scenario's year without drift."""
    daily, drifted = scenario.daily_signals(), scenario.drifted
    for tally in tallies:
        if isinstance(tally.rule, ShareRule):
            tally.alarm = tally.rule.alarms(drifted)
        else:
            terms = daily.terms(tally.rule.false_alarms_per_year)
            tally.alarm = anomaly.judge_days(daily.values, np.arange(len(daily.values)), terms).alarm
        tally.alarm_days.append(int(tally.alarm[warm:].sum()))
        tally.onsets.append(int(tally.rule.onsets(tally.alarm)[warm:].sum()))


def _watch_shift(scenario: Scenario, tallies: Sequence[_Tally], shift: float) -> None:
    """Note how many days each rule takes to see the shift of the last days."""
    daily, drifted = scenario.daily_signals(), scenario.drifted
    for tally in tallies:
        if isinstance(tally.rule, ShareRule):
            alarm = tally.rule.alarms(drifted[-LAST_DAYS:])
        else:
            alarm = _judge_last(daily.values, tally.alarm, daily.terms(tally.rule.false_alarms_per_year))
        first = float(np.argmax(alarm)) + 1 if alarm.any() else np.inf
        tally.first_alarms.setdefault(shift, []).append(first)


def _judge_last(signals: np.ndarray, alarm: np.ndarray, terms: Terms) -> np.ndarray:
    """Return which of the last days alarm, judged one after the other; it stops at the first."""
    days, labels = np.arange(len(signals)), np.full(len(signals), "")
    alarm = alarm.copy()
    alarm[-LAST_DAYS:] = False
    for day in range(len(signals) - LAST_DAYS, len(signals)):
        past = anomaly.Candidates(signals[:day], days[:day], alarm[:day], labels[:day])
        alarm[day] = anomaly.judge_day(signals[day], day, past, terms).alarm
        if alarm[day]:
            break
    return alarm[-LAST_DAYS:]
