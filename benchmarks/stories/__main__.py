"""Print how often the story of an incident says what is not so: run `python -m benchmarks.stories`."""

import datetime as dt
import sys
from itertools import combinations, permutations, product

import numpy as np
import pandas as pd

from benchmarks.stories.worlds import COLUMNS, compare, draw, plain_world
from driftmonitor.facts.moves import APART, TOGETHER, correlation_of
from driftmonitor.facts.story import Note
from driftmonitor.pipeline.alerts.notes_before import find_notes
from driftmonitor.pipeline.alerts.stories import ALIKE, compare_patterns, find_patterns


def together(trials: int) -> None:
    """Print how often a pair is said to go together, or hardly to, by its correlation in the population."""
    print("Go together in the reference: shares of pairs, by their true correlation and the reference's rows")
    print(f"{'correlation':>12} {'rows':>7} {'together':>9} {'hardly':>7}")
    for rows in (2_000, 10_000):
        for correlation in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8):
            said = []
            for seed in range(trials):
                random = np.random.default_rng(seed)
                frame = draw(random, rows, (correlation,) * 4, {})
                tables = compare(frame, draw(random, 300, (correlation,) * 4, {})).evidence.dependence
                said += [abs(correlation_of(tables, (COLUMNS[2 * i], COLUMNS[2 * i + 1]))) for i in range(4)]
            known = np.array(said)
            print(f"{correlation:12.1f} {rows:7,} {(known >= TOGETHER).mean():9.2f} {(known <= APART).mean():7.2f}")


def weather(rows: int) -> None:
    """Print the same of a real table, the hourly weather of eight weeks, beside Spearman's rank correlation."""
    frame = pd.read_parquet("data/weather.parquet").drop(columns="time_hour").head(rows)
    tables = compare(frame, frame.head(300)).evidence.dependence
    numbers = [name for name in tables.columns if frame[name].dtype.kind in "fi"]
    ranks = frame[numbers].corr("spearman").abs()
    pairs = [(abs(correlation_of(tables, pair)), ranks.loc[pair]) for pair in combinations(numbers, 2)]
    together_ranks = [rank for said, rank in pairs if said >= TOGETHER]
    apart_ranks = [rank for said, rank in pairs if said <= APART]
    print(f"\nWeather: {len(pairs)} pairs of numbers; {len(together_ranks)} go together, with rank correlations from")
    print(f"{min(together_ranks):.2f} on; {len(apart_ranks)} hardly do, up to {max(apart_ranks):.2f}")


def patterns(trials: int) -> None:
    """Print how often an incident is said to be as an earlier one, of the same cause and of another."""
    world, random = plain_world(), np.random.default_rng(1)
    causes = [_draw_cause(random, 1 + number % 3) for number in range(trials)]
    found = [(cause, world.incident(cause), world.incident(_again(random, cause))) for cause in causes]
    print(f"\nAs an earlier incident: {trials} causes of one to three of eight columns, each twice; shares that say so")
    print(f"{'days':>5} {'at least':>9} {'same cause':>11} {'other':>7} {'of one column':>14} {'of ten others':>14}")
    for days, least in product((1, 3), (0.5, 0.6, ALIKE, 1.0)):
        known = [(cause, find_patterns(one)[-1], find_patterns(other[:days])) for cause, one, other in found]
        same = np.mean([_compare(one, other) >= least for _, one, other in known])
        others = [
            (len(one[0]) == len(other[0]) == 1, _compare(one[1], other[2]) >= least)
            for one, other in permutations(known, 2)
        ]
        every = np.mean([said for _, said in others])
        single = np.mean([said for is_single, said in others if is_single])
        print(f"{days:5} {least:9.2f} {same:11.2f} {every:7.3f} {single:14.3f} {1 - (1 - every) ** 10:14.2f}")


def _compare(earlier: frozenset, patterns: list[frozenset]) -> float:
    return max(compare_patterns(earlier, pattern) for pattern in patterns)


def _draw_cause(random: np.random.Generator, columns: int) -> dict[str, float]:
    names = random.choice(COLUMNS, columns, replace=False)
    return {str(name): random.choice([-1, 1]) * random.uniform(0.25, 1) for name in names}


def _again(random: np.random.Generator, cause: dict[str, float]) -> dict[str, float]:
    return {name: shift * random.uniform(0.8, 1.25) for name, shift in cause.items()}


def orders(trials: int) -> None:
    """Print how often columns that changed on one day are said to have changed one after the other."""
    world, random = plain_world(), np.random.default_rng(2)
    print("\nOrder of two columns that changed on the same day (c0 and c6, which do not go together)")
    print(f"{'SD':>5} {'same day':>9} {'one later':>10} {'one not seen':>13}")
    for size in (0.15, 0.2, 0.3, 0.5):
        first = []
        for _ in range(trials):
            days = world.incident({"c0": size, "c6": size * random.choice([-1, 1])}, 3)
            seen = [
                next((n for n, moves in enumerate(days) if any(name in move.columns for move in moves)), None)
                for name in ("c0", "c6")
            ]
            first.append("not" if None in seen else "same" if seen[0] == seen[1] else "later")
        same, later, unseen = (first.count(kind) / trials for kind in ("same", "later", "not"))
        print(f"{size:5.2f} {same:9.2f} {later:10.2f} {unseen:13.2f}")


def notes(trials: int) -> None:
    """Print how often an incident that has nothing to do with any note is said to come after one."""
    print("\nNotes at random days, incidents at others: the share that names a note, and the share it says by chance")
    print(f"{'notes a year':>13} {'named':>7} {'said':>7}")
    random, start = np.random.default_rng(3), dt.date(2026, 6, 1)
    for a_year in (1, 4, 12, 26, 52, 200):
        found = []
        for _ in range(trials):
            days = random.choice(730, 2 * a_year, replace=False) - 365
            found.append(find_notes([Note(start - dt.timedelta(int(day)), "x") for day in days], start))
        said = [each.share or 0.0 for each in found if each]
        print(f"{a_year:13} {len(said) / trials:7.3f} {np.mean(said) if said else 0:7.3f}")


PARTS = {
    "together": (together, 20),
    "weather": (weather, 4000),
    "patterns": (patterns, 90),
    "orders": (orders, 40),
    "notes": (notes, 2000),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        part, trials = PARTS[name]
        part(trials)
