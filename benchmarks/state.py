"""Measure the state branch: repository and site sizes over a year of daily runs, and rows lost by concurrent runs.

Usage: .venv/bin/python benchmarks/state.py [--monitors 2] [--days 365] [--racers 8] [--rounds 3] [--by-monitors]

First, concurrent runs load, record and save at once, each in a process and a clone of its own; then the rows of the
history are counted. After that, every day is simulated: each monitor records a compared day of 30 columns and writes a
report of typical size, old reports are removed by the retention rule, and the state is saved to a bare origin as a run
on GitHub saves it. The sizes are those of the reports kept, of the origin's `.git` with the kept histories before and
after `git gc`, of a clone of the state branch alone, and of the site. With --by-monitors, it prints instead what 1 to
50 monitors take on GitHub.
"""

import argparse
import base64
import datetime as dt
import functools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import history_size, storage  # noqa: E402
from driftmonitor.config.params import Monitor  # noqa: E402
from driftmonitor.facts.record import RunRecord  # noqa: E402
from driftmonitor.pipeline import pages, retention  # noqa: E402
from driftmonitor.pipeline.alerts.planning import planner  # noqa: E402
from driftmonitor.pipeline.github.git import Clone  # noqa: E402
from driftmonitor.pipeline.github.state import BRANCH, StateBranch  # noqa: E402
from driftmonitor.pipeline.history import History, open_history  # noqa: E402

FIRST_DAY = dt.date(2026, 1, 1)
PICTURE_BYTES, EVIDENTLY_NUMBERS = 60_000, 12_000
WEEKS_OF_DRIFT = (10, 30)  # weeks of the year in which the data drifts
KEEP_DAYS = 90
MB = 1_000_000


def git(*arguments: object) -> str:
    """Run git and return what it prints."""
    return subprocess.run(["git", *map(str, arguments)], check=True, capture_output=True, text=True).stdout.strip()


def make_origin(folder: Path) -> Path:
    """Return a bare origin with a main branch."""
    git("init", "-q", "-b", "main", folder / "seed")
    who = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
    git("-C", folder / "seed", *who, "commit", "-q", "--allow-empty", "-m", "x")
    git("clone", "-q", "--bare", folder / "seed", folder / "origin.git")
    return folder / "origin.git"


def make_clone(origin: Path, name: str) -> StateBranch:
    """Return the state branch of a new clone, shallow like a workflow's."""
    git("clone", "-q", "--branch", "main", "--depth=1", f"file://{origin}", origin.parent / name)
    return StateBranch(origin.parent / name / "state", Clone(origin.parent / name, os.environ))


def at(branch: StateBranch, day: dt.date) -> StateBranch:
    """Return the branch as git's clock would have it on that day."""
    return StateBranch(branch.state_dir, Clone(branch.clone.root, os.environ | {"GIT_COMMITTER_DATE": f"{day}T09:05Z"}))


@functools.cache
def compared_days() -> list[RunRecord]:
    return history_size.make_days(30)


def make_record(monitor: str, day: dt.date) -> RunRecord:
    """Return a day's record of 30 compared columns; in some weeks it is a drift day."""
    drifted = day.isocalendar().week in WEEKS_OF_DRIFT
    days = compared_days()
    told = {"monitor": monitor, "run_date": day, "status": "drift" if drifted else "healthy", "drifted": drifted}
    return days[day.toordinal() % len(days)].model_copy(update=told | {"drift_share": 0.3 if drifted else 0.0})


def put(state_dir: Path, history: History, record: RunRecord) -> None:
    """Record a run and write its report: a notebook with a figure, Evidently's page, the record."""
    history.record(record, planner(), dt.datetime.combine(record.run_date, dt.time(9, 4), dt.UTC))
    folder = state_dir / "reports" / record.monitor / f"{record.run_date}"
    folder.mkdir(parents=True)
    draw = random.Random(str(folder))
    picture = base64.b64encode(draw.randbytes(PICTURE_BYTES)).decode()
    shown = {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "show()",
        "outputs": [shown],
        "execution_count": 1,
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "notebook.ipynb").write_text(json.dumps(notebook))
    numbers = ",".join(f"{draw.gauss(0, 1):.6f}" for _ in range(EVIDENTLY_NUMBERS))
    (folder / "evidently.html").write_text(f"<!doctype html><script>[{numbers}]</script>")
    (folder / "record.json").write_text(record.to_json())


def days_of(state_dir: Path) -> dict[str, set[dt.date]]:
    """Return each monitor's days in the history."""
    with open_history(state_dir / "history.db") as history:
        return {name: {run.run_date for run in history.runs(name)} for name in history.monitors()}


def size(folder: Path) -> float:
    """Return a folder's size in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MB


def run_days(folder: Path, names: list[str], days: int) -> None:
    """Save the state every day, and print the sizes once a month."""
    origin = make_origin(folder)
    branch = make_clone(origin, "clone")
    print("day  reports kept: number     MB   .git MB   after gc  of reports   clone MB  history MB   site MB   run s")
    for number in range(1, days + 1):
        started = time.monotonic()
        with open_history(branch.state_dir / "history.db") as history:
            for name in names:
                put(branch.state_dir, history, make_record(name, FIRST_DAY + dt.timedelta(number - 1)))
            retention.prune(history, branch.state_dir / "reports", dict.fromkeys(names, KEEP_DAYS))
        at(branch, FIRST_DAY + dt.timedelta(number - 1)).save(lambda: days_of(branch.state_dir))
        seconds = time.monotonic() - started
        if number % 30 == 0 or number in (1, days):
            print_sizes(origin, branch.state_dir, names, number, seconds)


def print_sizes(origin: Path, state_dir: Path, names: list[str], number: int, seconds: float) -> None:
    """Print one line of the table."""
    kept, before = size(state_dir / "reports"), size(origin)
    git("-C", origin, "gc", "-q", "--prune=now")
    with tempfile.TemporaryDirectory() as scratch:
        git("clone", "-q", "--bare", "--single-branch", "--branch", BRANCH, f"file://{origin}", Path(scratch, "c"))
        clone = size(Path(scratch, "c"))
    now = dt.datetime.combine(FIRST_DAY + dt.timedelta(number), dt.time(9), dt.UTC)
    site = state_dir.parent / "site"
    monitors = [Monitor(name, Path(f"params/{name}.yaml")) for name in names]
    with open_history(state_dir / "history.db") as history:
        pages.publish(history, state_dir / "reports", site, monitors, now)
    count = len(list((state_dir / "reports").glob("*/*/record.json")))
    after, rows = size(origin), (state_dir / "history.db").stat().st_size / MB
    print(
        f"{number:3}{count:22,}{kept:8.1f}{before:10.1f}{after:11.1f}{after / kept:11.2f}x{clone:11.1f}{rows:12.2f}"
        f"{size(site):10.1f}{seconds:8.2f}",
        flush=True,
    )


def race(origin: Path, racer: int, number: int) -> None:
    """Be one of the concurrent runs: load, record a day of an own and of a shared monitor, and save."""
    branch = make_clone(origin, f"racer-{racer}-{number}")
    branch.load()
    branch.state_dir.mkdir(exist_ok=True)
    with open_history(branch.state_dir / "history.db") as history:
        put(branch.state_dir, history, make_record(f"own{racer}", FIRST_DAY + dt.timedelta(number)))
        put(branch.state_dir, history, make_record("shared", FIRST_DAY + dt.timedelta(100 * number + racer)))
    branch.save(lambda: days_of(branch.state_dir))


def run_races(folder: Path, racers: int, rounds: int) -> None:
    """Start concurrent runs, and print how many of the recorded rows the branch has."""
    origin = make_origin(folder)
    started = time.monotonic()
    with ProcessPoolExecutor(racers) as pool:
        for number in range(rounds):
            list(pool.map(race, [origin] * racers, range(racers), [number] * racers))
    seconds = time.monotonic() - started
    branch = make_clone(origin, "after")
    branch.load()
    kept = sum(map(len, days_of(branch.state_dir).values()))
    reports = len(list((branch.state_dir / "reports").glob("*/*/record.json")))
    expected = 2 * racers * rounds
    commits = git("-C", origin, "rev-list", "--count", BRANCH)
    print(
        f"{racers} concurrent runs, {rounds} times: {expected} rows expected, {kept} kept, {expected - kept} lost;",
        end=" ",
    )
    print(f"{reports} reports kept; {commits} commit on the branch; {seconds:.1f} s")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, default in {"monitors": 2, "days": 365, "racers": 8, "rounds": 3}.items():
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--by-monitors", action="store_true")
    given = parser.parse_args()
    if given.by_monitors:
        storage.print_table()
        return
    if given.racers and given.rounds:
        with tempfile.TemporaryDirectory() as scratch:
            run_races(Path(scratch), given.racers, given.rounds)
    if given.days:
        with tempfile.TemporaryDirectory() as scratch:
            run_days(Path(scratch), [f"monitor{n}" for n in range(given.monitors)], given.days)


if __name__ == "__main__":
    main()
