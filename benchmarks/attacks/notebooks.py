"""Notebooks that misbehave: their own monitor fails, the others go on, no secret is read, and no process is left."""

import random
import time
import uuid
from pathlib import Path

from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import CELLS, World, choose, in_batches

AT_ONCE = 5
SECONDS = 8  # a notebook's time limit


def attack(folder: Path, tries: int, tally: Tally) -> None:
    """Run misbehaving notebooks beside the neighbours, a few at once, as a user starts them."""
    for world, numbers in in_batches(folder, tries, AT_ONCE):
        once(world, numbers, tally)


def once(world: World, numbers: range, tally: Tally) -> None:
    """Run one misbehaving notebook for each number."""
    world.add_neighbours()
    cells, done, mark = read_cells(), [], f"siege-{uuid.uuid4().hex}"
    for number in numbers:
        name = choose(cells, number)
        done.append(name)
        cell = cells[name].replace("SECRET_FILE", str(world.secret_file)).replace("MARK", mark)
        order = [CELLS[0], cell, CELLS[1]] if random.random() < 0.7 else [*CELLS, cell]
        world.monitor(f"hostile{number}", "share: 0.0", world.own_notebook(f"hostile{number}", *order), SECONDS)
    ended = world.run_from_shell("")
    problems = world.complaints(ended)
    problems += [f"{left} processes of a notebook are left" for left in [count_left(mark)] if left]
    leaks = world.leaks()
    tally.note(
        len(numbers),
        [f"{', '.join(done)}: {each}" for each in problems],
        leaks=[f"{', '.join(done)}: {e}" for e in leaks],
    )


def count_left(mark: str) -> int:
    """Return how many processes with `mark` in their command line still run, two seconds after the run."""
    time.sleep(2)
    left = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "cmdline").read_bytes():
                left += 1
        except OSError:
            continue
    return left


def read_cells() -> dict[str, str]:
    """Return the cells of `cells.txt` by what they do. SECRET_FILE and MARK in them are replaced."""
    parts = (Path(__file__).parent / "cells.txt").read_text(encoding="utf-8").split("# %% ")[1:]
    return {name: code for name, _, code in (part.partition("\n") for part in parts)}
