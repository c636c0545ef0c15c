"""Make earlier days of the reference's own days, so that a new monitor has baseline days from its first run.

Each day is compared with the rest of the reference; that is done where the signals are computed, from the counts.
"""

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.collect_evidence import rank
from driftmonitor.analysis.drift.pairs import make_pair
from driftmonitor.analysis.drift.reference_bins import Sketch, sketch
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.analysis.values import NamedColumn, aligned_numbers, describe_type, to_text
from driftmonitor.budget import signals
from driftmonitor.facts.base import rounded
from driftmonitor.facts.earlier_days import EarlierDay
from driftmonitor.facts.evidence import ColumnEvidence, Evidence, PairEvidence

MOST_DAYS = 365
SIMILAR = 2.0  # a day with more than twice today's rows, or less than half, is no baseline day


def reference_days(
    data: Data | Snapshot, columns: Iterable[NamedColumn], evidence: Evidence, time_column: str, before: dt.date
) -> list[EarlierDay]:
    """Return the reference's last days before `before`, oldest first; none if its rows have no time, or too few a day.

    If the reference was sampled, a day has fewer rows than today, and its signals are less exact.
    """
    now = data.snapshot()
    times = _days(now.reference, time_column)
    if times is None:
        return []
    days = _choose(times, len(now.current), before)
    day_of_row = pd.Index(days).get_indexer(pd.Index(times))
    today = {column.name: column for column in evidence.columns}
    counted = {}
    for column in columns:
        if column.name in today:
            outline = sketch(make_pair(now, column))
            if outline.fingerprint == today[column.name].reference:
                counted[column.name] = _count(now.reference[column.name], outline, day_of_row, len(days))
    correlated = _pairs(now.reference, evidence.pairs, day_of_row, len(days))
    return [
        EarlierDay(
            date=day,
            of_reference=True,
            evidence=Evidence(
                columns=tuple(_column(today[name], *counts, i) for name, counts in counted.items()), pairs=correlated[i]
            ),
        )
        for i, day in enumerate(days)
    ]


def _days(frame: pd.DataFrame, time_column: str) -> np.ndarray | None:
    """Return each row's day (UTC), or None without a column of times."""
    if time_column not in frame:
        return None
    times = pd.to_datetime(frame[time_column], utc=True, errors="coerce")
    return times.dt.date.to_numpy() if times.notna().any() else None


def _choose(times: np.ndarray, rows: int, before: dt.date) -> list[dt.date]:
    counts = pd.Series(times).value_counts()
    similar = counts[(counts >= rows / SIMILAR) & (counts <= rows * SIMILAR)]
    return sorted(day for day in similar.index if day < before)[-MOST_DAYS:]


def _count(series: pd.Series, outline: Sketch, day_of_row: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each day's counts (days, bins), and its rows (days,), with or without a value."""
    bins = len(outline.counts)
    usable, bin_of_value = _find_bins(series, outline)
    inside = day_of_row[usable] >= 0
    flat = day_of_row[usable][inside] * bins + bin_of_value[inside]
    counts = np.bincount(flat, minlength=days * bins).reshape(days, bins)
    return counts, np.bincount(day_of_row[day_of_row >= 0], minlength=days)


def _find_bins(series: pd.Series, outline: Sketch) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows have a usable value, and the bin of each of these values."""
    if outline.kind == "numerical":
        numbers = aligned_numbers(series)
        usable = ~np.isnan(numbers)
        return usable, np.searchsorted(outline.edges, numbers[usable], side="left")
    usable = series.notna().to_numpy()
    if describe_type(series) == "number":
        usable = usable & ~np.isnan(aligned_numbers(series))  # a new array: pandas gives a read-only one
    order = {level: i for i, level in enumerate(outline.levels)}
    last = len(outline.counts) - 1
    return usable, np.array([order.get(text, last) for text in to_text(series[usable])], dtype=int)


def _column(today: ColumnEvidence, counts: np.ndarray, rows: np.ndarray, i: int) -> ColumnEvidence:
    usable = int(counts[i].sum())
    missing = today.missing and (*today.missing[:2], int(rows[i]) - usable, int(rows[i]))
    return ColumnEvidence(
        name=today.name,
        reference=today.reference,
        rows=(today.rows[0], usable),
        missing=missing,
        counts=tuple(counts[i].tolist()),
    )


def _pairs(
    frame: pd.DataFrame, today: PairEvidence | None, day_of_row: np.ndarray, days: int
) -> list[PairEvidence | None]:
    """Return each day's signals of pairs, approximately against the reference without that day."""
    if today is None:
        return [None] * days
    numbers = np.column_stack([aligned_numbers(frame[name]) for name in today.columns])
    whole = signals.pair_correlations(np.column_stack([rank(values) for values in numbers.T]))
    return [_pairs_of(numbers[day_of_row == i], whole, len(numbers), today.columns) for i in range(days)]


def _pairs_of(rows: np.ndarray, whole: np.ndarray, total: int, names: tuple[str, ...]) -> PairEvidence:
    own = signals.pair_correlations(np.column_stack([rank(values) for values in rows.T]))
    # The day is part of the reference; the rest of the reference differs from it by more.
    apart = signals.pair_signals(whole, own, total - len(rows), len(rows)) * total / max(total - len(rows), 1)
    return PairEvidence(columns=names, signals=tuple(map(rounded, apart)))
