"""Collect the evidence of one day: the counts and correlations that are kept for judging later days."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.column_counts import MissingCounts
from driftmonitor.analysis.drift.quartiles import find_quartiles
from driftmonitor.analysis.drift.reference_bins import sketch
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.drift.tails import Tails
from driftmonitor.analysis.sources import Snapshot
from driftmonitor.analysis.values import aligned_numbers
from driftmonitor.budget import signals
from driftmonitor.budget.policy import PAIR_COLUMNS
from driftmonitor.facts.base import rounded
from driftmonitor.facts.evidence import ColumnEvidence, Correlation, Evidence, PairEvidence
from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import one_line

PAIR_ROWS = 10_000  # a side, from which correlations are computed
STRONGEST = 5


def collect(
    data: Snapshot,
    scores: Sequence[ColumnScore],
    pairs: Mapping[str, Pair],
    missing: Mapping[str, MissingCounts | None],
) -> Evidence:
    """Return the evidence of the tested columns, whose values are in `pairs`."""
    columns = [
        _column(score.name, pairs[score.name], missing.get(score.name)) for score in scores if score.name in pairs
    ]
    numbers = [name for name, pair in pairs.items() if pair.kind == "numerical"]
    sampled = len(data.current) if len(data.current) < data.current_total else None
    of_pairs = _pairs(data, numbers[:PAIR_COLUMNS])
    return Evidence(rows=data.current_total, compared=sampled, columns=tuple(columns), pairs=of_pairs)


def say_left_out(scores: Sequence[ColumnScore]) -> list[str]:
    """Return a sentence if not every pair of columns is watched, an empty list otherwise."""
    numbers = sum(score.kind == "numerical" and score.status != "not_testable" for score in scores)
    if numbers <= PAIR_COLUMNS:
        return []
    return [f"Correlations are compared for the first {PAIR_COLUMNS} of {numbers} columns of numbers only."]


def _column(name: str, pair: Pair, missing: MissingCounts | None) -> ColumnEvidence:
    outline = sketch(pair)
    numerical = pair.kind == "numerical"
    tails = Tails(pair.ordered[0]) if numerical else None
    return ColumnEvidence(
        name=name,
        reference=outline.fingerprint,
        rows=pair.rows,
        missing=(missing.reference, missing.reference_rows, missing.current, missing.current_rows) if missing else None,
        counts=tuple(outline.count(pair).tolist()),
        reference_counts=None if outline.is_even else tuple(outline.counts.tolist()),
        tail=tails.measure(pair.ordered[1]) if tails else None,
        reference_tail=tails.measure_reference() if tails else None,
        quartiles=find_quartiles(pair.ordered[1]) if numerical else None,
        reference_quartiles=find_quartiles(pair.ordered[0]) if numerical else None,
        levels=None if numerical else tuple(one_line(name, 40) for name in outline.levels[: signals.SEPARATE_LEVELS]),
    )


def _pairs(data: Snapshot, names: Sequence[str]) -> PairEvidence | None:
    if len(names) < 2:
        return None
    reference, current = (_ranks(frame, names) for frame in (data.reference, data.current))
    before, now = signals.pair_correlations(reference), signals.pair_correlations(current)
    rows = len(reference), len(current)
    errors = signals.pair_errors(signals.pair_variances(reference), *rows)
    values = (now - before) / errors
    pairs = signals.pair_names(names)
    strongest = [i for i in np.argsort(-np.abs(np.nan_to_num(values)))[:STRONGEST] if np.isfinite(values[i])]
    return PairEvidence(
        columns=tuple(names),
        signals=tuple(map(rounded, values)),
        rows=rows,
        strongest=tuple(
            Correlation(
                columns=pairs[i], reference=rounded(before[i]), current=rounded(now[i]), error=rounded(errors[i])
            )
            for i in strongest
        ),
    )


def _ranks(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return the columns' ranks among the first rows, which are in no order; a missing value gets the mean rank."""
    some = frame.head(PAIR_ROWS)
    return np.column_stack([rank(aligned_numbers(some[name])) for name in names])


def rank(values: np.ndarray) -> np.ndarray:
    """Return the ranks of the values from 1 up: equal ones share their mean rank, NaN gets the mean of all."""
    present = np.flatnonzero(~np.isnan(values))
    ranks = np.full(len(values), (len(present) + 1) / 2)
    order = present[np.argsort(values[present], kind="stable")]
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(order) else order
    sizes = np.diff(starts, append=len(order))
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks
