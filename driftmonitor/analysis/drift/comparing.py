"""Compare one day's current data with the reference: every column's score, the verdict, and Evidently's report."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import scipy

from driftmonitor import __version__
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.compare_columns import compare_columns
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.rules import Settings, choose_rules
from driftmonitor.analysis.drift.scores import Pair, Rule
from driftmonitor.analysis.drift.with_evidently import report
from driftmonitor.analysis.drift.with_evidently.methods import Methods
from driftmonitor.analysis.drift.with_evidently.names import evidently_version
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.facts.earlier_days import REFERENCE_NAME


def compare(
    data: Data,
    columns: Sequence[Column],
    *,
    num_method: str = "ks",
    cat_method: str = "chisquare",
    methods: Mapping[str, str] | None = None,
    p_threshold: float = 0.05,
    thresholds: Mapping[str, float] | None = None,
    min_distance: float = 0.04,
    drift_share: float = 0.1,
    dependence: bool = True,
    segments: Sequence[str | Mapping[str, str]] = (),
) -> Comparison:
    """Return how the current data differs from the reference, column by column, and whether that is drift.

    A column has drifted when its p-value is under `p_threshold` and its distance (K-S distance; total variation for
    categories) is at least `min_distance`. A method that is itself a distance decides alone, from its threshold on. The
    data has drifted when the share of drifted columns is greater than `drift_share`. `methods` and `thresholds` are for
    single columns. `dependence`: whether later days are compared in how columns of any kind go together. `segments`:
    columns, or {"name": "SQL expression"}, by which the rows are divided; each segment is compared with its own past.
    `help(statistic)` shows how to add a method. DriftMonitorError for an invalid setting, and when no column can be
    tested.
    """
    given = methods or {}, p_threshold, thresholds or {}, min_distance, drift_share, dependence, segments
    settings = Settings(num_method, cat_method, *given)
    rules, drawn = choose_rules(columns, settings, Methods()), report.Drawn()
    comparison = replace(_compare(data, columns, rules, settings, drawn.keep), data=data)
    return report.with_report(comparison, drawn.pairs, rules)


def score(data: Data | Snapshot | Sides, columns: Sequence[Column], settings: Settings) -> Comparison:
    """Return what `compare` returns, without Evidently's report, for comparing many days.

    `Sides(data, reference=...)` with a reference that is kept makes every further day cheaper.
    """
    return _compare(data, columns, choose_rules(columns, settings, Methods()), settings)


def save_report(comparison: Comparison, output_dir: str | Path) -> Path:
    """Write Evidently's report to `output_dir`/evidently.html and return its path.

    The script that all reports share goes to `output_dir`/../../assets/evidently-<hash>.js. Days of the reference that
    the history lacks go to `output_dir`/reference_days.json. DriftMonitorError if the folder cannot be written.
    """
    path = report.save(comparison, Path(output_dir))
    if comparison.reference_days and comparison.reference_days.days:
        comparison.reference_days.write(path.with_name(REFERENCE_NAME), indent=None)
    return path


def _compare(
    data: Data | Snapshot | Sides,
    columns: Sequence[Column],
    rules: Mapping[str, Rule],
    settings: Settings,
    keep: Callable[[str, Pair], None] | None = None,
) -> Comparison:
    comparison = compare_columns(
        data, columns, rules, settings.drift_share, keep, settings.dependence, settings.segments
    )
    return replace(comparison, min_distance=float(settings.min_distance), versions=_versions())


def _versions() -> dict[str, str]:
    parts = {"numpy": np, "pandas": pd, "scipy": scipy}
    versions = {"driftmonitor": __version__, "evidently": evidently_version}
    versions |= {name: part.__version__ for name, part in parts.items()}
    return {**versions, "python": platform.python_version()}
