"""Plan a run on GitHub: which monitors, in which jobs, for which day.

GitHub starts a schedule minutes to hours late, so the run date is that of the schedule, not of the clock.
"""

import datetime as dt
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.github import outputs
from driftmonitor.pipeline.github.git import scratch
from driftmonitor.pipeline.github.git_command import Silent
from driftmonitor.pipeline.github.state import state_branch
from driftmonitor.pipeline.job import Job
from driftmonitor.regular_files import read_file

WORKFLOW = Path(".github/workflows/drift_check.yml")
MONITORS_PER_JOB = 10
MAX_JOBS = 256  # GitHub's limit on a matrix
CRON = re.compile(r"([0-5]?\d) ([01]?\d|2[0-3])( [0-9*,/A-Za-z-]+){3}")


@dataclass(frozen=True)
class Plan:
    """The plan of a run. `monitors` are names, in order; if there are none, there is nothing to do."""

    monitors: tuple[str, ...]
    run_date: dt.date
    parameters: Mapping[str, Any]
    force: bool = False
    branch_is_silent: bool = False

    @property
    def shards(self) -> list[tuple[str, ...]]:
        """The monitors of each job."""
        return split_into_jobs(self.monitors)

    def to_outputs(self) -> dict[str, Any]:
        """Return the outputs for the workflow's other jobs, each a JSON value.

        `arguments` are the runner's, one on each line: a shell reads them with `mapfile` and interprets nothing.
        """
        jobs = [{"index": n, "arguments": self._arguments(names)} for n, names in enumerate(self.shards)]
        return {
            "due": bool(self.monitors),
            "run_date": self.run_date.isoformat(),
            "matrix": {"shard": jobs},
            "arguments": self._arguments(self.monitors),
        }

    def _arguments(self, names: Sequence[str]) -> str:
        lines = ["--date", self.run_date.isoformat(), *(["--force"] if self.force else [])]
        for name in names:
            lines += ["--monitor", name]
        for name, value in self.parameters.items():
            lines += ["-p", name, json.dumps(value)]  # -p reads YAML, which JSON is, and JSON has no line ends
        return "\n".join(lines)


def split_into_jobs(monitors: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the monitors of each job of a run. `collect` calls it as well, to know whose report may be whose."""
    size = max(MONITORS_PER_JOB, math.ceil(len(monitors) / MAX_JOBS))
    return [tuple(monitors[start : start + size]) for start in range(0, len(monitors), size)]


def plan_run(job: Job, fired: str, parameters: str, earlier: Path | None = None) -> Plan:
    """Return the plan of a run that the cron `fired` started ("": by hand); a schedule leaves out recorded monitors.

    `earlier` is the folder with the plans of the run's earlier attempts: a repeated run does the whole same day again.
    """
    job = replace(job, parameters={**job.parameters, **parse_parameters(parameters)})
    names = tuple(monitor.name for monitor in job.monitors())
    planned = earlier and planned_date(earlier)
    if planned or not fired:
        return Plan(names, planned or job.run_date, job.parameters, job.force)
    run_date = scheduled_date(fired, read_crons(), job.now)
    return _leave_out_recorded(Plan(names, run_date, job.parameters, job.force), job)


def _leave_out_recorded(plan: Plan, job: Job) -> Plan:
    """Return the plan without monitors that are recorded; all run if the remote is silent, which changes no result."""
    try:
        recorded = state_branch(job.state_dir).recorded()
    except Silent as error:
        console.complain(f"{error} All monitors run, without the earlier days.")
        return replace(plan, branch_is_silent=True)
    return replace(plan, monitors=tuple(name for name in plan.monitors if plan.run_date not in recorded.get(name, ())))


def write_earlier_days(job: Job, planned: Plan, folder: Path) -> None:
    """Write the earlier days of the plan's monitors for the jobs that run the notebooks, which have no history.

    None are written if the history is not on the branch: it may be in a database, which only the record stage reads.
    """
    from driftmonitor.pipeline import earlier_days

    if planned.branch_is_silent:
        return
    with scratch() as state_dir:
        try:
            state_branch(state_dir).load_history()
        except Silent as error:
            console.complain(f"{error} The monitors run without the earlier days.")
        asked = replace(job, run_date=planned.run_date, state_dir=state_dir)
        if planned.monitors and asked.has_history():
            folder.mkdir(parents=True, exist_ok=True)
            monitors = [monitor for monitor in asked.monitors() if monitor.name in planned.monitors]
            earlier_days.write_files(asked, monitors, folder)


def planned_date(folder: Path) -> dt.date | None:
    """Return the run date of an earlier attempt, from the outputs of attempts in a folder; None if there are none."""
    for path in sorted(folder.rglob("outputs")):
        run_date = re.search(
            r'^run_date="(\d{4}-\d\d-\d\d)"$', read_file(path).decode("utf-8", "replace"), re.MULTILINE
        )
        if run_date:
            return dt.date.fromisoformat(run_date[1])
    return None


def print_outputs(plan: Plan) -> None:
    """Print the plan, a name and a JSON value on each line, and make the values outputs of the step on GitHub."""
    for line in outputs.to_lines(plan.to_outputs()):
        console.say(line)
    outputs.write(plan.to_outputs(), os.environ)


def parse_parameters(text: str) -> dict[str, Any]:
    """Return the notebook parameters in a JSON object; none for an empty text."""
    try:
        parameters = json.loads(text.strip() or "{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise DriftMonitorError('--parameters: not JSON; write it as {"rows": 500}.') from None
    if not isinstance(parameters, dict):
        raise DriftMonitorError('--parameters: not a JSON object; write it as {"rows": 500}.')
    return parameters


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def read_crons(workflow: Path = WORKFLOW) -> list[str]:
    """Return the crons of the daily workflow: the daily one first, then those that catch up."""
    try:
        document = yaml.safe_load(read_file(workflow))
        triggers = document["on"] if "on" in document else document[True]  # PyYAML reads a bare `on` as true
        crons = [entry["cron"] for entry in triggers["schedule"]]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
        raise DriftMonitorError(f"{workflow}: its schedule cannot be read; restore the file.") from None
    if not crons:
        raise DriftMonitorError(f"{workflow}: no cron in its schedule; restore the file.")
    return crons


def scheduled_date(fired: str, crons: Sequence[str], now: dt.datetime) -> dt.date:
    """Return the run date: the day on which the daily cron was last due when `fired` was last due."""
    return _last_due(crons[0], _last_due(fired, now)).date()


def _last_due(cron: str, moment: dt.datetime) -> dt.datetime:
    times = CRON.fullmatch(cron.strip())
    if not times:
        raise DriftMonitorError(
            f"{WORKFLOW}: cron {cron!r} has no single time; give one minute and one hour: '0 9 * * *'."
        )
    due = moment.replace(hour=int(times[2]), minute=int(times[1]), second=0, microsecond=0)
    return due if due <= moment else due - dt.timedelta(days=1)
