"""Attack an installation in every way that we know, and count what survived, was lost, was doubled or leaked.

Usage: .venv/bin/python benchmarks/siege.py [--kills 1000] [--inputs 1000] [--only NAME] [--quick] [--seed N]

Everything is real: processes are killed, services on loopback misbehave, branches are fetched and pushed, disks are
full, and a PostgreSQL server is stopped and locked. Beside each hostile input are monitors that must not suffer. A
secret is planted in every variable, in a file and in the rows; afterwards all outputs are searched for them: console,
site, state, branch and messages. Exit code 1 if a promise was broken; the first failures are printed.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.attacks import branches, clocks, databases, disks, endpoints, kills, notebooks, records, tables  # noqa: E402
from benchmarks.attacks.tally import HEADINGS, Tally  # noqa: E402
from tests.postgres import Server, find_binaries  # noqa: E402

SHARES = {  # of --inputs
    "services that misbehave": (endpoints.attack, 0.16),
    "damaged files and history": (records.attack, 0.2),
    "hostile state branches": (branches.attack, 0.12),
    "hostile tables and names": (tables.attack, 0.24),
    "notebooks that misbehave": (notebooks.attack, 0.14),
    "a full disk": (disks.attack, 0.05),
    "clocks that jump": (clocks.attack, 0.05),
}
POSTGRES_SHARE = 0.04


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and run the campaign; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000, help="processes to kill, a third of them with PostgreSQL")
    parser.add_argument("--inputs", type=int, default=1000, help="hostile inputs, over all other attacks")
    parser.add_argument("--only", default="", help="only the attacks whose name contains this")
    parser.add_argument("--quick", action="store_true", help="a try or two of each attack, to check that it works")
    parser.add_argument("--seed", type=int, default=None, help="make the same choices again")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    random.seed(seed)
    kill_tries, inputs = (3, 4) if given.quick else (given.kills, given.inputs)
    print(f"seed {seed}\n{'':34}" + "".join(f"{heading:>10}" for heading in HEADINGS), flush=True)
    tallies = [run(name, attack, tries) for name, attack, tries in plan(kill_tries, inputs) if given.only in name]
    total = Tally("all")
    for tally in tallies:
        for heading in (*HEADINGS, "in_window"):
            setattr(total, heading, getattr(total, heading) + getattr(tally, heading))
    print(total.line())
    for tally in tallies:
        for failure in tally.failures[:12]:
            print(f"  {tally.name}: {failure}")
    return 0 if all(tally.holds for tally in tallies) else 1


def plan(kill_tries: int, inputs: int) -> list[tuple[str, Callable[[Path, int, Tally], None], int]]:
    """Return each attack's name, what it does, and how many tries it makes."""
    own = [(name, attack, max(1, round(share * inputs))) for name, (attack, share) in SHARES.items()]
    return [
        ("kills", kills.attack, kill_tries - kill_tries // 3),
        ("kills, PostgreSQL", partial(with_server, "kills"), kill_tries // 3),
        *own,
        ("PostgreSQL that misbehaves", partial(with_server, "mishaps"), max(1, round(POSTGRES_SHARE * inputs))),
    ]


def with_server(kind: str, folder: Path, tries: int, tally: Tally) -> None:
    """Run an attack that needs a PostgreSQL server of our own."""
    binaries = find_binaries()
    if binaries is None:
        tally.skipped = "this machine has no PostgreSQL server"
        return
    server = Server(binaries)
    try:
        if kind == "kills":
            kills.attack(folder, tries, tally, server)
        else:
            databases.attack(folder, tries, tally, server)
    finally:
        server.remove()


def run(name: str, attack: Callable[[Path, int, Tally], None], tries: int) -> Tally:
    """Make the tries of one attack, print its line and return its counts."""
    tally, started = Tally(name), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="siege-") as folder:
        attack(Path(folder), tries, tally)
    print(f"{tally.line()}   {time.monotonic() - started:.0f} s", flush=True)
    return tally


if __name__ == "__main__":
    sys.exit(main())
