"""Load and compare days as a params file asks, without running a notebook: for backfill, backtest and calibrate."""

import datetime as dt
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.checks.of_params import measure_checks
from driftmonitor.analysis.columns import Column, infer_columns
from driftmonitor.analysis.drift import find_reference_days, score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.sources import Data, Memory, load_data
from driftmonitor.budget.policy import LONGEST
from driftmonitor.facts.earlier_days import ReferenceDays
from driftmonitor.facts.record import RunRecord


def load(parameters: Mapping[str, Any], run_date: dt.date, memory: Memory | None = None) -> Data:
    """Return the data of a day; `parameters` are all of the notebook's, its defaults included.

    `memory` is for several days with the same parameters.
    """
    return load_data(**_arguments(load_data, {**parameters, "run_date": run_date.isoformat()}), memory=memory)


def infer(data: Data | Sides, parameters: Mapping[str, Any]) -> list[Column]:
    """Return the columns of the data with their kinds."""
    return infer_columns(data, parameters.get("columns") or {}, parameters.get("time_column") or "")


class Days:
    """Compares the days of one monitor. What is the same on several days is read once.

    `days` are those that will be compared, in order. `known` are the days of the reference that an earlier run found;
    `reference_days` are those of the last day that was compared.
    """

    def __init__(
        self, monitor: str, parameters: Mapping[str, Any], days: Sequence[dt.date], known: ReferenceDays | None = None
    ) -> None:
        self.monitor, self.parameters, self.reference_days = monitor, parameters, known
        self._memory = Memory(days)

    def compare(self, run_date: dt.date) -> RunRecord:
        """Return the record of a day as its notebook emits it, not judged by earlier days."""
        started = time.monotonic()
        data = load(self.parameters, run_date, self._memory)
        reference = self._memory.recall("kept reference", data.reference_read, lambda: Side(data.reference, kept=True))
        sides = Sides(data, reference, kept=True)
        given = {name: value for name, value in self.parameters.items() if value is not None}
        comparison = score(sides, infer(sides, self.parameters), Settings(**_arguments(Settings, given)))
        time_column, current_days = self.parameters.get("time_column") or "", self.parameters.get("current_days") or 1
        if current_days <= LONGEST:
            self.reference_days = find_reference_days(
                comparison, self.reference_days, run_date, time_column, current_days
            )
        comparison = comparison.with_checks(measure_checks(self.parameters.get("checks") or {}, data))
        return comparison.record(self.monitor, run_date, seconds=time.monotonic() - started)


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
