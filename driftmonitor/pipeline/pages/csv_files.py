"""The tables to take away: a monitor's runs, and its columns' scores of the last year, as CSV."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from driftmonitor.pipeline.alerts.incidents import Run

RUN_FIELDS = (
    "run_date", "status", "drift_share", "threshold", "drifted_count", "column_count", "drifted_columns", "error",
    "error_kind", "duration_seconds", "recorded_at", "rule", "strangeness", "strangeness_limit", "label", "reason",
)  # fmt: skip
SCORE_FIELDS = (
    "run_date", "column", "kind", "status", "method", "p_value", "statistic", "distance", "missing_reference",
    "missing_current",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs what begins so


def runs_csv(runs: Sequence[Run], durations: Mapping[dt.date, float]) -> str:
    """Return one row a run, oldest first."""
    rows = (
        (
            run.run_date, run.status, run.drift_share, run.threshold, len(run.drifted_columns), run.column_count,
            "; ".join(run.drifted_columns), run.error, run.error_kind, durations.get(run.run_date), _utc(run),
            run.rule, run.strangeness, run.strangeness_limit, run.label or None, run.reason or None,
        )
        for run in runs
    )  # fmt: skip
    return to_csv(RUN_FIELDS, rows)


def scores_csv(scores: Iterable[Any]) -> str:
    """Return one row a run and column, oldest first."""
    return to_csv(SCORE_FIELDS, ([getattr(score, name) for name in SCORE_FIELDS] for score in scores))


def _utc(run: Run) -> str | None:
    return run.recorded_at and f"{run.recorded_at:%Y-%m-%dT%H:%M:%SZ}"


def to_csv(names: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a CSV; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out)  # ends lines with CR LF, as RFC 4180 says, and so quotes a text that holds either
    writer.writerow(names)
    writer.writerows([_safe(value) for value in row] for row in rows)
    return out.getvalue()


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
