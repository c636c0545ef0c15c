"""Run one monitor's notebook for one day, with papermill.

The result is a folder, `reports/<monitor>/<date>/`: the executed notebook, its record, and the files that the notebook
wrote. Whatever goes wrong in the run becomes a record with status `failed`, never an exception.
"""

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driftmonitor import ROOT, DriftMonitorError, reports
from driftmonitor.config.check_settings import parse_checks
from driftmonitor.config.params import Monitor
from driftmonitor.facts.earlier_days import NAME as EARLIER_DAYS
from driftmonitor.facts.record import ErrorKind, RunRecord, failed, read_notebook
from driftmonitor.foreign_errors import describe_error
from driftmonitor.formats import some_names
from driftmonitor.pipeline import console
from driftmonitor.pipeline.notebooks import with_papermill
from driftmonitor.pipeline.notebooks.error_outputs import say_place
from driftmonitor.pipeline.notebooks.keeper import MOST_PROCESSES
from driftmonitor.pipeline.notebooks.kernels import check_going_on, running_kernel, stopped
from driftmonitor.pipeline.notebooks.notebook_file import notebook_parameters
from driftmonitor.pipeline.notebooks.outputs import (
    clean_outputs,
    one_line,
    secrets_in,
    without_paths,
    without_secrets,
)
from driftmonitor.regular_files import Folder, Unreadable, read_file
from driftmonitor.words.verdicts import say_effect, say_verdict

OUR_ERRORS = ("DriftMonitorError", "DataMissing", "LayoutError")  # of a cell, whose class is known by its name


@dataclass(frozen=True)
class Failure:
    """Why a run has no record: one line, and the kind of failure."""

    message: str
    kind: ErrorKind = "crashed"


def _no_progress() -> None:
    """Ignore a finished cell."""


def execute(
    monitor: Monitor,
    run_date: dt.date,
    reports_dir: Path,
    on_cell: Callable[[], None] = _no_progress,
    earlier_days: Path | None = None,
) -> RunRecord:
    """Run the monitor's notebook for `run_date`, keep its files under `reports_dir`, and return its record.

    `on_cell` is called after each cell. `earlier_days` is the file of the earlier days, which is copied to the report.
    A repeated day replaces its report; if the new one failed and the old one did not, the old one is kept inside it.
    """
    wait_seconds = monitor.settings.timeout_seconds
    with reports.staged(reports_dir, monitor.name, run_date, wait_seconds, stopped) as folder:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="drift-") as own:
            executed = Path(own) / "notebook.ipynb"  # not in the folder, where the notebook may put a pipe in its place
            failure = Failure(monitor.problem) if monitor.problem else None
            failure = failure or _run_notebook(
                monitor, folder, executed, _parameters(monitor, run_date, folder, earlier_days), on_cell
            )
            check_going_on()
            failure = _restore_folder(folder) or failure
            result = failure or _read_record(monitor, run_date, executed)
            if executed.exists():
                reports.write(folder / executed.name, executed.read_bytes())
        if isinstance(result, Failure):
            seconds = round(time.monotonic() - started, 1)
            message = without_paths(result.message, _places(monitor, folder))
            result = failed(monitor.name, run_date, message, seconds, error_kind=result.kind)
        reports.write(folder / "record.json", result.to_json())
        _leave_out_what_is_no_file(monitor.name, folder)
    return result


def _leave_out_what_is_no_file(monitor: str, folder: Path) -> None:
    """Remove the links, named pipes and so on that a notebook left in its folder, and say so on one line."""
    removed = reports.remove_all_but_files(folder)
    if removed:
        more = f" and {len(removed) - 3} more" if len(removed) > 3 else ""
        console.complain(f"{monitor}: left out of the report: {', '.join(removed[:3])}{more}; write regular files.")


def _restore_folder(folder: Path) -> Failure | None:
    """Make sure that the report's files can be written, whatever the notebook did to its output folder."""
    if folder.is_dir() and not folder.is_symlink():
        return None
    reports.remove(folder)
    folder.mkdir()
    return Failure("the notebook removed its output_dir; change the cell that does so")


def _read_record(monitor: Monitor, run_date: dt.date, path: Path) -> RunRecord | Failure:
    """Return the record of an executed notebook, or a failure if there is none or it is another run's."""
    import nbformat

    try:
        record = read_notebook(nbformat.read(path, as_version=4))
    except DriftMonitorError as error:
        return Failure(str(error))
    except Exception as error:  # an incomplete file can fail in any way
        return Failure(f"the executed notebook cannot be read: {type(error).__name__}")
    if record is None:
        return Failure("the notebook ended without emitting a record; keep its last cell, `emit(...)`")
    try:
        say_verdict(record), list(map(say_effect, record.columns))
    except Exception as error:  # an effect can be anything that JSON expresses
        return Failure(f"the record has an effect that cannot be described ({type(error).__name__}); emit compare()'s")
    if (record.monitor, record.run_date) != (monitor.name, run_date):
        return Failure(f"the record is for {record.monitor} on {record.run_date}; pass monitor_name and run_date")
    return record


def _parameters(monitor: Monitor, run_date: dt.date, folder: Path, earlier_days: Path | None) -> dict[str, Any]:
    """Return the notebook's parameters; the earlier days only if it has a parameter for them."""
    given = {"run_date": run_date.isoformat(), "monitor_name": monitor.name, "output_dir": _shown(folder)}
    if "past" in notebook_parameters(monitor.settings.notebook):
        given["past"] = ""  # not the default, with which the notebook would look for earlier days itself
        if earlier_days is not None:
            with suppress(Unreadable):  # no failure: the notebook reports that it has no earlier days
                reports.write(folder / EARLIER_DAYS, Folder(earlier_days.parent).read(earlier_days.name))
            given["past"] = _shown(folder / EARLIER_DAYS)
    return {**monitor.parameters, **given}


def _run_notebook(
    monitor: Monitor, folder: Path, executed: Path, parameters: Mapping[str, Any], on_cell: Callable[[], None]
) -> Failure | None:
    """Run the notebook, write it to `executed`, and return why it failed, or None."""
    limit, notebook = monitor.settings.timeout_seconds, ROOT / monitor.settings.notebook
    may_fork = "driftmonitor.analysis" in read_file(notebook).decode("utf-8", "replace")
    with running_kernel(monitor.settings.pass_env, may_fork, limit) as kernel:
        try:
            published = {"input_path": f"{notebook}", "output_path": f"{folder / executed.name}"}
            with_papermill.run_with_papermill(notebook, executed, published, parameters, kernel, on_cell)
        except Exception as error:
            if kernel.printed_too_much:
                return Failure(
                    f"stopped after printing {with_papermill.MOST_PRINTED // 10**6} MB; print less", "killed"
                )
            if kernel.forked_too_much:
                return Failure(f"stopped after starting over {MOST_PROCESSES:,} processes; start fewer", "killed")
            if kernel.timed_out:
                return Failure(f"stopped after {limit} s; {_say_faster(monitor)}", "timeout")
            return _explain(error, monitor)
        finally:
            clean_outputs(executed, _places(monitor, folder), secrets_in(monitor.settings.pass_env))
    return None


def _say_faster(monitor: Monitor) -> str:
    """Return what makes a run shorter; the queries of checks run on all rows, so they are named."""
    queries = [
        f"checks.{each.name}" for each in parse_checks(monitor.parameters.get("checks") or {}) if each.measure.sql
    ]
    faster = f", or make {some_names(queries, 3, 60)} faster" if queries else ""
    return f"raise monitor.timeout_seconds or lower max_rows{faster}"


def _places(monitor: Monitor, folder: Path) -> tuple[Path, Path]:
    """Return the folders of the state and of the notebook, whose paths are not published."""
    return folder.parents[2], (ROOT / monitor.settings.notebook).parent


def _explain(error: Exception, monitor: Monitor) -> Failure:
    """Return one line for an error of papermill; one that the params file can fix starts with its name."""
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, PapermillExecutionError):
        text = error.evalue or ("" if error.traceback else say_place(error.exec_count))  # an ExceptionGroup has none
        return _explain_raised(monitor, error.ename, text)
    if isinstance(error, DeadKernelError) or "Kernel died" in str(error):
        return Failure("the notebook's kernel died (killed, out of memory, or a crash in a library)", "killed")
    return Failure(without_secrets(one_line(describe_error(error)), secrets_in(monitor.settings.pass_env)))


def _explain_raised(monitor: Monitor, name: str, text: str) -> Failure:
    """Return one line for an error that a cell raised, given the name of its class and its text."""
    in_params = name in OUR_ERRORS
    where = "/".join(monitor.path.parts[-2:]) if in_params else name
    line = one_line(": ".join(part for part in (where, text) if part))
    line = without_secrets(line, secrets_in(monitor.settings.pass_env))
    return Failure(line, "data_missing" if name == "DataMissing" else "crashed")


def fail_by_hand(monitor: Monitor, run_date: dt.date, name: str, text: str, reports_dir: Path) -> RunRecord:
    """Return the record of a day whose notebook would raise this error, without running it."""
    failure = _explain_raised(monitor, name, text)
    message = without_paths(failure.message, _places(monitor, reports_dir / monitor.name / f"{run_date}"))
    return failed(monitor.name, run_date, message, error_kind=failure.kind)


def _shown(path: Path) -> str:
    """Return a path as the notebook gets it, which runs in the repository's root: relative to that if inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
