"""Measure how soon a broken dependence is seen, and what watching it costs: messages, time and bytes.

Usage: python -m benchmarks.dependence [--references 4] [--trials 20] [--seed N] [--days 598] [--only cost]
"""

import argparse
from collections import Counter
from collections.abc import Sequence

import numpy as np

from benchmarks.dependence.cost import print_cost
from benchmarks.dependence.monitor import Monitor, Seen, count_messages, judge_last, without_dependence
from benchmarks.dependence.worlds import CHANGES, WORLDS
from driftmonitor.budget.days import DailySignals
from driftmonitor.budget.policy import GAP_DAYS, baseline_days

WARM_UP = baseline_days(4) + GAP_DAYS
WORLDS_OF_CHANGES = ("independent", "day effects", "week", "dependence varies")


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--references", type=int, default=4)
    parser.add_argument("--trials", type=int, default=20, help="of each change, for each reference")
    parser.add_argument("--days", type=int, default=WARM_UP + 365, help="without a change, for each reference")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--only", choices=("changes", "messages", "cost"))
    given = parser.parse_args()
    if given.only in (None, "changes"):
        print_changes(given.references, given.trials, given.seed)
    if given.only in (None, "messages"):
        print_messages(given.references, given.days, given.seed)
    if given.only in (None, "cost"):
        print_cost()


def print_changes(references: int, trials: int, seed: int) -> None:
    """Print the share of changes that are seen on their first day, and how often dependence is what names them."""
    print("| change | " + " | ".join(WORLDS_OF_CHANGES) + " | without dependence | named by |")
    print("|---|" + "---|" * (len(WORLDS_OF_CHANGES) + 2))
    found = {world: _try_changes(world, references, trials, seed) for world in WORLDS_OF_CHANGES}
    for change in CHANGES:
        rates = [f"{np.mean([each.drift for each in found[world][change]]):.2f}" for world in found]
        of_all = [each for world in found for each in found[world][change]]
        without = np.mean([each.without for each in of_all])
        named = Counter(each.strongest for each in of_all).most_common(2)
        words = ", ".join(f"{kind} {count / len(of_all):.0%}" for kind, count in named)
        print(f"| {change} | {' | '.join(rates)} | {without:.2f} | {words} |", flush=True)


def _try_changes(world: str, references: int, trials: int, seed: int) -> dict[str, Sequence[Seen]]:
    found: dict[str, list[Seen]] = {change: [] for change in CHANGES}
    for reference in range(references):
        monitor = Monitor(world, WARM_UP, np.random.default_rng([seed, 1, reference]))
        before = monitor.table(monitor.evidence)
        for change in CHANGES:
            for _ in range(trials):
                today = monitor.measure(monitor.draw(WARM_UP - 1, change))
                found[change].append(judge_last(monitor.table([*monitor.evidence[:-1], today], before)))
    return {change: tuple(seen) for change, seen in found.items()}


def print_messages(references: int, days: int, seed: int) -> None:
    """Print the messages a year where nothing changes, with and without dependence, and those of the first days."""
    columns = "messages a year", "without dependence", "in the first 233 days", "without dependence"
    print(f"\n| world | {' | '.join(columns)} |\n|---|---|---|---|---|")
    years = (days - WARM_UP) / 365
    for world in WORLDS:
        counts = []
        for reference in range(references):
            daily = _signals(world, days, np.random.default_rng([seed, 2, reference]))
            counts.append([*count_messages(daily, WARM_UP), *count_messages(without_dependence(daily), WARM_UP)])
        early, later, early_without, later_without = np.mean(counts, axis=0)
        error = np.std(counts, axis=0)[1] / years / references**0.5
        of_years = f"{later / years:.1f} ± {error:.1f} | {later_without / years:.1f}"
        print(f"| {world} | {of_years} | {early:.1f} | {early_without:.1f} |", flush=True)


def _signals(world: str, days: int, random: np.random.Generator) -> DailySignals:
    monitor = Monitor(world, days, random)
    return monitor.table(monitor.evidence).signals


if __name__ == "__main__":
    main()
