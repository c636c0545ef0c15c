"""Measure each rule's false alarms without drift, and its detection rate for twelve drifts.

Usage: python -m benchmarks.budget12 [--quick] [--seed N] [--out FOLDER] [--parts PART...] [--peers] [--report]

Writes results.jsonl, one line for each measurement, to FOLDER (outside the clone by default), and prints the tables.
--report only makes the tables and figures again from it. The whole run takes about half an hour on one CPU, --quick
half a minute, and --parts early, a monitor's first 233 days, some minutes.
--peers adds the rules of other packages. Each gets an environment of its own, which is set up in FOLDER.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.budget12 import early, peers, report
from benchmarks.budget12.simulate import simulate
from benchmarks.budget12.worlds import WORLDS

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "drift-monitor/budget12"
FULL = {  # number of references, and years of days for each
    "narrow": {"references": 2, "widths": [3, 10], "years": 3},
    "wide": {"references": 1, "widths": [30], "years": 1},
}
EARLY = {"narrow": {"references": 6, "widths": [3, 10]}, "wide": {"references": 2, "widths": [30]}}
PARTS = [*FULL, "early"]


def run_parts(seed: int, parts: list[str]) -> Iterator[dict]:
    """Yield every result of the whole run, or of the parts that are named."""
    for name, part in FULL.items():
        for reference in range(part["references"] if name in parts else 0):
            yield from simulate(seed + reference, list(WORLDS), part["widths"], [0, 0.5], [1, 10], part["years"])
    for part in EARLY.values():
        for reference in range(part["references"] if "early" in parts else 0):
            yield from early.simulate(seed + reference, part["widths"], correlation=0.5 * (reference % 2))


def run_quick(seed: int) -> Iterator[dict]:
    """Yield a year of one reference in two scenarios, and its first days: enough to check that everything works."""
    yield from early.simulate(seed, [10], 0)
    yield from simulate(seed, ["independent", "weekend"], [3, 10], [0.5], [1], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a year of one reference in two scenarios")
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--out", type=Path, default=CACHE, help="folder for results.jsonl, table.md and the figures")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, help="only these parts of the run")
    parser.add_argument("--peers", action="store_true", help="also measure the rules of other packages")
    parser.add_argument("--report", action="store_true", help="only make the tables and figures from results.jsonl")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    results = given.out / "results.jsonl"
    if not given.report:
        lines = run_quick(given.seed) if given.quick else run_parts(given.seed, given.parts)
        with results.open("w") as file:
            for line in lines:
                file.write(json.dumps(line) + "\n")
                file.flush()
            if given.peers:
                file.writelines(json.dumps(line) + "\n" for line in peers.measure(given.seed, given.out, given.quick))
    print(report.write(results, given.out))


if __name__ == "__main__":
    main()
