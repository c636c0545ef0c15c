"""A monitor of simulated days: compared and judged as the product does, with and without what columns do together."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmarks.dependence.worlds import draw, effects_of, rows_of
from driftmonitor.analysis.columns import Column, infer_columns
from driftmonitor.analysis.drift.collect_evidence import collect, column_evidence
from driftmonitor.analysis.drift.column_counts import count_missing
from driftmonitor.analysis.drift.pairs import find_values, make_pair
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.sources import Data
from driftmonitor.budget import anomaly
from driftmonitor.budget.days import DailySignals
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.earlier_days import EarlierDay
from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.alerts.state import fold

FIRST = dt.date(2026, 1, 5)
REFERENCE_ROWS = 10_000
SETTINGS = AlertSettings(rule="budget")
MESSAGES = ("drift_started", "drift_worsened", "drift_continues")


class Monitor:
    """A reference, and the evidence of each of so many days without a change."""

    def __init__(self, world: str, days: int, random: np.random.Generator) -> None:
        self.world, self.random = world, random
        self.effects = effects_of(world, days, random)
        of_reference = np.zeros(self.effects.shape[1])
        self.reference = Side(draw(REFERENCE_ROWS, of_reference, random), kept=True)
        self.columns: list[Column] = []
        self.evidence = [self.measure(self.draw(day)) for day in range(days)]

    def draw(self, day: int, change: str = "") -> pd.DataFrame:
        """Return the rows of a day."""
        rows = rows_of(self.world, day, self.random)
        return draw(rows, self.effects[day], self.random, change, self.world == "dependence varies")

    def measure(self, frame: pd.DataFrame) -> Evidence:
        """Return the evidence of a day's rows."""
        sides = Sides(Data(self.reference.frame, frame, REFERENCE_ROWS, len(frame)), self.reference, kept=True)
        self.columns = self.columns or infer_columns(sides)
        numbers = [column.name for column in self.columns if column.kind == "numerical"]
        return collect(sides, [self._measure(sides, column) for column in self.columns], numbers, self.columns)

    def _measure(self, sides: Sides, column: Column) -> ColumnEvidence:
        pair = make_pair(sides, column)
        return column_evidence(
            column.name, pair, count_missing(sides, column.name, find_values(sides, column.name), pair)
        )

    def table(self, evidence: Sequence[Evidence], before: EvidenceTable | None = None) -> EvidenceTable:
        """Return the signals of days, the last of which is today."""
        *earlier, today = evidence
        days = [EarlierDay(date=FIRST + dt.timedelta(i), evidence=day) for i, day in enumerate(earlier)]
        kinds = {column.name: column.kind for column in self.columns}
        return EvidenceTable(today, days, FIRST + dt.timedelta(len(earlier)), kinds, True, before)


@dataclass(frozen=True)
class Seen:
    """Whether a day is a drift day, with and without dependence, and the signal that is most unusual."""

    drift: bool
    without: bool
    strongest: str


def without_dependence(daily: DailySignals) -> DailySignals:
    """Return the signals apart from those of dependence."""
    kept = np.array([signal.kind != "dependence" for signal in daily.signals])
    names = tuple(signal for signal, keep in zip(daily.signals, kept, strict=True) if keep)
    return replace(
        daily,
        signals=names,
        values=daily.values[:, kept],
        least_sd=daily.least_sd[kept],
        usual_sd=daily.usual_sd[kept],
    )


def judge_last(table: EvidenceTable) -> Seen:
    """Return what the last day is."""
    drift, strongest = [], ""
    for daily in (without_dependence(table.signals), table.signals):
        verdict = _judge(daily, len(table.days) - 1, np.zeros(len(table.days), dtype=bool))
        drift.append(verdict.drift)
        strongest = daily.signals[int(np.argmax(np.nan_to_num(verdict.z, nan=-np.inf)))].kind
    return Seen(drift[1], drift[0], strongest)


def count_messages(daily: DailySignals, warm_up: int) -> tuple[int, int]:
    """Return how many messages a person receives of the first days, and of those after them."""
    days = np.arange(len(daily.values))
    series = anomaly.judge_days(daily.values, days, daily.terms(SETTINGS.false_alarms_per_year))
    runs = [_run(daily, series, int(day)) for day in days]
    since = FIRST + dt.timedelta(warm_up)
    sent = [event.run_date >= since for event in fold(runs, SETTINGS).events if event.kind in MESSAGES]
    return len(sent) - sum(sent), sum(sent)


def _run(daily: DailySignals, series: anomaly.Series, day: int) -> Run:
    names: tuple[str, ...] = ()
    if series.drift[day]:
        verdict = _judge(daily, day, series.drift)
        over = np.flatnonzero(verdict.z >= verdict.threshold)
        names = tuple(dict.fromkeys(name for i in over for name in daily.signals[i].columns))
    return make_run(series, day, names)


def make_run(series: anomaly.Series, day: int, names: tuple[str, ...]) -> Run:
    """Return a simulated day as a run; `names`: the columns that made it a drift day."""
    return Run(
        "simulated",
        FIRST + dt.timedelta(day),
        "drift" if series.drift[day] else "healthy",
        drifted_columns=names,
        rule="budget",
        strangeness=float(series.score[day]),
        strangeness_limit=float(series.threshold[day]) if series.full[day] else None,
    )


def _judge(daily: DailySignals, day: int, drift: np.ndarray) -> anomaly.Verdict:
    past = anomaly.Candidates(daily.values[:day], np.arange(day), drift[:day], np.full(day, ""))
    return anomaly.judge_day(daily.values[day], day, past, daily.terms(SETTINGS.false_alarms_per_year))
