"""Collect the evidence of one day: the counts and correlations that are kept for judging later days."""

from collections.abc import Sequence

import numpy as np

from driftmonitor.analysis.drift.column_counts import MissingCounts
from driftmonitor.analysis.drift.dependence.evidence import collect_dependence
from driftmonitor.analysis.drift.dependence.tables import MOST_COLUMNS
from driftmonitor.analysis.drift.quantiles import find_quartiles
from driftmonitor.analysis.drift.reference_bins import sketch
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.drift.tails import Tails
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.usable import Numbers
from driftmonitor.analysis.values import NamedColumn, aligned_numbers
from driftmonitor.budget import signals
from driftmonitor.budget.pairwise import Ranked
from driftmonitor.budget.policy import PAIR_COLUMNS
from driftmonitor.facts.base import rounded
from driftmonitor.facts.evidence import (
    ColumnEvidence,
    Correlation,
    DateEvidence,
    Evidence,
    PairEvidence,
    Quartiles,
    SegmentEvidence,
)
from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import one_line

PAIR_ROWS = 10_000  # a side, from which correlations are computed
STRONGEST = 5


def collect(
    sides: Sides,
    columns: Sequence[ColumnEvidence],
    numbers: Sequence[str],
    together: Sequence[NamedColumn] = (),
    segments: tuple[SegmentEvidence, ...] = (),
    dates: tuple[DateEvidence, ...] = (),
) -> Evidence:
    """Return the evidence of the tested columns, `numbers` being the names of those of numbers.

    `together`: the columns whose dependence is watched. `segments`, `dates`: what is kept of segments and of dates.
    """
    rows, total = len(sides.current), sides.snapshot.current_total
    return Evidence(
        rows=total,
        compared=rows if rows < total else None,
        columns=tuple(columns),
        pairs=_pairs(sides, tuple(numbers[:PAIR_COLUMNS])),
        dependence=collect_dependence(sides, together),
        segments=segments,
        dates=dates,
    )


def say_left_out(scores: Sequence[ColumnScore]) -> list[str]:
    """Return a sentence for each kind of pairs of columns of which not all are watched."""
    tested = [score.kind for score in scores if score.status != "not_testable"]
    numbers, said = tested.count("numerical"), []
    if numbers > PAIR_COLUMNS:
        said.append(f"Correlations are compared for the first {PAIR_COLUMNS} of {numbers} columns of numbers only.")
    if len(tested) > MOST_COLUMNS:
        said.append(f"Dependence is compared for the first {MOST_COLUMNS} of {len(tested)} columns only.")
    return said


def column_evidence(name: str, pair: Pair, missing: MissingCounts | None) -> ColumnEvidence:
    """Return the evidence of one column with usable values on both sides."""
    outline = sketch(pair)
    kept = {
        "name": name,
        "reference": outline.fingerprint,
        "rows": pair.rows,
        "missing": missing and (missing.reference, missing.reference_rows, missing.current, missing.current_rows),
        "counts": tuple(outline.count(pair).tolist()),
        "reference_counts": None if outline.is_even else tuple(outline.counts.tolist()),
    }
    if pair.kind == "categorical":
        levels = outline.levels[: signals.SEPARATE_LEVELS]
        common = {level for level in levels if any(side.is_common(level) for side in pair.levels)}
        return ColumnEvidence(**kept, levels=tuple(one_line(level, 40) if level in common else "" for level in levels))
    reference, current = pair.numbers
    return ColumnEvidence(
        **kept,
        tail=reference.once(_find_tails).measure(current.ordered),
        reference_tail=reference.once(_measure_tails),
        quartiles=current.once(_find_quartiles),
        reference_quartiles=reference.once(_find_quartiles),
    )


def _find_tails(numbers: Numbers) -> Tails:
    return Tails(numbers.ordered)


def _measure_tails(numbers: Numbers) -> tuple[float, float, float, float, int]:
    return numbers.once(_find_tails).measure_reference()


def _find_quartiles(numbers: Numbers) -> Quartiles | None:
    return find_quartiles(numbers.ordered)


def _pairs(sides: Sides, names: tuple[str, ...]) -> PairEvidence | None:
    if len(names) < 2:
        return None
    before, variances, known_rows = sides.reference.once(_correlate, names)
    ranked = _rank(sides.current, names)
    now, errors = ranked.correlations(), signals.pair_errors(variances, known_rows, ranked.rows())
    values = (now - before) / errors
    pairs = signals.pair_names(names)
    strongest = [i for i in np.argsort(-np.abs(np.nan_to_num(values)))[:STRONGEST] if np.isfinite(values[i])]
    return PairEvidence(
        columns=names,
        signals=tuple(map(rounded, values)),
        rows=(min(len(sides.reference), PAIR_ROWS), min(len(sides.current), PAIR_ROWS)),
        complete=True,
        strongest=tuple(
            Correlation(
                columns=pairs[i],
                reference=rounded(sides.reference.once(_spearman, pairs[i])),
                current=rounded(_spearman(sides.current, pairs[i])),
                error=rounded(errors[i]),
            )
            for i in strongest
        ),
    )


def _correlate(side: Side, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the correlation of each pair of columns, what its variance is computed from, and its number of rows."""
    ranked = _rank(side, names)
    return ranked.correlations(), ranked.variances(), ranked.rows()


def _spearman(side: Side, pair: tuple[str, str]) -> float:
    """Return the rank correlation of two columns over the rows that have a value in both (Spearman 1904)."""
    first, second = (_first_numbers(side, name) for name in pair)
    both = ~np.isnan(first) & ~np.isnan(second)
    ranks = np.column_stack([rank(values[both]) for values in (first, second)])
    return float(signals.pair_correlations(ranks)[0])


def _rank(side: Side, names: Sequence[str]) -> Ranked:
    """Return the columns' ranks among the first rows, which are in no order."""
    return Ranked.of([side.once(_rank_column, name) for name in names])


def _rank_column(side: Side, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a column's ranks, and which of its values are present."""
    values = _first_numbers(side, name)
    return rank(values), ~np.isnan(values)


def _first_numbers(side: Side, name: str) -> np.ndarray:
    return aligned_numbers(side.frame[name].head(PAIR_ROWS))


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
