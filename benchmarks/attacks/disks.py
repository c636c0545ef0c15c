"""A full disk: a file may have no more than a few bytes, or the file system is full; then there is room again."""

import datetime as dt
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.attacks.records import lacks, stages
from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import NEIGHBOURS, World

PAGE = 4_096  # bytes that a file system gives to a file at a time
FULL = (0, 100, 4_096, 20_000, 100_000)  # bytes that one file may have


def attack(folder: Path, tries: int, tally: Tally) -> None:
    """Run a day with room, then stages on a full disk, then with room again."""
    for number in range(tries):
        with World(folder / f"{number}") as world:
            once(world, tally)


def once(world: World, tally: Tally) -> None:
    """Try one day on a full disk, after one with room."""
    for name, status in NEIGHBOURS.items():
        world.report(name, 0, status)
    problems = stages(world, 0)
    for name, status in NEIGHBOURS.items():
        world.report(name, 1, status)
    done = []
    for stage in random.choices(("record", "publish", "alert", "", "execute"), k=3):
        if random.random() < 0.5 and stage != "execute":
            with filled(world.state):
                ended = world.run(stage, 1)
            done.append(f"{stage or 'run'} without room")
        else:
            limit = random.choice(FULL)
            ended = world.run(stage, 1, file_bytes=limit)
            done.append(f"{stage or 'run'} with {limit} bytes a file")
        problems += world.console_problems(ended)
    world.add_neighbours()
    problems += world.console_problems(world.run("", 1))
    problems += world.console_problems(world.run("alert", 1, ahead=dt.timedelta(days=1)))
    missing = lacks(world, NEIGHBOURS)
    tally.note(1, [f"{', '.join(done)}: {each}" for each in problems + missing], lost=len(missing), leaks=world.leaks())


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Put the folder on a file system with little room while the block runs, where mounting is allowed."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(-(-path.stat().st_size // PAGE) * PAGE for path in files) + random.choice([2, 16, 64]) * PAGE
    aside, kept = folder.with_name("aside"), folder.with_name("kept")
    folder.rename(aside)
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        aside.rename(folder)
        yield
        return
    subprocess.run(["cp", "-a", f"{aside}/.", folder], check=True)
    yield
    subprocess.run(["cp", "-a", folder, kept], check=True)
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()
    kept.rename(folder)
    shutil.rmtree(aside)
