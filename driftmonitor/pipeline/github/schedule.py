"""Plan a run on GitHub: which monitors, in which jobs, for which day."""

import datetime as dt
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.github import outputs, step_summary
from driftmonitor.pipeline.github.crons import date_by_hand, read_crons, scheduled_date
from driftmonitor.pipeline.github.git import scratch
from driftmonitor.pipeline.github.git_command import Silent
from driftmonitor.pipeline.github.run_summary import summarise_plan
from driftmonitor.pipeline.github.state import state_branch
from driftmonitor.pipeline.github.this_run import created_at, is_repeated
from driftmonitor.pipeline.job import Job

MONITORS_PER_JOB = 10
MAX_JOBS = 256  # GitHub's limit on a matrix


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


def plan_run(job: Job, fired: str, parameters: str, environ: Mapping[str, str] = os.environ) -> Plan:
    """Return the plan of a run that the cron `fired` started ("": by hand).

    A scheduled run leaves out monitors that are recorded, unless it is repeated: then it does its whole day again.
    """
    job = replace(job, parameters={**job.parameters, **parse_parameters(parameters)})
    names = tuple(monitor.name for monitor in job.monitors())
    plan = Plan(names, _run_date(job, fired, environ), job.parameters, job.force)
    return _leave_out_recorded(plan, job) if fired and not is_repeated(environ) else plan


def _run_date(job: Job, fired: str, environ: Mapping[str, str]) -> dt.date:
    if job.is_dated:
        return job.run_date
    crons, moment = read_crons(), created_at(environ, job.now)
    date = scheduled_date(fired, crons, moment) if fired else date_by_hand(crons, moment)
    return date - dt.timedelta(job.days_ago)


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


def print_outputs(plan: Plan) -> None:
    """Print the plan, a name and a JSON value on each line; on GitHub, hand it to other jobs and to the run's page."""
    for line in outputs.to_lines(plan.to_outputs()):
        console.say(line)
    outputs.write(plan.to_outputs(), os.environ)
    step_summary.append(summarise_plan(len(plan.monitors), len(plan.shards), plan.run_date))


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
