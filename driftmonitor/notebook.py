"""Open the notebook on a monitor: give it the monitor's parameters and earlier days, the same that the runner gives it.

This module is neither in `analysis` nor in `pipeline`, which never import each other. Only the notebook imports it.
"""

import ast
import datetime as dt
import inspect
import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.checks import check, forget_all, run_checks
from driftmonitor.analysis.model import find_model, measure_model
from driftmonitor.analysis.where import find_where
from driftmonitor.complaints import nearest, parse_date
from driftmonitor.config.params import Monitor, read_monitor
from driftmonitor.facts.earlier_days import NAME, write_earlier_days
from driftmonitor.formats import one_line

__all__ = ["check", "find_model", "find_where", "measure_model", "open_monitor", "run_checks"]

# Parameters as the notebook has them, before anyone sets them.
NO_MONITOR, LOOK_UP, BY_HAND = "notebook", "state", "state/by_hand/notebook/latest"
INJECTED = "# Parameters\n"  # how the cell begins in which papermill sets parameters


@dataclass(frozen=True)
class Opened:
    """What to set in the notebook, and a sentence that says where it comes from."""

    sentence: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence


def open_monitor(variables: Mapping[str, Any]) -> Opened:
    """Return the parameters that `monitor_name` and `run_date` stand for; `variables` are the notebook's `globals()`.

    They are those of params/<monitor_name>.yaml and the days before `run_date` in state/. A parameter that was set with
    papermill, or differs from its default, stays as it is. There is nothing to look up if `monitor_name` is "notebook",
    or if `past` is not "state": then the runner has set everything. DriftMonitorError if there is no such monitor or
    its file is invalid.
    """
    forget_all()  # those of an earlier pass through the notebook
    name, run_date, past = (str(variables[each]) for each in ("monitor_name", "run_date", "past"))
    if past != LOOK_UP:
        return Opened(f"{name} on {run_date}, with the parameters that this run was given.")
    if name == NO_MONITOR:
        return Opened(f"No monitor is named: {run_date}, with the parameters that are set above.", {"past": ""})
    day, monitor = parse_date(run_date, "run_date"), _read_monitor(name)
    folder = variables["output_dir"] if variables["output_dir"] != BY_HAND else f"state/by_hand/{name}/{run_date}"
    past = _copy_earlier_days(monitor, day, Path(folder))
    parameters, overruled = _take_parameters(monitor, variables)
    days = f"the earlier days in {past}" if past else "no earlier days"
    but = f"; {', '.join(overruled)} as set above" if overruled else ""
    return Opened(f"{monitor.path} on {run_date}, with {days}{but}.", parameters | {"output_dir": folder, "past": past})


def _read_monitor(name: str) -> Monitor:
    from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters

    files = {path.stem: path for path in sorted(Path("params").glob("*.y*ml"))}
    if name not in files:
        raise DriftMonitorError(f"monitor_name {one_line(name)!r}: no such monitor in params/{nearest(name, files)}")
    return read_monitor(files[name], notebook_parameters)


def _copy_earlier_days(monitor: Monitor, day: dt.date, folder: Path) -> str:
    """Write the days that the runner would give this run to a file, and return its path; "" if there are none.

    They come from the history; if it is not here or cannot be reached, from the report of the same day.
    """
    from driftmonitor.pipeline.earlier_days import can_affect_run, earlier_days_of
    from driftmonitor.pipeline.history import open_history

    place = os.environ.get("DRIFT_DATABASE_URL") or Path("state/history.db")
    given = Path("state/reports") / monitor.name / f"{day}" / NAME
    try:
        with nullcontext() if isinstance(place, Path) and not place.exists() else open_history(place) as history:
            earlier = earlier_days_of(history, monitor, day, Path("state/reports"))
    except DriftMonitorError:
        history, earlier = None, earlier_days_of(None, monitor, day)
    if history is None and given.is_file():
        return str(given)
    if not can_affect_run(earlier):
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    write_earlier_days(folder / NAME, earlier)
    return str(folder / NAME)


def _take_parameters(monitor: Monitor, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the params file's parameters that were not set in the notebook, and the names of those that differ there.

    A parameter was set if papermill did, or if it is not at its default. That of one which an analyst added is unknown.
    """
    defaults, injected = _defaults(), _injected(variables)
    usual = {**defaults, **monitor.parameters}
    own = {
        name for name in usual
        if name in variables and (name in injected or _differ(variables[name], defaults.get(name, variables[name])))
    }  # fmt: skip
    overruled = [one_line(name) for name in sorted(own) if _differ(variables[name], usual[name])]
    return {name: value for name, value in monitor.parameters.items() if name not in own}, overruled


def _differ(value: Any, other: Any) -> bool:
    return bool(value or other) and value != other  # {}, () and None are the same default


def _injected(variables: Mapping[str, Any]) -> set[str]:
    """Return the names that papermill set; IPython keeps the text of each cell in `In`."""
    cells = [text for text in variables.get("In", []) if text.startswith(INJECTED)]
    nodes = [node for text in cells for node in ast.parse(text).body if isinstance(node, ast.Assign)]
    return {target.id for node in nodes for target in node.targets if isinstance(target, ast.Name)}


def _defaults() -> dict[str, Any]:
    """Return the defaults of the parameters, as the functions have them that the notebook passes them to."""
    from driftmonitor.analysis.drift import Comparison, compare, judge
    from driftmonitor.analysis.sources import load_data

    functions = (load_data, compare, judge, find_model, Comparison.figures)
    parameters = [each for function in functions for each in inspect.signature(function).parameters.values()]
    defaults = {each.name: each.default for each in parameters if each.default is not each.empty}
    return {"source": "simulate", "reference": "", "current": "", **defaults}
