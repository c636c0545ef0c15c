"""The first stage: run the notebooks of a day, and keep their reports."""

import functools
import tempfile
import threading
from collections.abc import Generator, Sequence
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord, failed
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.task import Task


def run_notebooks(job: Job, earlier_days_dir: Path | None = None, publishes: bool = False) -> list[RunRecord]:
    """Check all that can be checked, run the notebooks of the job's monitors, and print the verdicts.

    The earlier days are read from `earlier_days_dir` or, without it, from the history. See `run_tasks` for `publishes`.
    """
    from driftmonitor.pipeline.notebooks.forks import forking
    from driftmonitor.pipeline.notebooks.preload import early_imports

    with forking(early_imports(job)):
        job.all_monitors()  # reports a mistake in any file before anything runs
        monitors = job.monitors()
        job.check_folders()
        records = _run(job, monitors, earlier_days_dir, publishes)
    for monitor, record in zip(monitors, records, strict=True):
        if is_unjudged(monitor, record):
            console.say(f"compared {record.monitor}: the verdict needs the days before it, which could not be read.")
        else:
            console.print_run(record)
    return records


def is_unjudged(monitor: Monitor, record: RunRecord) -> bool:
    """Return whether the budget rule decides but has not judged the day: its record has the share rule's verdict."""
    return monitor.settings.alert.rule == "budget" and record.judgement is None and record.evidence is not None


def _run(job: Job, monitors: Sequence[Monitor], earlier_days_dir: Path | None, publishes: bool) -> list[RunRecord]:
    from driftmonitor.pipeline import earlier_days

    with tempfile.TemporaryDirectory() as folder:
        if earlier_days_dir:
            files = earlier_days.find_files(earlier_days_dir, monitors)
        else:
            files = earlier_days.write_files(job, monitors, Path(folder))
        tasks = [Task(monitor, job.run_date, files.get(monitor.name)) for monitor in monitors]
        return list(run_tasks(job, tasks, publishes))


def run_tasks(job: Job, tasks: Sequence[Task], publishes: bool) -> Generator[RunRecord, None, None]:
    """Run each task's notebook for its day, `--jobs` at a time; yield the records in the tasks' order, as they come.

    If this process `publishes` afterwards, what that needs is imported while the notebooks run, which takes longer.
    """
    from driftmonitor.pipeline.notebooks.with_papermill import import_papermill

    import_papermill()  # before any thread is started
    if publishes:
        threading.Thread(target=_import_for_publish, daemon=True).start()
    if job.scheduler:
        yield from _run_on_cluster(job.scheduler, job, tasks)
    else:
        yield from _run_here(job, tasks)


def _run_here(job: Job, tasks: Sequence[Task]) -> Generator[RunRecord, None, None]:
    from driftmonitor.pipeline.notebooks import kernels, run_notebook
    from driftmonitor.pipeline.notebooks.notebook_file import count_cells

    cells = functools.cache(count_cells)
    runnable = [task.monitor.settings.notebook for task in tasks if not task.monitor.problem]
    with console.progress(sum(map(cells, runnable))) as progress:

        def run_one(task: Task) -> RunRecord:
            monitor, run_date, earlier_days = task
            progress.start(monitor.name, run_date)
            try:
                return run_notebook.execute(monitor, run_date, job.reports_dir, progress.advance, earlier_days)
            except DriftMonitorError as error:  # the other monitors go on
                return failed(monitor.name, run_date, str(error))

        with kernels.stoppable_threads(job.jobs) as threads:
            yield from threads.map(run_one, tasks)


def _run_on_cluster(scheduler: str, job: Job, tasks: Sequence[Task]) -> Generator[RunRecord, None, None]:
    from driftmonitor.pipeline.notebooks import cluster

    with console.progress(len(tasks), "notebook") as progress:
        for record in cluster.execute_each(scheduler, tasks, job.reports_dir):
            progress.advance()
            yield record


def _import_for_publish() -> None:
    from driftmonitor.pipeline.pages import render

    render.warm()
