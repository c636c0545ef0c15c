"""Draw the figures of a run: the only modules that use matplotlib."""

from driftmonitor.analysis.plots.baseline_days import baseline_alt_text, plot_baseline
from driftmonitor.analysis.plots.captions import overview_alt_text, shift_alt_text, worth_drawing
from driftmonitor.analysis.plots.figures import (
    DescribedFigure,
    describe_baseline,
    describe_overview,
    describe_shifts,
    describe_where,
)
from driftmonitor.analysis.plots.overview import plot_overview
from driftmonitor.analysis.plots.picture import save_picture, show
from driftmonitor.analysis.plots.shift import plot_shift

__all__ = [
    "DescribedFigure",
    "baseline_alt_text",
    "describe_baseline",
    "describe_overview",
    "describe_shifts",
    "describe_where",
    "overview_alt_text",
    "plot_baseline",
    "plot_overview",
    "plot_shift",
    "save_picture",
    "shift_alt_text",
    "show",
    "worth_drawing",
]
