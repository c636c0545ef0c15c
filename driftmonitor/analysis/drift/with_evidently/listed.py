"""The columns that Evidently's table lists without a picture, because drawing each of a thousand takes a minute."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from driftmonitor.analysis.drift.with_evidently.drawn import DrawnColumn, Shown
from driftmonitor.facts.record import ColumnScore, by_severity

MAX_PICTURES = 60  # of columns; one takes Evidently about a twentieth of a second
BINS = 10  # of the small histograms in the table, as Evidently has them


def choose_pictured(columns: Sequence[ColumnScore]) -> set[str]:
    """Return the columns that have a picture: of many the drifted ones, then those with the largest distance."""
    if len(columns) <= MAX_PICTURES:
        return {score.name for score in columns}
    tested = [score.name for score in by_severity(columns) if score.status != "not_testable"]
    return set(tested[:MAX_PICTURES])


def say_pictured(columns: int, pictured: int) -> tuple[str, ...]:
    """Return a note if not every column has a picture."""
    if pictured == columns:
        return ()
    drawn = f"the {pictured} of {columns:,} columns that changed most, drifted ones first"
    return (f"Evidently's pictures show {drawn}; its table lists all columns.",)


def list_column(name: str, column: Shown) -> dict[str, Any]:
    """Return the row of Evidently's table for a column without a picture, by the names of its cells."""
    small_histograms = _count_values if column.drawn.kind == "numerical" else _count_levels
    reference, current = small_histograms(column.drawn)
    return {
        "column_name": name,
        "column_type": column.drawn.kind[:3],
        "stattest_name": column.label,
        "reference_distribution": reference,
        "current_distribution": current,
        "data_drift": "Detected" if column.drifted else "Not Detected",
        "drift_score": round(column.score, 6),
    }


def _count_values(drawn: DrawnColumn) -> Iterator[dict[str, list]]:
    for values in (drawn.reference, drawn.current):
        densities, edges = np.histogram(values, BINS, density=True)
        yield {"x": edges.tolist(), "y": densities.tolist()}


def _count_levels(drawn: DrawnColumn) -> Iterator[dict[str, list]]:
    counts = [Counter(values.tolist()) for values in (drawn.reference, drawn.current)]
    levels = sorted(set().union(*counts))
    for count in counts:
        yield {"x": levels, "y": [count[level] for level in levels]}
