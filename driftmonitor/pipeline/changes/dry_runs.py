"""Run monitors as the files of one folder say, in a process and a state of their own: nothing is kept or sent."""

import datetime as dt
import json
import os
import shutil
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.facts.record import RunRecord, failed, read_report
from driftmonitor.formats import one_line
from driftmonitor.pipeline import processes
from driftmonitor.pipeline.changes.touched import Tree
from driftmonitor.pipeline.job import Job
from driftmonitor.regular_files import Folder

MOST_SECONDS = 3 * 3600.0
# A dry run gets no other history than its copy, and what it prints is not this command's.
LEFT_OUT = ("DRIFT_DATABASE_URL", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GITLAB_TOKEN")


@dataclass(frozen=True)
class DryRuns:
    """Runs of the monitors of a tree, whose reports come to `state_dir`, beside a copy of the history."""

    tree: Tree
    state_dir: Path
    job: Job
    python: str = sys.executable

    def __post_init__(self) -> None:
        """Copy the history: another version of the code may convert it."""
        self.state_dir.mkdir()
        for path in self.job.state_dir.glob("history.db*"):
            shutil.copy(path, self.state_dir)

    def run(self, days: Mapping[str, dt.date]) -> dict[str, RunRecord]:
        """Run each monitor for its day and return the records by monitor; a monitor that left none has failed."""
        records: dict[str, RunRecord] = {}
        for day in sorted(set(days.values())):
            monitors = sorted(name for name in days if days[name] == day)
            why = _start(self._command(monitors, day), self.tree.root)
            records |= {name: self._read(name, day, why) for name in monitors}
        return records

    def last_days(self, monitors: Collection[str]) -> dict[str, dt.date]:
        """Return the last recorded day before the run date on which each of the monitors had data, by monitor."""
        from driftmonitor.pipeline.history import open_history

        path, days = self.state_dir / "history.db", {}
        if monitors and path.exists():
            with open_history(path) as history:
                runs = [run for name in monitors for run in history.runs(name) if run.status != "failed"]
            days = {run.monitor: run.run_date for run in runs if run.run_date < self.job.run_date}  # the last one stays
        return days

    def _command(self, monitors: Iterable[str], day: dt.date) -> list[str]:
        named = [word for name in monitors for word in ("--monitor", name)]
        given = [word for name, value in self.job.parameters.items() for word in ("-p", name, json.dumps(value))]
        folders = ["--params", str(self.tree.params), "--state", str(self.state_dir)]
        site = ["--site", str(self.state_dir.with_name(f"{self.state_dir.name}-site"))]
        program = [self.python, str(self.tree.root / "runner.py"), "execute", "--keep-going"]
        return [*program, "--date", f"{day}", "--jobs", f"{self.job.jobs}", *folders, *site, *named, *given]

    def _read(self, monitor: str, day: dt.date, why: str) -> RunRecord:
        try:
            return read_report(Folder(self.state_dir / "reports") / monitor / f"{day}")
        except DriftMonitorError as error:
            return failed(monitor, day, why or str(error))


def _start(command: Sequence[str], folder: Path) -> str:
    """Run the command and return the last line of its errors."""
    try:
        ended = processes.run(command, clean_environment(), MOST_SECONDS, folder=folder)
    except processes.OutOfTime:
        return f"stopped after {MOST_SECONDS / 3600:.0f} hours"
    lines = ended.errors.decode("utf-8", "replace").splitlines()
    return one_line(lines[-1].removeprefix("error: "), 300) if lines else ""


def clean_environment() -> dict[str, str]:
    """Return an environment in which a program reaches no history but a copy, and writes nothing to the run's page."""
    return {name: value for name, value in os.environ.items() if name not in LEFT_OUT}


def unset_variables(passed: Mapping[str, Sequence[str]], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the first environment variable that each monitor's notebook needs and that is not set here."""
    unset = {monitor: [name for name in names if not environ.get(name)] for monitor, names in passed.items()}
    return {monitor: names[0] for monitor, names in unset.items() if names}
