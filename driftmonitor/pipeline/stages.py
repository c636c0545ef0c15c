"""The four stages of a day, each of which can be run alone and again: execute, record, publish, alert."""

import datetime as dt
import functools
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from driftmonitor import DriftMonitorError, reports
from driftmonitor.params import Monitor
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.silence import left_silent
from driftmonitor.pipeline.spells import Run
from driftmonitor.record import RunRecord, failed, read_json
from driftmonitor.words import number, percent

FIRST_DAYS = 8  # a new history takes up the reports of a week; older ones were of another


def check_and_execute(job: Job, pasts_dir: Path | None = None) -> tuple[list[Monitor], list[RunRecord]]:
    """Run the notebooks of the monitors asked for, once everything that can be checked before has been."""
    from driftmonitor.pipeline.early import early_imports
    from driftmonitor.pipeline.forks import forking

    with forking(early_imports(job)):
        job.all_monitors()  # a mistake in any file is told before anything runs
        monitors = job.monitors()
        job.check_folders()
        return monitors, execute_all(job, monitors, pasts_dir)


def execute_all(job: Job, monitors: Sequence[Monitor], pasts_dir: Path | None = None) -> list[RunRecord]:
    """Run every monitor's notebook, `--jobs` at a time, and print the verdicts.

    The days before lie in `pasts_dir`, or without it are asked of the history.
    """
    from driftmonitor.pipeline import pasts

    with tempfile.TemporaryDirectory() as folder:
        files = pasts.find_pasts(pasts_dir, monitors) if pasts_dir else pasts.write_pasts(job, monitors, Path(folder))
        records = list(execute_each(job, [(monitor, job.run_date) for monitor in monitors], files))
    for record in records:
        console.say_run(record)
    return records


def execute_each(
    job: Job, tasks: Sequence[tuple[Monitor, dt.date]], pasts: Mapping[str, Path] = MappingProxyType({})
) -> Iterator[RunRecord]:
    """Run each task's notebook for its day, `--jobs` at a time; yield the records in the tasks' order, as they come.

    `pasts` are the files of the days before, by monitor; a run without one is judged when it is recorded.
    """
    from driftmonitor.pipeline import execute, kernels

    threading.Thread(target=_warm, daemon=True).start()
    if job.scheduler:
        yield from _execute_on_cluster(job, tasks, pasts)
        return
    cells = functools.cache(execute.count_cells)
    runnable = [monitor.settings.notebook for monitor, _ in tasks if not monitor.problem]
    with console.progress(sum(map(cells, runnable))) as progress:

        def run_one(task: tuple[Monitor, dt.date]) -> RunRecord:
            monitor, run_date = task
            progress.started(monitor.name, run_date)
            try:
                return execute.execute(monitor, run_date, job.reports_dir, progress.cell, pasts.get(monitor.name))
            except DriftMonitorError as error:  # the others go on
                return failed(monitor.name, run_date, str(error))

        with ThreadPoolExecutor(job.jobs) as pool, kernels.stopping():
            yield from pool.map(run_one, tasks)


def _execute_on_cluster(
    job: Job, tasks: Sequence[tuple[Monitor, dt.date]], pasts: Mapping[str, Path]
) -> Iterator[RunRecord]:
    from driftmonitor.pipeline import cluster

    with console.progress(len(tasks), "notebook") as progress:
        for record in cluster.execute_each(job.scheduler, tasks, job.reports_dir, pasts):
            progress.cell()
            yield record


def _warm() -> None:
    """Import what the later stages need while the notebooks, which take longer, run."""
    from driftmonitor.pipeline import channels, history, outbox, pages, planning, render  # noqa: F401

    render.warm()


def record_all(history, job: Job, monitors: Sequence[Monitor], silent: bool = False) -> list[RunRecord]:
    """Put the day's report of each monitor into the history, with what is to be said; a monitor without one failed.

    Days before it that were executed but not recorded, because the history was out of reach, come first.
    """
    from driftmonitor.pipeline import pasts
    from driftmonitor.pipeline.planning import planner

    recorded = []
    for monitor in monitors:
        for day in [*_unrecorded_days(history, job, monitor.name), job.run_date]:
            quiet = silent or (day != job.run_date and left_silent(job, day))
            plan = planner(monitor.settings.alert, monitor.title, quiet)
            record = _read_report(history, job, monitor.name, day)
            if record:
                judged = pasts.judge(history, monitor, record)
                if judged is not record:
                    path = job.reports_dir / monitor.name / f"{day}" / "record.json"
                    path.write_text(judged.to_json(), encoding="utf-8")
                history.record(judged, plan, job.now)
                recorded.append(judged)
    _prune_reports(history, job)
    return recorded


def _unrecorded_days(history, job: Job, monitor: str) -> list[dt.date]:
    """Return the days with a report between the last recorded run and the run date; a week of them before the first."""
    recorded = [run.run_date for run in history.runs(monitor) if run.run_date < job.run_date]
    last = recorded[-1] if recorded else job.run_date - dt.timedelta(days=FIRST_DAYS)
    return [day for day in reports.days(job.reports_dir, monitor) if last < day < job.run_date]


def _read_report(history, job: Job, monitor: str, day: dt.date) -> RunRecord | None:
    """Return the record of a day's report, a failed one where there is none, or None if the history has one already."""
    path = job.reports_dir / monitor / f"{day}" / "record.json"
    try:
        if path.exists():
            return read_json(path)
        reason = "execute left no record for this day; see its log"
    except (DriftMonitorError, OSError):
        reason = "the day's record.json is damaged; run execute again for it"
    return None if history.has_run(monitor, day) else failed(monitor, day, reason)


def _prune_reports(history, job: Job) -> None:
    """Remove the reports that have had their time; their numbers stay in the history."""
    from driftmonitor.pipeline import retention

    keep_days = {
        monitor.name: retention.FOR_EVER if monitor.problem else monitor.settings.keep_reports_days
        for monitor in job.all_monitors()
    }
    retention.prune(history, job.reports_dir, keep_days)


def publish_site(history, job: Job, again: bool = False) -> None:
    """Build the site and say where it is, unless that was said before."""
    from driftmonitor.pipeline import pages

    site_url = os.environ.get("SITE_URL")
    for warning in pages.publish(history, job.reports_dir, job.site_dir, job.all_monitors(), job.now, site_url):
        console.say(f"warning: {warning}")
    if not again:
        console.say(f"Page: {job.site_dir / 'index.html'}")


def publish_or_complain(history, job: Job, again: bool = False) -> bool:
    """Build the site, or say why it can't be: alerts go out all the same, and readers keep the site they had."""
    try:
        publish_site(history, job, again)
    except DriftMonitorError as error:
        console.complain(error)
        return False
    return True


def deliver_messages(history, job: Job):
    """Send what is due, say what came of it, and return the delivery's report."""
    from driftmonitor.pipeline import channels, outbox

    retrain = {monitor.name: monitor.settings.retrain for monitor in job.all_monitors() if monitor.settings.retrain}
    context = outbox.Context(os.environ, os.environ.get("SITE_URL"), job.reports_dir, retrain)
    retrainers = {settings.channel: channels.channel_named(settings.channel) for settings in retrain.values()}
    report = outbox.deliver(history, [*channels.all_channels(), *retrainers.values()], context)
    for message in report.printed:
        console.say(f"alert: {channels.say(message)}")
    for delivery in report.sent:
        console.say(f"sent to {delivery.channel}: {delivery.monitor} {delivery.event} of {delivery.run_date}")
    for delivery in report.skipped:
        what = f"{delivery.monitor} {delivery.event} of {delivery.run_date}"
        console.say(f"{delivery.channel} skipped for {what}: {delivery.reason}")
    for delivery in report.retry_later:
        console.say(f"not sent yet to {delivery.channel}: {delivery.monitor} {delivery.event}: {delivery.reason}")
    for delivery in report.dead:
        console.complain(f"{delivery.channel} refused {delivery.monitor} {delivery.event}: {delivery.reason}")
    if not any(channel.configured(os.environ) for channel in channels.all_channels()):
        settings = ", or ".join(channel.SETTING for channel in channels.all_channels())
        console.say(f"No alert channel is configured, so alerts are printed here. To send them, set {settings}.")
    return report


def send_heartbeat(monitors: Sequence[str], records: Sequence[RunRecord], delivered: bool) -> None:
    """Tell the heartbeat's watcher that the run is over, and how it went."""
    from driftmonitor.pipeline.channels import heartbeat

    failures = sum(record.status == "failed" for record in records)
    drifting = sum(record.status == "drift" for record in records)
    outcome = f"{len(monitors)} monitors, {drifting} drifting, {failures} failed"
    problem = heartbeat.ping(os.environ, bool(failures) or not delivered, outcome)
    if problem:
        console.complain(problem)


def test_channels(job: Job) -> bool:
    """Send a test message through each configured channel, say what came of each, and return whether all worked."""
    from driftmonitor.pipeline.channels import trial

    trials = trial.try_channels(os.environ, trial.test_message(job.run_date, os.environ.get("SITE_URL")))
    for each in trials:
        console.say(f"{each.channel:20}{each.said}")
    return all(each.delivered is not False for each in trials)


def status_table(history, job: Job) -> tuple[list[str], list[list[str]]]:
    """Return headings and a row for each monitor: state, since when, share, last run."""
    from driftmonitor.pipeline import alerts

    rows = []
    for monitor in job.monitors():
        runs = history.runs(monitor.name)
        state = alerts.fold(runs, monitor.settings.alert)
        last = runs[-1] if runs else None
        words = ["failing"] if state.failing else []
        words += [state.name] if state.name in ("drifting", "recovering") or not state.failing else []
        words += ["dismissed"] if last and last.standing != last.status else []
        words += ["overdue"] if alerts.overdue(state.last_run, job.now.date()) else []
        words += [monitor.settings.alert.say_silence()] if monitor.settings.alert.silent_on(job.run_date) else []
        words += _say_rest(history, monitor, job.run_date)
        since = state.failing or state.since
        rows.append(
            [monitor.name, ", ".join(words), f"{since or ''}", _say_seen(last), f"{last.run_date if last else 'never'}"]
        )
    return ["monitor", "state", "since", "how much", "last run"], rows


def _say_seen(run: Run | None) -> str:
    """Return how much drifted in a run, as the rule that decided it counts."""
    if run is None or run.drift_share is None:
        return ""
    if run.rule != "budget":
        return f"{percent(run.drift_share)} of columns"
    if not run.strangeness_limit:
        return "too few days to compare with"
    return f"strangeness {number(run.strangeness)}, limit {number(run.strangeness_limit)}"


def _say_rest(history, monitor: Monitor, today: dt.date) -> list[str]:
    """Return from when on a monitor's retraining may be set off again, if it was too lately for today."""
    retrain = monitor.settings.retrain
    if retrain is None:
        return []
    told = [row for row in history.messages(monitor.name) if row.channel == retrain.channel and row.sent_at]
    free_on = retrain.rests_until(today, max((row.run_date for row in told), default=None))
    return [f"no retraining before {free_on}"] if free_on else []


def expectations(job: Job, monitors: Sequence[Monitor]) -> dict[str, list[str]]:
    """Return what each monitor's alert rule will do, in sentences; none before its first good run."""
    from driftmonitor.expectations import expect
    from driftmonitor.judgement_words import say_expected

    said: dict[str, list[str]] = {monitor.name: [] for monitor in monitors}
    if not job.has_history():
        return said
    with job.open_history() as history:
        for monitor in monitors:
            good = next((run for run in reversed(history.runs(monitor.name)) if run.status != "failed"), None)
            record = history.record_of(monitor.name, good.run_date) if good else None
            if monitor.settings.alert.rule == "budget":
                said[monitor.name] = [
                    say_expected(monitor.settings.alert.false_alarms_per_year, record and record.judgement)
                ]
            elif record and (expectation := expect(record)):
                said[monitor.name] = expectation.sentences()
    return said
