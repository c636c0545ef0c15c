"""Past days run and recorded: side by side, in date order, and quietly unless news is asked for."""

import contextlib
import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import console, stages
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.forks import forking
from driftmonitor.pipeline.notebooks.preload import early_imports
from driftmonitor.pipeline.unfinished_backfill import silently


def backfill(history, job: Job, days: Sequence[dt.date], silent: bool) -> list[RunRecord]:
    """Run every day that has no run yet, `--jobs` at a time, and record each as soon as those before it are.

    What is recorded stays so if it is stopped, and the next backfill does the rest.
    """
    job.check_folders()
    monitors = job.monitors()
    tasks = [(monitor, day) for day in days for monitor in monitors if not history.has_run(monitor.name, day)]
    with silently(job, days) if silent else contextlib.nullcontext(), forking(early_imports(job, len(days))):
        records = list(_recorded(history, job, tasks, silent))
    for record in records:
        console.say_run(record, dated=True)
    console.say(f"{len(records)} runs recorded, {len(days)} days looked at")
    return records


def _recorded(history, job: Job, tasks: Sequence[tuple], silent: bool) -> Iterator[RunRecord]:
    """Yield the tasks' records, each day's once it is in the history."""
    by_name = {monitor.name: monitor for monitor, _ in tasks}
    with contextlib.closing(stages.execute.execute_each(job, tasks)) as executed:
        for day, of_day in itertools.groupby(executed, lambda record: record.run_date):
            records = list(of_day)
            done = [by_name[record.monitor] for record in records]
            recorded = stages.record.record_all(history, replace(job, run_date=day), done, silent)
            yield from (record for record in recorded if record.run_date == day)


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return every day from `first` to `last`, both included."""
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
