"""Run notebooks on the workers of a Dask cluster. The only module that uses Dask.

Workers are started in a clone like this one and need not share a disk with it: a run's files come back as bytes. Dask
repeats the tasks of a worker that died, so a task may run twice; each attempt has its own folder, and one counts.
"""

import datetime as dt
import io
import logging
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError, OutsideError, reports
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import ErrorKind, RunRecord, failed, read_report
from driftmonitor.foreign_errors import describe_error
from driftmonitor.pipeline.notebooks import run_notebook
from driftmonitor.pipeline.notebooks.outputs import one_line
from driftmonitor.pipeline.notebooks.task import Task
from driftmonitor.regular_files import Folder, read_file

CONNECT_SECONDS, WORKER_SECONDS = 10, 60
IN_A_CLONE = "start them in a clone of this repository, with its environment"


def execute_each(address: str, tasks: Sequence[Task], reports_dir: Path) -> Iterator[RunRecord]:
    """Run each task on the cluster, and yield the records in the tasks' order once their reports are in `reports_dir`.

    A task contains the monitor's parameters, but only the names of environment variables: the workers have the values.
    """
    with connected(address) as client:
        scripts = (Folder(reports_dir) / "assets").names()
        futures = [
            client.submit(run_task, task.monitor, task.run_date, scripts, _read(task.earlier_days), pure=False)
            for task in tasks
        ]
        try:
            for task, future in zip(tasks, futures, strict=True):
                try:
                    yield _collect(task, future, reports_dir)
                except DriftMonitorError as error:  # a folder that cannot be written; the other tasks go on
                    yield failed(task.monitor.name, task.run_date, str(error))
        finally:
            client.cancel(futures)


def _read(earlier_days: Path | None) -> bytes | None:
    try:
        return read_file(earlier_days) if earlier_days else None
    except OSError:
        return b""  # the notebook reports that it cannot be read, and the run is judged when it is recorded


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Yield a client of the scheduler at `address`, once it has a worker; raise OutsideError if it has none."""
    try:
        from distributed import Client
    except ImportError:
        raise DriftMonitorError(
            "--scheduler: Dask is not installed; run `pip install distributed` (the extra named dask)."
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # drift-monitor reports failures itself
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except ValueError:
        raise DriftMonitorError(f"--scheduler {address}: invalid address; write it as tcp://host:8786.") from None
    except OSError:  # includes TimeoutError
        raise OutsideError(
            f"--scheduler {address}: no Dask scheduler answers; start it, or check the address."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise OutsideError(f"--scheduler {address}: has no workers; {IN_A_CLONE}.") from None
        yield client


def run_task(monitor: Monitor, run_date: dt.date, scripts: Sequence[str], earlier_days: bytes | None) -> bytes:
    """Run a monitor's notebook on a worker; return a zip of its report and of the shared scripts not in `scripts`."""
    with tempfile.TemporaryDirectory(prefix="drift-") as folder:
        reports_dir, earlier_days_file = Path(folder) / "reports", None
        if earlier_days is not None:
            earlier_days_file = Path(folder) / "past.json"
            earlier_days_file.write_bytes(earlier_days)
        run_notebook.execute(monitor, run_date, reports_dir, earlier_days=earlier_days_file)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            report, assets = Folder(reports_dir) / monitor.name / f"{run_date}", Folder(reports_dir) / "assets"
            for name in report.files():
                archive.writestr(f"report/{name}", report.read(name))
            for name in assets.names():
                if name not in scripts:
                    archive.writestr(f"assets/{name}", assets.read(name))
        return packed.getvalue()


def _collect(task: Task, future: Any, reports_dir: Path) -> RunRecord:
    """Wait for one task, save its report, and return its record; a failed one if no report came back."""
    monitor, run_date, _ = task
    try:
        packed = future.result()
    except Exception as error:  # whatever the task raised on its worker, or happened to the worker
        return _lost(task, error, reports_dir)
    with tempfile.TemporaryDirectory(prefix="drift-") as folder, zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)
        _move(Path(folder) / "assets", reports_dir / "assets")
        with reports.staged(reports_dir, monitor.name, run_date) as report:
            _move(Path(folder) / "report", report)
    return read_report(Folder(reports_dir) / monitor.name / f"{run_date}")


def _move(source: Path, target: Path) -> None:
    """Move the files of a folder, which may be missing; each file is complete as soon as it is there."""
    for name in Folder(source).files():
        final = target / name
        final.parent.mkdir(parents=True, exist_ok=True)
        new = final.with_name(f".{final.name}.new")
        reports.write(new, Folder(source).read(name))
        new.replace(final)


def _lost(task: Task, error: Exception, reports_dir: Path) -> RunRecord:
    """Save the report of a run whose worker returned none."""
    monitor, run_date, _ = task
    kind: ErrorKind = "crashed"
    if type(error).__name__ == "KilledWorker":
        message, kind = "the Dask workers that ran it died, one after another (killed, or out of memory)", "killed"
    elif isinstance(error, ModuleNotFoundError):
        message = f"the Dask workers have no module {error.name}; {IN_A_CLONE}"
    elif type(error).__name__ in ("FutureCancelledError", "CancelledError", "CommClosedError"):
        message = "the Dask scheduler went away while the notebooks ran; run the command again"
    else:
        message = one_line(describe_error(error))
    record = failed(monitor.name, run_date, message, error_kind=kind)
    with reports.staged(reports_dir, monitor.name, run_date) as report:
        (report / "record.json").write_text(record.to_json(), encoding="utf-8")
    return record
