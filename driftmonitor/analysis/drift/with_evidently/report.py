"""Evidently's report of a comparison, with the scores, verdicts and drift share that the record has.

Each column's result is registered with Evidently as a test that returns it. Of many columns Evidently draws some, and
its table lists the others too.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.scores import Pair, Rule
from driftmonitor.analysis.drift.with_evidently.drawn import (
    MAX_ROWS,
    Shown,
    frame_of,
    safe_labels,
    say_rows_drawn,
    shorten,
    show,
    token,
)
from driftmonitor.analysis.drift.with_evidently.listed import choose_pictured, list_column, say_pictured
from driftmonitor.analysis.drift.with_evidently.names import (
    TYPES,
    DataDefinition,
    DataDriftPreset,
    Dataset,
    DriftedColumnsCount,
    Report,
    StatTest,
    register_stattest,
    registry,
)
from driftmonitor.analysis.drift.with_evidently.page import Page, save_page
from driftmonitor.analysis.drift.with_evidently.shortcuts import each_once, listed
from driftmonitor.facts.record import by_severity
from driftmonitor.foreign_errors import describe_error


class Drawn:
    """The values of tested columns that the report draws; the others are forgotten as soon as a column is compared."""

    def __init__(self) -> None:
        self.pairs: dict[str, Pair] = {}

    def keep(self, name: str, pair: Pair) -> None:
        """Keep what is drawn of a column."""
        self.pairs[name] = shorten(pair, MAX_ROWS)


def with_report(comparison: Comparison, pairs: Mapping[str, Pair], rules: Mapping[str, Rule]) -> Comparison:
    """Return the comparison with Evidently's report. If that fails, only the report is missing, never a score."""
    pictured = choose_pictured(comparison.columns)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            shown = [show(score, pairs, rules, score.name in pictured) for score in comparison.columns]
            html = _report_html(comparison, shown)
    except Exception as error:
        return replace(comparison, evidently_error=describe_error(error))
    notes = (*say_pictured(len(shown), len(pictured)), *say_rows_drawn(comparison.rows))
    return replace(comparison, evidently_html=html, notes=notes)


def save(comparison: Comparison, output_dir: Path) -> Path:
    """Write the report to `output_dir`/evidently.html, the most severe column first; return its path."""
    columns = [score.name for score in comparison.columns]
    tokens = dict(zip(columns, map(token, range(len(columns))), strict=True))
    labels = dict(zip(columns, safe_labels(columns), strict=True))
    ordered = {tokens[score.name]: labels[score.name] for score in by_severity(comparison.columns)}
    page = Page(comparison.evidently_html, comparison.evidently_error, ordered, comparison.sentence(), comparison.notes)
    return save_page(page, output_dir)


def _report_html(comparison: Comparison, columns: Sequence[Shown]) -> str:
    """Return the HTML of Evidently's drift preset over all watched columns, each under its token."""
    # Evidently's drift begins at the limit, that of a monitor above it: the limit is the next larger float.
    limit = float(np.nextafter(comparison.threshold, np.inf))
    named = {token(i): column for i, column in enumerate(columns)}
    shown = {name: column for name, column in named.items() if column.pictured}
    others = [list_column(name, column) for name, column in named.items() if not column.pictured]
    with _registered(shown) as names, each_once(), listed(others, _totals(comparison)):
        thresholds = {name: column.threshold for name, column in shown.items()}
        preset = DrawnOnce(
            columns=list(shown), drift_share=limit, per_column_method=names, per_column_threshold=thresholds
        )
        snapshot = Report([preset]).run(_dataset(shown, "current"), _dataset(shown, "reference"))
        html = snapshot.get_html_str(as_iframe=False)
    return html.replace(f"detection threshold is {limit}", f"detection threshold is {comparison.threshold:g}")


def _totals(comparison: Comparison) -> dict[str, Any]:
    """Return the counts of all columns, by the names of Evidently's fields."""
    return {
        "number_of_columns": len(comparison.columns),
        "number_of_drifted_columns": sum(score.status == "drifted" for score in comparison.columns),
        "share_of_drifted_columns": comparison.drift_share,
        "dataset_drift": comparison.drifted,
    }


class DrawnOnce(DataDriftPreset):
    """Evidently's drift preset without the metrics whose pictures it draws and then leaves out of its HTML."""

    def generate_metrics(self, context: Any) -> list[Any]:
        """Return only the count of drifted columns, if there is one; the table of columns comes from `render`."""
        metrics = list(super().generate_metrics(context))
        return [metric for metric in metrics if isinstance(metric, DriftedColumnsCount)] or metrics


def _dataset(shown: Mapping[str, Shown], side: str) -> Dataset:
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
def _registered(shown: Mapping[str, Shown]) -> Iterator[dict[str, str]]:
    """Register with Evidently a test for each column that returns its result; yield their names by column."""
    tests = {name: _register(name, column) for name, column in shown.items()}
    try:
        yield {name: test.name for name, (test, _) in tests.items()}
    finally:
        for test, answer in tests.values():
            # Where a version has other tables, the test stays and the next report replaces it.
            keys = {"_registered_stat_tests": test.name, "_impls": test, "_registered_stat_test_funcs": answer}
            for table, key in keys.items():
                getattr(registry, table, {}).pop(key, None)


def _register(name: str, column: Shown) -> tuple[StatTest, Callable]:
    def answer(*_: Any) -> tuple[float, bool]:
        return column.score, column.drifted

    test = StatTest(f"drift-monitor {name}", column.label, list(TYPES.values()))
    register_stattest(test, answer)
    return test, answer
