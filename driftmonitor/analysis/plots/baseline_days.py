"""The figure of today's anomaly score among those of its baseline days."""

import datetime as dt
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from driftmonitor.analysis.plots.picture import (
    CURRENT,
    DASHED,
    INK,
    REFERENCE,
    add_axes,
    add_legend,
    house_style,
    start_figure,
)
from driftmonitor.facts.judgement import Judgement
from driftmonitor.formats import number
from driftmonitor.words.causes import name_cause
from driftmonitor.words.judgements import say_rank

HEIGHT, BOTTOM = 1.7, 0.45  # inches

Scores = Sequence[tuple[dt.date, float]]


def plot_baseline(judgement: Judgement, baseline: Scores, run_date: str) -> Figure:
    """Return the figure of the anomaly score of `run_date` and of its `baseline` days, (date, score)."""
    with house_style():
        figure = start_figure(baseline_title(judgement), _caption(judgement), HEIGHT + BOTTOM + 0.35)
        axes = add_axes(figure, BOTTOM, HEIGHT)
        keys = _draw(axes, judgement, baseline, dt.date.fromisoformat(run_date))
        add_legend(figure, keys, BOTTOM + HEIGHT + 0.1, numpoints=1)
    return figure


def _draw(axes: Axes, judgement: Judgement, baseline: Scores, today: dt.date) -> list[Line2D]:
    """Draw baseline, threshold and today; return the keys of the legend."""
    scores, score = [value for _, value in baseline], judgement.strangeness or 0.0
    keys = axes.plot(
        date2num([day for day, _ in baseline]),
        scores,
        label="Baseline day",
        color=REFERENCE,
        marker="o",
        markersize=4,
        markerfacecolor="white",
        linestyle="none",
    )
    if judgement.limit is not None:
        keys.append(axes.axhline(judgement.limit, label="Threshold", color=INK, linewidth=1, linestyle=DASHED))
    keys += axes.plot(
        date2num([today]),
        [score],
        label="Today",
        color=CURRENT,
        marker="D",
        markersize=9,
        linestyle="none",
        zorder=5,
        clip_on=False,
    )
    axes.set_ylim(min(0.0, *scores), max(score, *scores) * 1.2)
    locator = AutoDateLocator(maxticks=6)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="y")
    return keys


def baseline_title(judgement: Judgement) -> str:
    """Return the finding."""
    words = say_rank(judgement)
    return f"Today is {words}" if judgement.alarm else words[0].upper() + words[1:]


def _caption(judgement: Judgement) -> str:
    parts = ["Anomaly score by day: how far the day's largest signal is from its baseline mean"]
    strongest = judgement.strongest
    if strongest and judgement.strangeness is not None:
        parts.append(f"today {number(judgement.strangeness)}, from {name_cause(strongest, 30)}")
    return " · ".join(parts)


def baseline_alt_text(judgement: Judgement) -> str:
    """Return what `plot_baseline` shows, in words, the finding first."""
    return f"{baseline_title(judgement)}. {_caption(judgement)}. Chart: the anomaly score of each day."
