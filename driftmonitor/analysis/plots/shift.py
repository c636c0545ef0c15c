"""The figure of one column's shift: distributions and CDFs of numbers, shares of categories.

What it draws is computed in `distributions.py`.
"""

from collections.abc import Collection, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from driftmonitor.analysis.plots import distributions
from driftmonitor.analysis.plots.captions import shift_caption, shift_title, shorten
from driftmonitor.analysis.plots.distributions import Gap, Levels, Values
from driftmonitor.analysis.plots.picture import (
    CURRENT,
    EDGE,
    INK,
    LEFT,
    REFERENCE,
    RIGHT,
    WIDTH,
    Style,
    add_axes,
    add_legend,
    add_text,
    house_style,
    label_rows,
    label_width,
    start_figure,
)
from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import percent, show_category

# The reference is a filled shape, the current data an outline: distinct without colour too.
FILLED: Style = {"facecolor": to_rgba(REFERENCE, 0.35), "edgecolor": REFERENCE, "linewidth": 1}
REFERENCE_KEY = Patch(label="Reference", **FILLED)
MARKER: Style = {
    "color": INK,
    "linewidth": 2.2,
    "marker": "o",
    "markersize": 4.5,
    "solid_capstyle": "butt",
    "zorder": 5,
}
# Inches: the height of a panel, and the lower edges of the two for numbers.
PANEL, BINS_BOTTOM, CDF_BOTTOM = 1.6, 2.7, 0.62
PITCH = 0.4  # inches between levels


def plot_shift(
    score: ColumnScore, reference: Values, current: Values, unusual: Collection[str] | None = None
) -> Figure:
    """Return the figure of one column's shift.

    `reference` and `current` are the column's values on each side, shape (n,), as `clean_pair` returns them. Numbers
    are drawn as two histograms with shared bins, above both empirical CDFs with the K-S distance marked; categories as
    pairs of bars. `unusual` are the columns that the budget rule names, None if the share rule decides.
    """
    are_numbers = all(np.asarray(side).dtype.kind in "fiub" for side in (reference, current))
    draw = _shift_of_numbers if are_numbers and score.kind != "categorical" else _shift_of_levels
    with house_style():
        return draw(score, reference, current, unusual)


def _shift_of_numbers(
    score: ColumnScore, reference: Values, current: Values, unusual: Collection[str] | None
) -> Figure:
    before, now = distributions.sort_numbers(reference), distributions.sort_numbers(current)
    gap = distributions.find_largest_gap(before, now)
    before, now = sides = [np.clip(side, *distributions.LIMITS) for side in (before, now)]
    low, high = distributions.choose_range(before, now, [gap.at] if gap else [])
    edges = distributions.choose_bins(before, now, low, high)
    shares = [distributions.compute_shares(side, edges) for side in sides]
    outside = [side[0] + side[-1] for side in shares]
    caption = shift_caption(score, [len(side) for side in sides], outside, unusual)
    figure = start_figure(shift_title(score), caption, BINS_BOTTOM + PANEL + 0.3)
    origin = _origin(edges)
    _draw_bins(add_axes(figure, BINS_BOTTOM, PANEL), shares, edges - origin)
    _draw_cdfs(add_axes(figure, CDF_BOTTOM, PANEL), sides, edges, gap, origin)
    _label(figure, score.name, edges, origin)
    _explain(figure, gap)
    return figure


def _draw_bins(axes: Axes, shares: Sequence[np.ndarray], edges: np.ndarray) -> None:
    reference, current = (side[1:-1] for side in shares)
    axes.stairs(reference, edges, fill=True, **FILLED)
    axes.stairs(current, edges, color=CURRENT, linewidth=2)
    axes.set_ylim(0, max(reference.max(), current.max(), 0.01) * 1.06)


def _draw_cdfs(axes: Axes, sides: Sequence[np.ndarray], edges: np.ndarray, gap: Gap | None, origin: float) -> None:
    """Draw both empirical CDFs, and the K-S distance where it is largest."""
    for values, colour, width in zip(sides, (REFERENCE, CURRENT), (1.5, 2.5), strict=True):
        if len(values):
            x, y = distributions.trace_cdf(values, edges[0], edges[-1], [gap.at] if gap else [])
            axes.step(x - origin, y, where="post", color=colour, linewidth=width)
    axes.set_ylim(0, 1.03)
    if gap:
        axes.plot([gap.at - origin] * 2, [gap.reference, gap.current], gid="ks", **MARKER)


def _explain(figure: Figure, gap: Gap | None) -> None:
    """Write above each panel what it shows, and the keys to its marks."""
    above_bins, above_cdfs = BINS_BOTTOM + PANEL + 0.08, CDF_BOTTOM + PANEL + 0.1
    add_text(figure, EDGE, above_bins, "Share of rows in each bin")
    add_legend(figure, [REFERENCE_KEY, Line2D([], [], color=CURRENT, linewidth=2, label="Current")], above_bins)
    add_text(figure, EDGE, above_cdfs, "Share of rows at or below the value")
    if gap:
        at = _say_tick(float(f"{gap.at:.4g}"))
        key = Line2D([], [], label=f"K-S distance {gap.distance:.2f} at {at}", **MARKER)
        add_legend(figure, [key], above_cdfs, numpoints=2)


def _label(figure: Figure, name: str, edges: np.ndarray, origin: float) -> None:
    """Give both panels the same range of values, and name the column below the lower one."""
    margin = (edges[-1] - edges[0]) * (0.02 if len(edges) > 2 else 1)
    for axes in figure.axes:
        axes.set_xlim(edges[0] - origin - margin, edges[-1] - origin + margin)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=bool(edges[0] % 1 == 0.5), min_n_ticks=1))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _say_tick(value)))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
        axes.grid(axis="y")
    figure.axes[0].tick_params(labelbottom=False)
    words = f"{shorten(name)} (minus {_say_tick(origin)})" if origin else shorten(name)
    add_text(figure, (LEFT + WIDTH - RIGHT) / 2, 0.17, words, WIDTH - LEFT - EDGE, ha="center")


def _origin(edges: np.ndarray) -> float:
    """Return what to subtract on the values' axis: 0, or the smallest value if values differ in distant digits only."""
    return float(edges[0]) if np.abs(edges).max() > 1e6 * (edges[-1] - edges[0]) else 0.0


def _shift_of_levels(score: ColumnScore, reference: Values, current: Values, unusual: Collection[str] | None) -> Figure:
    levels = distributions.compare_levels(reference, current)
    names = [shorten(show_category(name, 10_000), 26) for name in levels.names]
    rows_height = PITCH * max(1, len(names))
    caption = shift_caption(score, [len(reference), len(current)], unusual=unusual)
    figure = start_figure(shift_title(score), caption, rows_height + 0.85)
    axes = add_axes(figure, 0.4, rows_height, label_width(names), right=1.25)
    _draw_pairs(axes, levels)
    shares = zip(levels.reference, levels.current, strict=True)
    changes = [f"{percent(before).removesuffix('%')} → {percent(now)}" for before, now in shares]
    label_rows(figure, 0.4, PITCH, names, changes, room=1.15)
    add_text(figure, EDGE, rows_height + 0.55, f"Share of rows by {shorten(score.name, 20)}", 3.4)
    add_legend(figure, [REFERENCE_KEY, Patch(color=CURRENT, label="Current")], rows_height + 0.55)
    return figure


def _draw_pairs(axes: Axes, levels: Levels) -> None:
    """Draw each level's two bars, the reference above the current one, the most changed level on top."""
    rows = np.arange(len(levels.names))
    axes.barh(rows - 0.19, levels.reference, 0.36, **FILLED)
    axes.barh(rows + 0.19, levels.current, 0.36, color=CURRENT)
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
    axes.grid(axis="x")


def _say_tick(value: float) -> str:
    """Return a number with all its digits, briefly: 62,500 or 1e17."""
    text = f"{value:,.10g}" if value == 0 or 1e-4 <= abs(value) < 1e9 else f"{value:.6g}".replace("e+", "e")
    return text.replace("-", "−")
