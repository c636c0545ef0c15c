"""The first stage: run the notebooks of a day, and keep what comes out."""

import datetime as dt
import functools
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord, failed
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job


def check_and_execute(job: Job, pasts_dir: Path | None = None) -> tuple[list[Monitor], list[RunRecord]]:
    """Run the notebooks of the monitors asked for, once everything that can be checked before has been."""
    from driftmonitor.pipeline.notebooks.forks import forking
    from driftmonitor.pipeline.notebooks.preload import early_imports

    with forking(early_imports(job)):
        job.all_monitors()  # a mistake in any file is told before anything runs
        monitors = job.monitors()
        job.check_folders()
        return monitors, execute_all(job, monitors, pasts_dir)


def execute_all(job: Job, monitors: Sequence[Monitor], pasts_dir: Path | None = None) -> list[RunRecord]:
    """Run every monitor's notebook, `--jobs` at a time, and print the verdicts.

    The days before lie in `pasts_dir`, or without it are asked of the history.
    """
    from driftmonitor.pipeline import earlier_days

    with tempfile.TemporaryDirectory() as folder:
        files = (
            earlier_days.find_pasts(pasts_dir, monitors)
            if pasts_dir
            else earlier_days.write_pasts(job, monitors, Path(folder))
        )
        records = list(execute_each(job, [(monitor, job.run_date) for monitor in monitors], files))
    for record in records:
        console.say_run(record)
    return records


def execute_each(
    job: Job, tasks: Sequence[tuple[Monitor, dt.date]], pasts: Mapping[str, Path] = MappingProxyType({})
) -> Iterator[RunRecord]:
    """Run each task's notebook for its day, `--jobs` at a time; yield the records in the tasks' order, as they come.

    `pasts` are the files of the days before, by monitor; a run without one is judged when it is recorded.
    """
    from driftmonitor.pipeline.notebooks import kernels, run_notebook

    threading.Thread(target=_warm, daemon=True).start()
    if job.scheduler:
        yield from _execute_on_cluster(job, tasks, pasts)
        return
    cells = functools.cache(run_notebook.count_cells)
    runnable = [monitor.settings.notebook for monitor, _ in tasks if not monitor.problem]
    with console.progress(sum(map(cells, runnable))) as progress:

        def run_one(task: tuple[Monitor, dt.date]) -> RunRecord:
            monitor, run_date = task
            progress.started(monitor.name, run_date)
            try:
                return run_notebook.execute(monitor, run_date, job.reports_dir, progress.cell, pasts.get(monitor.name))
            except DriftMonitorError as error:  # the others go on
                return failed(monitor.name, run_date, str(error))

        with ThreadPoolExecutor(job.jobs) as pool, kernels.stopping():
            yield from pool.map(run_one, tasks)


def _execute_on_cluster(
    job: Job, tasks: Sequence[tuple[Monitor, dt.date]], pasts: Mapping[str, Path]
) -> Iterator[RunRecord]:
    from driftmonitor.pipeline.notebooks import cluster

    with console.progress(len(tasks), "notebook") as progress:
        for record in cluster.execute_each(job.scheduler, tasks, job.reports_dir, pasts):
            progress.cell()
            yield record


def _warm() -> None:
    """Import what the later stages need while the notebooks, which take longer, run."""
    from driftmonitor.pipeline.pages import render

    render.warm()
