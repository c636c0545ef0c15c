"""Count what a person receives in a year without drift, and how soon changes are seen, under the budget rule.

Usage: python -m benchmarks.messages [--references 20] [--seed N] [--only NAME] [--changes | --stated]

A budget of four a year. Messages are started + worsened + reminders, folded as the product does, in two years after the
first 233 days, of which 2.6 are the budget's; beside them, its drift days, and how often a shift of one column that
begins later is seen on its first run and within seven. With --changes, which share of changes is seen on the first day
and within seven, where rows differ by 5% and by 10% from day to day; with --stated, how often the smallest shifts that
the product states are detected.
"""

import argparse

import numpy as np

from benchmarks.messages.changes import CHANGES, seen
from benchmarks.messages.monitor import count_messages, judge, run_world
from benchmarks.messages.shifts import SHIFTS, shifts_seen
from benchmarks.messages.stated import measure
from benchmarks.messages.worlds import WORLDS
from driftmonitor.budget.policy import GAP_DAYS, WEEK_DAYS, baseline_days

WARM_UP = baseline_days(4) + GAP_DAYS
YEARS = 2
SELDOM = ("missing days", "weekly runs", "working days")  # worlds that have no run on each day


def main() -> None:
    """Read the command line and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--references", type=int, default=20)
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--only", default="", help="only worlds whose name contains this")
    parser.add_argument("--changes", action="store_true", help="how soon changes are seen instead")
    parser.add_argument("--stated", action="store_true", help="how often stated shifts are detected instead")
    given = parser.parse_args()
    worlds = [world for world in WORLDS if given.only in world]
    if given.stated:
        print_stated([world for world in worlds if world not in SELDOM], given.references, given.seed)
    elif given.changes:
        print_changes(given.references, given.seed)
    else:
        print_messages(worlds, given.references, given.seed)


def print_messages(worlds: list[str], references: int, seed: int) -> None:
    """Print the messages a year of each world, with their standard error, and those of the warm-up."""
    print("| world | messages a year | drift days a year | in the first 233 days | 0.2 SD | 0.5 SD |")
    print("|---|---|---|---|---|---|")
    means = {}
    for world in worlds:
        counts, found, days = [], [], []
        for reference in range(references):
            random = np.random.default_rng([seed, reference])
            judged = judge(run_world(world, WARM_UP + 365 * YEARS, random))
            early, later = count_messages(judged, WARM_UP)
            counts.append((later / YEARS, early))
            days.append(int(judged.series.drift[judged.run >= WARM_UP].sum()) / YEARS)
            found.append(shifts_seen(judged, WARM_UP, random))
        means[world], at_first = np.mean(counts, axis=0)
        error = np.std(counts, axis=0)[0] / np.sqrt(references)
        rates = np.reshape(found, (-1, len(SHIFTS), 2)).mean(axis=0)
        seen_of = " | ".join(f"{first:.2f} / {week:.2f}" for first, week in rates)
        of_world = f"{means[world]:.1f} ± {error:.1f} | {np.mean(days):.1f} | {at_first:.1f}"
        print(f"| {world} | {of_world} | {seen_of} |", flush=True)
    kept = sum(mean <= 4.5 for mean in means.values())
    print(f"\nAt most 4.5 a year in {kept} of {len(means)} worlds; the most are {max(means.values()):.1f}.")


def print_changes(references: int, seed: int) -> None:
    """Print which share of the changes is seen on the first day, and within seven."""
    found: dict[str, list[tuple[bool, bool]]] = {name: [] for name in CHANGES}
    for reference in range(references):
        random = np.random.default_rng([seed, reference])
        monitor = run_world("independent", WARM_UP + 60 + int(random.integers(60)), random)
        for name in CHANGES:
            days = seen(monitor, name, random)
            found[name].append((days[0], any(days)))
    print("| change | first day | within 7 days |\n|---|---|---|")
    for name, days_seen in found.items():
        first, week = np.mean(days_seen, axis=0)
        print(f"| {name} | {first:.2f} | {week:.2f} |")


def print_stated(worlds: list[str], references: int, seed: int) -> None:
    """Print the stated shifts of a normal column, and how often they and half of them are detected in six weeks."""
    print("| world | stated, first day | 7 days | detected, first day | 7 days | half of it, first day | 7 days |")
    print("|---|---|---|---|---|---|---|")
    for world in worlds:
        found = " | ".join(f"{each:.2f}" for each in measure(world, WARM_UP + WEEK_DAYS, references, 6, seed))
        print(f"| {world} | {found} |", flush=True)


if __name__ == "__main__":
    main()
