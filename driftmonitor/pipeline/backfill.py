"""Run and record past days: in parallel, recorded in date order, and silently unless alerts are asked for."""

import contextlib
import datetime as dt
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import counted
from driftmonitor.pipeline import console, stages
from driftmonitor.pipeline.earlier_days import write_incomplete_files
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.forks import forking
from driftmonitor.pipeline.notebooks.preload import early_imports
from driftmonitor.pipeline.unfinished_backfill import noted_as_unfinished

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def backfill(history: "History", job: Job, days: Sequence[dt.date], silent: bool) -> list[RunRecord]:
    """Run every day that has no run yet, `--jobs` at a time, and save each as soon as the days before it are saved.

    If it is stopped, saved days stay, and the next backfill does the rest.
    """
    job.check_folders()
    monitors = job.monitors()
    tasks = [(monitor, day) for day in days for monitor in monitors if not history.has_run(monitor.name, day)]
    noting = noted_as_unfinished(job, days) if silent else contextlib.nullcontext()
    with noting, forking(early_imports(job, len(days))):
        records = list(_run_and_save(history, job, tasks, silent))
    for record in records:
        console.print_run(record, dated=True)
    console.say(f"{counted(len(records), 'run')} recorded, {counted(len(days), 'day')} checked")
    return records


def _run_and_save(
    history: "History", job: Job, tasks: Sequence[tuple[Monitor, dt.date]], silent: bool
) -> Iterator[RunRecord]:
    """Yield the records of the tasks, each day's once it is in the history."""
    by_name = {monitor.name: monitor for monitor, _ in tasks}
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(
            stages.execute.run_tasks(job, tasks, write_incomplete_files(history, list(by_name.values()), Path(folder)))
        ) as executed,
    ):
        for day, records_of_day in itertools.groupby(executed, lambda record: record.run_date):
            monitors = [by_name[record.monitor] for record in records_of_day]
            saved = stages.record.save_runs(history, replace(job, run_date=day), monitors, silent)
            yield from (record for record in saved.records if record.run_date == day)


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return every day from `first` to `last`, both included."""
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
