"""Runs as rows: a record written as its run, its columns' test results and its data-quality issues, and read back."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from driftmonitor.facts.record import RunRecord, parse
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.history.database import upsert
from driftmonitor.pipeline.history.tables import FORGOTTEN, findings, labels, runs, scores

RECORDS_AT_A_TIME = 50
REMEMBERED = runs.c.status != FORGOTTEN
OF_LABEL = ("label", "reason")  # the fields of a run that an analyst sets
RUN_COLUMNS = [(labels if name in OF_LABEL else runs).c[name] for name in Run.__dataclass_fields__]


def read_runs(connection: sa.Connection, monitor: str, until: dt.date = dt.date.max) -> list[Run]:
    """Return a monitor's runs up to the day `until`, in date order."""
    query = sa.select(*RUN_COLUMNS).select_from(runs.outerjoin(labels))
    query = query.where(runs.c.monitor == monitor, runs.c.run_date <= until, REMEMBERED).order_by(runs.c.run_date)
    return [_to_run(row, until) for row in connection.execute(query).mappings()]


def _to_run(row: sa.RowMapping, until: dt.date) -> Run:
    changed = {name: row[name] or "" for name in OF_LABEL}
    changed["drifted_columns"] = tuple(json.loads(row["drifted_columns"]))
    if row["recorded_at"].date() > until:  # by a clock that was ahead; otherwise the run would never be overdue
        changed["recorded_at"] = dt.datetime.combine(row["run_date"], dt.time.max, dt.UTC)
    return Run(**{**row, **changed})


def read_record(connection: sa.Connection, monitor: str, run_date: dt.date) -> RunRecord | None:
    """Return one run's record, or None if there is no such run."""
    query = sa.select(runs.c.record).where(runs.c.monitor == monitor, runs.c.run_date == run_date, REMEMBERED)
    text = connection.scalar(query)
    return None if text is None else parse_record(text)


def read_records_before(
    connection: sa.Connection, monitor: str, run_date: dt.date = dt.date.max
) -> Iterator[tuple[dt.date, str, dict[str, Any]]]:
    """Yield date, label and record (as JSON types) of the successful runs before `run_date`, newest first."""
    query = sa.select(runs.c.run_date, labels.c.label, runs.c.record).select_from(runs.outerjoin(labels))
    query = query.where(runs.c.monitor == monitor, runs.c.run_date < run_date, runs.c.status != "failed", REMEMBERED)
    for day, label, text in connection.execute(query.order_by(runs.c.run_date.desc())).yield_per(RECORDS_AT_A_TIME):
        yield day, label or "", json.loads(text)


def parse_record(text: str) -> RunRecord:
    """Return the record that a row holds."""
    return parse(json.loads(text), "the history")


def replace_run(connection: sa.Connection, record: RunRecord, now: dt.datetime) -> None:
    """Write the record's rows in place of those of its monitor and date; the same record again changes nothing."""
    row = _run_row(record, now)
    key = {"monitor": record.monitor, "run_date": record.run_date}
    same = sa.select(runs.c.record).filter_by(**key)
    if connection.scalar(same) == row["record"]:
        return
    connection.execute(upsert(connection, runs, key), row)
    for table in (scores, findings):
        connection.execute(sa.delete(table).filter_by(**key))
    _insert_parts(connection, [record])


def insert_runs(connection: sa.Connection, records: Sequence[RunRecord], now: dt.datetime) -> None:
    """Insert the rows of many records at once; none of their dates may have a run."""
    connection.execute(sa.insert(runs), [_run_row(record, now) for record in records])
    _insert_parts(connection, records)


def _insert_parts(connection: sa.Connection, records: Sequence[RunRecord]) -> None:
    for table, to_rows in ((scores, _score_rows), (findings, _finding_rows)):
        rows = [
            {"monitor": record.monitor, "run_date": record.run_date, "position": position, **row}
            for record in records
            for position, row in enumerate(to_rows(record))
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
        # ASCII, so that NUL and lone surrogates, which no database text can hold, survive as \u escapes.
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
