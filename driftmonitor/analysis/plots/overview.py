"""The figure of all columns, ordered by evidence."""

from collections import Counter
from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from driftmonitor.analysis.plots.captions import STATUS, overview_title, short
from driftmonitor.analysis.plots.picture import (
    CURRENT,
    DPI,
    INK,
    QUIET,
    REFERENCE,
    house_style,
    label_rows,
    label_width,
    place,
    place_legend,
    titled,
)
from driftmonitor.facts.record import ColumnScore, by_severity
from driftmonitor.formats import p_value, percent

MOST_ROWS = 40
TALL_DPI = 110  # keeps a long overview under 60 KB
BOTTOM = 0.6  # inches below the rows
PITCH = 0.27  # inches between columns
# Each status has a colour and a shape of its own.
MARKS = {
    "drifted": {"color": CURRENT, "marker": "D", "markersize": 7},
    "stable": {"color": REFERENCE, "marker": "o", "markersize": 7, "markerfacecolor": "white", "markeredgewidth": 1.5},
    "not_testable": {"color": QUIET, "marker": "x", "markersize": 7, "markeredgewidth": 2},
}


def plot_overview(
    scores: Iterable[ColumnScore], threshold: float | None = None, min_distance: float | None = None
) -> Figure:
    """Return the figure of how far each column moved, the strongest evidence on top, at most 40 of them.

    `threshold` is the run's limit on the share of drifted columns, said in the title; `min_distance` the least share
    of rows (0 to 1) that must have moved, drawn as a line.
    """
    scores = by_severity(scores)
    shown = scores[:MOST_ROWS]
    names = [short(score.name, 26) for score in shown]
    rows_height = PITCH * max(1, len(shown))
    with house_style():
        figure = titled(
            overview_title(scores, threshold),
            _caption(scores, min_distance),
            rows_height + 1.05,
            DPI if len(shown) <= 15 else TALL_DPI,
        )
        axes = place(figure, BOTTOM, rows_height, label_width(names), right=1.2)
        _draw_distances(axes, shown, min_distance)
        label_rows(figure, BOTTOM, PITCH, names, [_note(score) for score in shown], room=1.1)
        _add_legend(figure, scores, rows_height + 0.75)
    return figure


def _caption(scores: Sequence[ColumnScore], min_distance: float | None) -> str:
    parts = ["How far each column moved, the strongest evidence on top"]
    if min_distance:
        parts.append(
            f"left of the dashed line (less than {percent(min_distance)} of rows moved) nothing counts as drift"
        )
    if len(scores) > MOST_ROWS:
        rest = Counter(STATUS[score.status] for score in scores[MOST_ROWS:])
        left_out = ", ".join(f"{count} {status}" for status, count in rest.items())
        parts.append(f"{len(scores) - MOST_ROWS} more columns are left out ({left_out})")
    return " · ".join(parts)


def _note(score: ColumnScore) -> str:
    if score.status == "not_testable":
        return "not testable"
    if score.p_value is not None:
        return p_value(score.p_value)
    return "" if score.statistic is None else f"{short(score.method or '', 12)} {score.statistic:.2g}"


def _draw_distances(axes: Axes, shown: Sequence[ColumnScore], min_distance: float | None) -> None:
    """Draw each column's distance as a line with its status' mark at the end."""
    distances = [score.distance or 0.0 for score in shown]
    for row, (score, distance) in enumerate(zip(shown, distances, strict=True)):
        mark = MARKS[score.status]
        axes.plot([0, distance], [row, row], color=mark["color"], linewidth=2)
        axes.plot(distance, row, linestyle="none", clip_on=False, zorder=5, gid=score.status, **mark)
    if min_distance:
        axes.axvline(min_distance, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_xlim(0, max(0.1, *distances, (min_distance or 0) * 1.5) * 1.04)
    axes.set_ylim(max(1, len(shown)) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)))
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
    axes.grid(axis="y")
    axes.set_xlabel("Rows that moved (K-S distance; total variation)")


def _add_legend(figure: Figure, scores: Sequence[ColumnScore], y: float) -> None:
    found = {score.status for score in scores}
    keys = [
        Line2D([], [], linestyle="none", label=STATUS[status].capitalize(), **MARKS[status])
        for status in MARKS
        if status in found
    ]
    place_legend(figure, keys, y, handlelength=1.0)
