"""Shifts of the size that the product states as the smallest one detected: how often they are."""

from collections.abc import Iterator

import numpy as np

from benchmarks.messages.monitor import SETTINGS, Monitor, run_world
from benchmarks.messages.worlds import COLUMNS, NAMES, draw_rows
from driftmonitor.budget import anomaly
from driftmonitor.budget.column_signals import ColumnDays
from driftmonitor.budget.days import DailySignals, daily_signals
from driftmonitor.budget.smallest_changes import smallest_changes
from driftmonitor.budget.windows import Windows
from driftmonitor.facts.judgement import SmallestChange

WEEK = 7
NORMAL = 0  # the number of a column with normal values


class StatedDays:
    """A monitor with a full baseline on a world, and several continuations of it by a week."""

    def __init__(self, world: str, known: int, weeks: int, random: np.random.Generator) -> None:
        self.monitor, self.known, self.random = run_world(world, known + WEEK * weeks, random), known, random
        self.weeks = range(known, known + WEEK * weeks, WEEK)
        self.history = _signals(self.monitor, np.arange(known), np.arange(known))
        self.terms = self.history.terms(SETTINGS.false_alarms_per_year)

    def stated(self) -> SmallestChange:
        """Return what is said of the normal column after the last known day."""
        days, last = np.arange(self.known), self.known - 1
        past = anomaly.Candidates(self.history.values[:last], days[:last], *_unreviewed(last))
        verdict = anomaly.judge_day(self.history.values[last], last, past, self.terms)
        column = self.monitor.columns[NORMAL]
        columns = {NAMES[NORMAL]: ColumnDays(NAMES[NORMAL], False, column.reference, column.counts[: self.known])}
        return smallest_changes(columns, self.history.signals, Windows(days), verdict)[0]

    def detected(self, shift: float, within: int) -> Iterator[bool]:
        """Yield for each continuation whether a shift of the normal column raises an alert within so many days."""
        for way, first in enumerate(self.weeks):
            for day in range(first, first + within):
                values = draw_rows(
                    self.monitor.world, self.monitor.days.rows[day], self.monitor.days.effects[day], self.random
                )
                shifted = values[:, NORMAL] + (shift if way % 2 else -shift)
                self.monitor.columns[NORMAL].add(day, COLUMNS[NORMAL](shifted))
            yield self._alerts(first, within)

    def _alerts(self, first: int, within: int) -> bool:
        """Return whether one of the days from `first` on is a drift day if they follow the known ones."""
        before = WEEK - 1
        places = np.concatenate([np.arange(self.known - before, self.known), np.arange(first, first + within)])
        new = _signals(self.monitor, places, np.arange(self.known - before, self.known + within)).values[before:]
        values = np.concatenate([self.history.values, new])
        for day in range(self.known, self.known + within):
            past = anomaly.Candidates(values[:day], np.arange(day), *_unreviewed(day))
            if anomaly.judge_day(values[day], day, past, self.terms).drift:
                return True
        return False


def _signals(monitor: Monitor, places: np.ndarray, days: np.ndarray) -> DailySignals:
    columns = [
        ColumnDays(name, False, column.reference, column.counts[places])
        for name, column in zip(NAMES, monitor.columns, strict=True)
    ]
    return daily_signals(columns, days)


def _unreviewed(days: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(days, dtype=bool), np.full(days, "")


def measure(world: str, known: int, references: int, weeks: int, seed: int) -> list[float]:
    """Return both stated shifts (medians), how often each is detected, and how often half of each is."""
    stated, rates = [], []
    for reference in range(references):
        days = StatedDays(world, known, weeks, np.random.default_rng([seed, reference]))
        change = days.stated()
        sizes = (change.first_day or np.inf, 1), (change.week or np.inf, WEEK)
        stated.append([size for size, _ in sizes])
        rates.append([np.mean([*days.detected(size * by, within)]) for by in (1, 0.5) for size, within in sizes])
    return [*np.median(stated, axis=0).tolist(), *np.mean(rates, axis=0).tolist()]
