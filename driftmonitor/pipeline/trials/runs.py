"""Trials of alert rules, which no one is alerted by: what the runner keeps and says of a calibration or a backtest."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import parse_date
from driftmonitor.config.params import Monitor
from driftmonitor.facts import backtest
from driftmonitor.facts.backtest import Backtest, RuleReplay
from driftmonitor.facts.calibration import NAME, Calibration, RuleResult, say_shift
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import console, stages
from driftmonitor.pipeline.backfill import days_between
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.trials.replay import parse_rule, replay

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
    from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters

    for monitor in job.monitors():
        known = notebook_parameters(monitor.settings.notebook)
        yield monitor, {name: each.default for name, each in known.items()} | dict(monitor.parameters)


def keep_calibration(job: Job, found: Calibration) -> None:
    """Keep a monitor's calibration beside its reports, and print it."""
    found.write(job.reports_dir / found.monitor / NAME)
    sizes = f"{found.reference_rows:,} rows against {found.current_rows:,}"
    console.say(f"{found.monitor}: {found.columns} columns, {sizes}, {found.references} simulated references")
    console.table(HEADINGS, [_row(result) for result in found.rules])


def _row(result: RuleResult) -> list[str]:
    return [result.rule, f"{result.alarm_days}", f"{result.onsets}", *map(say_shift, result.smallest_shifts)]


def days_asked(job: Job, first: str | None, last: str | None) -> list[dt.date]:
    """Return the days from `first` to `last`, the run date by default; none if no first is given."""
    if first is None:
        if last is not None:
            raise DriftMonitorError(f"--to {last} needs --from; give both, or neither for every recorded day.")
        return []
    end = parse_date(last, "--to") if last else job.run_date
    days = days_between(parse_date(first, "--from"), end)
    if not days:
        raise DriftMonitorError(f"--from {first} is after {end}; exchange them.")
    return days


def run_backtest(
    job: Job,
    monitor: Monitor,
    parameters: Mapping[str, Any],
    days: Sequence[dt.date],
    rules: Sequence[str],
    compare_day: Callable[[str, Mapping[str, Any], dt.date], RunRecord],
) -> Backtest:
    """Return what each rule would have said of `days`, or of every recorded day if none are given.

    A day that the history has no good run of is compared anew; one whose data isn't there is left out, and said.
    """
    stored, labels = _stored(job, monitor)
    alert = monitor.settings.alert
    chosen = [parse_rule(text, alert, parameters["drift_share"]) for text in rules]
    records, gaps = _gather(monitor.name, parameters, days or sorted(stored), stored, compare_day)
    single = parameters.get("current_days", 1) == 1
    with console.progress(len(chosen) * len(records), "day") as progress:
        replays = [replay(rule, records, labels, alert, single, progress.cell) for rule in chosen]
    dates = tuple(record.run_date for record in records)
    return Backtest(monitor=monitor.name, days=dates, rules=tuple(replays), gaps=tuple(gaps))


def _stored(job: Job, monitor: Monitor) -> tuple[dict[dt.date, RunRecord], dict[dt.date, str]]:
    """Return the history's good records that left evidence, and what an analyst said of days."""
    if not job.has_history():
        return {}, {}
    with job.open_history() as history:
        records = history.records(monitor.name)
        labels = {run.run_date: run.label for run in history.runs(monitor.name) if run.label}
    return {record.run_date: record for record in records if record.evidence}, labels


def _gather(
    name: str,
    parameters: Mapping[str, Any],
    days: Sequence[dt.date],
    stored: Mapping[dt.date, RunRecord],
    compare_day: Callable,
) -> tuple[list[RunRecord], list[str]]:
    records, gaps = [], []
    with console.progress(len(days), "day") as progress:
        progress.started(name, days[-1]) if days else None
        for day in days:
            try:
                records.append(stored[day] if day in stored else compare_day(name, parameters, day))
            except DriftMonitorError as error:
                gaps.append(f"{day}: {error}")
            progress.cell()
    if not records:
        why = gaps[0].split(": ", 1)[1] if gaps else "no day is recorded yet; name some with --from and --to."
        raise DriftMonitorError(f"{name}: nothing to replay: {why}")
    return records, gaps


def keep_backtest(job: Job, found: Backtest) -> None:
    """Keep a monitor's backtest beside its reports, and print it."""
    found.write(job.reports_dir / found.monitor / backtest.NAME)
    left_out = f", {len(found.gaps)} left out ({found.gaps[0]})" if found.gaps else ""
    console.say(f"{found.monitor}: {len(found.days)} days from {found.days[0]} to {found.days[-1]}{left_out}")
    console.table(["rule", "drift days", "incidents", "first", "columns"], [_replay_row(rule) for rule in found.rules])


def _replay_row(found: RuleReplay) -> list[str]:
    first = f"{found.incidents[0].opened}" if found.incidents else "never"
    return [found.rule, f"{len(found.alarms)}", f"{len(found.incidents)}", first, found.say_columns()]


def publish(job: Job) -> None:
    """Put what was kept on the pages, if there are any."""
    if job.has_history():
        with job.open_history() as history:
            stages.publish.publish_site(history, job)
