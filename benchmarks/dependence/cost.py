"""What watching dependence costs: seconds a day, bytes a day."""

import json
import time

import numpy as np
import pandas as pd

from benchmarks.dependence.worlds import NUMBERS, draw
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift.dependence.evidence import collect_dependence
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.sources import Data

SIZES = ((10, 1_000), (10, 10_000), (10, 100_000), (30, 100_000), (1_000, 1_000))


def print_cost() -> None:
    """Print the cost of a day for several sizes of both sides."""
    names = "rows a side", "CPU seconds a day", "with a kept reference", "bytes a day", "of an earlier day"
    print(f"\n| columns | {' | '.join(names)} |\n|---|---|---|---|---|---|")
    for columns, rows in SIZES:
        alone, kept, record, earlier = _cost(columns, rows)
        print(f"| {columns:,} | {rows:,} | {alone:.2f} | {kept:.2f} | {record:,} | {earlier:,} |", flush=True)


def _cost(columns: int, rows: int) -> tuple[float, float, int, int]:
    random = np.random.default_rng(0)
    reference, current = _frame(columns, max(rows, 10_000), random), _frame(columns, rows, random)
    data = Data(reference, current, len(reference), rows)
    kinds = infer_columns(data)
    kept = Side(reference, kept=True)
    seconds = []
    for side in (Side(reference), kept, kept):
        started = time.process_time()
        found = collect_dependence(Sides(data, side), kinds)
        seconds.append(time.process_time() - started)
    known = found.model_dump(mode="json", exclude_none=True) if found else {}
    past = {name: known[name] for name in ("reference", "counts") if name in known}
    size, of_past = (len(json.dumps(each, separators=(",", ":"))) for each in (known, past))
    return seconds[0], seconds[2], size, of_past


def _frame(columns: int, rows: int, random: np.random.Generator) -> pd.DataFrame:
    parts = [draw(rows, np.zeros(NUMBERS), random).add_suffix(f" {number}") for number in range(columns // 10)]
    return pd.concat(parts, axis=1)
