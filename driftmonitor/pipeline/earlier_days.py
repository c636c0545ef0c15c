"""The past of a run, from the history: written for its notebook, or used to judge a run whose notebook had none."""

import datetime as dt
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.budget.policy import GAP_DAYS, WINDOWS, baseline_days
from driftmonitor.config.params import Monitor
from driftmonitor.facts import earlier_days
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.job import Job


def write_pasts(job: Job, monitors: Sequence[Monitor], folder: Path) -> dict[str, Path]:
    """Write each monitor's past for the job's day to `folder`; return the files by the monitors' names.

    A history that can't be reached gives none: recording complains of it, and judges the run when it can.
    """
    files: dict[str, Path] = {}
    try:
        with job.open_history() if job.has_history() else nullcontext() as history:
            for monitor in monitors:
                told = past_of(history, monitor, job.run_date)
                if matters(told):
                    files[monitor.name] = _place(folder, monitor)
                    earlier_days.write_earlier_days(files[monitor.name], told)
    except (DriftMonitorError, OutsideError):
        return {}
    return files


def find_pasts(folder: Path, monitors: Sequence[Monitor]) -> dict[str, Path]:
    """Return the files that `write_pasts` left in a folder, by the monitors' names; a run without one is judged later.

    The folder need not be there: nobody who knew the history has written it then.
    """
    return {monitor.name: path for monitor in monitors if (path := _place(folder, monitor)).is_file()}


def _place(folder: Path, monitor: Monitor) -> Path:
    return folder / f"{monitor.name}.json"


def past_of(history, monitor: Monitor, run_date: dt.date) -> dict[str, Any]:
    """Return the rule and the days before `run_date` that can matter to its verdict, oldest first, as JSON's types."""
    alert = monitor.settings.alert
    wanted = baseline_days(alert.false_alarms_per_year)
    days, pooled = [], 0
    for day, label, record in history.records_before(monitor.name, run_date) if history else ():
        told = earlier_days.earlier_day(day, record, label)
        if told is None:
            continue
        days.append(told)
        pooled += (run_date - day).days >= GAP_DAYS and label != "confirmed" and not told["alarm"]
        if pooled == wanted + max(WINDOWS) - 1:  # those before the pool are in its first days' windows
            break
    return {"rule": alert.rule, "false_alarms_per_year": alert.false_alarms_per_year, "days": days[::-1]}


def matters(told: dict[str, Any]) -> bool:
    """Return whether a past has anything to say: with rule share a first day has nothing to be strange beside."""
    return told["rule"] == "budget" or bool(told["days"])


def judge(history, monitor: Monitor, record: RunRecord) -> RunRecord:
    """Return the record judged by the history, if its notebook left evidence and had no past to judge it by."""
    if record.evidence is None or record.judgement is not None:
        return record
    told = past_of(history, monitor, record.run_date)
    if not matters(told):
        return record
    from driftmonitor.budget.judge import judge_record

    known = earlier_days.EarlierDays.model_validate(told)
    single_days = monitor.parameters.get("current_days", 1) == 1
    return judge_record(record, known, single_days)
