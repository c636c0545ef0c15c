"""A record as rows: its run, its columns' scores, its findings."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.history.database import upsert
from driftmonitor.pipeline.history.tables import findings, runs, scores


def replace_run(connection: sa.Connection, record: RunRecord, now: dt.datetime) -> None:
    """Put the record's rows in place of those of its monitor and date; the same record once more changes nothing."""
    row = _run_row(record, now)
    of_run = {"monitor": record.monitor, "run_date": record.run_date}
    same = sa.select(runs.c.record).filter_by(**of_run)
    if connection.scalar(same) == row["record"]:
        return
    connection.execute(upsert(connection, runs, of_run), row)
    for table in (scores, findings):
        connection.execute(sa.delete(table).filter_by(**of_run))
    _insert_parts(connection, [record])


def insert_runs(connection: sa.Connection, records: Sequence[RunRecord], now: dt.datetime) -> None:
    """Put in the rows of many records at once; none of their dates may be there."""
    connection.execute(sa.insert(runs), [_run_row(record, now) for record in records])
    _insert_parts(connection, records)


def _insert_parts(connection: sa.Connection, records: Sequence[RunRecord]) -> None:
    for table, parts in ((scores, _score_rows), (findings, _finding_rows)):
        rows = [
            {"monitor": record.monitor, "run_date": record.run_date, "position": position, **row}
            for record in records
            for position, row in enumerate(parts(record))
        ]
        if rows:
            connection.execute(sa.insert(table), rows)


def _run_row(record: RunRecord, now: dt.datetime) -> dict[str, Any]:
    run = Run.of(record)
    names = ("monitor", "run_date", "status", "drift_share", "threshold", "column_count", "error", "error_kind")
    return {
        **{name: getattr(run, name) for name in names},
        "drifted": record.drifted,
        "drifted_columns": json.dumps(run.drifted_columns),
        "duration_seconds": record.duration_seconds,
        # ASCII, so that NUL and half surrogate pairs, which no database text takes, survive as \u escapes.
        "record": json.dumps(record.to_dict(), separators=(",", ":")),
        "recorded_at": now,
        **{name: getattr(run, name) for name in ("rule", "strangeness", "strangeness_limit")},
    }


def _score_rows(record: RunRecord) -> list[dict[str, Any]]:
    names = ("kind", "status", "method", "p_value", "statistic", "threshold", "adjusted_p_value", "distance", "reason")
    return [
        {
            "column": score.name,
            **{name: getattr(score, name) for name in names},
            "missing_reference": score.missing_share and score.missing_share.reference,
            "missing_current": score.missing_share and score.missing_share.current,
        }
        for score in record.columns
    ]


def _finding_rows(record: RunRecord) -> list[dict[str, Any]]:
    names = ("kind", "column", "message", "p_value")
    return [{name: getattr(finding, name) for name in names} for finding in record.quality]
