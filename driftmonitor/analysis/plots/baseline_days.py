"""The figure of how strange today is among the days before it."""

import datetime as dt
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from driftmonitor.analysis.plots.picture import CURRENT, INK, REFERENCE, house_style, place, place_legend, titled
from driftmonitor.facts.judgement import Judgement
from driftmonitor.formats import number, one_line
from driftmonitor.words.judgements import say_rank

HEIGHT, BOTTOM = 1.7, 0.45  # inches
POOL = {"color": REFERENCE, "marker": "o", "markersize": 4, "markerfacecolor": "white", "linestyle": "none"}
TODAY = {"color": CURRENT, "marker": "D", "markersize": 9, "linestyle": "none"}
LIMIT = {"color": INK, "linewidth": 1, "linestyle": (0, (4, 3))}

Pool = Sequence[tuple[dt.date, float]]


def plot_baseline(judgement: Judgement, pool: Pool, run_date: str) -> Figure:
    """Return the figure of the strangeness of `run_date` and of each day of its `pool`, (date, strangeness)."""
    with house_style():
        figure = titled(baseline_title(judgement), _caption(judgement), HEIGHT + BOTTOM + 0.35)
        axes = place(figure, BOTTOM, HEIGHT)
        _draw(axes, judgement, pool, dt.date.fromisoformat(run_date))
        keys = [
            Line2D([], [], label="Day before", **POOL),
            *([] if judgement.limit is None else [Line2D([], [], label="Strangest of them", **LIMIT)]),
            Line2D([], [], label="Today", **TODAY),
        ]
        place_legend(figure, keys, BOTTOM + HEIGHT + 0.1, numpoints=1)
    return figure


def _draw(axes: Axes, judgement: Judgement, pool: Pool, today: dt.date) -> None:
    axes.plot([day for day, _ in pool], [value for _, value in pool], **POOL)
    axes.plot(today, judgement.strangeness, zorder=5, clip_on=False, **TODAY)
    if judgement.limit is not None:
        axes.axhline(judgement.limit, **LIMIT)
    highest = max(judgement.strangeness, *(value for _, value in pool))
    axes.set_ylim(min(0.0, *(value for _, value in pool)), highest * 1.2)
    locator = AutoDateLocator(maxticks=6)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="y")


def baseline_title(judgement: Judgement) -> str:
    """Return the finding."""
    words = say_rank(judgement)
    return f"Today is {words}" if judgement.alarm else words[0].upper() + words[1:]


def _caption(judgement: Judgement) -> str:
    parts = ["How strange each day was: the largest of its signals, in standard deviations from that one’s usual value"]
    strongest = judgement.strongest
    if strongest and judgement.strangeness is not None:
        names = " and ".join(one_line(name, 30) for name in strongest.columns)
        parts.append(f"today {number(judgement.strangeness)}, from {names}")
    return " · ".join(parts)


def baseline_alt_text(judgement: Judgement) -> str:
    """Return what `plot_baseline` shows, in words, the finding first."""
    return f"{baseline_title(judgement)}. {_caption(judgement)}. Chart: the strangeness of each day by date."
