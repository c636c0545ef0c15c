"""The table of `status`, each monitor's state, and the sentences of `validate`, what its alert rule will do."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from driftmonitor.config.params import Monitor
from driftmonitor.formats import counted, number, percent
from driftmonitor.pipeline.alerts.incidents import Run, State
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

HEADINGS = ("monitor", "state", "since", "drift", "last run")


def status_rows(history: "History", job: Job) -> list[list[str]]:
    """Return a row for each monitor, under HEADINGS."""
    from driftmonitor.pipeline.alerts.state import fold, overdue_days

    rows = []
    for monitor in job.monitors():
        runs = history.runs(monitor.name)
        last = runs[-1] if runs else None
        state = fold(runs, monitor.settings.alert)
        words = ["params file invalid"] if monitor.problem else []
        words += ["overdue"] if overdue_days(last, job.now) else []
        words += [*_say_state(state, last), *_say_settings(history, monitor, job.run_date)]
        since, last_day = _find_since(state), last.run_date if last else None
        rows.append([monitor.name, ", ".join(words), f"{since or ''}", _say_drift(last), f"{last_day or 'never'}"])
    return rows


def _find_since(state: State) -> dt.date | None:
    """Return since when the first state that is said holds."""
    if state.failing or state.name in ("drifting", "recovering"):
        return state.failing or state.since
    return state.checks_since or (state.good_since if state.name == "healthy" else state.since)


def _say_state(state: State, last: Run | None) -> list[str]:
    words = ["failing"] if state.failing else []
    words += [state.name] if state.name in ("drifting", "recovering") or not (state.failing or state.checks) else []
    if state.checks:
        words.append(f"{counted(len(state.checks), 'check')} {'fails' if len(state.checks) == 1 else 'fail'}")
    words += [last.label] if last and last.verdict != last.status else []
    return words


def _say_settings(history: "History", monitor: Monitor, today: dt.date) -> list[str]:
    alert = monitor.settings.alert
    return ([alert.say_silence()] if alert.silent_on(today) else []) + _say_cooldown(history, monitor, today)


def _say_drift(run: Run | None) -> str:
    """Return how much drifted in a run, by the rule that decided it."""
    if run is None or run.drift_share is None:
        return ""
    if run.rule != "budget":
        return f"{percent(run.drift_share)} of columns"
    if not run.strangeness_limit or run.strangeness is None:
        return f"anomaly score {number(run.strangeness)}, in warm-up" if run.strangeness is not None else "in warm-up"
    return f"anomaly score {number(run.strangeness)}, threshold {number(run.strangeness_limit)}"


def _say_cooldown(history: "History", monitor: Monitor, today: dt.date) -> list[str]:
    """Return when a monitor's retraining may start again, if it is in its cooldown today."""
    retrain = monitor.settings.retrain
    if retrain is None:
        return []
    sent = [row.run_date for row in history.messages(monitor.name) if row.channel == retrain.channel and row.sent_at]
    free_on = retrain.cooldown_until(today, max(sent, default=None))
    return [f"no retraining before {free_on}"] if free_on else []


def expectations(job: Job, monitors: Sequence[Monitor]) -> dict[str, list[str]]:
    """Return sentences on what each monitor's alert rule will do; none before its first successful run."""
    from driftmonitor.budget.budget_rule import say_budget_rule
    from driftmonitor.budget.share_rule import expect

    sentences: dict[str, list[str]] = {monitor.name: [] for monitor in monitors}
    if not job.has_history():
        return sentences
    with job.open_history() as history:
        for monitor in monitors:
            successful = [run.run_date for run in history.runs(monitor.name) if run.status != "failed"]
            record = history.record_of(monitor.name, successful[-1]) if successful else None
            alert = monitor.settings.alert
            if alert.rule == "budget":
                holidays = monitor.parameters.get("holidays") or ""
                sentences[monitor.name] = say_budget_rule(alert.false_alarms_per_year, record, holidays)
            elif record and (expectation := expect(record)):
                sentences[monitor.name] = expectation.sentences()
    return sentences
