"""Save an analyst's review of a day, dismissed or confirmed, or of all days since one, accepted; or remove it again."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor
from driftmonitor.formats import counted, some_names
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.alerts.state import fold
from driftmonitor.pipeline.dated_notes import notes_of
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

LONGEST_REASON = 500
ACCEPTED = "accepted"
SHOWN = {"drift": "with drift", "changed": "changed", "healthy": "healthy"}
NAMED = 5  # columns of an incident


def review_day(history: "History", job: Job, label: str, reason: str, undo: bool) -> str:
    """Label the run of the job's one monitor and date, or undo that; return a line for the console."""
    monitor, day = _check(job, reason, undo), job.run_date
    plan = planner(monitor.settings.alert, monitor.title, notes=notes_of(monitor))
    if not undo:
        is_new = history.label(monitor.name, day, label, reason.strip(), plan, job.now)
        return f"{monitor.name}: {day} is {'now' if is_new else 'already'} {label}: {reason.strip()}"
    run = next((run for run in history.runs(monitor.name) if run.run_date == day), None)
    if run is not None and run.label != label:
        return f"{monitor.name}: {day} is not {label}; nothing to undo"
    history.label(monitor.name, day, "", "", plan, job.now)
    return f"{monitor.name}: {day} is no longer {label}"


def accept_days(history: "History", job: Job, first: dt.date, reason: str, undo: bool) -> list[str]:
    """Accept all days from `first` to the newest as usual, or undo that; return lines for the console.

    The rule then compares with these days, and no longer with those before them. A day that was dismissed or confirmed
    keeps that review.
    """
    monitor = _check(job, reason, undo)
    plan = planner(monitor.settings.alert, monitor.title, notes=notes_of(monitor))
    every = history.runs(monitor.name)
    runs = _choose(every, monitor, first, undo)
    label, text = ("", "") if undo else (ACCEPTED, reason.strip())
    for run in runs if undo else reversed(runs):  # an incident ends before it is gone, and begins before it goes on
        history.label(monitor.name, run.run_date, label, text, plan, job.now)
    days = f"{counted(len(runs), 'day')} from {runs[0].run_date} to {runs[-1].run_date}"
    if undo:
        return [f"{monitor.name}: {days} no longer accepted"]
    return [
        f"{monitor.name}: {line}" for line in (f"{days} accepted: {text}", *_say_accepted(every, monitor, runs, first))
    ]


def _choose(every: Sequence[Run], monitor: Monitor, first: dt.date, undo: bool) -> list[Run]:
    """Return the runs from `first` on that are to be accepted, or no longer; DriftMonitorError if there are none."""
    since = [run for run in every if run.run_date >= first and run.status != "failed"]
    runs = [run for run in since if run.label == ACCEPTED or not (undo or run.label)]
    if not runs:
        what = "no successful run" + (" without a review" if since else "")
        what = "no day is accepted" if undo else what
        raise DriftMonitorError(f"{monitor.name}: {what} from {first} on; choose an earlier day.")
    return runs


def _say_accepted(every: Sequence[Run], monitor: Monitor, accepted: Sequence[Run], first: dt.date) -> Iterator[str]:
    """Yield what the accepted days were, the incidents that they were part of, and the days that keep a review."""
    last = accepted[-1].run_date
    shown = Counter(run.shown for run in accepted)
    yield f"until now: {', '.join(f'{shown[status]} {words}' for status, words in SHOWN.items() if shown[status])}"
    for incident in fold(every, monitor.settings.alert).drift_incidents:
        if incident.start <= last and (incident.end is None or incident.end > first):
            until = f"until {incident.end}" if incident.end else "and not over"
            names = some_names(incident.columns, NAMED)
            earlier = "" if incident.start >= first else f"; to accept all of it, use --from {incident.start}"
            yield f"incident since {incident.start}, {until}: {names}{earlier}"
    failing = [run for run in accepted if run.failed_checks]
    if failing:
        yield f"checks still fail on {counted(len(failing), 'day')}; if that is harmless too, dismiss each"
    if monitor.settings.alert.rule == "budget":
        yield "later days are compared with them; the warm-up begins again if they are too few"
    for run in every:
        if run.run_date >= first and run.label not in ("", ACCEPTED):
            yield f"{run.run_date} keeps its review: {run.label}: {run.reason}"


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
