"""A monitor on a simulated world: its days measured as the product does, judged, and folded to messages."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from benchmarks.messages.worlds import COLUMNS, FIRST, NAMES, Days, draw, draw_rows
from driftmonitor.analysis.drift.reference_bins import choose_edges, count_bins
from driftmonitor.analysis.drift.tails import Tails
from driftmonitor.budget import anomaly
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.column_signals import ColumnDays
from driftmonitor.budget.days import DailySignals, daily_signals
from driftmonitor.budget.windows import Windows
from driftmonitor.config.settings import AlertSettings
from driftmonitor.pipeline.alerts.incidents import Event, Run
from driftmonitor.pipeline.alerts.state import fold

REFERENCE_ROWS = 10_000
REFERENCE_DAYS = 10
MESSAGES = ("drift_started", "drift_worsened", "drift_continues")
SETTINGS = AlertSettings(rule="budget")


class Column:
    """One column: the reference's bins and tails, and what each day leaves of it."""

    def __init__(self, reference: np.ndarray, length: int) -> None:
        ordered = np.sort(reference)
        self.edges, self.tails = choose_edges(ordered), Tails(ordered)
        self.reference = count_bins(ordered, self.edges).astype(float)
        self.counts, self.tail = np.zeros((length, len(self.reference))), np.zeros((length, 6))

    def add(self, day: int, values: np.ndarray) -> None:
        """Measure the values of a day."""
        ordered = np.sort(values)
        measured = self.tails.measure(ordered)
        self.counts[day] = count_bins(ordered, self.edges)
        self.tail[day, [0, 1, 3, 5]] = len(values), *measured.excess, measured.same


@dataclass(frozen=True)
class Monitor:
    """A monitor after some days without drift: its columns, rows and effects of each day, and which days run."""

    world: str
    days: Days
    rows: np.ndarray
    columns: list[Column]

    def signals(self) -> DailySignals:
        """Return the signals of the days that run."""
        run = np.flatnonzero(self.days.runs)
        columns = [
            ColumnDays(name, False, column.reference, column.counts[run], None, _with_reference(column, run))
            for name, column in zip(NAMES, self.columns, strict=True)
        ]
        windows = Windows(run, special=self.days.kinds[run] > 0)
        return daily_signals(columns, run, rows=self.rows[run].astype(float), added=windows)


def _with_reference(column: Column, run: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.array([REFERENCE_ROWS, *column.tails.measure_reference()], dtype=float), column.tail[run]


def run_world(world: str, length: int, random: np.random.Generator) -> Monitor:
    """Return a monitor that has run on a world for so many days."""
    days = draw(world, length, random)
    first = days.effects[:30] if world == "season" else days.effects[:REFERENCE_DAYS]
    effects = np.repeat(first, REFERENCE_ROWS // len(first) + 1, axis=0)[:REFERENCE_ROWS]
    reference = random.standard_normal((REFERENCE_ROWS, len(COLUMNS))) + effects
    columns = [Column(shape(values), length) for shape, values in zip(COLUMNS, reference.T, strict=True)]
    for day in np.flatnonzero(days.runs):
        deviates = draw_rows(world, days.rows[day], days.effects[day], random)
        for shape, column, values in zip(COLUMNS, columns, deviates.T, strict=True):
            column.add(day, shape(values))
    return Monitor(world, days, np.where(days.runs, days.rows, 0), columns)


@dataclass(frozen=True)
class Judged:
    """A monitor's days that ran: their numbers, kinds, signals and verdicts."""

    monitor: Monitor
    run: np.ndarray
    kinds: np.ndarray
    daily: DailySignals
    terms: Terms
    series: anomaly.Series

    def before(self, place: int, values: np.ndarray, drift: np.ndarray) -> anomaly.Candidates:
        """Return the days before one, given the signals and verdicts of all."""
        kinds, labels = self.kinds[:place], np.full(place, "")
        return anomaly.Candidates(values[:place], self.run[:place], drift[:place], labels, kinds, self.kinds[place])


def judge(monitor: Monitor) -> Judged:
    """Return the verdicts of a monitor's days, each by those before it."""
    daily, run = monitor.signals(), np.flatnonzero(monitor.days.runs)
    terms, kinds = daily.terms(SETTINGS.false_alarms_per_year), monitor.days.kinds[run]
    return Judged(monitor, run, kinds, daily, terms, anomaly.judge_days(daily.values, run, terms, kinds=kinds))


def count_messages(judged: Judged, warm_up: int) -> tuple[int, int]:
    """Return how many messages a person receives of the first days, and of those after them."""
    run, daily, series = judged.run, judged.daily, judged.series
    runs = []
    for place, day in enumerate(run):
        names: tuple[str, ...] = ()
        if series.drift[place]:
            past = judged.before(place, daily.values, series.drift)
            verdict = anomaly.judge_day(daily.values[place], int(day), past, judged.terms)
            over = np.flatnonzero(verdict.z >= verdict.threshold)
            names = tuple(dict.fromkeys(name for i in over for name in daily.signals[i].columns))
        runs.append(
            Run(
                "simulated",
                FIRST + dt.timedelta(int(day)),
                "drift" if series.drift[place] else "healthy",
                drifted_columns=names,
                rule="budget",
                strangeness=float(series.score[place]),
                strangeness_limit=float(series.threshold[place]) if series.full[place] else None,
            )
        )
    since = FIRST + dt.timedelta(warm_up)
    sent = [event.run_date >= since for event in messages_of(runs, SETTINGS.false_alarms_per_year)]
    return len(sent) - sum(sent), sum(sent)


def messages_of(runs: Iterable[Run], budget: float) -> list[Event]:
    """Return the messages that a person receives of these runs."""
    settings = AlertSettings(rule="budget", false_alarms_per_year=budget)
    return [event for event in fold(runs, settings).events if event.kind in MESSAGES]
