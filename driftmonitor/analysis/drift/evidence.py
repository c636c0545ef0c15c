"""The evidence of one day: how far each column, each week and each pair of columns lies from the reference.

The statistics stand in `strangeness.py`; here the frames become what they ask for, from values that are sorted already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor import strangeness
from driftmonitor.analysis.drift import measures
from driftmonitor.analysis.drift.counted import MissingCounts
from driftmonitor.analysis.drift.kinds import kind_of_numbers
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.drift.sketch import Sketch, sketch
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.values import aligned_numbers
from driftmonitor.evidence import ColumnEvidence, Correlation, Evidence, PairEvidence, rounded
from driftmonitor.past import PastDay
from driftmonitor.record import ColumnScore

PAIR_COLUMNS = 30  # numeric columns whose pairs are looked at: 435 pairs
PAIR_ROWS = 10_000  # a side, of which ranks are taken
STRONGEST = 5
# Where hardly any value is missing, p has few steps; under even odds they say nothing of how ordinary a day is.
ORDINARY = float(strangeness.p_signal(0.5))
FEWEST_DAYS = 4  # of a week's seven that must have been finished


@dataclass(frozen=True)
class Findings:
    """A day's evidence, and the sketches of the reference that weeks are compared with."""

    evidence: Evidence
    sketches: Mapping[str, Sketch]
    notes: tuple[str, ...] = ()


def collect(
    data: Data, scores: Sequence[ColumnScore], pairs: Mapping[str, Pair], missing: Mapping[str, MissingCounts | None]
) -> Findings:
    """Return the evidence of every tested column, those in `pairs`, without its week."""
    sketches = {name: sketch(pair) for name, pair in pairs.items()}
    tested = [score for score in scores if score.name in pairs]
    columns = [_column(score, pairs[score.name], sketches[score.name], missing.get(score.name)) for score in tested]
    numbers = [name for name, pair in pairs.items() if pair.kind == "numerical"]
    evidence = Evidence(columns=tuple(columns), pairs=_pairs(data, numbers[:PAIR_COLUMNS]))
    return Findings(evidence, sketches, _say_left_out(len(numbers)))


def _say_left_out(numbers: int) -> tuple[str, ...]:
    if numbers <= PAIR_COLUMNS:
        return ()
    return (f"Correlations are watched among the first {PAIR_COLUMNS} of {numbers} columns of numbers.",)


def _column(score: ColumnScore, pair: Pair, known: Sketch, missing: MissingCounts | None) -> ColumnEvidence:
    return ColumnEvidence(
        name=score.name,
        reference=known.fingerprint,
        rows=pair.rows,
        day=rounded(_day_signal(score, pair)),
        missing=rounded(_missing_signal(missing)) if missing else None,
        change=_change(known, known.count(pair), pair.distance, score.effect),
        counts=tuple(known.count(pair).tolist()),
    )


def _change(known: Sketch, counts: np.ndarray, distance: float, effect: dict) -> str:
    if known.kind == "categorical":
        return "category"
    return kind_of_numbers(known.counts, counts, distance, effect)


def add_weeks(findings: Findings, days: Sequence[PastDay]) -> Evidence:
    """Return the evidence with the signals of the week that ends today; `days` are those before it."""
    if len(days) + 1 < FEWEST_DAYS:
        return findings.evidence
    before = [{column.name: column for column in day.evidence.columns} for day in days]
    columns = [_week(column, findings.sketches[column.name], before) for column in findings.evidence.columns]
    return findings.evidence.model_copy(update={"columns": tuple(columns)})


def _week(today: ColumnEvidence, known: Sketch, before: Sequence[Mapping[str, ColumnEvidence]]) -> ColumnEvidence:
    same = [day[today.name] for day in before if today.name in day and day[today.name].reference == today.reference]
    counted = [np.array(day.counts) for day in (today, *same) if day.counts]
    if len(counted) < FEWEST_DAYS:
        return today
    pooled = np.sum(counted, axis=0)
    if known.kind == "numerical":
        signal = strangeness.week_signal(known.counts, np.array(counted))
        distance = strangeness.binned_distance(known.counts, pooled)
    else:
        signal = strangeness.category_signal(known.counts, pooled)
        distance = np.abs(known.counts / known.counts.sum() - pooled / pooled.sum()).sum() / 2
    change = _change(known, pooled, distance, {})
    told = {"week": rounded(signal), "week_distance": rounded(distance), "week_change": change}
    return today.model_copy(update=told)


def _day_signal(score: ColumnScore, pair: Pair) -> float | None:
    if pair.kind == "numerical":
        return strangeness.ks_signal(pair.distance, len(pair.reference), len(pair.current))
    try:
        p_value = score.p_value if score.method == "chisquare" else measures.chisquare(pair.counts)[1]
    except ValueError:  # all levels are too rare
        return None
    return float(strangeness.p_signal(p_value))


def _missing_signal(counts: MissingCounts) -> float:
    p_value = measures.rare_change(counts.reference, counts.reference_rows, counts.current, counts.current_rows)
    return max(float(strangeness.p_signal(p_value)), ORDINARY)


def _pairs(data: Data, names: Sequence[str]) -> PairEvidence | None:
    if len(names) < 2:
        return None
    sides = [_ranks(frame, names) for frame in (data.reference, data.current)]
    correlations = [strangeness.pair_correlations(ranks) for ranks in sides]
    values = strangeness.pair_signals(*correlations, *(len(ranks) for ranks in sides))
    pairs = strangeness.pair_names(names)
    strongest = [i for i in np.argsort(-np.nan_to_num(values))[:STRONGEST] if np.isfinite(values[i])]
    return PairEvidence(
        columns=tuple(names),
        signals=tuple(map(rounded, values)),
        strongest=tuple(
            Correlation(columns=pairs[i], reference=rounded(correlations[0][i]), current=rounded(correlations[1][i]))
            for i in strongest
        ),
    )


def _ranks(frame, names: Sequence[str]) -> np.ndarray:
    """Return the columns' ranks among the first rows, which are in no order; a missing value ranks in the middle."""
    some = frame.head(PAIR_ROWS)
    return np.column_stack([rank(aligned_numbers(some[name])) for name in names])


def rank(values: np.ndarray) -> np.ndarray:
    """Return the ranks of the values from 1 up: equal ones share their mean rank, NaN gets the mean of all."""
    known = np.flatnonzero(~np.isnan(values))
    ranks = np.full(len(values), (len(known) + 1) / 2)
    order = known[np.argsort(values[known], kind="stable")]
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(order) else order
    sizes = np.diff(starts, append=len(order))
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks
