"""Backtest alert rules on past days, recorded or compared now; keep and print the result."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor
from driftmonitor.facts.backtest import NAME, Backtest, RuleReplay
from driftmonitor.facts.earlier_days import ReferenceDays
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import counted
from driftmonitor.pipeline import console
from driftmonitor.pipeline.backfill import days_between
from driftmonitor.pipeline.by_numbers import compare_days
from driftmonitor.pipeline.earlier_days import DaysInTurn, parse_reference_days, rule_of
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters
from driftmonitor.pipeline.trials.replay import parse_rule, replay

HEADINGS = ("rule", "drift days", "incidents", "first", "columns")

Compared = tuple[RunRecord, ReferenceDays | None]  # a day's record, and the days of its reference


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


def judge_in_turn(monitor: Monitor, compared: Iterable[Compared]) -> list[RunRecord]:
    """Return the records as the monitor's rule judges them, each by those before it."""
    turn = DaysInTurn(monitor, rule_of(monitor))
    judged = []
    for record, reference in compared:
        turn.use_reference(reference)
        judged.append(turn.judge(record))
    return judged


def run_backtest(job: Job, monitor: Monitor, days: Sequence[dt.date], rules: Sequence[str]) -> Backtest:
    """Return the result of each rule on `days`, or on every recorded day if there are none.

    A day without a successful run in the history is compared now. A day without data is left out and listed. Recorded
    days before the first of `days` are judged too, as days that it is compared with.
    """
    stored, labels, reference = _read_history(job, monitor)
    alert, parameters = monitor.settings.alert, effective_parameters(monitor)
    chosen = [parse_rule(text, alert, parameters["drift_share"]) for text in rules]
    asked = days or sorted(stored)
    before = [(stored[day], reference) for day in sorted(stored) if day < min(asked, default=dt.date.min)]
    compared, gaps = gather(monitor, asked, stored, reference)
    if not compared:
        why = gaps[0].split(": ", 1)[1] if gaps else "no day is recorded yet; choose days with --from and --to."
        raise DriftMonitorError(f"{monitor.name}: nothing to backtest: {why}")
    everything, windows = [*before, *compared], (parameters.get("current_days") or 1, parameters.get("holidays") or "")
    with console.progress(len(chosen) * len(everything), "day") as progress:
        replays = [replay(rule, everything, labels, alert, *windows, asked[0], progress.advance) for rule in chosen]
    dates = tuple(record.run_date for record, _ in compared)
    return Backtest(monitor=monitor.name, days=dates, rules=tuple(replays), gaps=tuple(gaps))


def _read_history(
    job: Job, monitor: Monitor
) -> tuple[dict[dt.date, RunRecord], dict[dt.date, str], ReferenceDays | None]:
    """Return the history's records that have evidence and an analyst's labels, by day, and the reference's days."""
    if not job.has_history():
        return {}, {}, None
    with job.open_history() as history:
        records = history.records(monitor.name)
        labels = {run.run_date: run.label for run in history.runs(monitor.name) if run.label}
        reference = parse_reference_days(history.reference_days(monitor.name))
    known = ReferenceDays.model_validate(reference) if reference else None
    return {record.run_date: record for record in records if record.evidence}, labels, known


def gather(
    monitor: Monitor,
    days: Sequence[dt.date],
    stored: Mapping[dt.date, RunRecord],
    reference: ReferenceDays | None,
) -> tuple[list[Compared], list[str]]:
    """Return the days' records with the days of their reference, and a line for each day that has none."""
    found = {day: (stored[day], reference) for day in days if day in stored}
    gaps, known = [], reference
    missing = [day for day in days if day not in stored]
    with console.progress(len(missing), "day") as progress:
        if missing:
            progress.say(f"comparing {counted(len(missing), 'day')} of {monitor.name}", monitor.name)
        for compared in compare_days(monitor, missing, reference.model_dump(mode="json") if reference else None):
            known = compared.reference_days or known
            if compared.record:
                found[compared.day] = compared.record, known
            else:
                why = compared.text or f"it cannot be compared ({compared.error or 'the process ended'})"
                gaps.append(f"{compared.day}: {why}")
            progress.advance()
    return [found[day] for day in days if day in found], gaps


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
