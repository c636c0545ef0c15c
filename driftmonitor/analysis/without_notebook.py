"""Load and compare one day as a params file asks, without running a notebook: for backtest and calibrate."""

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column, infer_columns
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data, load_data
from driftmonitor.facts.earlier_days import ReferenceDays
from driftmonitor.facts.record import RunRecord


def load(parameters: Mapping[str, Any], run_date: dt.date) -> Data:
    """Return the data of a day; `parameters` are all of the notebook's, its defaults included."""
    return load_data(**_arguments(load_data, {**parameters, "run_date": run_date.isoformat()}))


def infer(data: Data, parameters: Mapping[str, Any]) -> list[Column]:
    """Return the columns of the data with their kinds."""
    return infer_columns(data, parameters.get("columns") or {}, parameters.get("time_column") or "")


def compare_day(
    monitor: str, parameters: Mapping[str, Any], run_date: dt.date, known: ReferenceDays | None = None
) -> tuple[RunRecord, ReferenceDays | None]:
    """Return the record of a day, without figures and without Evidently's report, and the days of its reference.

    `known` are those of an earlier run, which are returned if they are the same.
    """
    from driftmonitor.analysis.drift import find_reference_days, score

    data = load(parameters, run_date)
    given = {name: value for name, value in parameters.items() if value is not None}
    settings = Settings(**_arguments(Settings, given))
    comparison = score(data, infer(data, parameters), settings)
    time_column, current_days = parameters.get("time_column") or "", parameters.get("current_days") or 1
    reference = find_reference_days(comparison, known, run_date, time_column, current_days)
    return comparison.record(monitor, run_date), reference


def _arguments(function: Callable[..., object], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a function takes; DriftMonitorError if the notebook lacks one that it requires."""
    accepted = inspect.signature(function).parameters
    missing = [name for name, each in accepted.items() if each.default is each.empty and name not in parameters]
    if missing:
        raise DriftMonitorError(
            f"the notebook has no parameter {missing[0]}, so its data cannot be read without running it; "
            "use a notebook with the parameters of notebooks/drift_report.ipynb."
        )
    return {name: value for name, value in parameters.items() if name in accepted}
