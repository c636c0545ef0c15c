"""A monitor of simulated days: what each leaves, its signals, and its verdicts, with and without segments."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.dependence.monitor import make_run
from benchmarks.segments.worlds import (
    COLUMNS,
    FIRST,
    NUMBERS,
    SEGMENTATIONS,
    SHARES,
    Change,
    Days,
    Rows,
    draw_days,
    draw_rows,
)
from driftmonitor.analysis.drift.reference_bins import choose_edges
from driftmonitor.analysis.drift.segments.grouping import Grouping
from driftmonitor.analysis.drift.segments.ridits import Placed, Ridits, keep
from driftmonitor.analysis.drift.tails import Tails
from driftmonitor.budget import anomaly
from driftmonitor.budget.column_signals import ColumnDays
from driftmonitor.budget.days import DailySignals, daily_signals
from driftmonitor.budget.segments import KINDS, SegmentDays
from driftmonitor.budget.windows import Windows
from driftmonitor.config.segment_settings import Segmentation
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.evidence import RIDIT_UNITS, SegmentEvidence
from driftmonitor.pipeline.alerts.state import fold

REFERENCE_ROWS, REFERENCE_DAYS = 10_000, 10
NAMES = tuple(f"column {number}" for number in range(COLUMNS))
SETTINGS = AlertSettings(rule="budget")
MESSAGES = ("drift_started", "drift_worsened", "drift_continues")
WINDOW = 7


@dataclass
class Kept:
    """What days leave: counts of each column and tails of numbers, rows and sums of each segmentation (days, ...)."""

    counts: list[np.ndarray]
    tails: list[np.ndarray]
    rows: list[np.ndarray]
    sums: list[np.ndarray]

    def some(self, days: slice) -> "Kept":
        """Return a copy of what some days left."""
        return Kept(*([each[days].copy() for each in every] for every in vars(self).values()))


class Monitor:
    """A reference, and what so many days without a change left."""

    def __init__(self, world: str, length: int, random: np.random.Generator) -> None:
        self.world, self.random = world, random
        self.days: Days = draw_days(world, length, random)
        reference = self._draw_reference()
        values = [reference.deviates[:, i] for i in range(COLUMNS)]
        ordered = [np.sort(each) for each in values]
        self.edges = [choose_edges(ordered[i]) if i < NUMBERS else LEVELS_AT for i in range(COLUMNS)]
        self.tails = [Tails(each) for each in ordered[:NUMBERS]]
        self.bins = [len(each) + 1 for each in self.edges]
        placed = [self._bins(i, each) for i, each in enumerate(values)]
        self.reference = [
            np.bincount(each, minlength=size).astype(float) for each, size in zip(placed, self.bins, strict=True)
        ]
        self.groupings = [_group(i, reference.segments[:, i]) for i in range(SEGMENTATIONS)]
        everyone = np.ones(len(reference.deviates), dtype=bool)
        self.ridits = [
            [Ridits.of(each, Placed(everyone, placed[i]), self.bins[i]) for i in range(COLUMNS)]
            for each in self.groupings
        ]
        self.kept = self._empty(length)
        for day in range(length):
            self.measure(self.kept, day, draw_rows(world, self.days, day, random))

    def _draw_reference(self) -> Rows:
        rows = REFERENCE_ROWS // REFERENCE_DAYS
        days = replace(self.days, rows=np.full(REFERENCE_DAYS, rows))
        drawn = [draw_rows("", days, day, self.random) for day in range(REFERENCE_DAYS)]
        return Rows(*(np.concatenate([getattr(each, name) for each in drawn]) for name in ("deviates", "segments")))

    def _bins(self, column: int, values: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.edges[column], values, side="left")

    def _empty(self, days: int) -> Kept:
        size = len(SHARES) + 2
        return Kept(
            [np.zeros((days, bins)) for bins in self.bins],
            [np.zeros((days, 6)) for _ in range(NUMBERS)],
            [np.zeros((days, size + 1)) for _ in range(SEGMENTATIONS)],
            [np.zeros((days, COLUMNS, size)) for _ in range(SEGMENTATIONS)],
        )

    def measure(self, kept: Kept, place: int, rows: Rows) -> None:
        """Keep what a day leaves."""
        bins = [self._bins(i, rows.deviates[:, i]) for i in range(COLUMNS)]
        for i, each in enumerate(bins):
            kept.counts[i][place] = np.bincount(each, minlength=self.bins[i])
        for i, tails in enumerate(self.tails):
            measured = tails.measure(np.sort(rows.deviates[:, i]))
            kept.tails[i][place, [0, 1, 3, 5]] = len(rows.deviates), *measured.excess, measured.same
        for i, ridits in enumerate(self.ridits):
            codes = rows.segments[:, i]
            kept.rows[i][place] = np.bincount(codes, minlength=len(SHARES) + 3)
            sums = [own.add_up(codes, each) for own, each in zip(ridits, bins, strict=True)]
            kept.sums[i][place] = np.rint(np.array(sums) * RIDIT_UNITS) / RIDIT_UNITS

    def signals(self, kept: Kept, days: np.ndarray) -> DailySignals:
        """Return the signals of days by what they left."""
        tails = [(np.array([REFERENCE_ROWS, *each.measure_reference()], dtype=float), own)
                 for each, own in zip(self.tails, kept.tails, strict=True)]  # fmt: skip
        columns = [
            ColumnDays(name, i >= NUMBERS, self.reference[i], kept.counts[i], None, tails[i] if i < NUMBERS else None)
            for i, name in enumerate(NAMES)
        ]
        added = Windows(days, special=self.days.kinds[days] > 0)
        segments = [self._segments(i, kept) for i in range(SEGMENTATIONS)]
        rows = kept.counts[0].sum(axis=1)
        return daily_signals(columns, days, rows=rows, added=added, segments=segments)

    def _segments(self, number: int, kept: Kept) -> SegmentDays:
        grouping = self.groupings[number]
        spreads = np.array([each.spreads for each in self.ridits[number]])
        evidence = SegmentEvidence(
            reference=grouping.fingerprint,
            name=grouping.by.name,
            values=grouping.names,
            rows=tuple(kept.rows[number][-1].astype(int).tolist()),
            reference_rows=grouping.rows,
            sums=tuple(keep(own, np.empty(0)).sums for own in kept.sums[number][-1]),
            spreads=tuple(keep(np.empty(0), own).spreads for own in spreads),
        )
        return SegmentDays(evidence, NAMES, NAMES, kept.rows[number], kept.sums[number], np.sqrt(spreads))

    def after(self, change: Change) -> np.ndarray:
        """Return the signals of the last week, had it changed on its first day."""
        length = len(self.days.rows)
        kept = self.kept.some(slice(length - 2 * WINDOW, length))
        for place in range(WINDOW, 2 * WINDOW):
            day = length - 2 * WINDOW + place
            self.measure(kept, place, draw_rows(self.world, self.days, day, self.random, change))
        found: np.ndarray = self.signals(kept, np.arange(length - 2 * WINDOW, length)).values[WINDOW:]
        return found


LEVELS_AT = np.array([0.0, 0.8416, 1.6449])  # normal deviates above which half, a fifth and a twentieth are


def _group(number: int, codes: np.ndarray) -> Grouping:
    rows = tuple(np.bincount(codes, minlength=len(SHARES) + 2).tolist())
    names = tuple(f"value {place}" for place in range(len(SHARES)))
    return Grouping(Segmentation(f"segmentation {number}"), names, codes, rows, f"{number}")


def without_segments(daily: DailySignals) -> tuple[DailySignals, np.ndarray]:
    """Return the signals apart from those of segments, and which these are."""
    kept = np.array([signal.kind not in KINDS for signal in daily.signals])
    names = tuple(signal for signal, keep_it in zip(daily.signals, kept, strict=True) if keep_it)
    whole = DailySignals(names, daily.values[:, kept], daily.least_sd[kept], daily.usual_sd[kept])
    return whole, kept


@dataclass(frozen=True)
class Judged:
    """A monitor's days, judged each by those before it."""

    monitor: Monitor
    daily: DailySignals
    series: anomaly.Series

    def verdict(self, day: int, values: np.ndarray | None = None) -> anomaly.Verdict:
        """Return the verdict of a day by the days before it, with other `values` of its signals if they are given."""
        kinds, today = self.monitor.days.kinds, self.daily.values[day] if values is None else values
        past = anomaly.Candidates(
            self.daily.values[:day], np.arange(day), self.series.drift[:day], np.full(day, ""), kinds[:day], kinds[day]
        )
        return anomaly.judge_day(today, day, past, self.daily.terms(SETTINGS.false_alarms_per_year))

    def messages(self, since: int) -> tuple[int, int]:
        """Return how many messages a person receives of the days before one, and of it and later ones."""
        runs = []
        for day in range(len(self.daily.values)):
            names: tuple[str, ...] = ()
            if self.series.drift[day]:
                verdict = self.verdict(day)
                over = np.flatnonzero(verdict.z >= verdict.threshold)
                names = tuple(dict.fromkeys(name for i in over for name in self.daily.signals[i].columns))
            runs.append(make_run(self.series, day, names))
        first = FIRST + dt.timedelta(since)
        sent = [event.run_date >= first for event in fold(runs, SETTINGS).events if event.kind in MESSAGES]
        return len(sent) - sum(sent), sum(sent)


def judge(monitor: Monitor, daily: DailySignals) -> Judged:
    """Return the verdicts of all days by some of their signals."""
    days, terms = np.arange(len(daily.values)), daily.terms(SETTINGS.false_alarms_per_year)
    return Judged(monitor, daily, anomaly.judge_days(daily.values, days, terms, kinds=monitor.days.kinds))
