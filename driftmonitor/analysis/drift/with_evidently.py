"""The comparison of one day, and the only room that knows Evidently.

Evidently's tests give the scores, once a column and from all rows; where its own are wrong (its chi-squared takes the
reference's counts for exact, its Mann-Whitney looks one way only) ours stand under the same name. The answers are
registered with Evidently as tests of ours, so its report shows the scores, flags and share that the record has.
"""

import os
import platform
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from plotly import basedatatypes

from driftmonitor.analysis.lazy_packages import importing_by_name
from driftmonitor.analysis.quick_imports import unhindered

os.environ["DO_NOT_TRACK"] = "1"  # before the import, which would send telemetry

# All that these packages offer (classifiers, language models, a server) takes half of the import's time and memory.
with (
    unhindered(),
    importing_by_name(
        "evidently",
        "evidently.metrics",
        "evidently.presets",
        "evidently.tests",
        "evidently.legacy.features",
        "evidently.legacy.metrics",
        "evidently.legacy.tests",
    ),
):
    from evidently import DataDefinition, Dataset, Report
    from evidently import __version__ as evidently_version
    from evidently.core.report import Context
    from evidently.legacy.calculation_engine.python_engine import PythonEngine
    from evidently.legacy.calculations import data_drift
    from evidently.legacy.calculations.stattests import registry
    from evidently.legacy.core import ColumnType
    from evidently.metrics import DriftedColumnsCount
    from evidently.presets import DataDriftPreset

from driftmonitor import __version__
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift import statistics
from driftmonitor.analysis.drift.compare_columns import compare_columns
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.evidently_html import Page, save_page
from driftmonitor.analysis.drift.evidently_input import (
    Shown,
    frame_of,
    rows_drawn,
    safe_labels,
    say_rows_drawn,
    show,
    some_rows,
    token,
)
from driftmonitor.analysis.drift.methods import Settings, choose_rules
from driftmonitor.analysis.drift.pairs import usable_pairs
from driftmonitor.analysis.drift.scores import Answer, Method, Pair, Rule
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.record import by_severity

TYPES = {"numerical": ColumnType.Numerical, "categorical": ColumnType.Categorical}
MATRIX_METHODS = {"empirical_mmd"}  # they compare every row with every other
MATRIX_ROWS = 500  # and so get this many a side at most

# Ours under Evidently's names: on the counts of the levels for categories, on the values for numbers.
OWN_TESTS: dict[str, tuple[str, Callable]] = {
    "chisquare": ("two-sample chi-square p_value", statistics.chisquare),
    "g_test": ("two-sample g_test p_value", statistics.g_test),
    "z": ("Z-test p_value", statistics.z_test),
    "fisher_exact": ("Fisher's Exact test p_value", statistics.fisher_exact),
    "TVD": ("Total-Variation-Distance p_value", statistics.permuted_variation),
    "mannw": ("two-sided Mann-Whitney U-rank test p_value", statistics.mann_whitney),
}


def compare(
    data: Data,
    columns: list[Column],
    *,
    num_method: str = "ks",
    cat_method: str = "chisquare",
    methods: Mapping[str, str] | None = None,
    p_threshold: float = 0.05,
    thresholds: Mapping[str, float] | None = None,
    min_distance: float = 0.04,
    drift_share: float = 0.1,
) -> Comparison:
    """Return how the current rows differ from the reference, column by column, and whether that is drift.

    A column drifted when its p-value is under `p_threshold` and at least `min_distance` of the rows moved (K-S
    distance; total variation of categories), or when its distance reaches Evidently's default threshold. The run
    drifted when more than `drift_share` of the watched columns did; `methods` and `thresholds` are single columns'.
    DriftMonitorError for a setting that names what there isn't, and when no column can be tested.
    """
    settings = Settings(num_method, cat_method, methods or {}, p_threshold, thresholds or {}, min_distance, drift_share)
    return _with_report(*_score(data, columns, settings))


def score(data: Data, columns: list[Column], settings: Settings) -> Comparison:
    """Return what `compare` returns, without Evidently's report: many days are compared so."""
    return _score(data, columns, settings)[0]


def _score(
    data: Data, columns: list[Column], settings: Settings
) -> tuple[Comparison, dict[str, Pair], dict[str, Rule]]:
    rules, now = choose_rules(columns, settings, EvidentlyMethods()), data.snapshot()
    pairs = usable_pairs(now, columns)
    found = compare_columns(now, columns, pairs, rules, settings.drift_share)
    return replace(found, min_distance=float(settings.min_distance), versions=_versions()), pairs, rules


def _versions() -> dict[str, str]:
    parts = {"numpy": np, "pandas": pd, "scipy": scipy}
    versions = {"driftmonitor": __version__, "evidently": evidently_version}
    versions |= {name: part.__version__ for name, part in parts.items()}
    return {**versions, "python": platform.python_version()}


class EvidentlyMethods:
    """The methods by Evidently's names: its own registered tests, and ours where its own are wrong."""

    def names(self, kind: str) -> set[str]:
        """Return the names of the methods for a kind of column."""
        return {name for name, tests in registry._registered_stat_tests.items() if TYPES[kind] in tests}

    def get(self, name: str, kind: str) -> Method:
        """Return the method of that name."""
        if name in OWN_TESTS:
            label, test = OWN_TESTS[name]
            return Method(name, label, True, 0.05, lambda pair, threshold: _ask_ours(test, pair), kind == "categorical")
        test = registry._registered_stat_tests[name][TYPES[kind]]
        gives_p_value = _gives_p_value(test, kind)
        label = f"{test.display_name.removesuffix(' p_value')}{' p_value' if gives_p_value else ''}"
        label += f" of {MATRIX_ROWS} rows a side" if name in MATRIX_METHODS else ""
        ask = _ask_ks if name == "ks" else _ask_evidently
        ask = partial(ask, test, gives_p_value)
        return Method(name, label, gives_p_value, test.default_threshold, ask)


def method_names(kind: str) -> list[str]:
    """Return the names of the methods for `numerical` or `categorical` columns."""
    return sorted(EvidentlyMethods().names(kind))


def _ask_ours(test: Callable, pair: Pair) -> Answer:
    given = (pair.counts,) if pair.kind == "categorical" else (pair.reference.to_numpy(), pair.current.to_numpy())
    statistic, p_value = test(*given)
    return Answer(p_value, statistic, False)


def _ask_evidently(test: registry.StatTest, gives_p_value: bool, pair: Pair, threshold: float) -> Answer:
    limit = MATRIX_ROWS if test.name in MATRIX_METHODS else sys.maxsize
    sides = [some_rows(side, limit).copy() for side in (pair.reference, pair.current)]
    with _same_dice():
        result = test(*sides, TYPES[pair.kind], threshold)
    statistic = None if gives_p_value else float(result.drift_score)
    return Answer(float(result.drift_score), statistic, bool(result.drifted))


def _ask_ks(test: registry.StatTest, gives_p_value: bool, pair: Pair, threshold: float) -> Answer:
    """Ask Evidently's K-S test; for many rows, which it would sort again, work out the same p-value as it would."""
    p_value = statistics.ks_p_value(pair.gap, len(pair.reference), len(pair.current))
    if p_value is None:
        return replace(_ask_evidently(test, gives_p_value, pair, threshold), statistic=pair.distance)
    return Answer(p_value, pair.distance, p_value < threshold)


@contextmanager
def _same_dice() -> Iterator[None]:
    """Give tests that shuffle the same shuffles every time, and leave the caller's random state as it was."""
    state = np.random.get_state()
    np.random.seed(0)
    try:
        yield
    finally:
        np.random.set_state(state)


@cache
def _gives_p_value(test: registry.StatTest, kind: str) -> bool:
    """Return whether a low score means drift: only then does a score pass an endless threshold."""
    values = np.arange(40.0) if kind == "numerical" else np.array(["a", "b"] * 20, dtype=object)
    sides = pd.Series(values), pd.Series(values[5:])
    with warnings.catch_warnings(), _same_dice():
        warnings.simplefilter("ignore")
        return bool(test(*sides, TYPES[kind], np.inf).drifted)


def _with_report(comparison: Comparison, pairs: dict[str, Pair], rules: dict[str, Rule]) -> Comparison:
    """Return the comparison with Evidently's report; a report that fails costs the pictures, never the scores."""
    rows = rows_drawn(len(comparison.columns))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            html = _report_html(comparison, [show(score, pairs, rules, rows) for score in comparison.columns])
    except Exception as error:
        return replace(comparison, evidently_error=f"{type(error).__name__}: {error}")
    return replace(comparison, evidently_html=html, notes=say_rows_drawn(comparison.rows, rows))


def _report_html(comparison: Comparison, columns: list[Shown]) -> str:
    """Return the HTML of one run of Evidently's drift preset over all watched columns, each under its token."""
    # Evidently calls it drift when the share reaches its limit, we when it is greater: the next float up is the limit.
    limit = float(np.nextafter(comparison.threshold, np.inf))
    shown = {token(i): column for i, column in enumerate(columns)}
    with _registered(shown) as names:
        thresholds = {name: column.threshold for name, column in shown.items()}
        preset = DrawnOnce(
            columns=list(shown), drift_share=limit, per_column_method=names, per_column_threshold=thresholds
        )
        with _each_once():
            snapshot = Report([preset]).run(_dataset(shown, "current"), _dataset(shown, "reference"))
            html = snapshot.get_html_str(as_iframe=False)
    return html.replace(f"detection threshold is {limit}", f"detection threshold is {comparison.threshold:g}")


@contextmanager
def _each_once() -> Iterator[None]:
    """Let Evidently prepare each column once, not for its count and again for its table, and Plotly parse names so."""
    prepare, parse = data_drift.get_one_column_drift, basedatatypes._str_to_dict_path_full
    prepared = {}

    def prepare_once(*, column_name: str, **given):
        if column_name not in prepared:
            prepared[column_name] = prepare(column_name=column_name, **given)
        return prepared[column_name]

    data_drift.get_one_column_drift, basedatatypes._str_to_dict_path_full = prepare_once, cache(parse)
    try:
        yield
    finally:
        data_drift.get_one_column_drift, basedatatypes._str_to_dict_path_full = prepare, parse


class DrawnOnce(DataDriftPreset):
    """Evidently's drift preset without the metrics whose pictures it draws and then leaves out of its HTML."""

    def generate_metrics(self, context: Context) -> list:
        """Return the count of drifted columns alone; the table of columns comes from `render`."""
        return [metric for metric in super().generate_metrics(context) if isinstance(metric, DriftedColumnsCount)]


def _dataset(shown: dict[str, Shown], side: str) -> Dataset:
    of_kind = {kind: [name for name, column in shown.items() if column.drawn.kind == kind] for kind in TYPES}
    definition = DataDefinition(
        numerical_columns=of_kind["numerical"],
        categorical_columns=of_kind["categorical"],
        text_columns=[],
        datetime_columns=[],
        list_columns=[],
        unknown_columns=[],
    )
    frame = frame_of({name: getattr(column.drawn, side) for name, column in shown.items()})
    return Dataset.from_pandas(frame, data_definition=definition)


@contextmanager
def _registered(shown: dict[str, Shown]) -> Iterator[dict[str, str]]:
    """Register with Evidently a test for each column that hands back the answer we have; yield their names."""
    tests = {name: _test(name, column) for name, column in shown.items()}
    try:
        yield {name: test.name for name, test in tests.items()}
    finally:
        for test in tests.values():
            registry._registered_stat_tests.pop(test.name, None)
            registry._impls.pop(test, None)


def _test(name: str, column: Shown) -> registry.StatTest:
    test = registry.StatTest(f"drift-monitor {name}", column.label, list(TYPES.values()))
    registry.register_stattest(test)
    answer = registry.create_impl_wrapper(lambda *_: (column.score, column.drifted))
    registry.add_stattest_impl(test, PythonEngine, answer)
    return test


def save_report(comparison: Comparison, output_dir: str | Path) -> Path:
    """Write Evidently's report to `output_dir`/evidently.html and return its path.

    The script that all reports share goes to `output_dir`/../../assets/evidently-<hash>.js. DriftMonitorError when
    the folder can't be written.
    """
    columns = [score.name for score in comparison.columns]
    tokens = dict(zip(columns, map(token, range(len(columns))), strict=True))
    shown = dict(zip(columns, safe_labels(columns), strict=True))
    labels = {tokens[score.name]: shown[score.name] for score in by_severity(comparison.columns)}
    page = Page(comparison.evidently_html, comparison.evidently_error, labels, comparison.sentence(), comparison.notes)
    return save_page(page, Path(output_dir))
