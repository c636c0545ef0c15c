"""Clocks that jump: a machine's clock was years ahead or behind for some runs, and nothing may stay silent for it."""

import datetime as dt
import random
from pathlib import Path

from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import World
from tests.samples import day
from tests.servers import Answer, Hang, HangUp

BAD = (Answer(500), HangUp(), Hang(), Answer(429, b"", {"Retry-After": "3600"}))
JUMPS = (-3650, -400, -2, -1 / 24, 0, 0, 1 / 24, 2, 400, 1500, 3650, 20_000)  # days


def attack(folder: Path, tries: int, tally: Tally) -> None:
    """Record and send with a clock that jumps while the service fails; then all is well and the clock is right."""
    for number in range(tries):
        with World(folder / f"{number}") as world:
            once(world, tally)


def once(world: World, tally: Tally) -> None:
    """Try some jumps, one of them killed while it sends."""
    world.answer = lambda request: random.choice(BAD)
    world.report("moved", 0, "drift")
    world.report("calm", 0, "healthy")
    jumps = random.choices(JUMPS, k=3)
    problems = []
    for days in jumps:
        ahead = dt.timedelta(days=days)
        problems += world.console_problems(world.run("record", ahead=ahead))
        process = world.start("alert", 0, ahead=ahead)
        process.join(random.random())
        process.kill()
        process.join()
        world.killed.add(world.children)
        problems += world.console_problems(world.run("alert", ahead=ahead))
    world.answer = lambda request: Answer(200, {"id": "7"})
    for hours in (0, 26):  # by then any wait that the rules allow is over
        problems += world.console_problems(world.run("alert", ahead=dt.timedelta(hours=hours)))
    problems += world.console_problems(world.run("publish"))
    lost = not world.times(f"moved:{day(0)}:drift_started")
    if lost:
        problems.append("moved's alert never came")
    doubled, in_window = world.doubled()
    tally.doubled += doubled
    tally.in_window += in_window
    tally.note(1, [f"clock ahead by {jumps} days: {each}" for each in problems], lost=int(lost), leaks=world.leaks())
