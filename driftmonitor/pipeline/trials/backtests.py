"""Backtest alert rules on past days, recorded or compared now; keep and print the result."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor
from driftmonitor.facts.backtest import NAME, Backtest, RuleReplay
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import counted
from driftmonitor.pipeline import console
from driftmonitor.pipeline.backfill import days_between
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.trials.replay import parse_rule, replay

HEADINGS = ("rule", "drift days", "incidents", "first", "columns")

CompareDay = Callable[[str, Mapping[str, Any], dt.date], RunRecord]  # monitor, parameters, run date


def requested_days(job: Job, first: str | None, last: str | None) -> list[dt.date]:
    """Return the days from `first` to `last`, the run date by default; none if `first` is not given."""
    if first is None:
        if last is not None:
            raise DriftMonitorError(f"--to {last} needs --from; give both, or neither for every recorded day.")
        return []
    end = job.parse_run_date(last, "--to") if last else job.run_date
    days = days_between(job.parse_run_date(first, "--from"), end)
    if not days:
        raise DriftMonitorError(f"--from {first} is after {end}; swap them.")
    return days


def run_backtest(
    job: Job,
    monitor: Monitor,
    parameters: Mapping[str, Any],
    days: Sequence[dt.date],
    rules: Sequence[str],
    compare_day: CompareDay,
) -> Backtest:
    """Return the result of each rule on `days`, or on every recorded day if there are none.

    A day without a successful run in the history is compared now. A day without data is left out and listed.
    """
    stored, labels = _read_history(job, monitor)
    alert = monitor.settings.alert
    chosen = [parse_rule(text, alert, parameters["drift_share"]) for text in rules]
    records, gaps = _gather(monitor.name, parameters, days or sorted(stored), stored, compare_day)
    single_days = parameters.get("current_days", 1) == 1
    with console.progress(len(chosen) * len(records), "day") as progress:
        replays = [replay(rule, records, labels, alert, single_days, progress.advance) for rule in chosen]
    dates = tuple(record.run_date for record in records)
    return Backtest(monitor=monitor.name, days=dates, rules=tuple(replays), gaps=tuple(gaps))


def _read_history(job: Job, monitor: Monitor) -> tuple[dict[dt.date, RunRecord], dict[dt.date, str]]:
    """Return the history's records that have evidence, and an analyst's labels, both by day."""
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
    compare_day: CompareDay,
) -> tuple[list[RunRecord], list[str]]:
    """Return the records of the days, and a line for each day that has none."""
    records, gaps = [], []
    with console.progress(len(days), "day") as progress:
        if days:
            progress.start(name, days[-1])
        for day in days:
            try:
                records.append(stored[day] if day in stored else compare_day(name, parameters, day))
            except DriftMonitorError as error:
                gaps.append(f"{day}: {error}")
            progress.advance()
    if not records:
        why = gaps[0].split(": ", 1)[1] if gaps else "no day is recorded yet; choose days with --from and --to."
        raise DriftMonitorError(f"{name}: nothing to backtest: {why}")
    return records, gaps


def keep_backtest(job: Job, backtest: Backtest) -> None:
    """Write a backtest next to the monitor's reports, and print it."""
    backtest.write(job.reports_dir / backtest.monitor / NAME)
    left_out = f", {len(backtest.gaps)} left out ({backtest.gaps[0]})" if backtest.gaps else ""
    days = f"{counted(len(backtest.days), 'day')} from {backtest.days[0]} to {backtest.days[-1]}"
    console.say(f"{backtest.monitor}: {days}{left_out}")
    console.print_table(HEADINGS, [_row(rule) for rule in backtest.rules])


def _row(result: RuleReplay) -> list[str]:
    first = f"{result.incidents[0].opened}" if result.incidents else "never"
    return [result.rule, f"{len(result.alarms)}", f"{len(result.incidents)}", first, result.say_columns()]
