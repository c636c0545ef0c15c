"""The twelve drifts: how each changes one column, a pair of columns or all columns."""

from dataclasses import dataclass

import numpy as np

from benchmarks.budget12.evidence import Evidence, has_drifted, of_column
from benchmarks.budget12.worlds import (
    MISSING,
    ROWS,
    Days,
    Reference,
    correlate_ranks,
    count,
    draw_rows,
    has_missing,
    pair_signals,
)
from driftmonitor.budget import policy

DAYS = 30  # that a drift lasts in a trial
NUMBER, CATEGORY, LACKING = 1, 4, 3  # the column that drifts: a numeric one, a category, one with missing rows
PAIR = (0, 1)


@dataclass(frozen=True)
class Drift:
    """One drift: which columns change ((): all), the correct kinds of contributing signal, and the change.

    add: standard deviations added on each of 30 days. scale: factor of the rows. sentinel, category, missing: share of
    rows. pair: the new correlation.
    """

    title: str
    columns: tuple[int, ...] = (NUMBER,)
    kinds: tuple[str, ...] = ("level", "beside")
    add: tuple[float, ...] = (0.0,) * DAYS
    scale: float = 1.0
    sentinel: float = 0.0
    category: float = 0.0
    missing: float = 0.0
    pair: float | None = None


DRIFTS = {
    "mean_0.1": Drift("mean +0.1 SD", add=(0.1,) * DAYS),
    "mean_0.2": Drift("mean +0.2 SD", add=(0.2,) * DAYS),
    "mean_0.5": Drift("mean +0.5 SD", add=(0.5,) * DAYS),
    "spread": Drift("spread × 1.2", kinds=("spread",), scale=1.2),
    "ramp": Drift("ramp to 0.5 SD in 30 days", add=tuple(0.5 * (day + 1) / DAYS for day in range(DAYS))),
    "spike": Drift("0.5 SD for one day", add=(0.5,) + (0.0,) * (DAYS - 1)),
    "sentinel": Drift("5% of rows are -9", kinds=("range",), sentinel=0.05),
    "category": Drift("category +5 points", (CATEGORY,), ("share", "shape"), category=0.05),
    "all_0.1": Drift("all columns +0.1 SD", (), add=(0.1,) * DAYS),
    "pair": Drift("pair correlation 0.5 → 0.3", PAIR, ("pair",), pair=0.3),
    "missing": Drift("missing +5 points", (LACKING,), ("missing",), missing=0.05),
    "unit": Drift("unit × 100", kinds=("spread",), scale=100.0),
}


def apply(
    drift: Drift,
    evidence: Evidence,
    days: Days,
    reference: Reference,
    add: np.ndarray,
    counts: list,
    start: int,
    random,
) -> Evidence:
    """Return the evidence of 30 days from `start` on with the drift added, upwards or downwards at random."""
    week = max(policy.WINDOWS) - 1
    span, rest = slice(start - week, start + DAYS), slice(start, start + DAYS)
    by_column, drifted = [values[rest] for values in evidence.by_column], evidence.drifted[rest].copy()
    pairs = evidence.pairs[rest]
    sign = 1 if random.uniform() < 0.5 else -1
    for column in drift.columns or range(len(by_column)):
        if drift.pair is not None:
            continue
        rows, moved = days.sorted_rows[column, rest], add[rest, column] + sign * np.array(drift.add)
        now, day_rows = _count(drift, column, rows, moved, reference, random)
        told = np.concatenate([counts[column][span][:week], now])
        missing = _missing(drift, days.missing[span, column], week, random) if has_missing(column) else None
        by_column[column] = of_column(column, reference, told, missing)[week:]
        drifted[:, column] = has_drifted(column, reference, now, day_rows, moved * (drift.sentinel == 0))
    if drift.pair is not None:
        pairs = _correlate(drift.pair, days.columns, reference, random)
    return Evidence(by_column, pairs, drifted)


def _count(drift: Drift, column: int, rows: np.ndarray, moved: np.ndarray, reference: Reference, random):
    """Return the days' counts, and their sorted rows before `moved` is added (with a sentinel: after)."""
    edges = reference.edges[column]
    if drift.category:
        now = count(rows, edges, moved)
        others = now.copy()
        others[:, 1] = 0
        joined = random.binomial(others, drift.category / (1 - 0.3))
        now = now - joined
        now[:, 1] += joined.sum(axis=1)
        return now, rows
    if drift.sentinel:
        hit = random.uniform(size=rows.shape) < drift.sentinel
        rows = np.sort(np.where(hit, np.float32(-9), rows + moved[:, None].astype(np.float32)), axis=1)
        rows += np.linspace(0, 1e-4, rows.shape[1], dtype=np.float32)  # no ties, for the exact distance
        return count(rows, edges, np.zeros(len(rows))), rows
    if drift.scale != 1:
        rows = rows * np.float32(drift.scale) + (drift.scale - 1) * moved[:, None].astype(np.float32)
    return count(rows, edges, moved), rows


def _missing(drift: Drift, missing: np.ndarray, week: int, random) -> np.ndarray:
    if not drift.missing:
        return missing
    share = MISSING + drift.missing
    return np.concatenate([missing[:week], random.binomial(ROWS, share, len(missing) - week)])


def _correlate(now: float, columns: int, reference: Reference, random) -> np.ndarray:
    """Return the pairs' signals on days when the first pair's correlation is `now`, and all others' is 0.5."""
    matrix = np.full((columns, columns), 0.5) + 0.5 * np.eye(columns)
    matrix[PAIR], matrix[PAIR[::-1]] = now, now
    root = np.linalg.cholesky(matrix).astype(np.float32)
    drawn = [correlate_ranks(draw_rows(ROWS, columns, 0, random) @ root.T) for _ in range(DAYS)]
    return pair_signals(reference, np.array(drawn))
