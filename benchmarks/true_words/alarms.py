"""Draw days and have the budget rule judge them, by the functions that every run calls."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from benchmarks.true_words.worlds import (
    BUDGET,
    CHANGES,
    DAY_ROWS,
    DAYS,
    REFERENCE_ROWS,
    TODAY,
    State,
    reference_state,
    usual_state,
)
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift.collect_evidence import collect, column_evidence
from driftmonitor.analysis.drift.column_counts import count_missing
from driftmonitor.analysis.drift.pairs import find_values, make_pair
from driftmonitor.analysis.drift.rules import is_tested
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.sources import Data
from driftmonitor.budget.judge import judge_evidence
from driftmonitor.budget.policy import baseline_days
from driftmonitor.budget.special_days import kind_of
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays, earlier_day
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import ColumnScore

FIRST = dt.date(2026, 1, 5)
DRAWS = 40  # days that are judged by one history
WEEK = 7


@dataclass(frozen=True)
class Alarm:
    """A judged day: its rows and those of the days before it in its window, of its baseline days, of the reference."""

    judgement: Judgement
    days: dict[int, pd.DataFrame]  # by day number, today's the last
    baseline: list[pd.DataFrame]
    reference: pd.DataFrame
    now: State
    usual: State

    @cached_property
    def today(self) -> int:
        """The day number of the judged day."""
        return max(self.days)

    def window(self, days: int) -> list[pd.DataFrame]:
        """Return the rows of each of the last days."""
        return [rows for day, rows in self.days.items() if day > self.today - days]


class Monitor:
    """A monitor with a reference, a history of so many usual days, and six more that are too new for the baseline."""

    def __init__(self, random: np.random.Generator, days: int = DAYS) -> None:
        self.random, self.known = random, reference_state()
        self.usual = usual_state(random, self.known)
        self.reference = self.known.draw(random, REFERENCE_ROWS)
        known = Data(self.reference, self.reference, REFERENCE_ROWS, REFERENCE_ROWS)
        self.columns, self.kept = infer_columns(known), Side(known.reference, kept=True)
        self.today = TODAY if days == DAYS else days + 2 * WEEK - 2
        self.history = [self.draw(self.usual) for _ in range(days)]
        self.earlier = [earlier_of(day, self.collect(rows)[0]) for day, rows in enumerate(self.history)]
        self.newest = {day: self.draw(self.usual) for day in range(self.today - WEEK + 1, self.today)}
        self.newest_earlier = {day: earlier_of(day, self.collect(rows)[0]) for day, rows in self.newest.items()}

    def draw(self, state: State) -> pd.DataFrame:
        """Return the rows of a day."""
        return state.draw(self.random, int(self.random.integers(*DAY_ROWS)))

    def collect(self, rows: pd.DataFrame) -> tuple[Evidence, list[ColumnScore]]:
        """Return a day's evidence and its scores, which only know the distances: the tests take most of the time."""
        data = Data(self.reference, rows, REFERENCE_ROWS, len(rows))
        sides, scores, found = Sides(data, self.kept, kept=True), [], []
        for column in filter(is_tested, self.columns):
            name, values, pair = column.name, find_values(sides, column.name), make_pair(sides, column)
            scores.append(ColumnScore(name=name, kind=pair.kind, status="stable", distance=pair.distance))
            found.append(column_evidence(name, pair, count_missing(sides, name, values, pair)))
        return collect(sides, found, [score.name for score in scores if score.kind == "numerical"]), scores

    def judge(self, kind: str) -> Alarm:
        """Return a day, the last of a week, on which something has changed; on how many days of the week is random."""
        now = CHANGES[kind](self.random, self.usual, self.known)
        changed = WEEK if kind == "level over a week" else int(self.random.choice([1, 1, 2, 4]))
        new = {day: self.draw(now) for day in range(self.today - changed + 1, self.today + 1)}
        (evidence, scores), days = self.collect(new[self.today]), {**self.newest, **new}
        changed_days = {day: earlier_of(day, self.collect(rows)[0]) for day, rows in new.items() if day < self.today}
        before = {**self.newest_earlier, **changed_days}
        past = EarlierDays(rule="budget", false_alarms_per_year=BUDGET, days=(*self.earlier, *before.values()))
        judgement, _ = judge_evidence(evidence, past, scores, date_of(self.today))
        ordinary = [rows for day, rows in enumerate(self.history) if not kind_of("")(date_of(day))]
        return Alarm(judgement, days, ordinary[-baseline_days(BUDGET) :], self.reference, now, self.usual)


def earlier_of(day: int, evidence: Evidence) -> EarlierDay:
    """Return a day as the history gives it to later ones."""
    kept = earlier_day(date_of(day), {"evidence": evidence.model_dump(mode="json")}, "")
    return EarlierDay.model_validate(kept)


def date_of(day: int) -> dt.date:
    """Return the date of a day by its number."""
    return FIRST + dt.timedelta(day)


def draw_alarms(kind: str, alarms: int, seed: int, days: int = DAYS, draws: int = DRAWS) -> Iterator[Alarm]:
    """Yield so many alarms of a kind of change, each after a history of so many days."""
    random, drawn = np.random.default_rng([seed, days, list(CHANGES).index(kind)]), 0
    while drawn < alarms:
        monitor = Monitor(random, days)
        for _ in range(draws):
            alarm = monitor.judge(kind)
            if alarm.judgement.alarm and drawn < alarms:
                drawn += 1
                yield alarm
