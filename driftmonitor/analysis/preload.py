"""One small day, from the data to the pictures, for nothing but what it imports, compiles and caches on the way."""

import tempfile
from pathlib import Path

from driftmonitor.analysis import plots
from driftmonitor.analysis.columns import clean_pair, columns_table, infer_columns
from driftmonitor.analysis.drift import compare, save_report
from driftmonitor.analysis.quick_imports import unhindered
from driftmonitor.analysis.sources import load_data

DRIFT = {"salary": {"mean_shift": 3}, "plan": {"shares": {"pro": 0.9}}}  # so that both kinds are drawn


def rehearse() -> None:
    """Do a notebook's work on 40 rows and throw it away: what is ready in this process is so in its forks."""
    data = load_data(source="simulate", reference="", current="", run_date="2026-01-31", rows=40, drift=DRIFT)
    kinds = infer_columns(data)
    comparison = compare(data, kinds)
    columns_table(data, kinds)._repr_html_()
    comparison.table()._repr_html_()
    with tempfile.TemporaryDirectory() as folder:
        save_report(comparison, Path(folder) / "reports/monitor/day")
        figures = [plots.plot_overview(comparison.columns, 0.1, 0.04)]
        by_name = {column.name: column for column in kinds}
        for score in plots.worth_drawing(comparison.columns):
            figures.append(plots.plot_shift(score, *clean_pair(data, by_name[score.name])))
        for figure in figures:
            plots.save_picture(figure, Path(folder) / "picture.png")


with unhindered():
    rehearse()
