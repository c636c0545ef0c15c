"""The second stage: save the reports of a run in the history, and queue the messages that they cause."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord, failed, read_json
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.unfinished_backfill import may_be_left_over

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

FIRST_DAYS = 8  # a new history takes in the reports of a week; older ones belong to another history


def save_runs(history: "History", job: Job, monitors: Sequence[Monitor], silent: bool = False) -> list[RunRecord]:
    """Save each monitor's run and queue its messages; save a monitor without a record as failed.

    Days that were executed but not saved, because the history was unreachable, are saved first. With `silent` no new
    messages are queued.
    """
    from driftmonitor.pipeline.alerts.planning import planner
    from driftmonitor.pipeline.earlier_days import judge_recorded

    saved = []
    for monitor in monitors:
        for day in [*_unsaved_days(history, job, monitor.name), job.run_date]:
            record = _read_record(history, job, monitor.name, day)
            if record is None:
                continue
            judged = judge_recorded(history, monitor, record)
            if judged is not record:
                _record_file(job, monitor.name, day).write_text(judged.to_json(), encoding="utf-8")
            is_silent = silent or (day != job.run_date and may_be_left_over(job, day))
            history.record(judged, planner(monitor.settings.alert, monitor.title, is_silent), job.now)
            saved.append(judged)
    if job.is_ahead:
        console.say(
            f"{job.run_date} is in the future; its runs are kept, and shown from that day on without a message."
        )
    history.remove_old_tombs(job.now)
    _prune_reports(history, job)
    return saved


def _unsaved_days(history: "History", job: Job, monitor: str) -> list[dt.date]:
    """Return the days before the run date that have a report and come after the last run in the history."""
    recorded = [run.run_date for run in history.runs(monitor) if run.run_date < job.run_date]
    last = recorded[-1] if recorded else job.run_date - dt.timedelta(days=FIRST_DAYS)
    forgotten = history.forgotten_days().get(monitor, ())
    return [day for day in reports.days(job.reports_dir, monitor) if last < day < job.run_date and day not in forgotten]


def _read_record(history: "History", job: Job, monitor: str, day: dt.date) -> RunRecord | None:
    """Return the record of a day's report; without one a failed record, or None if the history has a run already."""
    path = _record_file(job, monitor, day)
    try:
        if path.exists():
            return read_json(path)
        reason = "execute left no record for this day; see its log"
    except (DriftMonitorError, OSError):
        reason = "the day's record.json is damaged; run execute again for it"
    return None if history.has_run(monitor, day) else failed(monitor, day, reason)


def _record_file(job: Job, monitor: str, day: dt.date) -> Path:
    return job.reports_dir / monitor / f"{day}" / "record.json"


def _prune_reports(history: "History", job: Job) -> None:
    """Remove the reports that are no longer kept; their numbers stay in the history."""
    from driftmonitor.pipeline import retention

    keep_days = {
        monitor.name: retention.FOREVER if monitor.problem else monitor.settings.keep_reports_days
        for monitor in job.all_monitors()
    }
    retention.prune(history, job.reports_dir, keep_days)
