"""One day's data and comparison as a params file asks for them, without a notebook: for backtest and calibrate."""

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column, infer_columns
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data, load_data
from driftmonitor.facts.record import RunRecord


def load(parameters: Mapping[str, Any], run_date: dt.date) -> Data:
    """Return the day's two frames; `parameters` are those of the notebook, its defaults included."""
    return load_data(**_known(load_data, {**parameters, "run_date": run_date.isoformat()}))


def infer(data: Data, parameters: Mapping[str, Any]) -> list[Column]:
    """Return the columns and their kinds."""
    return infer_columns(data, parameters.get("columns") or {}, parameters.get("time_column") or "")


def compare_day(monitor: str, parameters: Mapping[str, Any], run_date: dt.date) -> RunRecord:
    """Return the day's record, without pictures and without Evidently's page."""
    from driftmonitor.analysis.drift import score

    data = load(parameters, run_date)
    settings = Settings(**_known(Settings, {name: value for name, value in parameters.items() if value is not None}))
    return score(data, infer(data, parameters), settings).record(monitor, run_date)


def _known(function: Callable, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a function takes; a notebook without those it needs is not ours to repeat."""
    taken = inspect.signature(function).parameters
    missing = [name for name, each in taken.items() if each.default is each.empty and name not in parameters]
    if missing:
        raise DriftMonitorError(
            f"the notebook has no parameter {missing[0]}, so its data can't be read without running it; "
            "use one with the parameters of notebooks/drift_report.ipynb."
        )
    return {name: value for name, value in parameters.items() if name in taken}
