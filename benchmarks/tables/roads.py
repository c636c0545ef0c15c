"""Take days of real tables along every road to a verdict, and list each field of a record that differs.

Usage: python -m benchmarks.tables.roads FOLDER [--only NAME ...] [--days 15] [--after 0 230] [--live 4]

For each number of --after: some days around the first drift day after so many days; for 0, the first days of the
table. The roads are `backfill --pages none`, which compares by numbers; `backfill --pages all`, which runs a notebook
for each day; live runs of some days, drift days among them; and `backtest`, which gives drift days and their columns.
"""

import argparse
import datetime as dt
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.tables.compare import compare
from benchmarks.tables.known import Table, read_known
from driftmonitor import ROOT
from driftmonitor.facts.backtest import NAME, Backtest
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.trials.backtests import judge_in_turn
from driftmonitor.pipeline.trials.replay import NAMED

BUDGET = 4
BEFORE = 2  # days of a stretch, before the drift day that it was chosen for
RAN, A_MONITOR_FAILED = 0, 1  # exit codes; a day without data is a failed run
OWN = {"duration_seconds"}  # of a record: differs between any two runs
Records = Mapping[dt.date, Mapping[str, Any]]


@dataclass(frozen=True)
class Roads:
    """The runs of one table, each road with a state of its own in `folder`."""

    table: Table
    folder: Path

    def run(self, state: str, *words: str) -> None:
        """Run the command line on a state."""
        folders = ["--params", self.folder / "params", "--state", self.folder / state, "--site", self.folder / "site"]
        command = [sys.executable, "runner.py", *words, *map(str, folders)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode not in (RAN, A_MONITOR_FAILED) or "Traceback" in done.stderr:
            raise SystemExit(f"{self.table.name}: {' '.join(words)}: {done.stderr or done.stdout}")

    def backfill(self, state: str, days: Sequence[dt.date], pages: str) -> None:
        """Backfill days in a row."""
        if days:
            self.run(state, "backfill", "--from", f"{days[0]}", "--to", f"{days[-1]}", "--pages", pages)

    def copy(self, state: str, to: str) -> None:
        """Copy a state, if there is one yet."""
        if (self.folder / state).exists():
            shutil.copytree(self.folder / state, self.folder / to)

    def records(self, state: str, days: Sequence[dt.date]) -> Records:
        """Return the records of these days."""
        with open_history(self.folder / state / "history.db") as history:
            found = history.records(self.table.name, days[0])
        return {each.run_date: each.model_dump(mode="json", exclude=OWN) for each in found if each.run_date <= days[-1]}

    def backtest(self, state: str, days: Sequence[dt.date]) -> dict[dt.date, list[str]]:
        """Return the drift days of a backtest, each with its columns."""
        self.run(state, "backtest", "--from", f"{days[0]}", "--to", f"{days[-1]}", "--rule", f"budget:{BUDGET}")
        path = self.folder / state / "reports" / self.table.name / NAME
        found = Backtest.model_validate_json(path.read_bytes())
        return {day.date: list(day.columns) for day in found.rules[0].alarms}


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """Yield the paths of the fields in which two records differ, with both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            yield from differences(one.get(name), other.get(name), f"{where}.{name}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{where}[{number}]")
    elif one != other:
        yield f"{where}: {json.dumps(one)[:60]} and {json.dumps(other)[:60]}"


def take(roads: Roads, before: Sequence[dt.date], days: Sequence[dt.date], live: int) -> Iterator[str]:
    """Yield a line for each difference between the roads on `days`, after those `before`."""
    roads.backfill("start", before, "none")
    for state in ("numbers", "notebooks", "trial"):
        roads.copy("start", state)
    roads.backfill("numbers", days, "none")
    numbers = roads.records("numbers", days)
    roads.backfill("notebooks", days, "all")
    yield from _compare("notebooks", numbers, roads.records("notebooks", days))
    tested = roads.backtest("trial", days)
    drift = {day: record for day, record in numbers.items() if record["status"] == "drift"}
    named = {day: _named(record) for day, record in drift.items()}
    yield from _compare("backtest", named, tested)
    roads.copy("numbers", "live")
    healthy = [day for day in numbers if day not in drift]
    chosen = [*list(drift)[: max(1, live - 1)], *healthy[:1], *healthy[::-1]][:live]
    for day in chosen:
        roads.run("live", "--date", f"{day}")
    yield from _compare("live", numbers, roads.records("live", days))
    print(f"  {days[0]} to {days[-1]}: {len(numbers)} records, {len(drift)} drift days, {len(chosen)} live", flush=True)


def _named(record: Mapping[str, Any]) -> list[str]:
    """Return the columns that a drift day's backtest keeps."""
    causes = record["judgement"]["causes"]
    return list(dict.fromkeys(name for cause in causes for name in cause["columns"]))[:NAMED]


def _compare(road: str, numbers: Mapping[dt.date, Any], others: Mapping[dt.date, Any]) -> Iterator[str]:
    for day in sorted({*numbers, *others}):
        for line in differences(numbers.get(day), others.get(day)):
            yield f"{day} {road}: {line}"


def _find_drift(table: Table, kept: Path, after: int) -> int:
    """Return the number of the first day, after so many, that is a drift day."""
    with tempfile.TemporaryDirectory() as folder:
        monitor = table.monitor(Path(folder), BUDGET)
        judged = judge_in_turn(monitor, compare(table, monitor, kept))
    days = [table.days.index(record.run_date) for record in judged if record.status == "drift"]
    return next((day for day in days if day >= after), after)


def main() -> None:
    """Read the command line, and print the differences of each table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--days", type=int, default=15)
    parser.add_argument("--after", type=int, nargs="+", default=[0, 230])
    parser.add_argument("--live", type=int, default=4)
    given = parser.parse_args()
    for table in read_known(given.folder, given.only):
        print(table.name, flush=True)
        for after in given.after:
            past = max(0, _find_drift(table, given.folder / "compared", after) - BEFORE) if after else 0
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "params").mkdir()
                table.monitor(Path(folder) / "params", BUDGET)
                days = table.days[past : past + given.days]
                for line in take(Roads(table, Path(folder)), table.days[:past], days, given.live):
                    print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
