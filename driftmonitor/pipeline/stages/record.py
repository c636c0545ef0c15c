"""The second stage: save the reports of a run in the history, and queue the messages that they cause."""

import datetime as dt
import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config.params import Monitor
from driftmonitor.facts.earlier_days import REFERENCE_NAME, ReferenceDays
from driftmonitor.facts.record import RunRecord, failed, read_report
from driftmonitor.pipeline import console
from driftmonitor.pipeline.failures import Failures
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.unfinished_backfill import may_be_left_over
from driftmonitor.regular_files import Folder, Missing

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

FIRST_DAYS = 8  # a new history takes in the reports of a week; older ones belong to another history


class Saved(NamedTuple):
    """The runs that were saved, and what could not be, one line each."""

    records: list[RunRecord]
    failures: list[str]


def save_runs(history: "History", job: Job, monitors: Sequence[Monitor], silent: bool = False) -> Saved:
    """Save each monitor's run and queue its messages; save a monitor without a record as failed.

    Days that were executed but not saved, because the history was unreachable, are saved first. With `silent` no new
    messages are queued. A monitor whose run cannot be saved costs no other.
    """
    failures, records = Failures(), []
    for monitor in monitors:
        save = partial(_save_monitor, history, job, monitor, silent)
        records += failures.attempt(monitor.name, save, partial(_save_failure, history, job, monitor, silent))
    for line in failures.lines:
        console.complain(line)
    if job.is_ahead:
        console.say(
            f"{job.run_date} is in the future; its runs are kept, and shown from that day on without a message."
        )
    history.remove_old_tombs(job.now)
    failures.attempt("reports", partial(_prune_reports, history, job), console.complain)
    return Saved(records, failures.lines)


def _save_monitor(history: "History", job: Job, monitor: Monitor, silent: bool) -> list[RunRecord]:
    from driftmonitor.pipeline.drift_since import date_by_history
    from driftmonitor.pipeline.earlier_days import judge_recorded

    saved = []
    for day in [*_unsaved_days(history, job, monitor.name), job.run_date]:
        record = _read_record(history, job, monitor.name, day)
        if record is None:
            continue
        _take_reference_days(history, job, monitor.name, day)
        judged = date_by_history(history, monitor, judge_recorded(history, monitor, record))
        if judged is not record:
            reports.write(_report(job, monitor.name, day).path / "record.json", judged.to_json())
        _save(history, job, monitor, judged, silent)
        saved.append(judged)
    return saved


def save_run(history: "History", job: Job, monitor: Monitor, record: RunRecord, silent: bool) -> None:
    """Save a run that left no report, and queue its messages; the days before it have judged it."""
    _save(history, job, monitor, record, silent)


def _take_reference_days(history: "History", job: Job, monitor: str, day: dt.date) -> None:
    """Move the days of the reference that a report brought to the history; each reference is kept there once."""
    report = _report(job, monitor, day)
    try:
        found = ReferenceDays.read(report, REFERENCE_NAME)
    except DriftMonitorError as error:
        console.complain(f"{monitor}: {error}")
        found = None
    if found:
        history.keep_reference_days(monitor, json.dumps(found.model_dump(mode="json")), job.now)
    with suppress(OSError):
        (report.path / REFERENCE_NAME).unlink()


def _save(history: "History", job: Job, monitor: Monitor, record: RunRecord, silent: bool) -> None:
    from driftmonitor.pipeline.alerts.planning import planner
    from driftmonitor.pipeline.dated_notes import notes_of

    is_silent = silent or (record.run_date != job.run_date and may_be_left_over(job, record.run_date))
    history.record(record, planner(monitor.settings.alert, monitor.title, is_silent, notes_of(monitor)), job.now)


def _save_failure(history: "History", job: Job, monitor: Monitor, silent: bool, why: str) -> list[RunRecord]:
    """Save that a monitor's run could not be saved, if that can be saved; people are then told."""
    record = failed(monitor.name, job.run_date, why)
    if not history.has_run(monitor.name, job.run_date):
        Failures().attempt(monitor.name, partial(_save, history, job, monitor, record, silent), lambda why: None)
    return [record]


def _unsaved_days(history: "History", job: Job, monitor: str) -> list[dt.date]:
    """Return the days before the run date that have a report and come after the last run in the history."""
    known, first = history.last_run_before(monitor, job.run_date), job.run_date - dt.timedelta(days=FIRST_DAYS)
    executed = [day for day in reports.days(job.reports_dir, monitor) if day < job.run_date]
    if known is None and executed and executed[0] <= first:
        told = f"{monitor}: has reports since {executed[0]}, but no run in the history"
        console.complain(f"{told}; restore a copy of the history, or run backfill.")
    days = [day for day in executed if day > (known or first)]
    forgotten = history.forgotten_days().get(monitor, ()) if days else ()
    return [day for day in days if day not in forgotten]


def _read_record(history: "History", job: Job, monitor: str, day: dt.date) -> RunRecord | None:
    """Return the record of a day's report; without one a failed record, or None if the history has a run already."""
    report = _report(job, monitor, day)
    try:
        record = read_report(report)
        if (record.monitor, record.run_date) == (monitor, day):
            return record
        reason = f"{report}/record.json is for {record.monitor} on {record.run_date}; run execute again for this day."
    except Missing:
        reason = "execute left no record for this day; see its log"
    except DriftMonitorError as error:
        reason = str(error)
    if not history.has_run(monitor, day):
        return failed(monitor, day, reason)
    if report.path.exists():
        console.complain(f"{reason} The history keeps the run that it has.")
    return None


def _report(job: Job, monitor: str, day: dt.date) -> Folder:
    return Folder(job.reports_dir) / monitor / f"{day}"


def _prune_reports(history: "History", job: Job) -> None:
    """Remove the reports that are no longer kept; their numbers stay in the history."""
    from driftmonitor.pipeline import retention

    keep_days = {
        monitor.name: retention.FOREVER if monitor.problem else monitor.settings.keep_reports_days
        for monitor in job.all_monitors()
    }
    retention.prune(history, job.reports_dir, keep_days)
