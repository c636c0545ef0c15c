"""Keep a monitor's calibration, alert rules tried on simulated days, next to its reports, and print it."""

from driftmonitor.facts.calibration import NAME, Calibration, RuleResult, say_shift
from driftmonitor.formats import counted
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job

HEADINGS = (
    "rule",
    "false-alarm days a year",
    "false alarms a year",
    "shift detected on day 1",
    "within 7 days",
    "within 30 days",
)


def keep_calibration(job: Job, calibration: Calibration) -> None:
    """Write a calibration next to the monitor's reports, and print it."""
    calibration.write(job.reports_dir / calibration.monitor / NAME)
    rows = f"{calibration.reference_rows:,} reference rows, {calibration.current_rows:,} current rows"
    references = counted(calibration.references, "simulated reference")
    console.say(f"{calibration.monitor}: {counted(calibration.columns, 'column')}, {rows}, {references}")
    console.say(f"{calibration.monitor}: {calibration.drawn[0].lower()}{calibration.drawn[1:]}")
    console.print_table(HEADINGS, [_row(result) for result in calibration.rules])


def _row(result: RuleResult) -> list[str]:
    return [result.rule, f"{result.alarm_days}", f"{result.onsets}", *map(say_shift, result.smallest_shifts)]
