"""Trials of alert rules, which no one is alerted by: what the runner keeps and says of a calibration."""

from collections.abc import Iterator, Mapping
from typing import Any

from driftmonitor.calibration import NAME, Calibration, Rate, RuleResult, write_calibration
from driftmonitor.formats import number
from driftmonitor.params import Monitor
from driftmonitor.pipeline import console, stages
from driftmonitor.pipeline.job import Job

HEADINGS = [
    "rule",
    "false alarm days a year",
    "false incidents a year",
    "shift seen on day 1",
    "in 7 days",
    "in 30 days",
]


def parameters_of(job: Job) -> Iterator[tuple[Monitor, Mapping[str, Any]]]:
    """Yield each monitor asked for with its notebook's parameters, the notebook's own defaults included."""
    from driftmonitor.pipeline.execute import notebook_parameters

    for monitor in job.monitors():
        known = notebook_parameters(monitor.settings.notebook)
        yield monitor, {name: each.default for name, each in known.items()} | dict(monitor.parameters)


def keep_calibration(job: Job, found: Calibration) -> None:
    """Keep a monitor's calibration beside its reports, and print it."""
    write_calibration(job.reports_dir / found.monitor / NAME, found)
    sizes = f"{found.reference_rows:,} rows against {found.current_rows:,}"
    console.say(f"{found.monitor}: {found.columns} columns, {sizes}, {found.references} simulated references")
    console.table(HEADINGS, [_row(result) for result in found.rules])


def _row(result: RuleResult) -> list[str]:
    return [result.rule, say_rate(result.alarm_days), say_rate(result.onsets), *map(say_shift, result.smallest_shifts)]


def say_rate(rate: Rate) -> str:
    """Return a rate with the range of nine references in ten."""
    return f"{number(rate.mean)} ({number(rate.low)} to {number(rate.high)})"


def say_shift(shift: float | None) -> str:
    """Return a shift in words."""
    return "none" if shift is None else f"{number(shift)} sd"


def publish(job: Job) -> None:
    """Put what was kept on the pages, if there are any."""
    if job.has_history():
        with job.open_history() as history:
            stages.publish_site(history, job)
