"""Give the days that were recorded by numbers a page where it is worth it: those that alert, and the newest one."""

import contextlib
import datetime as dt
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftmonitor import reports
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import earlier_days, retention, stages
from driftmonitor.pipeline.alerts.incidents import CHECK_OPENERS, DRIFT_OPENERS
from driftmonitor.pipeline.alerts.state import fold
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.forks import forking
from driftmonitor.pipeline.notebooks.preload import early_imports
from driftmonitor.pipeline.notebooks.task import Task

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

WORTH_A_PAGE = (*DRIFT_OPENERS, *CHECK_OPENERS)  # events


def make_pages(history: "History", job: Job, days: Collection[dt.date], silent: bool) -> list[RunRecord]:
    """Run the notebooks of the days among these that are worth a page and have none, now that all days are known.

    Return the records of notebooks that failed: the day keeps what was recorded by numbers, and gets no page.
    """
    wanted = [(monitor, day) for monitor in job.monitors() for day in _days_worth_a_page(history, job, monitor, days)]
    return run_again(history, job, wanted, silent)


def run_again(history: "History", job: Job, wanted: Sequence[tuple[Monitor, dt.date]], silent: bool) -> list[RunRecord]:
    """Run and save notebooks of days that are recorded already, now that all days before them are known.

    Return the records of those that failed.
    """
    if not wanted:
        return []
    with tempfile.TemporaryDirectory() as folder:
        tasks = []
        for monitor, day in sorted(wanted, key=lambda each: each[1]):
            file = Path(folder) / f"{monitor.name}-{day}.json"
            known = earlier_days.write_file(history, monitor, day, file, job.reports_dir)
            tasks.append(Task(monitor, day, known))
        with forking(early_imports(job, len(tasks))):
            return list(_run(history, job, tasks, silent))


def _run(history: "History", job: Job, tasks: Sequence[Task], silent: bool) -> Iterator[RunRecord]:
    monitors = {task.monitor.name: task.monitor for task in tasks}
    with contextlib.closing(stages.execute.run_tasks(job, tasks, publishes=True)) as executed:
        for record in executed:
            if record.status == "failed":
                reports.remove(job.reports_dir / record.monitor / f"{record.run_date}")
                yield record
            else:
                today = replace(job, run_date=record.run_date)
                stages.record.save_runs(history, today, [monitors[record.monitor]], silent)


def _days_worth_a_page(history: "History", job: Job, monitor: Monitor, days: Collection[dt.date]) -> list[dt.date]:
    """Return those of `days` whose drift is worth a message, and the monitor's newest one that did not fail.

    Not those that have a page already, nor those whose page would be too old to keep.
    """
    runs = history.runs(monitor.name)
    alerts = {event.run_date for event in fold(runs, monitor.settings.alert).events if event.kind in WORTH_A_PAGE}
    newest = [run.run_date for run in runs if run.status != "failed"][-1:]
    wanted = ({*alerts, *newest} & {*days}) - {*reports.days(job.reports_dir, monitor.name)}
    return [day for day in sorted(wanted) if retention.keeps(runs, day, monitor.settings.keep_reports_days)]
