"""Run one monitor's notebook for one day: the only room that knows papermill and Jupyter kernels.

What comes out is a folder, `reports/<monitor>/<date>/`: the executed notebook, its record and what the notebook wrote
beside them. Whatever goes wrong inside the run becomes a record with status `failed`, never an exception.
"""

import datetime as dt
import json
import logging
import os
import re
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from driftmonitor import DriftMonitorError, reports
from driftmonitor.params import Monitor, NotebookParameter
from driftmonitor.record import RunRecord, failed, read_notebook

ROOT = Path(__file__).resolve().parents[2]

# What a kernel needs of its surroundings. Everything else, secrets above all, stays outside.
KEPT_ENVIRONMENT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|VIRTUAL_ENV|CONDA_PREFIX|LD_LIBRARY_PATH"
    r"|PYTHON(PATH|HOME|UTF8|HASHSEED|WARNINGS|NOUSERSITE)|XDG_\w+|JUPYTER_\w*(DIR|PATH)|MPLCONFIGDIR"
    r"|(OMP|OPENBLAS|MKL|NUMEXPR|ARROW)_\w+|SSL_CERT_\w+"
    r"|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|PROGRAMDATA|USERPROFILE|NUMBER_OF_PROCESSORS"
)


def clean_environment(pass_env: tuple[str, ...] = (), environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment a kernel gets: what any program needs, and what the monitor names in `pass_env`."""
    kept = {name: value for name, value in environ.items() if KEPT_ENVIRONMENT.fullmatch(name.upper())}
    named = {name: environ[name] for name in pass_env if name in environ}
    return {**kept, **named, "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}


def _import_papermill() -> None:
    """Import papermill without its readers of HDFS and S3: looking for them costs a third of its import."""
    hidden = [name for name in ("pyarrow", "boto3") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # None in sys.modules is an ImportError, which papermill expects
    try:
        import papermill  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]


def notebook_parameters(notebook: str) -> dict[str, NotebookParameter]:
    """Return the parameters cell of a notebook, named relative to the repository's root, as papermill reads it."""
    _import_papermill()
    from papermill import inspect_notebook
    from papermill.exceptions import PapermillException

    try:
        with _quiet():
            found = inspect_notebook(str(ROOT / notebook))
    except FileNotFoundError:
        raise DriftMonitorError(f"{notebook}: no such notebook; set monitor.notebook to one that exists.") from None
    except (PapermillException, ValueError, KeyError, AttributeError, OSError):
        raise DriftMonitorError(f"{notebook}: not a notebook that can be read; restore or re-save it.") from None
    if not found:
        raise DriftMonitorError(f"{notebook}: no parameters cell; tag one cell with `parameters`.")
    return {
        name: NotebookParameter(name, _type_name(entry["inferred_type_name"]), entry["help"])
        for name, entry in found.items()
    }


def count_cells(monitor: Monitor) -> int:
    """Return how many cells of code the monitor's notebook has, for the progress bar."""
    cells = json.loads((ROOT / monitor.settings.notebook).read_text(encoding="utf-8"))["cells"]
    return sum(cell["cell_type"] == "code" for cell in cells)


def _type_name(inferred: str) -> str | None:
    return None if inferred == "None" else inferred


def _no_news() -> None:
    """Take no notice of a finished cell."""


def execute(
    monitor: Monitor, run_date: dt.date, reports_dir: Path, on_cell: Callable[[], None] = _no_news
) -> RunRecord:
    """Run the monitor's notebook for `run_date`, keep what came out under `reports_dir`, and return its record.

    `on_cell` is called after each cell. A day that was run before is replaced whole; if it was good and this run
    fails, it is kept as `last_good`.
    """
    with reports.staged(reports_dir, monitor.name, run_date) as folder:
        started = time.monotonic()
        error = _run_notebook(monitor, run_date, folder, on_cell)
        record = _outcome(monitor, run_date, folder, error, round(time.monotonic() - started, 1))
        (folder / "record.json").write_text(record.to_json(), encoding="utf-8")
    return record


def _outcome(monitor: Monitor, run_date: dt.date, folder: Path, error: "Failure | None", seconds: float) -> RunRecord:
    """Return the notebook's record, or a failed one where there is none or it isn't this run's."""
    if error is None:
        error, record = _read_record(monitor, run_date, folder / "notebook.ipynb")
        if record:
            return record
    return failed(monitor.name, run_date, error.message, seconds, error_kind=error.kind)


@dataclass(frozen=True)
class Failure:
    """Why a run has no record: one line, and what kind of failure it is."""

    message: str
    kind: str = "crashed"


def _read_record(monitor: Monitor, run_date: dt.date, path: Path) -> tuple[Failure | None, RunRecord | None]:
    import nbformat

    try:
        record = read_notebook(nbformat.read(path, as_version=4))
    except DriftMonitorError as error:
        return Failure(str(error)), None
    except Exception as error:  # a notebook cut short on disk can fail in any way
        return Failure(f"the executed notebook cannot be read: {type(error).__name__}"), None
    if record is None:
        return Failure("the notebook ended without emitting a record; keep its last cell, `emit(...)`"), None
    if (record.monitor, record.run_date) != (monitor.name, run_date):
        return Failure(f"the record is for {record.monitor} on {record.run_date}; pass monitor_name and run_date"), None
    return None, record


def _run_notebook(monitor: Monitor, run_date: dt.date, folder: Path, on_cell: Callable[[], None]) -> Failure | None:
    """Run the notebook into `folder` and return why it failed, or None."""
    parameters = {
        **monitor.parameters,
        "run_date": run_date.isoformat(),
        "monitor_name": monitor.name,
        "output_dir": _shown(folder),
    }
    limit = monitor.settings.timeout_seconds
    with _kernel(monitor, limit) as kernel:
        try:
            _papermill(ROOT / monitor.settings.notebook, folder / "notebook.ipynb", parameters, kernel.manager, on_cell)
        except Exception as error:
            if kernel.timed_out:
                return Failure(f"stopped after {limit} s; raise monitor.timeout_seconds or lower max_rows", "timeout")
            return _failure(error)
    return None


def _papermill(
    notebook: Path, output: Path, parameters: dict[str, Any], manager: AsyncKernelManager, on_cell: Callable[[], None]
) -> None:
    from papermill import execute_notebook

    with _quiet():
        execute_notebook(
            _shown(notebook),
            str(output),
            parameters=parameters,
            kernel_name="python3",
            km=manager,
            progress_bar=False,
            start_timeout=600,
            autosave_cell_every=0,
            on_cell_executed=lambda **_: on_cell(),
        )


def _failure(error: Exception) -> Failure:
    """Return one line for whatever papermill raised."""
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, PapermillExecutionError):
        kind = "data_missing" if error.ename == "DataMissing" else "crashed"
        own = error.ename in ("DriftMonitorError", "DataMissing")
        text = error.evalue if own else f"{error.ename}: {error.evalue}"
        return Failure(_one_line(text), kind)
    if isinstance(error, DeadKernelError) or "Kernel died" in str(error):
        return Failure("the notebook's kernel died (killed, out of memory, or a crash in a library)", "killed")
    return Failure(_one_line(f"{type(error).__name__}: {error}"))


def _one_line(text: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    line = " ".join(plain.split())
    return line if len(line) <= 500 else line[:497] + "..."


def _shown(path: Path) -> str:
    """Return a path as the published notebook may show it: relative to the root where it is inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


EARLY_IMPORT = "--IPKernelApp.exec_lines=import driftmonitor.analysis.drift, driftmonitor.analysis.plots"


@dataclass(eq=False)
class Kernel:
    """A started kernel, and whether its time ran out."""

    manager: AsyncKernelManager
    timed_out: bool = False

    def kill(self) -> None:
        """End the kernel and its children at once; called from the watchdog's thread when the time is up."""
        self.timed_out = True
        process = self.manager.provisioner.process
        if process and process.poll() is None:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)  # jupyter_client starts it as the leader of its own group
            else:
                process.kill()


_SPARE: list[Kernel] = []


@contextmanager
def early_kernel() -> Iterator[None]:
    """Start a kernel now for the first notebook that can use it: it imports while the caller still reads and checks.

    Importing what the notebook needs is most of a run's time. A kernel that nobody took is ended.
    """
    spare = _start(clean_environment(), [EARLY_IMPORT])
    _SPARE.append(spare)
    try:
        yield
    finally:
        if spare in _SPARE:
            _SPARE.remove(spare)
            run_sync(spare.manager.shutdown_kernel)(now=True)


def _start(environment: dict[str, str], arguments: list[str]) -> Kernel:
    kernel = Kernel(AsyncKernelManager(kernel_name="python3"))
    arguments = ["--IPKernelApp.log_level=ERROR", *arguments]
    run_sync(kernel.manager.start_kernel)(cwd=str(ROOT), env=environment, extra_arguments=arguments)
    return kernel


def _start_for(monitor: Monitor) -> Kernel:
    """Return the kernel that was started early, if it fits and is still there, or a new one."""
    imports = "driftmonitor.analysis" in (ROOT / monitor.settings.notebook).read_text(encoding="utf-8")
    if imports and not monitor.settings.pass_env:
        with suppress(IndexError):
            return _SPARE.pop()
    return _start(clean_environment(monitor.settings.pass_env), [EARLY_IMPORT] if imports else [])


@contextmanager
def _kernel(monitor: Monitor, limit_seconds: float) -> Iterator[Kernel]:
    """Give a kernel in the repository's root with a clean environment; end it when done, or when its time is up."""
    kernel = _start_for(monitor)
    watchdog = threading.Timer(limit_seconds, kernel.kill)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield kernel
    finally:
        watchdog.cancel()
        run_sync(kernel.manager.shutdown_kernel)(now=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep papermill's and Jupyter's chatter off the console; failures are told in our own words."""
    for name in ("papermill", "traitlets", "nbclient"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
