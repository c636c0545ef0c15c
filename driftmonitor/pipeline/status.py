"""How each monitor stands, and what its alert rule will do: the tables of `status` and `validate`."""

import datetime as dt
from collections.abc import Sequence

from driftmonitor.config.params import Monitor
from driftmonitor.formats import number, percent
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.job import Job


def status_table(history, job: Job) -> tuple[list[str], list[list[str]]]:
    """Return headings and a row for each monitor: state, since when, share, last run."""
    from driftmonitor.pipeline.alerts.state import fold, overdue

    rows = []
    for monitor in job.monitors():
        runs = history.runs(monitor.name)
        state = fold(runs, monitor.settings.alert)
        last = runs[-1] if runs else None
        words = ["failing"] if state.failing else []
        words += [state.name] if state.name in ("drifting", "recovering") or not state.failing else []
        words += ["dismissed"] if last and last.standing != last.status else []
        words += ["overdue"] if overdue(state.last_run, job.now.date()) else []
        words += [monitor.settings.alert.say_silence()] if monitor.settings.alert.silent_on(job.run_date) else []
        words += _say_rest(history, monitor, job.run_date)
        since = state.failing or state.since
        rows.append(
            [monitor.name, ", ".join(words), f"{since or ''}", _say_seen(last), f"{last.run_date if last else 'never'}"]
        )
    return ["monitor", "state", "since", "how much", "last run"], rows


def _say_seen(run: Run | None) -> str:
    """Return how much drifted in a run, as the rule that decided it counts."""
    if run is None or run.drift_share is None:
        return ""
    if run.rule != "budget":
        return f"{percent(run.drift_share)} of columns"
    if not run.strangeness_limit:
        return "too few days to compare with"
    return f"strangeness {number(run.strangeness)}, limit {number(run.strangeness_limit)}"


def _say_rest(history, monitor: Monitor, today: dt.date) -> list[str]:
    """Return from when on a monitor's retraining may be set off again, if it was too lately for today."""
    retrain = monitor.settings.retrain
    if retrain is None:
        return []
    told = [row for row in history.messages(monitor.name) if row.channel == retrain.channel and row.sent_at]
    free_on = retrain.cooldown_until(today, max((row.run_date for row in told), default=None))
    return [f"no retraining before {free_on}"] if free_on else []


def expectations(job: Job, monitors: Sequence[Monitor]) -> dict[str, list[str]]:
    """Return what each monitor's alert rule will do, in sentences; none before its first good run."""
    from driftmonitor.budget.share_rule import expect
    from driftmonitor.words.judgements import say_expected

    said: dict[str, list[str]] = {monitor.name: [] for monitor in monitors}
    if not job.has_history():
        return said
    with job.open_history() as history:
        for monitor in monitors:
            good = next((run for run in reversed(history.runs(monitor.name)) if run.status != "failed"), None)
            record = history.record_of(monitor.name, good.run_date) if good else None
            if monitor.settings.alert.rule == "budget":
                said[monitor.name] = [
                    say_expected(monitor.settings.alert.false_alarms_per_year, record and record.judgement)
                ]
            elif record and (expectation := expect(record)):
                said[monitor.name] = expectation.sentences()
    return said
