"""Make a history of many healthy days quickly: the analysis itself, without a notebook for each day."""

import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from driftmonitor.analysis.columns import Column, infer_columns
from driftmonitor.analysis.drift import Comparison, judge_with
from driftmonitor.analysis.drift.collect_evidence import collect, column_evidence
from driftmonitor.analysis.drift.column_counts import count_missing
from driftmonitor.analysis.drift.compare_columns import compare_columns
from driftmonitor.analysis.drift.pairs import find_values, make_pair
from driftmonitor.analysis.drift.rules import Settings, choose_rules
from driftmonitor.analysis.drift.with_evidently.methods import Methods
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays, earlier_day
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.record import RunRecord

FIRST = dt.date(2026, 1, 1)
Days = Callable[[np.random.Generator, int], pd.DataFrame]


def orders(random: np.random.Generator, rows: int, amount: float = 0.0, correlation: float = 0.5) -> pd.DataFrame:
    """Return rows of orders; `amount` is its shift in standard deviations."""
    first, second = random.standard_normal((2, rows))
    return pd.DataFrame(
        {
            "amount": 50 + 10 * (first + amount),
            "weight": correlation * first + np.sqrt(1 - correlation**2) * second,
            "plan": random.choice(["free", "basic", "pro"], rows, p=[0.6, 0.3, 0.1]),
        }
    )


@functools.cache
def reference(rows: int = 2000) -> pd.DataFrame:
    """Return the reference of all days."""
    return orders(np.random.default_rng(10_000), rows)


def day_of(number: int) -> dt.date:
    """Return the date of a day by its number."""
    return FIRST + dt.timedelta(number)


def compare_day(frame: pd.DataFrame) -> Comparison:
    """Return the comparison of one day's rows with the reference, without Evidently's report."""
    known = reference()
    data = Data(known, frame, len(known), len(frame))
    return compare_frames(data, infer_columns(data))


def compare_frames(data: Data, columns: list[Column]) -> Comparison:
    """Return the comparison of two frames, without Evidently's report."""
    rules = choose_rules(columns, Settings(), Methods())
    return compare_columns(data, columns, rules, 0.1)


def ordinary_days(
    days: int, past: EarlierDays | None = None, monitor: str = "shop", rows: int = 500
) -> list[RunRecord]:
    """Return the records of `days` ordinary days, each judged by those before it; all have the first one's scores."""
    known, records = list(past.days if past else ()), []
    first = compare_day(orders(np.random.default_rng(len(known)), rows))
    for number in range(len(known), len(known) + days):
        comparison = replace(first, evidence=evidence_of(orders(np.random.default_rng(number), rows), first))
        judged = judge_with(comparison, EarlierDays(rule="budget", days=tuple(known[-290:])), day_of(number))
        records.append(judged.record(monitor, day_of(number)))
        known.append(as_past(records[-1]))
    return records


def evidence_of(frame: pd.DataFrame, like: Comparison) -> Evidence:
    """Return the evidence of one day's rows, whose columns are those of another day."""
    known = reference()
    columns = [Column(score.name, score.kind, "as on another day") for score in like.columns]
    sides, found = Sides(Data(known, frame, len(known), len(frame)), kept=True), []
    for column in columns:
        values, pair = find_values(sides, column.name), make_pair(sides, column)
        found.append(column_evidence(column.name, pair, count_missing(sides, column.name, values, pair)))
    return collect(sides, found, [column.name for column in columns if column.kind == "numerical"])


def as_past(record: RunRecord, label: str = "") -> EarlierDay:
    """Return a record as a day of the past."""
    return EarlierDay.model_validate(earlier_day(record.run_date, record.to_dict(), label))
