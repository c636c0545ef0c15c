"""What watching segments costs: bytes and seconds of a day, and seconds and bytes of memory to judge it."""

import datetime as dt
import json
import time
import tracemalloc

import numpy as np
import pandas as pd

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.sources import Data
from driftmonitor.budget.judge import Judge
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays, earlier_day
from driftmonitor.facts.record import RunRecord

SIZES = ((10, 1_000, 235), (10, 10_000, 0), (100, 1_000, 365), (100, 10_000, 0))  # columns, rows, days
FIRST = dt.date(2026, 1, 5)
SEGMENTATIONS, VALUES, DRAWN = 5, 10, 8
ROUNDS = 5


def print_cost(few: bool = False) -> None:
    """Print the cost of a day for several sizes; 5 segmentations of 10 values each."""
    names = "columns", "rows", "bytes of an earlier day", "of a record", "CPU seconds to compare", "to judge", "MB"
    print(f"\n| {' | '.join(names)} |\n|" + "---|" * len(names))
    for columns, rows, days in SIZES[:1] if few else SIZES:
        alone, both = (_cost(columns, rows, 30 if few else days, segments) for segments in (False, True))
        print(f"| {columns} | {rows:,} | {' | '.join(map(_beside, both, alone))} |", flush=True)


def _beside(value: float | None, without: float | None) -> str:
    if value is None or without is None:
        return "-"
    written = [f"{each:,.0f}" if each >= 100 else f"{each:.3f}" for each in (value, without)]
    return f"{written[0]} ({written[1]} without, x{value / without:.2f})"


def _cost(columns: int, rows: int, days: int, segments: bool) -> list[float | None]:
    random = np.random.default_rng(0)
    wanted = [f"by {number}" for number in range(SEGMENTATIONS)] if segments else []
    reference = _frame(columns, 10_000, random)
    kept = Side(reference, kept=True)
    records, seconds = [], []
    for number in range(DRAWN):
        frame = _frame(columns, rows, random)
        started = time.process_time()
        sides = Sides(Data(reference, frame, len(reference), rows), kept, kept=True)
        found = score(sides, infer_columns(sides), Settings(segments=wanted))
        seconds.append(time.process_time() - started)
        records.append(found.record("cost", FIRST + dt.timedelta(number)))
    record = records[-1].model_dump(mode="json")
    past = earlier_day(records[-1].run_date, record, "")
    sizes = [float(len(json.dumps(each, separators=(",", ":")))) for each in (past, record["evidence"])]
    return [*sizes, min(seconds), *(_judge(records, days) if days else (None, None))]


def _frame(columns: int, rows: int, random: np.random.Generator) -> pd.DataFrame:
    numbers = pd.DataFrame(random.standard_normal((rows, columns - SEGMENTATIONS))).add_prefix("number ")
    values = random.integers(0, VALUES, (rows, SEGMENTATIONS))
    return numbers.assign(**{f"by {i}": [f"value {j}" for j in values[:, i]] for i in range(SEGMENTATIONS)})


def _judge(records: list[RunRecord], days: int) -> tuple[float, float]:
    """Return the CPU seconds to judge a day after so many, and the memory that this takes at most, in MB."""
    earlier = [
        EarlierDay(date=FIRST + dt.timedelta(day), evidence=records[day % DRAWN].evidence.model_copy())
        for day in range(days)
    ]
    judge = Judge(EarlierDays(rule="budget", days=tuple(earlier)))
    days_after = [
        records[number % DRAWN].model_copy(update={"run_date": FIRST + dt.timedelta(days + number)})
        for number in range(ROUNDS + 1)
    ]
    tracemalloc.start()
    judge.judge(days_after[0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    seconds = []
    for record in days_after[1:]:
        started = time.process_time()
        judge.judge(record)
        seconds.append(time.process_time() - started)
    return min(seconds), peak / 1e6
