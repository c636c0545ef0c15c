"""The second stage: save what was executed in the history, with the messages it causes."""

import datetime as dt
from collections.abc import Sequence

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord, failed, read_json
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.unfinished_backfill import left_silent

FIRST_DAYS = 8  # a new history takes up the reports of a week; older ones were of another


def record_all(history, job: Job, monitors: Sequence[Monitor], silent: bool = False) -> list[RunRecord]:
    """Put the day's report of each monitor into the history, with what is to be said; a monitor without one failed.

    Days before it that were executed but not recorded, because the history was out of reach, come first.
    """
    from driftmonitor.pipeline import earlier_days
    from driftmonitor.pipeline.alerts.news import planner

    recorded = []
    for monitor in monitors:
        for day in [*_unrecorded_days(history, job, monitor.name), job.run_date]:
            quiet = silent or (day != job.run_date and left_silent(job, day))
            plan = planner(monitor.settings.alert, monitor.title, quiet)
            record = _read_report(history, job, monitor.name, day)
            if record:
                judged = earlier_days.judge(history, monitor, record)
                if judged is not record:
                    path = job.reports_dir / monitor.name / f"{day}" / "record.json"
                    path.write_text(judged.to_json(), encoding="utf-8")
                history.record(judged, plan, job.now)
                recorded.append(judged)
    _prune_reports(history, job)
    return recorded


def _unrecorded_days(history, job: Job, monitor: str) -> list[dt.date]:
    """Return the days with a report between the last recorded run and the run date; a week of them before the first."""
    recorded = [run.run_date for run in history.runs(monitor) if run.run_date < job.run_date]
    last = recorded[-1] if recorded else job.run_date - dt.timedelta(days=FIRST_DAYS)
    return [day for day in reports.days(job.reports_dir, monitor) if last < day < job.run_date]


def _read_report(history, job: Job, monitor: str, day: dt.date) -> RunRecord | None:
    """Return the record of a day's report, a failed one where there is none, or None if the history has one already."""
    path = job.reports_dir / monitor / f"{day}" / "record.json"
    try:
        if path.exists():
            return read_json(path)
        reason = "execute left no record for this day; see its log"
    except (DriftMonitorError, OSError):
        reason = "the day's record.json is damaged; run execute again for it"
    return None if history.has_run(monitor, day) else failed(monitor, day, reason)


def _prune_reports(history, job: Job) -> None:
    """Remove the reports that have had their time; their numbers stay in the history."""
    from driftmonitor.pipeline import retention

    keep_days = {
        monitor.name: retention.FOR_EVER if monitor.problem else monitor.settings.keep_reports_days
        for monitor in job.all_monitors()
    }
    retention.prune(history, job.reports_dir, keep_days)
