"""Compare one small simulated day, for what that imports, compiles and caches in this process."""

import tempfile
from pathlib import Path
from typing import Any

from driftmonitor.analysis.columns import columns_table, infer_columns
from driftmonitor.analysis.drift import compare, save_report
from driftmonitor.analysis.quick_imports import unhindered
from driftmonitor.analysis.sources import load_data

# Both kinds of columns drift, so that both kinds of figures are drawn.
DRIFT: dict[str, dict[str, Any]] = {"salary": {"mean_shift": 3}, "plan": {"shares": {"pro": 0.9}}}


def rehearse() -> None:
    """Do a notebook's work on 40 rows and throw it away: what is ready in this process is ready in its forks."""
    data = load_data(source="simulate", reference="", current="", run_date="2026-01-31", rows=40, drift=DRIFT)
    kinds = infer_columns(data)
    comparison = compare(data, kinds)
    columns_table(data, kinds).to_html(notebook=True)
    comparison.table()._repr_html_()
    with tempfile.TemporaryDirectory() as folder:
        save_report(comparison, Path(folder) / "reports/monitor/day")
        for figure in [comparison.overview(), *comparison.figures()]:
            figure.save(Path(folder) / "picture.png")


with unhindered():
    rehearse()
