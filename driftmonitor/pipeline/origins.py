"""Find where the changes of past drift days come from, once these are judged: their rows are read again for it."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from driftmonitor import reports
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import stages
from driftmonitor.pipeline.by_numbers import explain_days
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.notebook_file import computes_as_shipped
from driftmonitor.pipeline.worth_a_page import run_again

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def explain_by_numbers(history: "History", job: Job, days: Collection[dt.date], silent: bool) -> Iterator[RunRecord]:
    """Yield those drift days among `days` that have neither a notebook nor an origin, once that is in the history.

    Where it cannot be found any more, the record says why.
    """
    for monitor in job.monitors():
        if monitor.problem or not computes_as_shipped(monitor.settings.notebook):
            continue
        records = _find_unexplained(history, job, monitor, days)
        judged = {day: record.judgement for day, record in records.items()}
        for day, where, unknown in explain_days(monitor, judged):
            record = records[day].model_copy(update={"where": where, "where_unknown": unknown})
            if record != records[day]:
                yield _save(history, job, monitor, record, silent)


def _save(history: "History", job: Job, monitor: Monitor, record: RunRecord, silent: bool) -> RunRecord:
    stages.record.save_run(history, replace(job, run_date=record.run_date), monitor, record, silent)
    return record


def _find_unexplained(
    history: "History", job: Job, monitor: Monitor, days: Collection[dt.date]
) -> dict[dt.date, RunRecord]:
    with_page = {*reports.days(job.reports_dir, monitor.name)}
    drift = [run.run_date for run in history.runs(monitor.name) if run.status == "drift"]
    records = {day: history.record_of(monitor.name, day) for day in drift if day in days and day not in with_page}
    return {day: record for day, record in records.items() if record and not record.where}


def explain_with_notebooks(history: "History", job: Job, records: Sequence[RunRecord], silent: bool) -> list[RunRecord]:
    """Run the notebooks of those drift days again that could not know it: the days before them were not judged yet.

    Return the records of notebooks that failed: their days keep what they had.
    """
    by_name = {monitor.name: monitor for monitor in job.monitors()}
    ran = {name: {*reports.days(job.reports_dir, name)} for name in {record.monitor for record in records}}
    wanted = [
        (by_name[record.monitor], record.run_date) for record in records
        if record.status == "drift" and record.budgeted and not record.where and record.run_date in ran[record.monitor]
    ]  # fmt: skip
    failed = run_again(history, job, wanted, silent)
    for each in failed:
        kept = history.record_of(each.monitor, each.run_date)
        if kept is not None and kept.status == "drift" and not kept.where:
            unknown = kept.model_copy(update={"where_unknown": each.error})
            _save(history, job, by_name[each.monitor], unknown, silent)
    return failed
