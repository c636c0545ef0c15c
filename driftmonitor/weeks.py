"""The signals of the seven days that end today, from the counts that each day left: no row is needed any more."""

from collections.abc import Mapping, Sequence

import numpy as np

from driftmonitor import strangeness
from driftmonitor.evidence import BINS, ColumnEvidence, Evidence, rounded
from driftmonitor.kinds import kind_of_numbers
from driftmonitor.past import PastDay
from driftmonitor.record import ColumnScore

FEWEST_DAYS = 4  # of the seven that must have been finished
# A signal never says more than "as ordinary as even odds": few rows of a kind give odd steps below.
ORDINARY = float(strangeness.p_signal(0.5))


def add_weeks(evidence: Evidence, scores: Sequence[ColumnScore], days: Sequence[PastDay]) -> Evidence:
    """Return the evidence with the signals of its week; `days` are the finished ones of the six before it."""
    if len(days) + 1 < FEWEST_DAYS:
        return evidence
    kinds = {score.name: score.kind for score in scores}
    before = [{column.name: column for column in day.evidence.columns} for day in days]
    columns = [_with_week(column, kinds[column.name], before) for column in evidence.columns]
    return evidence.model_copy(update={"columns": tuple(columns)})


def _with_week(today: ColumnEvidence, kind: str, before: Sequence[Mapping[str, ColumnEvidence]]) -> ColumnEvidence:
    same = [day[today.name] for day in before if today.name in day and day[today.name].reference == today.reference]
    counted = np.array([day.counts for day in (today, *same) if day.counts])
    if len(counted) < FEWEST_DAYS:
        return today
    reference, pooled = reference_counts(today), counted.sum(axis=0)
    if kind == "numerical":
        signal = strangeness.week_signal(reference, counted)
        distance = float(strangeness.binned_distance(reference, pooled))
        change = kind_of_numbers(reference, pooled, distance, {})
    else:
        signal = max(strangeness.category_signal(reference, pooled), ORDINARY)
        distance = np.abs(reference / reference.sum() - pooled / pooled.sum()).sum() / 2
        change = "category"
    told = {"week": rounded(signal), "week_distance": rounded(distance), "week_change": change}
    return today.model_copy(update=told)


def reference_counts(column: ColumnEvidence) -> np.ndarray:
    """Return the reference's rows in each of the column's bins or levels."""
    return np.array(column.reference_counts) if column.reference_counts else even_counts(column.rows[0])


def even_counts(rows: int) -> np.ndarray:
    """Return how many of `rows` different numbers lie in each of the 50 bins of their quantiles."""
    return np.diff((np.arange(1, BINS) * rows + BINS - 1) // BINS, prepend=0, append=rows)
