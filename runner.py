"""The command line: `python runner.py` runs every monitor in params/ for today."""

from driftmonitor import stopping

if __name__ == "__main__":
    stopping.listen()  # before the imports, which take a second

import gc
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from driftmonitor import ROOT, DriftMonitorError, OutsideError
from driftmonitor.pipeline import console, stages
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.github.log import protect_output
from driftmonitor.pipeline.help import Commands
from driftmonitor.pipeline.job import Job, common_options, takes_job
from driftmonitor.pipeline.location import Location
from driftmonitor.pipeline.notebooks import linux

if TYPE_CHECKING:
    import datetime as dt

    from driftmonitor.config.params import Monitor
    from driftmonitor.facts.record import RunRecord

RAN, A_MONITOR_FAILED, WRONG, DRIFT = 0, 1, 2, 3  # exit codes, beside that of stopping
FOLDER = click.Path(path_type=Path, resolve_path=True)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@common_options
@click.pass_context
def cli(context: click.Context, **options: Any) -> None:
    """Watch for data drift. Without a command: execute, record, publish and alert for today."""
    if context.invoked_subcommand is None:
        context.invoke(run, **options)


@cli.command(hidden=True)
@takes_job
def run(job: Job) -> None:
    """Execute, record, publish and alert."""
    records = stages.execute.run_notebooks(job, publishes=True)
    try:
        with job.open_history() as history:
            lost = stages.record.save_runs(history, job, job.monitors()).failures
            published = stages.publish.try_to_build_site(history, job)
            delivery = stages.deliver.send_messages(history, job)
            if published and delivery.changes_pages:
                stages.publish.try_to_build_site(history, job, print_page=False)
            done = published and not delivery.refused and not lost
    except OutsideError as error:
        console.complain(f"{error} The reports are kept; the next run records them.")
        done = False
    stages.deliver.ping_heartbeat(records, done)
    sys.exit(exit_code(job, records, done))


@cli.command()
@click.option(
    "--pasts",
    type=FOLDER,
    metavar="FOLDER",
    help="Read the earlier days from here, where `plan --pasts` wrote them, not from the history.",
)
@takes_job
def execute(job: Job, pasts: Path | None) -> None:
    """Run the notebooks and keep their reports under --state."""
    sys.exit(exit_code(job, stages.execute.run_notebooks(job, pasts)))


@cli.command()
@takes_job
def record(job: Job) -> None:
    """Save the results in the history and queue the alerts they cause."""
    monitors = job.monitors()
    with job.open_history() as history:
        saved = stages.record.save_runs(history, job, monitors)
    for each in saved.records:
        console.print_run(each)
    sys.exit(exit_code(job, (), not saved.failures))


@cli.command()
@takes_job
def publish(job: Job) -> None:
    """Build the site from history and reports."""
    with job.open_history() as history:
        built = stages.publish.build_site(history, job)
    sys.exit(exit_code(job, (), built))


@cli.command()
@click.option("--test", is_flag=True, help="Send a test message through each configured channel instead.")
@takes_job
def alert(job: Job, test: bool) -> None:
    """Send pending alerts."""
    if test:
        sys.exit(RAN if stages.deliver.send_test_messages(job) else A_MONITOR_FAILED)
    with job.open_history() as history:
        delivery = stages.deliver.send_messages(history, job)
    sys.exit(exit_code(job, (), not delivery.refused))


@cli.command()
@click.argument("files", type=Location(), nargs=-1, required=True, metavar="FILE...")
@click.option("--name", default="", metavar="NAME", help="The monitor's name; by default from the file's.")
@click.option("--rule", default="", metavar="RULE", help="The alert rule: budget:4 or share:0.2, for example.")
@takes_job
def init(job: Job, files: tuple[str, ...], name: str, rule: str) -> None:
    """Look at your data, and write a params file that compares it. One table with dates, or two: REFERENCE CURRENT."""
    from driftmonitor.analysis.starting import propose
    from driftmonitor.pipeline.first_monitor import start_monitor

    start_monitor(job, files, name, rule, propose)


@cli.command()
@click.argument("file", type=Location(), metavar="FILE")
@click.option("--name", default="", metavar="NAME", help="The monitor's name; by default from the file's.")
@click.option("--rule", default="", metavar="RULE", help="The rule that judges each day; the proposed one by default.")
@takes_job
def explore(job: Job, file: str, name: str, rule: str) -> None:
    """Show the last year of a table under each alert rule, in a page. Nothing is recorded."""
    from driftmonitor.analysis.starting import propose
    from driftmonitor.pipeline.pages import explore_page
    from driftmonitor.pipeline.trials import explore

    found = explore.explore(job, [file], name, rule, partial(propose, explores=True))
    page = job.state_dir / "explored" / f"{found.name}.html"
    explore_page.write_page(found, page)
    console.say(f"{found.name}: {explore_page.say_days(found)}")
    console.print_table(explore_page.HEADINGS, explore_page.rows(found))
    if few := explore_page.say_precision(found):
        console.say(few)
    console.say(f"Page: {page}")


@cli.command()
@takes_job
def validate(job: Job) -> None:
    """Check every params file, and show what its alert rule will do. This uses the last run's row counts.

    Columns that it names, queries, segments and checks are tried on the data.
    """
    from driftmonitor.config.without_effect import say_without_effect
    from driftmonitor.formats import counted
    from driftmonitor.pipeline.dated_notes import read_notes
    from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters
    from driftmonitor.pipeline.status import expectations

    read = replace(job, keep_going=True).monitors()
    problems = [monitor.problem for monitor in read if monitor.problem]
    monitors = [monitor for monitor in read if not monitor.problem]
    expected = expectations(job, monitors)
    for monitor in monitors:
        try:
            notes = read_notes(monitor)
        except DriftMonitorError as error:
            problems.append(str(error))
            continue
        wrong, known = _try_on_data(monitor, job.run_date)
        problems += wrong
        if wrong:
            continue
        console.say(f"{monitor.path}: ok: {monitor.title}, run by {monitor.settings.notebook}")
        given, every = monitor.parameters, effective_parameters(monitor)
        unused = say_without_effect(given, every, monitor.settings, job.run_date)
        for sentence in [*expected[monitor.name], *unused]:
            console.say(f"    {sentence}")
        for note in known:
            console.say(f"    {note}")
        if monitor.settings.events:
            console.say(f"    Events: {counted(len(notes), 'dated note')}.")
    for problem in problems:
        console.complain(problem)
    sys.exit(WRONG if problems else RAN)


def _try_on_data(monitor: "Monitor", run_date: "dt.date") -> tuple[list[str], list[str]]:
    """Return what is wrong with a monitor's params file on its data, and what is to be known of it."""
    from driftmonitor.analysis.first_look import look
    from driftmonitor.config.data_settings import SOURCE
    from driftmonitor.pipeline.notebooks.notebook_file import computes_as_shipped, effective_parameters

    parameters = effective_parameters(monitor)
    if not parameters.keys() >= SOURCE:  # another notebook's
        return [], []
    if (known := look(parameters, run_date)) is not None:
        return [], known
    from driftmonitor.analysis.trying import try_on_data

    problems, notes = try_on_data(parameters, run_date)
    if problems and not computes_as_shipped(monitor.settings.notebook):  # it may add columns, or name methods
        return [], [*notes, "A run fails unless the notebook's own code prevents it:", *problems]
    return [f"{monitor.path}: {problem}" for problem in problems], notes


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
    """Simulate each alert rule on a monitor's data. Shows false alarms a year and the shifts that are detected."""
    from driftmonitor.analysis.calibration import calibrate_monitor
    from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters
    from driftmonitor.pipeline.trials.calibrations import keep_calibration

    with console.progress(references * len(job.monitors()), "reference") as progress:
        for monitor in job.monitors():
            progress.start(monitor.name, job.run_date)
            name, parameters, alert = monitor.name, effective_parameters(monitor), monitor.settings.alert
            budget = alert.false_alarms_per_year
            calibration = calibrate_monitor(name, parameters, job.run_date, budget, references, progress.advance)
            keep_calibration(job, calibration)
    sys.exit(exit_code(job, (), stages.publish.build_site_if_recorded(job)))


@cli.command()
@click.option("--from", "first", metavar="YYYY-MM-DD", help="The first day; by default all recorded days.")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="The last day; --date by default.")
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="share, share:0.2, budget, budget:4; repeatable.")
@takes_job
def backtest(job: Job, first: str | None, last: str | None, rules: tuple[str, ...]) -> None:
    """Try several alert rules on past days. No alerts are sent."""
    from driftmonitor.pipeline.trials.backtests import keep_backtest, requested_days, run_backtest

    days = requested_days(job, first, last)
    for monitor in job.monitors():
        keep_backtest(job, run_backtest(job, monitor, days, rules or ("share", "budget")))
    sys.exit(exit_code(job, (), stages.publish.build_site_if_recorded(job)))


@cli.command()
@click.argument("base", default="", metavar="[BASE]")
@click.option("--pages", type=FOLDER, metavar="FOLDER", help="Write the pages of the new runs here.")
@click.option("--markdown", type=FOLDER, metavar="FILE", help="Write the result here too, as Markdown.")
@takes_job
def diff(job: Job, base: str, pages: Path | None, markdown: Path | None) -> None:
    """Run the monitors that your changes touch, before and after. BASE is a branch or commit. Nothing is saved."""
    from driftmonitor.pipeline.changes import wording
    from driftmonitor.pipeline.changes.compare import compare
    from driftmonitor.pipeline.github import step_summary
    from driftmonitor.pipeline.github.this_run import page

    comparison = compare(job, base, pages)
    for line in wording.console_lines(comparison):
        console.say(line)
    lines = wording.markdown(comparison, page(os.environ))
    step_summary.append(lines)
    if markdown:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        markdown.write_text("\n".join([*lines, ""]), encoding="utf-8")
    failed = any(change.breaks for change in comparison.changes)
    drifting = job.fail_on_drift and any(change.begins_to_drift for change in comparison.changes)
    sys.exit(A_MONITOR_FAILED if failed else DRIFT if drifting else RAN)


@cli.command()
@takes_job
def status(job: Job) -> None:
    """Show each monitor's state, since when, its drift and last run."""
    from driftmonitor.pipeline.github import state_files, state_size
    from driftmonitor.pipeline.status import HEADINGS, status_rows

    lenient = replace(job, keep_going=True)
    with job.open_history() as history:
        console.print_table(HEADINGS, status_rows(history, lenient))
    problems = [monitor.problem for monitor in lenient.monitors() if monitor.problem]
    for problem in problems:
        console.complain(problem)
    if too_large := state_size.warning(state_size.measure(job.state_dir, state_files.files(job.state_dir))):
        console.say(f"Warning: {too_large}")
    if problems and not job.keep_going:
        sys.exit(WRONG)


def review_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of `dismiss`, `confirm` and `accept`."""
    undo = click.option("--undo", is_flag=True, help="Remove the label again.")
    return click.option("--reason", default="", metavar="TEXT", help="The reason; shown on the page.")(undo(command))


@cli.command()
@review_options
@takes_job
def dismiss(job: Job, reason: str, undo: bool) -> None:
    """Mark a day's drift as harmless. The day counts as healthy, and similar changes no longer alert."""
    from driftmonitor.pipeline.reviews import review_day

    with job.open_history() as history:
        console.say(review_day(history, job, "dismissed", reason, undo))


@cli.command()
@review_options
@takes_job
def confirm(job: Job, reason: str, undo: bool) -> None:
    """Mark a day's drift as real. Later days are never compared with it."""
    from driftmonitor.pipeline.reviews import review_day

    with job.open_history() as history:
        console.say(review_day(history, job, "confirmed", reason, undo))


@cli.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM-DD", help="The first day that is as it should be.")
@review_options
@takes_job
def accept(job: Job, first: str, reason: str, undo: bool) -> None:
    """Take the data since a day as usual: later days are compared with it."""
    from driftmonitor.pipeline.reviews import accept_days

    with job.open_history() as history:
        for line in accept_days(history, job, job.parse_run_date(first, "--from"), reason, undo):
            console.say(line)


@cli.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM-DD", help="The first day.")
@click.option("--to", "last", required=True, metavar="YYYY-MM-DD", help="The last day.")
@click.option("--alerts", is_flag=True, help="Send the alerts of these days; by default none are sent.")
@click.option(
    "--pages",
    type=click.Choice(["alerts", "all", "none"]),
    default="alerts",
    help="Run the notebook, for its page, on days that alert and on the newest one (default), on all days, or on none.",
)
@takes_job
def backfill(job: Job, first: str, last: str, alerts: bool, pages: str) -> None:
    """Record past days that have no run yet, or a failed one."""
    from driftmonitor.pipeline import backfill

    days = backfill.days_between(job.parse_run_date(first, "--from"), job.parse_run_date(last, "--to"))
    if not days:
        raise DriftMonitorError(f"--from {first} is after --to {last}; swap them.")
    with job.open_history() as history:
        records = backfill.backfill(history, job, days, silent=not alerts, pages=pages)
        built = stages.publish.build_site(history, job)
    sys.exit(exit_code(job, records, built))


@cli.command()
@click.option("--from", "first", metavar="YYYY-MM-DD", help="The first day; with --to, in place of --date.")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="The last day.")
@click.option("--yes", is_flag=True, help="Remove them without asking.")
@partial(takes_job, any_day=True)
def forget(job: Job, first: str | None, last: str | None, yes: bool) -> None:
    """Remove a monitor's runs, and correct the messages about them. It asks first."""
    from driftmonitor.pipeline import forget

    request = forget.read_request(job, first, last)
    with job.open_history() as history:
        lines = forget.preview(history, job, request)
        for line in lines or [f"{request.monitor}: has no runs of these days"]:
            console.say(line)
        if lines and not yes:
            console.ask_to_remove()
        console.say(forget.forget(history, job, request))
        built = [stages.publish.try_to_build_site(history, job, print_page) for print_page in (False, True)]
    sys.exit(RAN if all(built) else A_MONITOR_FAILED)  # built twice: the old pages are in the folder of the site before


@cli.command("export")
@click.argument("folder", type=FOLDER)
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    help="File format; parquet by default.",
)
@takes_job
def export_history(job: Job, folder: Path, form: str) -> None:
    """Write the whole history to FOLDER, one file for each table."""
    with job.open_history() as history:
        console.print_counts("exported", history.export(folder, form))


@cli.command("import")
@click.argument("folder", type=FOLDER)
@takes_job
def import_history(job: Job, folder: Path) -> None:
    """Add what `export` wrote to FOLDER to the history."""
    with job.open_history() as history:
        console.print_counts("imported", history.import_(folder))


@cli.command()
@click.option("--schedule", default="", metavar="CRON", help="The cron that started the run; sets the run date.")
@click.option("--parameters", default="", metavar="JSON", help="Notebook parameters for this run, as a JSON object.")
@click.option(
    "--pasts",
    type=FOLDER,
    metavar="FOLDER",
    help="Write the earlier days here for the notebooks, if the branch has a history.",
)
@takes_job
def plan(job: Job, schedule: str, parameters: str, pasts: Path | None) -> None:
    """Print the plan of a run on GitHub. As a job's outputs: which monitors, in which jobs, for which day."""
    from driftmonitor.pipeline.github.schedule import plan_run, print_outputs, write_earlier_days

    planned = plan_run(job, schedule, parameters)
    if pasts:
        write_earlier_days(job, planned, pasts)
    print_outputs(planned)


@cli.command()
@click.argument("folder", type=FOLDER)
@click.option("--silent", is_flag=True, help="Send no messages about this run.")
@click.option("--one-job", is_flag=True, help="One job ran all notebooks, as on GitLab.")
@takes_job
def collect(job: Job, folder: Path, silent: bool, one_job: bool) -> None:
    """Record the reports that a run's jobs left in FOLDER. A monitor without a report is recorded as failed."""
    from driftmonitor.pipeline.github import job_reports, run_summary, schedule, step_summary

    monitors = job.monitors()
    names = [monitor.name for monitor in monitors]
    shards = [tuple(names)] if one_job else schedule.split_into_jobs(names)
    job_reports.collect(folder, job.reports_dir, shards, job.run_date)
    with job.open_history() as history:
        saved = stages.record.save_runs(history, job, monitors, silent).records
    for each in saved:
        console.print_run(each)
    step_summary.append(run_summary.summarise_runs(saved, job.run_date, os.environ.get("SITE_URL", "")))


@cli.command()
@click.argument("action", type=click.Choice(["load", "save", "restore"]))
@click.argument("archive", type=FOLDER, required=False)
@click.option("--replace", is_flag=True, help="With save: replace the branch, even if it has runs that --state lacks.")
@takes_job
def state(job: Job, action: str, archive: Path | None, replace: bool) -> None:
    """Load, save or restore the state branch. Load fills --state from it, restore from a kept branch or an ARCHIVE."""
    from driftmonitor.pipeline.github.state import act

    console.say(act(job, action, archive, replace))


@cli.command()
@click.option("--push", "branch", default="", metavar="BRANCH", help="Change the README on this branch of the remote.")
@takes_job
def readme(job: Job, branch: str) -> None:
    """Refresh the README's table of monitors from the site."""
    from driftmonitor.pipeline.github import readme as readmes
    from driftmonitor.pipeline.github.git import Clone

    if branch:
        changed = readmes.push(Clone(ROOT, os.environ), branch, job.site_dir, job.now.date())
    else:
        changed = readmes.refresh_file(ROOT / readmes.README, job.site_dir, job.now.date())
    console.say(f"{readmes.README}: {'table refreshed' if changed else 'the table is up to date'}")


@cli.command()
@click.argument("number", type=int)
@click.argument("file", type=FOLDER)
@takes_job
def comment(job: Job, number: int, file: Path) -> None:
    """Show the result of `diff` in a pull request. One comment is written, and later renewed."""
    from driftmonitor.pipeline.github.pull_request import renew_comment

    console.say(renew_comment(os.environ, number, file))


@cli.command()
@click.option("--failed", is_flag=True, help="Report that the run failed.")
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
    """Check what is set up and what is missing, with the remedy."""
    from driftmonitor.pipeline.github.doctor import examine

    checks = examine(job)
    for check in checks:
        console.say(check.line)
    sys.exit(A_MONITOR_FAILED if any(check.missing for check in checks) else RAN)


@cli.command()
@click.argument("version", default="", metavar="[VERSION]")
@click.option("--check", is_flag=True, help="Only say whether there is a newer version.")
@click.option("--template", default="", metavar="ADDRESS", help="The template's git address; see docs/upgrades.md.")
@click.option("--into", type=FOLDER, default=ROOT, metavar="DIR", help="Upgrade the repository in this folder.")
@takes_job
def upgrade(job: Job, version: str, check: bool, template: str, into: Path) -> None:
    """Merge a later version of the template, and try it. It leaves one commit on a branch, and your files alone."""
    from driftmonitor.pipeline.upgrades import newest
    from driftmonitor.pipeline.upgrades.upgrade import upgrade

    if check:
        console.say(newest.check(job, into, os.environ, template))
    elif not upgrade(job, into, version, template):
        sys.exit(A_MONITOR_FAILED)


def exit_code(job: Job, records: "Sequence[RunRecord]", done: bool = True) -> int:
    """Return the exit code for these runs; `done` is false if they were not recorded, published or delivered."""
    statuses = {record.status for record in records}
    if "failed" in statuses or not done:
        return A_MONITOR_FAILED
    if job.found_invalid:
        return WRONG
    found = "drift" in statuses or any(record.failed_checks for record in records)
    return DRIFT if job.fail_on_drift and found else RAN


def main(arguments: Sequence[str] | None = None, clock: Clock | None = None) -> None:
    """Run the command line; an error that a user can fix is one line without a traceback.

    Of any other error, a log gets the traceback without the text, and a terminal all of it.
    """
    linux.hide_from_others()  # the environment holds the secrets of channels and history
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them, it reads about every package here
    gc.set_threshold(200_000)  # imported modules stay: looking for garbage in them takes a tenth of the stages' time
    try:
        sys.exit(cli(arguments, standalone_mode=False, obj=clock or Clock()) or RAN)
    except Exception as error:
        sys.exit(complain(error))


def complain(error: Exception) -> int:
    """Print an error, and return the exit code for it."""
    if stopping.was_asked() or isinstance(error, click.Abort):
        console.complain(stopping.MESSAGE)
        return stopping.STOPPED
    if isinstance(error, DriftMonitorError):
        console.complain(error)
        return A_MONITOR_FAILED if isinstance(error, OutsideError) else WRONG
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        command = f" {context.info_name}" if context and context.parent else ""
        console.complain(f"{error.format_message()} See `python runner.py{command} --help`.")
        return WRONG
    if sys.stderr and sys.stderr.isatty():
        raise error
    console.complain_of_bug(error)
    return A_MONITOR_FAILED


if __name__ == "__main__":
    protect_output(os.environ)
    try:
        main()
    except SystemExit as ended:
        stopping.leave(int(ended.code or RAN))
