"""Measure how soon a change in one segment is seen, and what watching segments costs: messages, time and bytes.

Usage: python -m benchmarks.segments [--references 1] [--trials 40] [--seed N] [--only changes|messages|cost] [--few]
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.segments.cost import print_cost
from benchmarks.segments.monitor import WINDOW, Judged, Monitor, judge, without_segments
from benchmarks.segments.worlds import WORLDS, Change
from driftmonitor.budget.days import DailySignals
from driftmonitor.budget.policy import GAP_DAYS, baseline_days

WARM_UP = baseline_days(4) + GAP_DAYS
BEFORE = WARM_UP + 28  # special days are no baseline days; the week that changes has none
WORLDS_OF_CHANGES = ("independent", "day effects", "segments vary", "week", "t(2)")
CHANGES = {
    "5% of the rows +1 SD": Change(shift=1.0),
    "5% of the rows +0.5 SD": Change(shift=0.5),
    "all rows +0.2 SD": Change(shift=0.2, everywhere=True),
    "a value of 5% of the rows is gone": Change(gone=True),
    "a new value has 5% of the rows": Change(new=True),
}


@dataclass(frozen=True)
class Seen:
    """Whether a change is seen on its first day and within seven, with and without segments, and by which group."""

    first_day: bool
    week: bool
    without_first_day: bool
    without_week: bool
    by_segment: bool


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--references", type=int, default=1)
    parser.add_argument("--trials", type=int, default=40, help="of each change, for each reference")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--only", choices=("changes", "messages", "cost"))
    parser.add_argument("--worlds", help="of changes: names, with a semicolon between them")
    parser.add_argument("--few", action="store_true", help="one world, few trials, a short year: whether it works")
    given = parser.parse_args()
    few = given.few
    references, trials = (1, 2) if few else (given.references, given.trials)
    if given.only in (None, "changes"):
        print_changes(
            given.worlds.split(";") if given.worlds else WORLDS_OF_CHANGES[: 1 if few else None],
            references,
            trials,
            given.seed,
        )
    if given.only in (None, "messages"):
        print_messages(["independent"] if few else [*WORLDS], references, WARM_UP + (30 if few else 365), given.seed)
    if given.only in (None, "cost"):
        print_cost(few)


def print_changes(worlds: Sequence[str], references: int, trials: int, seed: int) -> None:
    """Print the share of changes that are seen on their first day / within seven, and what names them."""
    print("| change | " + " | ".join(worlds) + " | without segments | a segment is strongest |")
    print("|---|" + "---|" * (len(worlds) + 2))
    found = {world: _try_changes(world, references, trials, seed) for world in worlds}
    for change in CHANGES:
        cells = [_rates([(each.first_day, each.week) for each in found[world][change]]) for world in worlds]
        every = [each for world in worlds for each in found[world][change]]
        without = _rates([(each.without_first_day, each.without_week) for each in every])
        seen = [each for each in every if each.week]
        by_segment = f"{np.mean([each.by_segment for each in seen]):.0%}" if seen else "none seen"
        print(f"| {change} | {' | '.join(cells)} | {without} | {by_segment} |", flush=True)


def _rates(pairs: Sequence[tuple[bool, bool]]) -> str:
    first, week = np.mean(pairs, axis=0)
    return f"{first:.2f} / {week:.2f}"


def _try_changes(world: str, references: int, trials: int, seed: int) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {change: [] for change in CHANGES}
    for reference in range(references):
        monitor = Monitor(world, BEFORE + WINDOW, np.random.default_rng([seed, 1, reference]))
        daily = monitor.signals(monitor.kept, np.arange(BEFORE + WINDOW))
        whole, kept = without_segments(daily)
        judged, alone = judge(monitor, daily), judge(monitor, whole)
        for name, change in CHANGES.items():
            for _ in range(trials):
                week = monitor.after(change)
                week[:, _rows_of(daily)] = daily.values[-WINDOW:, _rows_of(daily)]
                found[name].append(_see(judged, alone, week, kept))
    return found


def _rows_of(daily: DailySignals) -> list[int]:
    """Return the signals of the number of rows, which need more days than those that are drawn again."""
    return [place for place, signal in enumerate(daily.signals) if signal.kind == "rows"]


def _see(judged: Judged, alone: Judged, week: np.ndarray, kept: np.ndarray) -> Seen:
    first, by_segment = _first_seen(judged, week)
    without, _ = _first_seen(alone, week[:, kept])
    return Seen(first == 0, first is not None, without == 0, without is not None, by_segment and first is not None)


def _first_seen(judged: Judged, week: np.ndarray) -> tuple[int | None, bool]:
    """Return after how many days a change is seen, None if it is not, and whether a segment's signal is strongest."""
    for number, values in enumerate(week):
        verdict = judged.verdict(BEFORE + number, values)
        if verdict.drift:
            strongest = judged.daily.signals[int(np.argmax(np.nan_to_num(verdict.z, nan=-np.inf)))]
            return number, strongest.segment is not None
    return None, False


def print_messages(worlds: Sequence[str], references: int, days: int, seed: int) -> None:
    """Print the messages a year where nothing changes, with and without segments, and those of the first days."""
    columns = "messages a year", "without segments", f"in the first {WARM_UP} days", "without segments"
    print(f"\n| world | {' | '.join(columns)} |\n|---|---|---|---|---|")
    years, every = (days - WARM_UP) / 365, []
    for world in worlds:
        counts = []
        for reference in range(references):
            monitor = Monitor(world, days, np.random.default_rng([seed, 2, reference]))
            daily = monitor.signals(monitor.kept, np.arange(days))
            both = [judge(monitor, each).messages(WARM_UP) for each in (daily, without_segments(daily)[0])]
            counts.append([count for each in both for count in each])
        every.append(np.mean(counts, axis=0))
        _print_row(world, every[-1], years)
    _print_row("mean", np.mean(every, axis=0), years)


def _print_row(name: str, counts: np.ndarray, years: float) -> None:
    early, later, early_without, later_without = counts
    print(
        f"| {name} | {later / years:.1f} | {later_without / years:.1f} | {early:.1f} | {early_without:.1f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
