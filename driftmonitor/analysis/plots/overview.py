"""The figure of all columns: how far each is from the reference."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from driftmonitor.analysis.plots.captions import STATUS, overview_title, shorten, status_of
from driftmonitor.analysis.plots.picture import (
    CURRENT,
    DASHED,
    DPI,
    INK,
    QUIET,
    REFERENCE,
    Style,
    add_axes,
    add_legend,
    house_style,
    label_rows,
    label_width,
    start_figure,
)
from driftmonitor.facts.record import ColumnScore, by_severity
from driftmonitor.formats import p_value

MOST_ROWS = 40
TALL_DPI = 110  # keeps a long overview under 60 KB
BOTTOM = 0.6  # inches below the rows
PITCH = 0.27  # inches between columns
DIFFERS = "#4b6c9b"  # no warning: only an unusual column has that colour
# Each status has its own colour and shape.
MARKS: dict[str, Style] = {
    "drifted": {"color": CURRENT, "marker": "D", "markersize": 7},
    "stable": {"color": REFERENCE, "marker": "o", "markersize": 7, "markerfacecolor": "white", "markeredgewidth": 1.5},
    "unusual": {"color": CURRENT, "marker": "D", "markersize": 7},
    "differs": {"color": DIFFERS, "marker": "s", "markersize": 6.5},
    "similar": {"color": REFERENCE, "marker": "o", "markersize": 7, "markerfacecolor": "white", "markeredgewidth": 1.5},
    "not_testable": {"color": QUIET, "marker": "x", "markersize": 7, "markeredgewidth": 2},
}


def plot_overview(
    scores: Iterable[ColumnScore],
    threshold: float | None = None,
    min_distance: float | None = None,
    unusual: Collection[str] | None = None,
) -> Figure:
    """Return the figure of each column's distance from the reference, the most severe on top, at most 40 columns.

    `threshold` is the run's threshold for the share of drifted columns, stated in the title; `min_distance` (0 to 1)
    the smallest distance of a drifted column, drawn as a line. `unusual` are the columns that the budget rule names,
    None if the share rule decides.
    """
    scores = by_severity(scores)
    shown = scores[:MOST_ROWS]
    names = [shorten(score.name, 26) for score in shown]
    rows_height = PITCH * max(1, len(shown))
    with house_style():
        figure = start_figure(
            overview_title(scores, threshold, unusual),
            _caption(scores, min_distance, unusual),
            rows_height + 1.05,
            DPI if len(shown) <= 15 else TALL_DPI,
        )
        axes = add_axes(figure, BOTTOM, rows_height, label_width(names), right=1.2)
        _draw_distances(axes, shown, min_distance, unusual)
        label_rows(figure, BOTTOM, PITCH, names, [_say_test(score) for score in shown], room=1.1)
        _add_legend(figure, {status_of(score, unusual) for score in scores}, rows_height + 0.75)
    return figure


def _caption(scores: Sequence[ColumnScore], min_distance: float | None, unusual: Collection[str] | None) -> str:
    first, counts = ("drifted columns", "counts as drifted") if unusual is None else ("those that differ", "differs")
    parts = [f"Distance of each column from the reference, {first} first"]
    if min_distance:
        parts.append(f"left of the dashed line (distance under {min_distance:g}) no column {counts}")
    if len(scores) > MOST_ROWS:
        rest = Counter(STATUS[status_of(score, unusual)] for score in scores[MOST_ROWS:])
        left_out = ", ".join(f"{count} {status}" for status, count in rest.items())
        parts.append(f"{len(scores) - MOST_ROWS} more columns are not shown ({left_out})")
    return " · ".join(parts)


def _say_test(score: ColumnScore) -> str:
    if score.status == "not_testable":
        return "not testable"
    if score.p_value is not None:
        return p_value(score.p_value)
    return "" if score.statistic is None else f"{shorten(score.method or '', 12)} {score.statistic:.2g}"


def _draw_distances(
    axes: Axes, shown: Sequence[ColumnScore], min_distance: float | None, unusual: Collection[str] | None
) -> None:
    """Draw each column's distance as a line that ends in the mark of its status."""
    distances = [score.distance or 0.0 for score in shown]
    for row, (score, distance) in enumerate(zip(shown, distances, strict=True)):
        mark = MARKS[status_of(score, unusual)]
        axes.plot([0, distance], [row, row], color=mark["color"], linewidth=2)
        axes.plot(distance, row, linestyle="none", clip_on=False, zorder=5, gid=score.status, **mark)
    if min_distance:
        axes.axvline(min_distance, color=INK, linewidth=1, linestyle=DASHED)
    axes.set_xlim(0, max(0.1, *distances, (min_distance or 0) * 1.5) * 1.04)
    axes.set_ylim(max(1, len(shown)) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)))
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda distance, _: f"{distance:g}"))
    axes.grid(axis="y")
    axes.set_xlabel("Distance (K-S distance; total variation for categories)")


def _add_legend(figure: Figure, present: Collection[str], y: float) -> None:
    keys = [
        Line2D([], [], linestyle="none", label=STATUS[status].capitalize(), **MARKS[status])
        for status in MARKS
        if status in present
    ]
    add_legend(figure, keys, y, handlelength=1.0)
