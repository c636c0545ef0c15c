"""Make earlier days of the reference's own days, so that a new monitor has baseline days from its first run.

Each day is compared with the rest of the reference; that is done where the signals are computed, from the counts.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.collect_evidence import rank
from driftmonitor.analysis.drift.dependence.evidence import reference_dependence
from driftmonitor.analysis.drift.pairs import make_pair
from driftmonitor.analysis.drift.quantiles import find_quartiles
from driftmonitor.analysis.drift.reference_bins import Sketch, sketch
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.drift.segments.evidence import ReferenceSegments, add_up_days
from driftmonitor.analysis.drift.tails import Tails
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.analysis.values import NamedColumn, aligned_numbers, describe_type, to_text
from driftmonitor.budget import signals
from driftmonitor.budget.pairwise import Ranked
from driftmonitor.config.segment_settings import Segmentation
from driftmonitor.facts.base import rounded
from driftmonitor.facts.earlier_days import EarlierDay, ReferenceDays
from driftmonitor.facts.evidence import (
    ColumnEvidence,
    DependenceEvidence,
    Evidence,
    PairEvidence,
    Quartiles,
    Tail,
)

MOST_DAYS = 365
MOST_COUNTED = 15_000  # columns times days: a few megabytes of JSON
CELLS = 80  # of a column in segments, which take as much
EPOCH = pd.Timestamp(0, unit="s", tz="UTC").as_unit("s")
FURTHEST = 36_500  # days ago: a date such as 1900-01-01 often stands for a missing one


def reference_days(
    data: Data | Snapshot,
    columns: Iterable[NamedColumn],
    evidence: Evidence,
    time_column: str,
    before: dt.date,
    current_days: int = 1,
    segmentations: Sequence[Segmentation] = (),
) -> ReferenceDays:
    """Return the reference's last days before `before`, oldest first; none if its rows have no time.

    As today, a day has the rows of the `current_days` days that end with it. If the reference was sampled, a day has
    fewer rows than today, and its signals are less exact. `segmentations`: how the rows are divided.
    """
    sides = Sides(data)
    now = sides.snapshot
    position, first, whole = _number_days(now.reference, time_column, before)
    if (position < 0).all():
        return ReferenceDays()
    days = int(position.max()) + 1
    cells = sum(len(each.reference_rows) * len(each.sums) for each in evidence.segments)
    most = min(MOST_DAYS, max(1, MOST_COUNTED // max(1, len(evidence.columns) + cells // CELLS)))
    ends = _find_ends(position, days, current_days)[-most:]
    today = {column.name: column for column in evidence.columns}
    counted, ordered, every = {}, {}, list(columns)
    segments = ReferenceSegments.of(sides, segmentations, evidence, position, days)
    for column in every:
        if column.name in today:
            pair = make_pair(sides, column)
            outline = sketch(pair)
            if outline.fingerprint == today[column.name].reference:
                series = now.reference[column.name]
                counts, rows = _count(series, outline, position, days)
                counted[column.name] = add_up_days(counts, current_days)[ends], add_up_days(rows, current_days)[ends]
                segments.add(column.name, pair, sides)
                if pair.kind == "numerical":
                    ordered[column.name] = _describe_days(series, pair, position, ends, current_days)
    rows = add_up_days(np.bincount(position[position >= 0], minlength=days), current_days)
    size = "compared" if len(now.reference) < now.reference_total else "rows"
    together = _count_tables(sides, every, evidence.dependence, position, days, current_days)
    in_segments = segments.evidence(list(counted), current_days, ends)
    correlated = _pairs(now.reference, evidence.pairs, position, ends, current_days)
    found = [
        EarlierDay(
            date=first + dt.timedelta(days=int(end)),
            of_reference=True,
            evidence=Evidence(
                columns=tuple(
                    _column(today[name], *counts, i, *(ordered[name][i] if name in ordered else (None, None)))
                    for name, counts in counted.items()
                ),
                pairs=correlated[i],
                dependence=together and DependenceEvidence(reference=together[0], counts=together[1][end].tolist()),
                segments=in_segments[i],
                **{size: int(rows[end])},
            ),
        )
        for i, end in enumerate(ends)
    ]
    return ReferenceDays(days=tuple(found), whole=whole)


def _number_days(frame: pd.DataFrame, time_column: str, before: dt.date) -> tuple[np.ndarray, dt.date, bool]:
    """Return the number of each row's day (UTC), counted from the first day, that day, and if all are before `before`.

    It is -1 without a time, from `before` on, and for days so far back that no run is compared with them.
    """
    if time_column not in frame:
        return np.full(len(frame), -1), before, True
    times = pd.to_datetime(frame[time_column], utc=True, errors="coerce")
    days = times.dt.floor("D").dt.as_unit("s") - EPOCH
    ago = ((before - EPOCH.date()).days - days.dt.days).fillna(0).to_numpy(dtype=int)
    counts = (ago > 0) & (ago <= FURTHEST)
    most = int(ago[counts].max()) if counts.any() else 0
    whole = bool((ago[times.notna().to_numpy()] > 0).all())
    return np.where(counts, most - ago, -1), before - dt.timedelta(days=most), whole


def _find_ends(position: np.ndarray, days: int, length: int) -> np.ndarray:
    """Return the days with rows that end `length` days of the reference."""
    rows = np.bincount(position[position >= 0], minlength=days)
    rows[: length - 1] = 0  # a part of such days is before the reference
    return np.flatnonzero(rows)


def _describe_days(
    series: pd.Series, pair: Pair, position: np.ndarray, ends: np.ndarray, length: int
) -> list[tuple[Tail, Quartiles | None]]:
    """Return the tails and quartiles of the numbers of the `length` days that end with each of the days `ends`."""
    numbers, tails = aligned_numbers(series), Tails(pair.ordered[0])
    usable = (position >= 0) & ~np.isnan(numbers)
    order = np.argsort(position[usable], kind="stable")
    rows, day = numbers[usable][order], position[usable][order]
    starts, stops = (np.searchsorted(day, at, "right") for at in (ends - length, ends))
    days = (np.sort(rows[start:stop]) for start, stop in zip(starts, stops, strict=True))
    return [(tails.measure(own), find_quartiles(own)) for own in days]


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


def _column(
    today: ColumnEvidence, counts: np.ndarray, rows: np.ndarray, i: int, tail: Tail | None, quartiles: Quartiles | None
) -> ColumnEvidence:
    usable = int(counts[i].sum())
    missing = today.missing and (*today.missing[:2], int(rows[i]) - usable, int(rows[i]))
    return ColumnEvidence(
        name=today.name,
        reference=today.reference,
        rows=(today.rows[0], usable),
        missing=missing,
        counts=tuple(counts[i].tolist()),
        tail=tail,
        quartiles=quartiles,
    )


def _count_tables(
    sides: Sides,
    columns: Iterable[NamedColumn],
    today: DependenceEvidence | None,
    position: np.ndarray,
    days: int,
    length: int,
) -> tuple[str, np.ndarray] | None:
    """Return the fingerprint of today's tables and each day's rows in their cells (days, cells)."""
    wanted = [column for column in columns if today and column.name in today.columns]
    found = reference_dependence(sides, wanted, today, position, days)
    return found and (found[0], add_up_days(found[1], length))


def _pairs(
    frame: pd.DataFrame, today: PairEvidence | None, position: np.ndarray, ends: np.ndarray, length: int
) -> list[PairEvidence | None]:
    """Return each day's signals of pairs, approximately against the reference without that day."""
    if today is None:
        return [None] * len(ends)
    numbers = np.column_stack([aligned_numbers(frame[name]) for name in today.columns])
    ranked = _rank(numbers)
    whole = ranked, ranked.correlations(), ranked.variances()
    rows = ((position > end - length) & (position <= end) for end in ends)
    return [_pairs_of(numbers[own], *whole, today.columns) for own in rows]


def _pairs_of(
    rows: np.ndarray, reference: Ranked, whole: np.ndarray, variances: np.ndarray, names: tuple[str, ...]
) -> PairEvidence:
    day, total = _rank(rows), len(reference.ranks)
    # The day is part of the reference; the rest of the reference differs from it by more.
    rest = total - len(rows)
    of_rest = reference.rows() * rest / total
    apart = signals.pair_signals(whole, variances, day.correlations(), of_rest, day.rows()) * total / max(rest, 1)
    return PairEvidence(columns=names, signals=tuple(map(rounded, apart)), rows=(rest, len(rows)), complete=True)


def _rank(numbers: np.ndarray) -> Ranked:
    return Ranked.of([(rank(values), ~np.isnan(values)) for values in numbers.T])
