"""Find where the changes of past drift days come from, once these are judged: their rows are read again for it."""

import datetime as dt
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftmonitor import reports
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import earlier_days, stages
from driftmonitor.pipeline.by_numbers import explain_days
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.notebook_file import computes_as_shipped
from driftmonitor.pipeline.notebooks.task import Task
from driftmonitor.pipeline.worth_a_page import run_again

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def explain_by_numbers(history: "History", job: Job, days: Collection[dt.date], silent: bool) -> Iterator[RunRecord]:
    """Yield those drift days among `days` that have neither a notebook nor an origin, once that is in the history."""
    for monitor in job.monitors():
        if monitor.problem or not computes_as_shipped(monitor.settings.notebook):
            continue
        records = _find_unexplained(history, job, monitor, days)
        judged = {day: record.judgement for day, record in records.items()}
        for day, where in explain_days(monitor, judged) if judged else ():
            if where:
                record = records[day].model_copy(update={"where": where})
                stages.record.save_run(history, replace(job, run_date=day), monitor, record, silent)
                yield record


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
    wanted = [record for record in records if record.status == "drift" and record.budgeted and not record.where]
    with tempfile.TemporaryDirectory() as folder:
        tasks = []
        for record in wanted:
            if record.run_date in reports.days(job.reports_dir, record.monitor):
                monitor, file = by_name[record.monitor], Path(folder) / f"{record.monitor}-{record.run_date}.json"
                past = earlier_days.write_file(history, monitor, record.run_date, file)
                tasks.append(Task(monitor, record.run_date, past))
        return run_again(history, job, tasks, silent)
