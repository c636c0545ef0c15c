"""What an analyst says of a day that a monitor judged: dismissed, confirmed, or neither after all."""

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.alerts.news import planner
from driftmonitor.pipeline.job import Job

MOST_REASON = 500


def label_day(history, job: Job, label: str, reason: str, undo: bool) -> str:
    """Label the run of the job's one monitor and date; return what to say of it."""
    if len(job.only) != 1:
        raise DriftMonitorError("name the monitor whose day it is: --monitor NAME.")
    if not undo and not reason.strip():
        raise DriftMonitorError('say why, for those who read the page later: --reason "the shop was closed".')
    if len(reason) > MOST_REASON:
        raise DriftMonitorError(f"--reason has {len(reason)} characters; use at most {MOST_REASON}.")
    (monitor,), day = job.monitors(), job.run_date
    plan = planner(monitor.settings.alert, monitor.title)
    if undo:
        return _undo(history, job, monitor.name, label, plan)
    fresh = history.label(monitor.name, day, label, reason.strip(), plan, job.now)
    return f"{monitor.name}: {day} is {label}{'' if fresh else ' already'}: {reason.strip()}"


def _undo(history, job: Job, name: str, label: str, plan) -> str:
    run = next((run for run in history.runs(name) if run.run_date == job.run_date), None)
    if run is not None and run.label != label:
        return f"{name}: {job.run_date} is not {label}; nothing to undo"
    history.label(name, job.run_date, "", "", plan, job.now)
    return f"{name}: {job.run_date} is no longer {label}"
