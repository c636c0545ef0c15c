"""The days of a dated reference as days of the past, so that a new monitor need not wait half a year for its pool.

Each is judged against the reference without it; that is done where the signals are worked out, from the counts.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.collect_evidence import rank
from driftmonitor.analysis.drift.comparison import usable_pairs
from driftmonitor.analysis.drift.reference_bins import Sketch, sketch
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.values import aligned_numbers, describe_type, to_text
from driftmonitor.budget import signals
from driftmonitor.facts.base import rounded
from driftmonitor.facts.earlier_days import EarlierDay
from driftmonitor.facts.evidence import ColumnEvidence, Evidence, PairEvidence

MOST_DAYS = 365
LIKE = 2.0  # a day of so many times more or fewer rows than today is no yardstick


def reference_days(
    data: Data, columns: Sequence[Column], evidence: Evidence, time_column: str, before: dt.date
) -> list[EarlierDay]:
    """Return the reference's last days before `before`, oldest first; none if its rows have no time, or too few a day.

    The reference's rows may be a sample: then a day has fewer of them than today, and says less.
    """
    times = _days(data.reference, time_column)
    if times is None:
        return []
    wanted = _choose(times, len(data.current), before)
    known = {column.name: column for column in evidence.columns}
    pairs = {name: pair for name, pair in usable_pairs(data, list(columns)).items() if name in known}
    place = pd.Index(wanted).get_indexer(times)
    counted = {}
    for name, pair in pairs.items():
        outline = sketch(pair)
        if outline.fingerprint == known[name].reference:
            counted[name] = _count(data.reference[name], outline, place, len(wanted))
    correlated = _pairs(data.reference, evidence.pairs, place, len(wanted))
    return [
        EarlierDay(
            date=day,
            of_reference=True,
            evidence=Evidence(
                columns=tuple(_column(known[name], *counts, i) for name, counts in counted.items()), pairs=correlated[i]
            ),
        )
        for i, day in enumerate(wanted)
    ]


def _days(frame: pd.DataFrame, time_column: str) -> np.ndarray | None:
    """Return each row's day (UTC), or None without a column of times."""
    if time_column not in frame:
        return None
    times = pd.to_datetime(frame[time_column], utc=True, errors="coerce")
    return times.dt.date.to_numpy() if times.notna().any() else None


def _choose(times: np.ndarray, rows: int, before: dt.date) -> list[dt.date]:
    counts = pd.Series(times).value_counts()
    fits = counts[(counts >= rows / LIKE) & (counts <= rows * LIKE)]
    return sorted(day for day in fits.index if day < before)[-MOST_DAYS:]


def _count(series: pd.Series, outline: Sketch, place: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each day's counts (days, bins), and its rows (days,), with or without a value."""
    bins = len(outline.counts)
    if outline.kind == "numerical":
        numbers = aligned_numbers(series)
        known = ~np.isnan(numbers)
        places = np.searchsorted(outline.edges, numbers[known], side="left")
    else:
        known = series.notna().to_numpy()
        if describe_type(series) == "number":
            known = known & ~np.isnan(aligned_numbers(series))  # a new array: pandas hands out read-only ones
        order = {level: i for i, level in enumerate(outline.levels)}
        places = np.array([order.get(text, bins - 1) for text in to_text(series[known])], dtype=int)
    inside = place[known] >= 0
    flat = place[known][inside] * bins + places[inside]
    counts = np.bincount(flat, minlength=days * bins).reshape(days, bins)
    return counts, np.bincount(place[place >= 0], minlength=days)


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


def _pairs(frame: pd.DataFrame, today: PairEvidence | None, place: np.ndarray, days: int) -> list[PairEvidence | None]:
    """Return each day's signals of pairs, against the reference without it as nearly as correlations tell."""
    if today is None:
        return [None] * days
    numbers = np.column_stack([aligned_numbers(frame[name]) for name in today.columns])
    whole = signals.pair_correlations(np.column_stack([rank(values) for values in numbers.T]))
    return [_pairs_of(numbers[place == i], whole, len(numbers), today.columns) for i in range(days)]


def _pairs_of(rows: np.ndarray, whole: np.ndarray, total: int, names: tuple[str, ...]) -> PairEvidence:
    own = signals.pair_correlations(np.column_stack([rank(values) for values in rows.T]))
    # The day is a part of the reference: without it the reference lies further away.
    apart = signals.pair_signals(whole, own, total - len(rows), len(rows)) * total / max(total - len(rows), 1)
    return PairEvidence(columns=names, signals=tuple(map(rounded, apart)))
