"""The figures of a comparison, each with a description that Jupyter displays as its alt text."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from driftmonitor.analysis.plots.baseline_days import baseline_alt_text, plot_baseline
from driftmonitor.analysis.plots.captions import overview_alt_text, shift_alt_text, worth_drawing
from driftmonitor.analysis.plots.overview import plot_overview
from driftmonitor.analysis.plots.picture import display_data, save_picture
from driftmonitor.analysis.plots.shift import plot_shift
from driftmonitor.analysis.plots.where import plot_where, where_alt_text
from driftmonitor.analysis.sources import Snapshot
from driftmonitor.analysis.where.contributions import find_contributions
from driftmonitor.analysis.where.of_column import Rows
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import ColumnScore
from driftmonitor.facts.where import Where


@dataclass(frozen=True)
class DescribedFigure:
    """A matplotlib figure, and in words what it shows, for readers who cannot see it."""

    figure: Figure
    alt_text: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what Jupyter displays: a PNG with its alt text."""
        return display_data(self.figure, self.alt_text)

    def save(self, path: Path | str) -> Path:
        """Write the figure as a PNG, small enough to be attached to an alert; return its path."""
        return save_picture(self.figure, path)


def describe_shifts(
    scores: Sequence[ColumnScore],
    draw: Sequence[str],
    most: int,
    values: Callable[[ColumnScore], tuple[np.ndarray, np.ndarray]],
    unusual: Collection[str] | None = None,
) -> Iterator[DescribedFigure]:
    """Yield how each column worth drawing changed: those in `draw`, then the drifted ones, `most` in all.

    `values` gives both sides' values of a column, `unusual` the columns that the budget rule names, None if the share
    rule decides. A figure is drawn when it is asked for.
    """
    for score in worth_drawing(scores, draw, most):
        yield DescribedFigure(plot_shift(score, *values(score), unusual), shift_alt_text(score, unusual))


def describe_overview(
    scores: Sequence[ColumnScore], threshold: float, min_distance: float, unusual: Collection[str] | None = None
) -> DescribedFigure:
    """Return how far each column's distributions are apart."""
    figure = plot_overview(scores, threshold, min_distance, unusual)
    return DescribedFigure(figure, overview_alt_text(scores, threshold, unusual))


def describe_where(
    wheres: Sequence[Where], data: Snapshot, columns: Sequence[ColumnScore]
) -> Iterator[DescribedFigure]:
    """Yield where each change comes from, of those of which a slice or a mix has a part."""
    rows = Rows(data.reference, data.current, columns)
    for where in wheres:
        if drawn := find_contributions(rows, where):
            yield DescribedFigure(plot_where(where, drawn), where_alt_text(where, drawn))


def describe_baseline(
    judgement: Judgement, days: Sequence[tuple[dt.date, float]], run_date: dt.date
) -> DescribedFigure:
    """Return the anomaly score of the day and of each of its baseline days."""
    return DescribedFigure(plot_baseline(judgement, days, run_date.isoformat()), baseline_alt_text(judgement))
