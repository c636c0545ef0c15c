"""Load and compare days as a params file asks, without running a notebook: for backfill, backtest and calibrate."""

import datetime as dt
import inspect
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.checks.of_params import measure_checks
from driftmonitor.analysis.columns import Column, infer_columns
from driftmonitor.analysis.drift import find_reference_days, score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.model import NoModel, find_model
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.sources import Data, Memory, load_data
from driftmonitor.analysis.where import find_where
from driftmonitor.budget.policy import LONGEST
from driftmonitor.config.model_settings import OF_THE_MODEL
from driftmonitor.facts.earlier_days import ReferenceDays
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.model import ModelDay
from driftmonitor.facts.record import RunRecord
from driftmonitor.facts.where import Where

if TYPE_CHECKING:
    from driftmonitor.analysis.drift import Comparison
    from driftmonitor.analysis.model.roles import Roles


def load(parameters: Mapping[str, Any], run_date: dt.date, memory: Memory | None = None) -> Data:
    """Return the data of a day; `parameters` are all of the notebook's, its defaults included.

    `memory` is for several days with the same parameters.
    """
    return load_data(**_arguments(load_data, {**parameters, "run_date": run_date.isoformat()}), memory=memory)


def find(data: Data, parameters: Mapping[str, Any]) -> "Roles | NoModel":
    """Return what the columns of the data are for a model."""
    return find_model(data, **{name: parameters[name] for name in OF_THE_MODEL if parameters.get(name) is not None})


def infer(data: Data | Sides, parameters: Mapping[str, Any], left_out: Mapping[str, str] | None = None) -> list[Column]:
    """Return the columns of the data with their kinds."""
    return infer_columns(data, parameters.get("columns") or {}, parameters.get("time_column") or "", left_out)


def settings(parameters: Mapping[str, Any]) -> Settings:
    """Return the settings of the comparison."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return Settings(**_arguments(Settings, given))


class Days:
    """Compares the days of one monitor. What is the same on several days is read once.

    `days` are those that will be compared, in order. `known` are the days of the reference that an earlier run found;
    `reference_days` are those of the last day that was compared. `model_days` are what is known of the model on earlier
    days; each day adds what it finds.
    """

    def __init__(
        self,
        monitor: str,
        parameters: Mapping[str, Any],
        days: Sequence[dt.date],
        known: ReferenceDays | None = None,
        model_days: Iterable[ModelDay] = (),
    ) -> None:
        self.monitor, self.parameters, self.reference_days = monitor, parameters, known
        self.model_days = {day.date: day for day in model_days}
        self._memory, self._looking_again = Memory(days), Memory(days)

    def compare(self, run_date: dt.date) -> RunRecord:
        """Return the record of a day as its notebook emits it, not judged by earlier days."""
        started = time.monotonic()
        data, model, comparison = self._score(run_date)
        time_column, current_days = self.parameters.get("time_column") or "", self.parameters.get("current_days") or 1
        if current_days <= LONGEST:
            self.reference_days = find_reference_days(
                comparison, self.reference_days, run_date, time_column, current_days
            )
        comparison = comparison.with_checks(measure_checks(self.parameters.get("checks") or {}, data))
        comparison = self._measure(comparison, data, model, run_date)
        return comparison.record(self.monitor, run_date, seconds=time.monotonic() - started)

    def explain(self, run_date: dt.date, judgement: Judgement | None) -> tuple[Where, ...]:
        """Return where the changes of a day come from, which its judgement, or the share rule, made a drift day.

        DriftMonitorError if its data cannot be read any more, or has become another so that it does not drift.
        """
        _, _, comparison = self._score(run_date)
        judged = replace(comparison, judgement=judgement)
        if not judged.drifts:
            raise DriftMonitorError("its data has changed since, and does not drift any more; run the day again.")
        return find_where(judged).where

    def _score(self, run_date: dt.date) -> "tuple[Data, Roles | NoModel, Comparison]":
        """Return a day's data, its model and its comparison, as far as they depend on that day alone."""
        data = load(self.parameters, run_date, self._memory)
        reference = self._memory.recall("kept reference", data.reference_read, lambda: Side(data.reference, kept=True))
        sides = Sides(data, reference, kept=True)
        model = find(data, self.parameters)
        return data, model, score(sides, infer(sides, self.parameters, model.left_out), settings(self.parameters))

    def _measure(
        self, comparison: "Comparison", data: Data, model: "Roles | NoModel", run_date: dt.date
    ) -> "Comparison":
        if isinstance(model, NoModel):
            return comparison
        from driftmonitor.analysis.model.measure import measure

        days = [self.model_days[day] for day in sorted(self.model_days)]
        measured = measure(comparison, data, model, days, run_date, self._looking_again)
        self.model_days |= {day.date: day for day in (measured.model.days if measured.model else ())}
        return measured


@cache
def _parameters_of(function: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def _arguments(function: Callable[..., object], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a function takes; DriftMonitorError if the notebook lacks one that it requires."""
    accepted = _parameters_of(function)
    missing = [name for name, each in accepted.items() if each.default is each.empty and name not in parameters]
    if missing:
        raise DriftMonitorError(
            f"the notebook has no parameter {missing[0]}, so its data cannot be read without running it; "
            "use a notebook with the parameters of notebooks/drift_report.ipynb."
        )
    return {name: value for name, value in parameters.items() if name in accepted}
