"""drift-monitor's command line: `python runner.py` does today's work for every file in params/."""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from driftmonitor import ROOT, DriftMonitorError, OutsideError
from driftmonitor.complaints import parse_date
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import console, stages
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.help import Commands
from driftmonitor.pipeline.job import Job, common_options, takes_job
from driftmonitor.pipeline.status import expectations, status_table

RAN, A_MONITOR_FAILED, WRONG, DRIFT, STOPPED = 0, 1, 2, 3, 130  # exit codes
FOLDER = click.Path(path_type=Path, resolve_path=True)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@common_options
@click.pass_context
def cli(context: click.Context, **options) -> None:
    """Watch for data drift. Without a command: execute, record, publish and alert for today."""
    if context.invoked_subcommand is None:
        context.invoke(run, **options)


@cli.command(hidden=True)
@takes_job
def run(job: Job) -> None:
    """Execute, record, publish and alert."""
    monitors, records = stages.execute.check_and_execute(job)
    try:
        with job.open_history() as history:
            stages.record.record_all(history, job, monitors)
            published = stages.publish.publish_or_complain(history, job)
            report = stages.deliver.deliver_messages(history, job)
            if published and (report.sent or report.dead or report.skipped):
                stages.publish.publish_or_complain(
                    history, job, again=True
                )  # the pages tell what became of each message
            done = published and not report.dead
    except OutsideError as error:
        console.complain(f"{error} What the notebooks gave is kept, and recorded by the next run.")
        done = False
    stages.deliver.send_heartbeat([monitor.name for monitor in monitors], records, done)
    sys.exit(exit_code(job, records, done))


@cli.command()
@click.option(
    "--pasts",
    type=FOLDER,
    metavar="FOLDER",
    help="The days before, as `plan --pasts` wrote them; not asked of the history.",
)
@takes_job
def execute(job: Job, pasts: Path | None) -> None:
    """Run the notebooks and keep what comes out under --state."""
    _, records = stages.execute.check_and_execute(job, pasts)
    sys.exit(exit_code(job, records))


@cli.command()
@takes_job
def record(job: Job) -> None:
    """Put what was executed into the history. With it goes what is to be said about it."""
    monitors = job.monitors()
    with job.open_history() as history:
        records = stages.record.record_all(history, job, monitors)
    for found in records:
        console.say_run(found)


@cli.command()
@takes_job
def publish(job: Job) -> None:
    """Build the site from history and reports."""
    with job.open_history() as history:
        stages.publish.publish_site(history, job)


@cli.command()
@click.option("--test", is_flag=True, help="Send a test message through each configured channel instead.")
@takes_job
def alert(job: Job, test: bool) -> None:
    """Deliver what is due."""
    if test:
        sys.exit(RAN if stages.deliver.test_channels(job) else A_MONITOR_FAILED)
    with job.open_history() as history:
        report = stages.deliver.deliver_messages(history, job)
    sys.exit(A_MONITOR_FAILED if report.dead else RAN)


@cli.command()
@takes_job
def validate(job: Job) -> None:
    """Check every params file, and say what its alert rule will do. That is at the last run's row counts."""
    monitors = replace(job, keep_going=False).monitors()
    expected = expectations(job, monitors)
    for monitor in monitors:
        console.say(f"{monitor.path}: ok: {monitor.title}, run by {monitor.settings.notebook}")
        for sentence in expected[monitor.name]:
            console.say(f"    {sentence}")


@cli.command()
@click.option(
    "--references",
    type=click.IntRange(2, 1000),
    default=20,
    metavar="N",
    help="Simulate N references; 20 by default.",
)
@takes_job
def calibrate(job: Job, references: int) -> None:
    """Simulate each alert rule on a monitor's own data. Shown are false alarms a year, and the shifts that are seen."""
    from driftmonitor.analysis.calibration import calibrate_monitor
    from driftmonitor.pipeline.trials import runs

    with console.progress(references * len(job.monitors()), "reference") as progress:
        for monitor, parameters in runs.parameters_of(job):
            progress.started(monitor.name, job.run_date)
            budget = monitor.settings.alert.false_alarms_per_year
            found = calibrate_monitor(monitor.name, parameters, job.run_date, budget, references, progress.cell)
            runs.keep_calibration(job, found)
    runs.publish(job)


@cli.command()
@click.option("--from", "first", metavar="YYYY-MM-DD", help="The first day; every recorded day without it.")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="The last day; --date's without it.")
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="share, share:0.2, budget, budget:4; repeatable.")
@takes_job
def backtest(job: Job, first: str | None, last: str | None, rules: tuple[str, ...]) -> None:
    """Replay past days under several alert rules side by side. Nobody is alerted."""
    from driftmonitor.analysis.without_notebook import compare_day
    from driftmonitor.pipeline.trials import runs

    days = runs.days_asked(job, first, last)
    for monitor, parameters in runs.parameters_of(job):
        found = runs.run_backtest(job, monitor, parameters, days, rules or ("share", "budget"), compare_day)
        runs.keep_backtest(job, found)
    runs.publish(job)


@cli.command()
@takes_job
def status(job: Job) -> None:
    """Show each monitor's state, since when, how much drifts, last run."""
    with job.open_history() as history:
        console.table(*status_table(history, job))


def label_options(command):
    """Add what `dismiss` and `confirm` take: the reason, or that the label goes again."""
    undo = click.option("--undo", is_flag=True, help="Take it back.")
    return click.option("--reason", default="", metavar="TEXT", help="Why; shown on the page.")(undo(command))


@cli.command()
@label_options
@takes_job
def dismiss(job: Job, reason: str, undo: bool) -> None:
    """Say that a day's drift was none. It counts as healthy, and later days are compared with it."""
    from driftmonitor.pipeline.reviews import label_day

    with job.open_history() as history:
        console.say(label_day(history, job, "dismissed", reason, undo))


@cli.command()
@label_options
@takes_job
def confirm(job: Job, reason: str, undo: bool) -> None:
    """Say that a day's drift was real. No later day is called ordinary because of it."""
    from driftmonitor.pipeline.reviews import label_day

    with job.open_history() as history:
        console.say(label_day(history, job, "confirmed", reason, undo))


@cli.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM-DD", help="The first day.")
@click.option("--to", "last", required=True, metavar="YYYY-MM-DD", help="The last day.")
@click.option("--alerts", is_flag=True, help="Say what these days would have said; silent otherwise.")
@takes_job
def backfill(job: Job, first: str, last: str, alerts: bool) -> None:
    """Run and record past days that have no run yet."""
    from driftmonitor.pipeline import backfill

    days = backfill.days_between(parse_date(first, "--from"), parse_date(last, "--to"))
    if not days:
        raise DriftMonitorError(f"--from {first} is after --to {last}; exchange them.")
    with job.open_history() as history:
        records = backfill.backfill(history, job, days, silent=not alerts)
        stages.publish.publish_site(history, job)
    sys.exit(exit_code(job, records))


@cli.command("export")
@click.argument("folder", type=FOLDER)
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", help="Of the files.")
@takes_job
def export_history(job: Job, folder: Path, form: str) -> None:
    """Write the whole history to FOLDER, one file a table."""
    with job.open_history() as history:
        console.say_counts("exported", history.export(folder, form))


@cli.command("import")
@click.argument("folder", type=FOLDER)
@takes_job
def import_history(job: Job, folder: Path) -> None:
    """Add to the history what `export` wrote to FOLDER."""
    with job.open_history() as history:
        console.say_counts("imported", history.import_(folder))


@cli.command()
@click.option("--schedule", default="", metavar="CRON", help="The cron that fired: the run gets its day.")
@click.option("--parameters", default="", metavar="JSON", help="Notebook parameters for this run, as a JSON object.")
@click.option(
    "--again",
    type=FOLDER,
    metavar="FOLDER",
    help="Where the plans of this run's earlier attempts are: it does their day again.",
)
@click.option(
    "--pasts",
    type=FOLDER,
    metavar="FOLDER",
    help="Write there the days before, for the notebooks, if the history is known.",
)
@takes_job
def plan(job: Job, schedule: str, parameters: str, again: Path | None, pasts: Path | None) -> None:
    """Print what a run on GitHub has to do. As a job's outputs: which monitors, in which jobs, for which day."""
    from driftmonitor.pipeline.github.schedule import plan_run, say_outputs, write_pasts

    planned = plan_run(job, schedule, parameters, again)
    if pasts:
        write_pasts(job, planned, pasts)
    say_outputs(planned)


@cli.command()
@click.argument("folder", type=FOLDER)
@click.option("--silent", is_flag=True, help="Say nothing of this run.")
@takes_job
def collect(job: Job, folder: Path, silent: bool) -> None:
    """Record the reports that a run's jobs left in FOLDER. A monitor without one failed."""
    from driftmonitor.pipeline.github import state_files

    monitors = job.monitors()
    state_files.collect(folder, job.reports_dir, [monitor.name for monitor in monitors], job.run_date)
    with job.open_history() as history:
        for found in stages.record.record_all(history, job, monitors, silent):
            console.say_run(found)


@cli.command()
@click.argument("action", type=click.Choice(["load", "save", "restore"]))
@click.argument("archive", type=FOLDER, required=False)
@click.option("--replace", is_flag=True, help="With save: the branch becomes what is here, whatever it has.")
@takes_job
def state(job: Job, action: str, archive: Path | None, replace: bool) -> None:
    """Load, save or restore the history's branch. Load brings it to --state, restore takes an earlier run's ARCHIVE."""
    from driftmonitor.pipeline.github import state as states

    console.say(states.act(job, action, archive, replace))


@cli.command()
@click.option("--push", "branch", default="", metavar="BRANCH", help="Change the README on that branch of the remote.")
@takes_job
def readme(job: Job, branch: str) -> None:
    """Refresh the README's table of monitors from the site."""
    from driftmonitor.pipeline.github import readme as readmes
    from driftmonitor.pipeline.github.git import Clone

    if branch:
        changed = readmes.push(Clone(ROOT, os.environ), branch, job.site_dir, job.now.date())
    else:
        changed = readmes.refresh_file(ROOT / readmes.README, job.site_dir, job.now.date())
    console.say(f"{readmes.README}: {'table refreshed' if changed else 'the table says this already'}")


@cli.command()
@click.option("--failed", is_flag=True, help="Say that the run failed.")
@takes_job
def heartbeat(job: Job, failed: bool) -> None:
    """Tell HEARTBEAT_URL that a run is over."""
    from driftmonitor.pipeline.channels.heartbeat import ping

    problem = ping(os.environ, failed, f"run of {job.run_date}")
    if problem:
        console.complain(problem)
        sys.exit(A_MONITOR_FAILED)


@cli.command()
@takes_job
def doctor(job: Job) -> None:
    """Say what is and what isn't set up, with the remedy."""
    from driftmonitor.pipeline.github.doctor import examine

    findings = examine(job)
    for finding in findings:
        console.say(finding.line)
    sys.exit(A_MONITOR_FAILED if any(finding.missing for finding in findings) else RAN)


def exit_code(job: Job, records: Sequence[RunRecord], done: bool = True) -> int:
    """Return the exit code of the contract; not `done` is what was not recorded, published or delivered."""
    statuses = {found.status for found in records}
    if "failed" in statuses or not done:
        return A_MONITOR_FAILED
    return DRIFT if job.fail_on_drift and "drift" in statuses else RAN


def main(arguments: Sequence[str] | None = None, clock: Clock | None = None) -> None:
    """Run the command line; what a user can fix is one line without a traceback."""
    gc.set_threshold(200_000)  # what the stages import stays: looking for garbage in it is a tenth of their time
    try:
        sys.exit(cli(arguments, standalone_mode=False, obj=clock or Clock()) or RAN)
    except OutsideError as error:
        console.complain(error)
        sys.exit(A_MONITOR_FAILED)
    except DriftMonitorError as error:
        console.complain(error)
        sys.exit(WRONG)
    except click.ClickException as error:
        console.complain(f"{error.format_message()} See `python runner.py --help`.")
        sys.exit(WRONG)
    except click.Abort:
        console.complain("stopped; what was finished is kept, and the next run does the rest.")
        sys.exit(STOPPED)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cancelled job on GitHub ends as by Ctrl-C
    main()
