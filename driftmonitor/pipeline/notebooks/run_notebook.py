"""Run one monitor's notebook for one day: the only room that knows papermill.

What comes out is a folder, `reports/<monitor>/<date>/`: the executed notebook, its record and what the notebook wrote
beside them. Whatever goes wrong inside the run becomes a record with status `failed`, never an exception.
"""

import ast
import datetime as dt
import json
import logging
import os
import re
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from driftmonitor import ROOT, DriftMonitorError, reports
from driftmonitor.config.params import Monitor, NotebookParameter
from driftmonitor.facts.earlier_days import NAME as PAST
from driftmonitor.facts.record import MEDIA_TYPE, RunRecord, failed, read_notebook
from driftmonitor.pipeline.notebooks.kernels import Kernel, check_going_on, running_kernel, stopped

LONGEST_OUTPUT = 1_000_000  # characters of one output that are kept: GitHub takes no file over 100 MB
MOST_PRINTED = 50_000_000  # characters of a run: all of it stands in this process's memory until the notebook is saved


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
    """Return the parameters cell of a notebook, named relative to the repository's root, as papermill reads it.

    Its kernelspec need not be there, nor name the kernel that runs it, as long as it is in Python.
    """
    _import_papermill()
    from papermill.translators import PythonTranslator

    found = _read_notebook(notebook)
    cell = next((cell for cell in found.cells if "parameters" in cell.metadata.get("tags", [])), None)
    with _quiet():
        entries = PythonTranslator.inspect(cell) if cell else []
    if not entries:
        raise DriftMonitorError(f"{notebook}: no parameters cell; tag one cell with `parameters`.")
    return {
        entry.name: NotebookParameter(
            entry.name, _type_name(entry.inferred_type_name), entry.help, _literal_value(entry.default)
        )
        for entry in entries
    }


def _literal_value(text: str) -> Any:
    """Return the value that a default is written as; None for what has to be run to be known."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def _read_notebook(notebook: str) -> Any:
    """Return a notebook in Python, or refuse it."""
    import nbformat

    try:
        with _quiet():
            found = nbformat.read(ROOT / notebook, as_version=4)
            kernel = found.metadata.get("kernelspec", {})
            language = kernel.get("language") or found.metadata.get("language_info", {}).get("name") or "python"
    except FileNotFoundError:
        raise DriftMonitorError(f"{notebook}: no such notebook; set monitor.notebook to one that exists.") from None
    except Exception:  # what isn't a notebook can fail in any way
        raise DriftMonitorError(f"{notebook}: not a notebook that can be read; restore or re-save it.") from None
    if "python" not in language.lower():
        raise DriftMonitorError(f"{notebook}: is in {language[:40]}; give a notebook in Python.")
    return found


def count_cells(notebook: str) -> int:
    """Return how many cells of code a notebook has, for the progress bar."""
    return sum(cell.cell_type == "code" for cell in _read_notebook(notebook).cells)


def _type_name(inferred: str) -> str | None:
    return None if inferred == "None" else inferred


def _no_news() -> None:
    """Take no notice of a finished cell."""


def execute(
    monitor: Monitor,
    run_date: dt.date,
    reports_dir: Path,
    on_cell: Callable[[], None] = _no_news,
    past: Path | None = None,
) -> RunRecord:
    """Run the monitor's notebook for `run_date`, keep what came out under `reports_dir`, and return its record.

    `on_cell` is called after each cell. `past` is the file of the days before, of which a copy stays beside the run. A
    day that was run before is replaced whole; if it was good and this run fails, it is kept as `last_good`.
    """
    wait_seconds = monitor.settings.timeout_seconds
    with reports.staged(reports_dir, monitor.name, run_date, wait_seconds, stopped) as folder:
        started = time.monotonic()
        error = Failure(monitor.problem) if monitor.problem else None
        error = error or _run_notebook(monitor, folder, _parameters(monitor, run_date, folder, past), on_cell)
        check_going_on()
        error = _restore_folder(folder) or error
        record = _outcome(monitor, run_date, folder, error, round(time.monotonic() - started, 1))
        (folder / "record.json").write_text(record.to_json(), encoding="utf-8")
    return record


def _restore_folder(folder: Path) -> "Failure | None":
    """Make sure that the run's own files can be written and read, whatever the notebook did to its output folder."""
    names = [folder, folder / "notebook.ipynb", folder / "record.json"]
    if folder.is_dir() and not any(path.is_symlink() or path.is_dir() for path in names[1:]):
        return None
    for path in reversed(names):
        path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path, ignore_errors=True)
    folder.mkdir()
    return Failure("the notebook removed its output_dir, or put something where its record goes; leave both alone")


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


def _parameters(monitor: Monitor, run_date: dt.date, folder: Path, past: Path | None) -> dict[str, Any]:
    """Return what the notebook is given; the past only if it asks for one."""
    given = {"run_date": run_date.isoformat(), "monitor_name": monitor.name, "output_dir": _shown(folder)}
    if "past" in notebook_parameters(monitor.settings.notebook):
        given["past"] = ""  # not even the default: the notebook would look for earlier days itself
        if past is not None:
            with suppress(OSError):  # what can't be read here costs no run: the notebook says that it has none
                shutil.copy(past, folder / PAST)
            given["past"] = _shown(folder / PAST)
    return monitor.parameters | given


def _run_notebook(
    monitor: Monitor, folder: Path, parameters: dict[str, Any], on_cell: Callable[[], None]
) -> Failure | None:
    """Run the notebook into `folder` and return why it failed, or None."""
    limit, notebook = monitor.settings.timeout_seconds, ROOT / monitor.settings.notebook
    ours = "driftmonitor.analysis" in notebook.read_text(encoding="utf-8")
    with running_kernel(monitor.settings.pass_env, ours, limit) as kernel:
        try:
            _papermill(notebook, folder / "notebook.ipynb", parameters, kernel, on_cell)
        except Exception as error:
            if kernel.too_loud:
                return Failure(f"stopped after printing {MOST_PRINTED // 10**6} MB; print less", "killed")
            if kernel.timed_out:
                return Failure(f"stopped after {limit} s; raise monitor.timeout_seconds or lower max_rows", "timeout")
            return _failure(error, monitor)
        finally:
            _shorten(folder / "notebook.ipynb")
            _hide_root(folder / "notebook.ipynb")
    return None


def _papermill(notebook: Path, output: Path, parameters: dict[str, Any], kernel: Kernel, on_cell: Callable) -> None:
    from papermill import execute_notebook

    meter = Meter(kernel)
    with _quiet():
        execute_notebook(
            _literal(_shown(notebook)),
            _literal(_shown(output)),
            parameters=parameters,
            engine_name=_engine(),
            kernel_name="python3",
            language="python",
            km=kernel.manager,
            stdout_file=meter,
            stderr_file=meter,
            progress_bar=False,
            start_timeout=600,
            autosave_cell_every=0,
            on_cell_executed=lambda **_: on_cell(),
        )


class Meter:
    """What a notebook prints, measured; a kernel that prints too much is ended, or memory would run out."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.printed = kernel, 0

    def write(self, text: str) -> None:
        """Take notice of printed text."""
        self.printed += len(text)
        if self.printed > MOST_PRINTED and not self.kernel.too_loud:
            self.kernel.silence()

    def message(self) -> None:
        """Take notice of a message, whatever it holds."""
        self.write(" " * 200)

    def flush(self) -> None:
        """Do nothing: papermill asks for it."""


@cache
def _engine() -> str:
    """Return the name of an engine like papermill's own, which saves the notebook when it ends and not twice a cell."""
    from papermill.engines import NBClientEngine, papermill_engines

    class SavedAtTheEnd(NBClientEngine):
        """Papermill's engine."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            path, nb_man.output_path = nb_man.output_path, None
            nb_man.autosave_cell = options["stdout_file"].message  # papermill calls it at every message of the kernel
            try:
                super().execute_managed_notebook(nb_man, kernel_name, **options)
            finally:
                nb_man.output_path = path

    papermill_engines.register("saved_at_the_end", SavedAtTheEnd)
    return "saved_at_the_end"


def _literal(path: str) -> str:
    """Return a path as papermill takes it, which fills in parameters between braces."""
    return path.replace("{", "{{").replace("}", "}}")


def _shorten(path: Path) -> None:
    """Cut outputs that are too long to keep, such as a progress bar's million lines."""
    import nbformat

    if not path.is_file() or path.stat().st_size <= LONGEST_OUTPUT:
        return
    with suppress(Exception):  # what can't be read is told when its record is looked for
        notebook = nbformat.read(path, as_version=4)
        cuts = [_cut(output) for cell in notebook.cells for output in cell.get("outputs", [])]
        if any(cuts):
            nbformat.write(notebook, path)


def _cut(output: Any) -> bool:
    """Cut one output if it is too long; return whether it was."""
    text, data = output.get("text", ""), output.get("data", {})
    if len(text) > LONGEST_OUTPUT:
        half = LONGEST_OUTPUT // 20
        output.text = f"{text[:half]}\n[{len(text) - 2 * half} characters left out]\n{text[-half:]}"
    elif MEDIA_TYPE not in data and len(json.dumps(data)) > 10 * LONGEST_OUTPUT:
        output.data = {"text/plain": "[an output too long to keep was left out]"}
    else:
        return False
    return True


def _hide_root(path: Path) -> None:
    """Take the place of the repository on this machine out of tracebacks: they will be published."""
    with suppress(OSError, UnicodeDecodeError):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(json.dumps(f"{ROOT}{os.sep}")[1:-1], ""), encoding="utf-8")


def _failure(error: Exception, monitor: Monitor) -> Failure:
    """Return one line for whatever papermill raised; what the params file can mend begins with its name."""
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, PapermillExecutionError):
        kind = "data_missing" if error.ename == "DataMissing" else "crashed"
        own = error.ename in ("DriftMonitorError", "DataMissing")
        place = "/".join(monitor.path.parts[-2:]) if own else error.ename
        text = ": ".join(part for part in (place, error.evalue) if part)
        return Failure(one_line(text), kind)
    if isinstance(error, DeadKernelError) or "Kernel died" in str(error):
        return Failure("the notebook's kernel died (killed, out of memory, or a crash in a library)", "killed")
    return Failure(one_line(f"{type(error).__name__}: {error}"))


def one_line(text: str) -> str:
    """Return text as it is published: on one line, without colours and this machine's paths."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    line = " ".join(plain.replace(f"{ROOT}{os.sep}", "").split())
    return line if len(line) <= 500 else line[:497] + "..."


def _shown(path: Path) -> str:
    """Return a path as the published notebook may show it: relative to the root where it is inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep papermill's and Jupyter's chatter off the console; failures are told in our own words."""
    for name in ("papermill", "traitlets", "nbclient"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
