"""Write the tables that readers can download: a monitor's runs, and its test results of the last year, as CSV."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.csv_formulas import defuse
from driftmonitor.pipeline.pages.columns import to_stored_name
from driftmonitor.pipeline.pages.templates import format_utc

if TYPE_CHECKING:
    from driftmonitor.pipeline.history.store import CheckValue, Score

RUN_FIELDS = (
    "run_date", "status", "drift_share", "threshold", "drifted_count", "column_count", "drifted_columns", "error",
    "error_kind", "duration_seconds", "recorded_at", "rule", "strangeness", "strangeness_limit", "label", "reason",
    "failed_checks", "limit", "unusual_columns", "differing_count", "state", "changed_since",
)  # fmt: skip
SCORE_FIELDS = (
    "run_date", "column", "kind", "status", "method", "p_value", "statistic", "distance", "missing_reference",
    "missing_current",
)  # fmt: skip
CHECK_FIELDS = ("run_date", "name", "value", "rows", "must", "holds")


def runs_csv(runs: Iterable[Run], durations: Mapping[dt.date, float]) -> str:
    """Return one row per run, oldest first."""
    rows = (
        (
            run.run_date, run.status, run.drift_share, run.threshold, len(run.drifted_columns), run.column_count,
            "; ".join(run.drifted_columns), run.error, run.error_kind, durations.get(run.run_date),
            run.recorded_at and format_utc(run.recorded_at),
            run.rule, run.strangeness, run.strangeness_limit, run.label or None, run.reason or None,
            "; ".join(run.failed_checks) or None, run.limit,
            "; ".join(run.drifted_columns) or None if run.budgeted else None, run.differing_count, run.shown,
            run.changed_since,
        )
        for run in runs
    )  # fmt: skip
    return to_csv(RUN_FIELDS, rows)


def scores_csv(scores: Iterable["Score"], runs: Mapping[dt.date, Run]) -> str:
    """Return one row per run and column, oldest first, and whether the budget rule found it unusual, if it decided."""
    rows = ([*(getattr(score, name) for name in SCORE_FIELDS), _is_unusual(score, runs)] for score in scores)
    return to_csv([*SCORE_FIELDS, "unusual"], rows)


def _is_unusual(score: "Score", runs: Mapping[dt.date, Run]) -> bool | None:
    run = runs.get(score.run_date)
    return score.column in map(to_stored_name, run.drifted_columns) if run and run.budgeted else None


def checks_csv(values: Iterable["CheckValue"]) -> str:
    """Return one row per run and check of the last year, oldest first."""
    return to_csv(CHECK_FIELDS, ([getattr(value, name) for name in CHECK_FIELDS] for value in values))


def to_csv(names: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a CSV without text that a spreadsheet would execute as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)  # lines end with CR LF, as RFC 4180 requires, so a text with either is quoted
    writer.writerow(names)
    writer.writerows([defuse(value) if isinstance(value, str) else value for value in row] for row in rows)
    return out.getvalue()
