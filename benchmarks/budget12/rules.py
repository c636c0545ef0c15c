"""Apply the two rules to simulated days: the drift days, the columns they name, and how soon they detect a drift."""

from dataclasses import dataclass

import numpy as np

from benchmarks.budget12.drifts import DAYS, Drift
from benchmarks.budget12.evidence import DRIFT_SHARE, DailySignals, Evidence, daily_signals
from driftmonitor.budget import anomaly, policy
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.days import SEVERAL, SINGLE
from driftmonitor.config.settings import BUDGET_CLEAR_RUNS
from driftmonitor.facts.judgement import FALSE_ALARMS_PER_YEAR

BUDGET = float(FALSE_ALARMS_PER_YEAR)
CLEAR_RUNS = {"budget": BUDGET_CLEAR_RUNS, "share": 1}  # healthy days after which an incident is over
WARM_UP = policy.baseline_days(BUDGET) + policy.GAP_DAYS


def find_onsets(alarm: np.ndarray, clear_runs: int) -> np.ndarray:
    """Return the days on which an incident opens; `clear_runs` healthy days in a row close it."""
    alarms = np.flatnonzero(alarm)
    if not len(alarms):
        return alarms
    return alarms[np.diff(alarms, prepend=-clear_runs - 1) > clear_runs]


def share_alarms(evidence: Evidence, columns: int) -> np.ndarray:
    """Return the share rule's drift days: more than a tenth of the first columns drifted."""
    return evidence.drifted[:, :columns].mean(axis=1) > DRIFT_SHARE


def budget_alarms(evidence: Evidence, columns: int, reference_rows: int) -> np.ndarray:
    """Return the budget rule's drift days."""
    daily = daily_signals(columns, reference_rows)
    values = evidence.signals(columns)
    return anomaly.judge_days(values, np.arange(len(values)), terms(daily)).drift


def terms(daily: DailySignals) -> Terms:
    """Return the terms by which these signals are judged."""
    groups = np.where(daily.windows > 1, SEVERAL, SINGLE)
    return Terms(BUDGET, daily.one_sided, daily.least_sd, daily.usual_sd, daily.windows, groups, daily.beside)


@dataclass(frozen=True)
class Seen:
    """How a rule detected a drift: the day (1 is its first, None: never), and whether what it named was right."""

    day: int | None
    column_first: bool | None = None
    kind_right: bool | None = None
    false_columns: int | None = None


def share_sees(drift: Drift, drifting: Evidence) -> Seen:
    """Return how the share rule detects a drift of 30 days."""
    days = np.flatnonzero(share_alarms(drifting, drifting.drifted.shape[1]))
    if not len(days):
        return Seen(None)
    named = set(np.flatnonzero(drifting.drifted[days[0]]))
    return Seen(int(days[0]) + 1, false_columns=len(named - set(drift.columns)) if drift.columns else None)


def budget_sees(
    drift: Drift,
    before: np.ndarray,
    alarm: np.ndarray,
    drifting: np.ndarray,
    daily: DailySignals,
) -> Seen:
    """Return how the budget rule detects a drift of 30 days (days, signals) after earlier days and their alarms."""
    start = len(before)
    every, alarms = np.concatenate([before, drifting]), np.append(alarm, np.zeros(DAYS, dtype=bool))
    labels = np.full(len(every), "")
    for day in range(start, start + DAYS):
        past = anomaly.Candidates(every[:day], np.arange(day), alarms[:day], labels[:day])
        verdict = anomaly.judge_day(every[day], day, past, terms(daily))
        if verdict.drift:
            return _name(drift, verdict, daily, day - start + 1)
    return Seen(None)


def _name(drift: Drift, verdict: anomaly.Verdict, daily: DailySignals, day: int) -> Seen:
    first = int(np.nanargmax(verdict.z))
    over = [daily.owners[i] for i in np.flatnonzero(verdict.z > verdict.threshold)]
    alone = {owner[0] for owner in over if len(owner) == 1}
    named = alone | {column for owner in over if len(owner) == 2 and not alone & set(owner) for column in owner}
    if not drift.columns:
        return Seen(day, kind_right=daily.kinds[first] in drift.kinds)
    return Seen(
        day,
        column_first=daily.owners[first] == drift.columns,
        kind_right=daily.kinds[first] in drift.kinds,
        false_columns=len(named - set(drift.columns)),
    )
