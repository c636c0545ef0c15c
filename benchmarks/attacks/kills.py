"""Kill (-9) the runner at a random moment of every stage; each verdict, page and message must still come."""

import datetime as dt
import random
import signal
import time
from pathlib import Path

from benchmarks.attacks.databases import administer
from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import SHARES, World
from benchmarks.delivery import expect
from driftmonitor.pipeline.history import open_history
from tests.postgres import Server
from tests.samples import day
from tests.servers import Answer, Hang, HangUp

STAGES = ("", "execute", "record", "publish", "alert", "backfill")  # "" is the whole run
BAD = (Answer(500), HangUp(), Hang(), Answer(429, b"", {"Retry-After": "7"}), Answer(200, {"id": "7"}, cut=True))
GOOD = Answer(200, {"id": "7"})
MONITORS = ("one", "two", "three")


def attack(folder: Path, tries: int, tally: Tally, server: Server | None = None) -> None:
    """Kill until this many processes have died, with the history in SQLite or in databases of the server."""
    while tally.tried < tries:
        name = f"siege_kills_{tally.tried}"
        if server:
            administer(server, f'CREATE DATABASE "{name}"')
        database = f"{server.url.rsplit('/', 1)[0]}/{name}" if server else ""
        with World(folder / f"{tally.tried}", database) as world:
            kill_for_some_days(world, min(50, tries - tally.tried), tally)


def kill_for_some_days(world: World, tries: int, tally: Tally) -> None:
    """Kill stages of one installation's days; then let all be well, and see what is missing."""
    world.answer = lambda request: random.choice(BAD) if random.random() < 0.2 else GOOD
    took = dict.fromkeys(STAGES, 1.5)
    statuses: dict[str, list[str]] = {name: [] for name in MONITORS}
    kills, number, problems = 0, -1, []
    while kills < tries:
        number += 1
        choose_day(world, statuses)
        for stage in random.choices(STAGES, k=random.randint(3, 6)):
            kills += kill(world, stage, number, took)
        problems += world.console_problems(world.run("", number))
    world.answer = lambda request: GOOD
    world.run("", number, ahead=dt.timedelta(days=2))
    lacks = missing(world, statuses)
    doubled, in_window = world.doubled()
    tally.doubled += doubled
    tally.in_window += in_window
    tally.note(kills, problems + lacks, lost=len(lacks), leaks=world.leaks())


def choose_day(world: World, statuses: dict[str, list[str]]) -> None:
    """Choose each monitor's verdict of the next day, and write it into its params file."""
    for name, earlier in statuses.items():
        earlier.append(random.choice(list(SHARES)))
        world.monitor(name, f"share: {SHARES[earlier[-1]]}", world.notebook)


def kill(world: World, stage: str, number: int, took: dict[str, float]) -> bool:
    """Start a stage and kill it at a random moment; return whether it was still running."""
    options = ("--from", f"{day(number)}", "--to", f"{day(number)}", "--alerts") if stage == "backfill" else ()
    process = world.start(stage, number, *options)
    started = time.perf_counter()
    process.join(random.random() * 1.1 * took[stage])
    process.kill()
    process.join()
    if process.exitcode == -signal.SIGKILL:
        world.killed.add(world.children)
        return True
    took[stage] = 0.8 * took[stage] + 0.2 * (time.perf_counter() - started)
    return False


def missing(world: World, statuses: dict[str, list[str]]) -> list[str]:
    """Return the verdicts, pages and messages that were due and are not there."""
    lacks = []
    with open_history(world.database or world.state / "history.db") as history:
        for name, expected in statuses.items():
            found = {run.run_date: run.status for run in history.runs(name)}
            for number, status in enumerate(expected):
                if found.get(day(number)) != status:
                    lacks.append(f"{name} {day(number)} is {found.get(day(number))} in the history, should be {status}")
                if not (world.site / name / f"{day(number)}" / "index.html").is_file():
                    lacks.append(f"{name} {day(number)} has no page")
            due = {f"{name}:{day(number)}:{kind}" for number, kind in expect(expected)}
            lacks += [f"{event} never came" for event in sorted(due) if not world.times(event)]
    return lacks
