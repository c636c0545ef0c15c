"""Save an analyst's review of a day, dismissed or confirmed, or of all days since one, accepted; or remove it again."""

import datetime as dt
from typing import TYPE_CHECKING

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor
from driftmonitor.formats import counted
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

LONGEST_REASON = 500
ACCEPTED = "accepted"


def review_day(history: "History", job: Job, label: str, reason: str, undo: bool) -> str:
    """Label the run of the job's one monitor and date, or undo that; return a line for the console."""
    monitor, day = _check(job, reason, undo), job.run_date
    plan = planner(monitor.settings.alert, monitor.title)
    if not undo:
        is_new = history.label(monitor.name, day, label, reason.strip(), plan, job.now)
        return f"{monitor.name}: {day} is {'now' if is_new else 'already'} {label}: {reason.strip()}"
    run = next((run for run in history.runs(monitor.name) if run.run_date == day), None)
    if run is not None and run.label != label:
        return f"{monitor.name}: {day} is not {label}; nothing to undo"
    history.label(monitor.name, day, "", "", plan, job.now)
    return f"{monitor.name}: {day} is no longer {label}"


def accept_days(history: "History", job: Job, first: dt.date, reason: str, undo: bool) -> str:
    """Accept all days from `first` to the newest as usual, or undo that; return a line for the console.

    The rule then compares with these days, and no longer with those before them.
    """
    monitor = _check(job, reason, undo)
    plan = planner(monitor.settings.alert, monitor.title)
    runs = [run for run in history.runs(monitor.name) if run.run_date >= first and run.status != "failed"]
    if undo:
        runs = [run for run in runs if run.label == ACCEPTED]
    if not runs:
        what = "no day is accepted" if undo else "no successful run"
        raise DriftMonitorError(f"{monitor.name}: {what} from {first} on; choose an earlier day.")
    label, text = ("", "") if undo else (ACCEPTED, reason.strip())
    for run in reversed(runs):  # the newest first: an incident ends before it is gone
        history.label(monitor.name, run.run_date, label, text, plan, job.now)
    days = f"{counted(len(runs), 'day')} from {runs[0].run_date} to {runs[-1].run_date}"
    return f"{monitor.name}: {days} no longer accepted" if undo else f"{monitor.name}: {days} accepted: {text}"


def _check(job: Job, reason: str, undo: bool) -> Monitor:
    """Return the one monitor that is reviewed; DriftMonitorError if it is not one, or if the reason is no reason."""
    if len(job.only) != 1:
        raise DriftMonitorError("--monitor: a review needs exactly one; name it, such as --monitor orders.")
    if not undo and not reason.strip():
        raise DriftMonitorError('--reason: missing; add one for the page, such as --reason "the shop was closed".')
    if len(reason) > LONGEST_REASON:
        raise DriftMonitorError(f"--reason has {len(reason)} characters; use at most {LONGEST_REASON}.")
    (monitor,) = job.monitors()
    return monitor
