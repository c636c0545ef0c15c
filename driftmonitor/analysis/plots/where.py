"""The figure of a change's origin: the slice beside the other rows, and what each value of its column contributes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from driftmonitor.analysis.plots import distributions
from driftmonitor.analysis.plots.captions import shorten
from driftmonitor.analysis.plots.picture import (
    CURRENT,
    EDGE,
    INK,
    LEFT,
    QUIET,
    RIGHT,
    WIDTH,
    add_axes,
    add_legend,
    add_text,
    house_style,
    label_rows,
    label_width,
    start_figure,
)
from driftmonitor.analysis.plots.shift import FILLED, REFERENCE_KEY
from driftmonitor.analysis.where.contributions import Contributions, Pair, Part
from driftmonitor.facts.where import Where
from driftmonitor.formats import number
from driftmonitor.words.where import say_condition, say_origin, say_where

SHARPNESS = 100  # dots an inch: the figure is high, and weighs as much as two others with more
PANEL, PITCH = 1.15, 0.3  # inches: the height of a panel, and between two values
GAP = 0.55  # inches between panels, for their headings


def plot_where(where: Where, drawn: Contributions) -> Figure:
    """Return the figure of where a column's change comes from."""
    with house_style():
        steps = PITCH * (len(drawn.parts) + 1)
        panels = 0.0 if drawn.inside is None else 2 * (PANEL + GAP) + 0.65
        caption = "Compared with the reference. Each value contributes by its number of rows, and by its change."
        figure = start_figure(say_origin(where), caption, panels + steps + 0.95, dpi=SHARPNESS)
        _draw_steps(figure, drawn, where, steps)
        if drawn.inside is not None and drawn.outside is not None and where.slice is not None:
            names = [" and ".join(map(say_condition, where.slice.conditions)), "All other rows"]
            _draw_sides(figure, [drawn.inside, drawn.outside], names, steps + 1.4, where.column)
        return figure


def _draw_sides(figure: Figure, pairs: Sequence[Pair], names: Sequence[str], bottom: float, column: str) -> None:
    """Draw the distributions in the slice, above those of the other rows, with the same bins."""
    sides = [[np.clip(np.sort(side), *distributions.LIMITS) for side in pair] for pair in pairs]
    before, now = (np.sort(np.concatenate([pair[side] for pair in sides])) for side in (0, 1))
    edges = distributions.choose_bins(before, now, *distributions.choose_range(before, now))
    for place, (pair, name) in enumerate(zip(sides[::-1], names[::-1], strict=True)):
        low = bottom + place * (PANEL + GAP)
        axes = add_axes(figure, low, PANEL)
        shares = [distributions.compute_shares(side, edges)[1:-1] for side in pair]
        axes.stairs(shares[0], edges, fill=True, **FILLED)
        axes.stairs(shares[1], edges, color=CURRENT, linewidth=2)
        axes.set_ylim(0, max(*(side.max() for side in shares), 0.01) * 1.06)
        axes.set_xlim(edges[0], edges[-1])
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        axes.tick_params(labelbottom=place == 0)
        axes.yaxis.set_major_locator(MaxNLocator(3))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
        rows = " and ".join(f"{len(side):,} {what}" for side, what in zip(pair, ("reference", "current"), strict=True))
        add_text(figure, EDGE, low + PANEL + 0.1, f"{shorten(name, 60)}: {rows} rows")
    key = Line2D([], [], color=CURRENT, linewidth=2, label="Current")
    add_legend(figure, [REFERENCE_KEY, key], bottom + 2 * PANEL + GAP + 0.4)
    add_text(figure, (LEFT + WIDTH - RIGHT) / 2, bottom - 0.42, shorten(column), WIDTH - LEFT - EDGE, ha="center")


def _draw_steps(figure: Figure, drawn: Contributions, where: Where, height: float) -> None:
    """Draw the parts as steps from nothing to the whole change (a waterfall)."""
    names = [_name(part, drawn) for part in drawn.parts] + ["all rows"]
    axes = add_axes(figure, 0.4, height, label_width(names), right=0.9)
    reached = 0.0
    for row, part in enumerate(drawn.parts):
        axes.barh(row, part.mix, 0.62, left=reached, facecolor=to_rgba(QUIET, 0.45), edgecolor=QUIET)
        axes.barh(row, part.within, 0.62, left=reached + part.mix, color=CURRENT)
        following = reached + part.mix + part.within
        axes.plot([following] * 2, [row - 0.31, row + 1.31], color=INK, linewidth=0.8)
        reached = following
    axes.barh(len(drawn.parts), 1.0, 0.62, **FILLED)
    axes.axvline(0, color=INK, linewidth=0.8)
    _scale(axes, len(names))
    axes.margins(x=0.03)
    told = [*(_signed(part.mix + part.within) for part in drawn.parts), "100%"]
    label_rows(figure, 0.4, PITCH, names, told, room=0.8)
    heading = f"Contribution to the change of {shorten(where.column, 20)}, by {shorten(drawn.column, 20)}"
    add_text(figure, EDGE, height + 0.72, heading)
    keys = [
        Patch(facecolor=to_rgba(QUIET, 0.45), edgecolor=QUIET, label="more or fewer rows"),
        Patch(color=CURRENT, label="change within them"),
    ]
    add_legend(figure, keys, height + 0.46)


def _signed(share: float) -> str:
    text = f"{share:+.0%}"
    return "0%" if text in ("+0%", "-0%") else text.replace("-", "−")


def _scale(axes: Axes, rows: int) -> None:
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}".replace("-", "−")))
    axes.grid(axis="x")


def _name(part: Part, drawn: Contributions) -> str:
    if part.condition is None:
        return "all others"
    words = say_condition(part.condition)
    return shorten(words.removeprefix(f"{shorten(drawn.column)} = "), 26)


def where_alt_text(where: Where, drawn: Contributions) -> str:
    """Return what `plot_where` shows, in words, the finding first."""
    largest = [f"{_name(part, drawn)} {part.mix + part.within:.0%}" for part in drawn.parts[:3]]
    return f"{say_where(where)} Chart: contributions by {shorten(drawn.column)}: {', '.join(largest)}."
