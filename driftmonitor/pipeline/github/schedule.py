"""What one run on GitHub has to do: which monitors, in which jobs, for which day.

GitHub's schedules are late by minutes to hours, so a run's date is that of its schedule, not the clock's.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.github.git import scratch
from driftmonitor.pipeline.github.state import state_branch
from driftmonitor.pipeline.job import Job

WORKFLOW = Path(".github/workflows/drift_check.yml")
MONITORS_PER_JOB = 10
MAX_JOBS = 256  # GitHub's limit on a matrix
CRON = re.compile(r"([0-5]?\d) ([01]?\d|2[0-3])( [0-9*,/A-Za-z-]+){3}")


@dataclass(frozen=True)
class Plan:
    """What a run has to do. `monitors` are names, in order; none means that there is nothing to do."""

    monitors: tuple[str, ...]
    run_date: dt.date
    parameters: Mapping[str, Any]

    @property
    def shards(self) -> list[tuple[str, ...]]:
        """The monitors of each job."""
        size = max(MONITORS_PER_JOB, math.ceil(len(self.monitors) / MAX_JOBS))
        return [self.monitors[start : start + size] for start in range(0, len(self.monitors), size)]

    def to_outputs(self) -> dict[str, Any]:
        """Return what the workflow's other jobs need, each a JSON value.

        `arguments` are the runner's, one a line: a shell reads them with `mapfile` and interprets nothing.
        """
        jobs = [{"index": n, "arguments": self._arguments(names)} for n, names in enumerate(self.shards)]
        return {
            "due": bool(self.monitors),
            "run_date": self.run_date.isoformat(),
            "matrix": {"shard": jobs},
            "arguments": self._arguments(self.monitors),
        }

    def _arguments(self, names: Sequence[str]) -> str:
        lines = ["--date", self.run_date.isoformat()]
        for name in names:
            lines += ["--monitor", name]
        for name, value in self.parameters.items():
            lines += ["-p", name, json.dumps(value)]  # JSON is YAML, which -p reads, and has no line ends
        return "\n".join(lines)


def plan_run(job: Job, fired: str, parameters: str, earlier: Path | None = None) -> Plan:
    """Return what the run that `fired` (a cron, or "" by hand) has to do; a schedule leaves out what is recorded.

    A run that somebody starts again, with what its `earlier` attempts planned, does its own day again, all of it.
    """
    job = replace(job, parameters={**job.parameters, **parse_parameters(parameters)})
    names, run_date = [monitor.name for monitor in job.monitors()], job.run_date
    planned = earlier and planned_date(earlier)
    if planned:
        run_date = planned
    elif fired:
        run_date = scheduled_date(fired, read_crons(), job.now)
        recorded = state_branch(job.state_dir).recorded()
        names = [name for name in names if run_date not in recorded.get(name, ())]
    return Plan(tuple(names), run_date, job.parameters)


def write_pasts(job: Job, planned: Plan, folder: Path) -> None:
    """Write for the plan's monitors the days before its own, which the jobs that run the notebooks can't look up.

    Where the history isn't on the branch, none: it may be in a database, and then only recording knows it.
    """
    from driftmonitor.pipeline import earlier_days

    with scratch() as state_dir:
        state_branch(state_dir).load_history()
        asked = replace(job, run_date=planned.run_date, state_dir=state_dir)
        if planned.monitors and asked.has_history():
            folder.mkdir(parents=True, exist_ok=True)
            earlier_days.write_pasts(
                asked, [each for each in asked.monitors() if each.name in planned.monitors], folder
            )


def planned_date(folder: Path) -> dt.date | None:
    """Return the day that an earlier attempt planned, of those whose outputs lie in a folder; None if none did."""
    for path in sorted(folder.rglob("outputs")):
        found = re.search(r'^run_date="(\d{4}-\d\d-\d\d)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return dt.date.fromisoformat(found[1])
    return None


def say_outputs(plan: Plan) -> None:
    """Print the plan as GITHUB_OUTPUT takes it: a name and a JSON value on each line."""
    for name, value in plan.to_outputs().items():
        console.say(f"{name}={json.dumps(value)}")


def parse_parameters(text: str) -> dict[str, Any]:
    """Return the notebook parameters that a JSON object names; '' names none."""
    try:
        found = json.loads(text.strip() or "{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise DriftMonitorError('--parameters: not JSON; write it as {"rows": 500}.') from None
    if not isinstance(found, dict):
        raise DriftMonitorError('--parameters: not a JSON object; write it as {"rows": 500}.')
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def read_crons(workflow: Path = WORKFLOW) -> list[str]:
    """Return the crons of the daily workflow; the first is the daily one, the others catch up."""
    try:
        document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        triggers = document["on"] if "on" in document else document[True]  # PyYAML takes a bare `on` for true
        crons = [entry["cron"] for entry in triggers["schedule"]]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
        raise DriftMonitorError(f"{workflow}: its schedule cannot be read; restore the file.") from None
    if not crons:
        raise DriftMonitorError(f"{workflow}: no cron in its schedule; restore the file.")
    return crons


def scheduled_date(fired: str, crons: Sequence[str], now: dt.datetime) -> dt.date:
    """Return the day that a run belongs to: that for which the daily cron was last due when `fired` was last due."""
    return _last_due(crons[0], _last_due(fired, now)).date()


def _last_due(cron: str, moment: dt.datetime) -> dt.datetime:
    found = CRON.fullmatch(cron.strip())
    if not found:
        raise DriftMonitorError(f"{WORKFLOW}: {cron!r}: give one minute and one hour, as in '0 9 * * *'.")
    due = moment.replace(hour=int(found[2]), minute=int(found[1]), second=0, microsecond=0)
    return due if due <= moment else due - dt.timedelta(days=1)
