"""The figures of a run: the only room that knows matplotlib."""

from driftmonitor.analysis.plots.baseline_days import plot_pool, pool_alt_text
from driftmonitor.analysis.plots.captions import overview_alt_text, shift_alt_text, worth_drawing
from driftmonitor.analysis.plots.overview import plot_overview
from driftmonitor.analysis.plots.picture import save_picture, show
from driftmonitor.analysis.plots.shift import plot_shift

__all__ = [
    "overview_alt_text",
    "plot_overview",
    "plot_pool",
    "plot_shift",
    "pool_alt_text",
    "save_picture",
    "shift_alt_text",
    "show",
    "worth_drawing",
]
