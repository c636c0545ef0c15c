"""How soon a shift of one column is seen in each world, if it begins on some day after the warm-up."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.messages.monitor import Column, Judged, Monitor
from benchmarks.messages.worlds import COLUMNS, draw_rows
from driftmonitor.budget import anomaly

SHIFTS = (0.2, 0.5)  # standard deviations
STARTS = 6  # for each reference
RUNS = 7
NEAR = 70  # days before a shift that its signals are computed from, those of rows among them
SHIFTED = range(1, 7)  # columns, without the one that is noisy in one of the worlds


def shifts_seen(judged: Judged, since: int, random: np.random.Generator) -> list[tuple[bool, bool]]:
    """Return for each start and each shift whether its first run, and whether any of its runs, is a drift day."""
    first = int(np.searchsorted(judged.run, since))
    starts = random.integers(first, len(judged.run) - RUNS, STARTS)
    return [_seen(judged, int(start), shift, random) for start in starts for shift in SHIFTS]


def _seen(judged: Judged, start: int, shift: float, random: np.random.Generator) -> tuple[bool, bool]:
    shifted = _shift(judged.monitor, judged.run[max(start - NEAR, 0) : start + RUNS], shift, random)
    values = np.concatenate([judged.daily.values[:start], shifted])
    found: list[bool] = []
    for place in range(start, start + RUNS):
        drift = np.concatenate([judged.series.drift[:start], np.array(found, dtype=bool)])
        past = judged.before(place, values, drift)
        found.append(anomaly.judge_day(values[place], int(judged.run[place]), past, judged.terms).drift)
    return found[0], any(found)


def _shift(monitor: Monitor, run: Sequence[int], shift: float, random: np.random.Generator) -> np.ndarray:
    """Return the signals (RUNS, signals) of the last of these days with one column shifted."""
    number = int(random.choice(SHIFTED))
    of_one = monitor.columns[number]
    moved = Column.__new__(Column)
    moved.__dict__ = {**of_one.__dict__, "counts": of_one.counts.copy(), "tail": of_one.tail.copy()}
    for day in run[-RUNS:]:
        deviates = draw_rows(monitor.world, monitor.rows[day], monitor.days.effects[day], random)
        moved.add(day, COLUMNS[number](deviates[:, number] + shift))
    columns = [moved if place == number else column for place, column in enumerate(monitor.columns)]
    runs = np.zeros_like(monitor.days.runs)
    runs[run] = True
    return replace(monitor, days=replace(monitor.days, runs=runs), columns=columns).signals().values[-RUNS:]
