"""Save an analyst's review of a day, dismissed or confirmed, or remove it again."""

from typing import TYPE_CHECKING

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

LONGEST_REASON = 500


def review_day(history: "History", job: Job, label: str, reason: str, undo: bool) -> str:
    """Label the run of the job's one monitor and date, or undo that; return a line for the console."""
    if len(job.only) != 1:
        raise DriftMonitorError("--monitor: a review needs exactly one; name it, such as --monitor orders.")
    if not undo and not reason.strip():
        raise DriftMonitorError('--reason: missing; add one for the page, such as --reason "the shop was closed".')
    if len(reason) > LONGEST_REASON:
        raise DriftMonitorError(f"--reason has {len(reason)} characters; use at most {LONGEST_REASON}.")
    (monitor,), day = job.monitors(), job.run_date
    plan = planner(monitor.settings.alert, monitor.title)
    if not undo:
        is_new = history.label(monitor.name, day, label, reason.strip(), plan, job.now)
        return f"{monitor.name}: {day} is {'now' if is_new else 'already'} {label}: {reason.strip()}"
    run = next((run for run in history.runs(monitor.name) if run.run_date == day), None)
    if run is not None and run.label != label:
        return f"{monitor.name}: {day} is not {label}; nothing to undo"
    history.label(monitor.name, day, "", "", plan, job.now)
    return f"{monitor.name}: {day} is no longer {label}"
