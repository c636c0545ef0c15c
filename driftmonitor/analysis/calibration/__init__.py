"""Calibrate: what each alert rule does to a monitor's own data, on simulated days without drift and with shifts."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from driftmonitor.analysis import without_notebook
from driftmonitor.analysis.calibration.alert_rules import BudgetRule, ShareRule
from driftmonitor.analysis.calibration.calibrate import calibrate
from driftmonitor.analysis.calibration.measured_days import Limits
from driftmonitor.analysis.calibration.population import make_population
from driftmonitor.facts.calibration import Calibration

__all__ = ["calibrate", "calibrate_monitor"]


def calibrate_monitor(
    monitor: str,
    parameters: Mapping[str, Any],
    run_date: dt.date,
    false_alarms_per_year: float,
    references: int,
    on_reference: Callable[[], None],
) -> Calibration:
    """Return what the share rule and the budget rule do to a monitor's own reference, at the row counts of `run_date`.

    `parameters` are all of the notebook's, its defaults included. Numbers are compared by K-S and categories by
    chi-squared, whatever methods the monitor names. Whole days are drawn if the reference has a time column and enough
    days. DriftMonitorError if the day's data cannot be read.
    """
    data = without_notebook.load(parameters, run_date)
    left_out = without_notebook.find(data, parameters).left_out
    columns = without_notebook.infer(data, parameters, left_out)
    watched = sum(not column.ignored for column in columns)
    rules = (ShareRule(parameters["drift_share"], watched), BudgetRule(false_alarms_per_year))
    return calibrate(
        make_population(data, columns, parameters.get("time_column") or "", parameters.get("current_days") or 1),
        rules,
        monitor=monitor,
        rows=(len(data.reference), len(data.current)),
        limits=Limits(parameters["p_threshold"], parameters["min_distance"]),
        references=references,
        seed=parameters["seed"],
        on_reference=on_reference,
    )
