"""Notebooks run by the workers of a Dask cluster: the only room that knows Dask.

Workers are started in a clone like this one, and need share no disk with it: a run's files come back as bytes. A task
may be run twice, because Dask repeats those of a worker that died; each try has a folder of its own, and one counts.
"""

import datetime as dt
import io
import logging
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError, OutsideError, reports
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord, failed, read_json
from driftmonitor.pipeline.notebooks import run_notebook

Task = tuple[Monitor, dt.date]
CONNECT_SECONDS, WORKER_SECONDS = 10, 60
IN_A_CLONE = "start them in a clone of this repository, with its environment"


def execute_each(
    address: str, tasks: Sequence[Task], reports_dir: Path, pasts: Mapping[str, Path]
) -> Iterator[RunRecord]:
    """Run each task on the cluster, and yield the records in the tasks' order once their reports are in `reports_dir`.

    A task carries the monitor's parameters, and of its environment only the names: the values are the workers' own.
    """
    with connected(address) as client:
        known = [path.name for path in (reports_dir / "assets").glob("*.js")]
        futures = [client.submit(run_task, *task, known, _past(pasts, task), pure=False) for task in tasks]
        try:
            for task, future in zip(tasks, futures, strict=True):
                try:
                    yield _collect(task, future, reports_dir)
                except DriftMonitorError as error:  # a folder that can't be written: the others go on
                    yield failed(task[0].name, task[1], str(error))
        finally:
            client.cancel(futures)


def _past(pasts: Mapping[str, Path], task: Task) -> bytes | None:
    path = pasts.get(task[0].name)
    try:
        return path.read_bytes() if path else None
    except OSError:
        return b""  # the notebook says that it can't be read, and the run is judged when it is recorded


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Give a client of the scheduler at `address`, once a worker is there; OutsideError where there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise DriftMonitorError(
            "--scheduler: Dask is not installed; run `pip install distributed` (the extra named dask)."
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is told in our own words
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except ValueError:
        raise DriftMonitorError(f"--scheduler {address}: not an address; write it as tcp://host:8786.") from None
    except OSError:  # TimeoutError is one
        raise OutsideError(
            f"--scheduler {address}: no Dask scheduler answers there; start it, or check the address."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise OutsideError(f"--scheduler {address}: has no workers; {IN_A_CLONE}.") from None
        yield client


def run_task(monitor: Monitor, run_date: dt.date, known: Sequence[str], past: bytes | None) -> bytes:
    """Run a monitor's notebook on a worker; return the report's files as a zip, and the shared scripts not `known`."""
    with tempfile.TemporaryDirectory(prefix="drift-") as folder:
        reports_dir, path = Path(folder) / "reports", Path(folder) / "past.json"
        if past is not None:
            path.write_bytes(past)
        run_notebook.execute(monitor, run_date, reports_dir, past=path if past is not None else None)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            day = reports_dir / monitor.name / f"{run_date}"
            for path in sorted(path for path in day.rglob("*") if path.is_file()):
                archive.write(path, f"report/{path.relative_to(day)}")
            for path in (reports_dir / "assets").glob("*.js"):
                if path.name not in known:
                    archive.write(path, f"assets/{path.name}")
        return packed.getvalue()


def _collect(task: Task, future: Any, reports_dir: Path) -> RunRecord:
    """Wait for one task, put its report in place, and return its record; a failed one where none came back."""
    monitor, run_date = task
    try:
        packed = future.result()
    except Exception as error:  # whatever a task raised on its worker, or what became of the worker
        return _lost(task, error, reports_dir)
    with tempfile.TemporaryDirectory(prefix="drift-") as folder, zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)
        _move(Path(folder) / "assets", reports_dir / "assets")
        with reports.staged(reports_dir, monitor.name, run_date) as report:
            _move(Path(folder) / "report", report)
    return read_json(reports_dir / monitor.name / f"{run_date}" / "record.json")


def _move(source: Path, target: Path) -> None:
    """Move the files of a folder that may not be there, each whole."""
    for path in sorted(source.rglob("*")):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f".{place.name}.new")
            beside.write_bytes(path.read_bytes())
            beside.replace(place)


def _lost(task: Task, error: Exception, reports_dir: Path) -> RunRecord:
    """Leave the report of a run whose worker gave none."""
    monitor, run_date = task
    kind = "crashed"
    if type(error).__name__ == "KilledWorker":
        message, kind = "its Dask workers died at it, one after the other (killed, or out of memory)", "killed"
    elif isinstance(error, ModuleNotFoundError):
        message = f"the Dask workers have no module {error.name}; {IN_A_CLONE}"
    elif type(error).__name__ in ("FutureCancelledError", "CancelledError", "CommClosedError"):
        message = "the Dask scheduler went away while the notebooks ran; run the command again"
    else:
        message = run_notebook.one_line(
            f"{'' if isinstance(error, DriftMonitorError) else type(error).__name__ + ': '}{error}"
        )
    record = failed(monitor.name, run_date, message, error_kind=kind)
    with reports.staged(reports_dir, monitor.name, run_date) as report:
        (report / "record.json").write_text(record.to_json(), encoding="utf-8")
    return record
