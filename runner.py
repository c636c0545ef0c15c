"""drift-monitor's command line: `python runner.py` does today's work for every file in params/."""

import datetime as dt
import functools
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from driftmonitor import DriftMonitorError, reports
from driftmonitor.params import Monitor, load_monitors, parse_date, read_yaml
from driftmonitor.pipeline import console
from driftmonitor.record import RunRecord, failed, read_json

RAN, A_MONITOR_FAILED, WRONG, DRIFT = 0, 1, 2, 3  # exit codes


@dataclass(frozen=True)
class Job:
    """What the command line asks for."""

    monitor: tuple[str, ...]
    run_date: dt.date
    parameters: dict[str, Any]
    jobs: int
    fail_on_drift: bool
    params_dir: Path
    state_dir: Path
    site_dir: Path

    @property
    def reports_dir(self) -> Path:
        return self.state_dir / "reports"

    def load(self) -> list[Monitor]:
        """Return the monitors asked for, checked."""
        from driftmonitor.pipeline.execute import notebook_parameters

        read = functools.cache(notebook_parameters)
        return load_monitors(self.params_dir, read, self.monitor, self.parameters)

    def open_history(self):
        """Open the history: PostgreSQL where DRIFT_DATABASE_URL says so, else a file in the state folder."""
        from driftmonitor.pipeline.history import open_history

        return open_history(os.environ.get("DRIFT_DATABASE_URL") or self.state_dir / "history.db")


OPTIONS = [
    click.option("--monitor", multiple=True, metavar="NAME", help="Only this monitor; may be repeated."),
    click.option("--date", metavar="YYYY-MM-DD", help="The day the data describes; today (UTC) by default."),
    click.option("-p", nargs=2, multiple=True, metavar="NAME VALUE", help="Set a notebook parameter for this run."),
    click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Notebooks run side by side."),
    click.option("--fail-on-drift", is_flag=True, help="Exit 3 when a monitor drifts."),
    click.option("--params", default="params", metavar="DIR", help="Where the params files are."),
    click.option("--state", default="state", metavar="DIR", help="Where history and reports are kept."),
    click.option("--site", default="site", metavar="DIR", help="Where the site is built."),
]


def common_options(command):
    """Add the options that every command shares."""
    return functools.reduce(lambda command, option: option(command), reversed(OPTIONS), command)


def takes_job(command):
    """Give the command the common options as one `Job`."""

    @common_options
    @functools.wraps(command)
    def with_job(monitor, date, p, jobs, fail_on_drift, params, state, site, **rest):
        run_date = parse_date(date, "--date") if date else now().date()
        parameters = {name: read_yaml(value, f"-p {name}") for name, value in p}
        job = Job(monitor, run_date, parameters, jobs, fail_on_drift, Path(params), Path(state), Path(site))
        return command(job, **rest)

    return with_job


def now() -> dt.datetime:
    """Read the clock, here and nowhere else."""
    return dt.datetime.now(dt.UTC)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@common_options
@click.pass_context
def cli(context: click.Context, **options) -> None:
    """Watch for data drift. Without a command: execute, record, publish and alert for today."""
    given = {name: value for name, value in options.items() if context.get_parameter_source(name).name != "DEFAULT"}
    if context.invoked_subcommand is None:
        context.invoke(run, **options)
    context.default_map = {context.invoked_subcommand: given}


@cli.command(hidden=True)
@takes_job
def run(job: Job) -> None:
    """Execute, record, publish and alert."""
    monitors = job.load()
    check_site(job)
    records = execute_all(job, monitors)
    with job.open_history() as history:
        record_all(history, job, monitors)
        publish_site(history, job)
        undelivered = deliver_messages(history, job)
    sys.exit(exit_code(job, records, undelivered))


@cli.command()
@takes_job
def execute(job: Job) -> None:
    """Run the notebooks and keep what comes out under --state."""
    sys.exit(exit_code(job, execute_all(job, job.load())))


@cli.command()
@takes_job
def record(job: Job) -> None:
    """Put what was executed into the history, with what is to be said about it."""
    monitors = job.load()
    with job.open_history() as history:
        record_all(history, job, monitors)


@cli.command()
@takes_job
def publish(job: Job) -> None:
    """Build the site from history and reports."""
    with job.open_history() as history:
        publish_site(history, job)


@cli.command()
@takes_job
def alert(job: Job) -> None:
    """Deliver what is due."""
    with job.open_history() as history:
        sys.exit(A_MONITOR_FAILED if deliver_messages(history, job) else RAN)


@cli.command()
@takes_job
def validate(job: Job) -> None:
    """Check every params file and say what each monitor will do."""
    for monitor in job.load():
        console.say(f"{monitor.path}: ok. {monitor.title}: {monitor.settings.notebook}")


def execute_all(job: Job, monitors: list[Monitor]) -> list[RunRecord]:
    """Run every monitor's notebook, `--jobs` at a time, and print each verdict as it comes."""
    from driftmonitor.pipeline import execute, render

    threading.Thread(target=render.warm, daemon=True).start()  # the notebooks take longer than this import
    with console.progress(sum(execute.count_cells(monitor) for monitor in monitors)) as progress:

        def one(monitor: Monitor) -> RunRecord:
            progress.started(monitor.name, job.run_date)
            return execute.execute(monitor, job.run_date, job.reports_dir, progress.cell)

        with ThreadPoolExecutor(job.jobs) as pool:
            records = list(pool.map(one, monitors))
    for found in records:
        console.say_run(found)
    return records


def record_all(history, job: Job, monitors: list[Monitor]) -> None:
    """Record the day's report of each monitor; a monitor that left none has failed."""
    for monitor in monitors:
        path = job.reports_dir / monitor.name / f"{job.run_date}" / "record.json"
        if path.exists():
            found = read_json(path)
        elif history.has_run(monitor.name, job.run_date):
            continue
        else:
            found = failed(monitor.name, job.run_date, "execute left no record for this day; see its log")
        history.record(found, monitor)


def check_site(job: Job) -> None:
    """Refuse a site folder that can't be built before anything runs."""


def publish_site(history, job: Job) -> None:
    """Build the site and say where it is."""


def deliver_messages(history, job: Job) -> bool:
    """Send what is due; return whether a channel refused for good."""


def exit_code(job: Job, records: list[RunRecord], undelivered: bool = False) -> int:
    """Return the exit code of the contract."""
    statuses = {found.status for found in records}
    if "failed" in statuses or undelivered:
        return A_MONITOR_FAILED
    return DRIFT if job.fail_on_drift and "drift" in statuses else RAN


def main() -> None:
    """Run the command line; what a user can mend is one line without a traceback."""
    try:
        cli()
    except DriftMonitorError as error:
        console.complain(error)
        sys.exit(WRONG)


if __name__ == "__main__":
    main()
