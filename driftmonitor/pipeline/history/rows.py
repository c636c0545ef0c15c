"""Runs as rows: a record written as its run, its columns' test results and its data-quality issues, and read back."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic_core import from_json

from driftmonitor import DriftMonitorError
from driftmonitor.facts.model import ModelDay
from driftmonitor.facts.moves import DayMoves
from driftmonitor.facts.performance import Metric
from driftmonitor.facts.record import RunRecord, parse
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.history.database import upsert
from driftmonitor.pipeline.history.tables import (
    FORGOTTEN,
    AsStored,
    checks,
    distributions,
    findings,
    labels,
    model_days,
    reference_days,
    runs,
    scores,
    unpack,
)
from driftmonitor.regular_files import parse_json

RECORDS_AT_A_TIME = 50
MOST_REMEMBERED = 1_000  # texts of runs: a backfill reads those that count again for each of its days
REMEMBERED = runs.c.status != FORGOTTEN
OF_LABEL = ("label", "reason")  # the fields of a run that an analyst sets
RUN_COLUMNS = [(labels if name in OF_LABEL else runs).c[name] for name in Run.__dataclass_fields__]
RUNS = sa.select(*RUN_COLUMNS).select_from(runs.outerjoin(labels)).order_by(runs.c.run_date)

# Statements that a backfill executes on each of its days: to build one takes longer than to execute it.
KEY: dict[str, Any] = {name: sa.bindparam(name) for name in ("monitor", "run_date")}
OF_MONITOR = runs.c.monitor == sa.bindparam("monitor"), runs.c.run_date <= sa.bindparam("until"), REMEMBERED
ALL_RUNS, ONE_RUN = RUNS.where(*OF_MONITOR), RUNS.where(*OF_MONITOR, runs.c.run_date == sa.bindparam("run_date"))
LAST_BEFORE = sa.select(sa.func.max(runs.c.run_date)).where(*OF_MONITOR, runs.c.run_date < sa.bindparam("run_date"))
STORED = sa.select(runs.c.record).filter_by(**KEY)
DELETE_PARTS = [sa.delete(each).filter_by(**KEY) for each in (scores, findings, checks, model_days, distributions)]


class StoredRun(NamedTuple):
    """A successful run, with its record as the database keeps it."""

    run_date: dt.date
    label: str
    stored: bytes | str

    @property
    def digest(self) -> str:
        """A hash of the record."""
        stored = self.stored if isinstance(self.stored, bytes) else self.stored.encode()
        return hashlib.blake2b(stored, digest_size=16).hexdigest()

    def read(self) -> dict[str, Any]:
        """Return the record as JSON types; ValueError if it is damaged."""
        content = parse_object(unpack(self.stored) if isinstance(self.stored, bytes) else self.stored)
        if content is None:
            raise ValueError("damaged")
        return content


def read_runs(connection: sa.Connection, monitor: str, until: dt.date = dt.date.max) -> list[Run]:
    """Return a monitor's runs up to the day `until`, in date order."""
    return _to_runs(connection, ALL_RUNS, monitor, until)


def read_runs_that_count(
    connection: sa.Connection, monitor: str, day: dt.date, clear_runs: int, until: dt.date = dt.date.max
) -> list[Run]:
    """Return those of a monitor's runs up to `until` that can matter for the run of a `day`, in date order.

    A healthy run before it changes no incident if it comes after `clear_runs` healthy ones in a row, and the next run
    is healthy too. Without these a year without drift is a few runs long, and incidents and events are the same.
    """
    before = connection.scalar(LAST_BEFORE, {"monitor": monitor, "until": until, "run_date": day})
    return _to_runs(connection, _that_count(clear_runs), monitor, until, since=before or day)


@cache
def _that_count(clear_runs: int) -> sa.Select:
    is_quiet = sa.and_(runs.c.status == "healthy", runs.c.failed_checks.is_(None))
    unrest = sa.func.sum(sa.case((is_quiet, 0), else_=1))
    around = unrest.over(order_by=runs.c.run_date, rows=(-clear_runs, 1)).label("unrest")
    rows = sa.select(runs.c.run_date, around).where(*OF_MONITOR).subquery()
    counts = sa.or_(rows.c.unrest > 0, runs.c.run_date >= sa.bindparam("since"))
    of_monitor = runs.c.monitor == sa.bindparam("monitor")
    return RUNS.join(rows, rows.c.run_date == runs.c.run_date).where(of_monitor, counts)


def with_run(connection: sa.Connection, old_runs: Sequence[Run], record: RunRecord, until: dt.date) -> list[Run]:
    """Return the runs with that of a record, as it is in the history now."""
    own = _to_runs(connection, ONE_RUN, record.monitor, until, run_date=record.run_date)
    return sorted([*(run for run in old_runs if run.run_date != record.run_date), *own], key=lambda run: run.run_date)


def _to_runs(connection: sa.Connection, query: sa.Select, monitor: str, until: dt.date, **more: Any) -> list[Run]:
    rows = connection.execute(query, {"monitor": monitor, "until": until, **more}).mappings()
    return [_to_run(row, until) for row in rows]


def _to_run(row: sa.RowMapping, until: dt.date) -> Run:
    """Return a row's run; one whose names cannot be read is failed, so that nobody takes it for what it was not."""
    changed: dict[str, Any] = {name: row[name] or "" for name in OF_LABEL} | {"recorded_at": row["recorded_at"]}
    if row["recorded_at"].date() > until:  # by a clock that was ahead; otherwise the run would never be overdue
        changed["recorded_at"] = dt.datetime.combine(row["run_date"], dt.time.max, dt.UTC)
    columns = _names(row["drifted_columns"])
    if columns is None:
        error = f"its row in the history is damaged; {run_again(row['monitor'], row['run_date'])}."
        return Run(row["monitor"], row["run_date"], "failed", error=error, **changed)
    failed = _names(row["failed_checks"] or "[]") or ()
    return Run(**{**row, **changed, "drifted_columns": columns, "failed_checks": failed, "moves": _moves(row["moves"])})


@lru_cache(MOST_REMEMBERED)
def _names(text: str) -> tuple[str, ...] | None:
    """Return the names in a JSON list; None if it is damaged."""
    try:
        names = parse_json(text)
    except ValueError:
        return None
    return tuple(names) if isinstance(names, list) and all(isinstance(name, str) for name in names) else None


@lru_cache(MOST_REMEMBERED)
def _moves(text: str | None) -> DayMoves | None:
    """Return what moved on a day; None if it is damaged: the run's verdict matters more."""
    try:
        return DayMoves.model_validate(parse_json(text)) if text else None
    except ValueError:
        return None


def run_again(monitor: str, run_date: dt.date) -> str:
    """Return the command that repeats a run."""
    return f"run `python runner.py --monitor {monitor} --date {run_date}`"


def read_record(connection: sa.Connection, monitor: str, run_date: dt.date) -> RunRecord | None:
    """Return one run's record, or None if there is no such run."""
    query = sa.select(runs.c.record).where(runs.c.monitor == monitor, runs.c.run_date == run_date, REMEMBERED)
    text = connection.scalar(query)
    return None if text is None else parse_record(text, monitor, run_date)


def read_records_before(
    connection: sa.Connection, monitor: str, run_date: dt.date = dt.date.max, without: Collection[dt.date] = ()
) -> Iterator[tuple[dt.date, str, dict[str, Any]]]:
    """Yield date, label and record (as JSON types) of the successful runs before `run_date`, newest first.

    Those of the days `without` are not read: a damaged one can be forgotten. Raises DriftMonitorError that names the
    oldest damaged day: it can be run again, and then the one after it.
    """
    query = sa.select(runs.c.run_date, labels.c.label, runs.c.record).select_from(runs.outerjoin(labels))
    query = query.where(runs.c.monitor == monitor, runs.c.run_date < run_date, runs.c.status != "failed", REMEMBERED)
    rows = iter(connection.execute(query.order_by(runs.c.run_date.desc())).yield_per(RECORDS_AT_A_TIME))
    for day, label, text in rows:
        if day in without:
            continue
        content = parse_object(text)
        if content is None:
            older = [day for day, _, text in rows if day not in without and parse_object(text) is None]
            raise _damaged(monitor, min([day, *older]))
        yield day, label or "", content


def read_stored_runs(connection: sa.Connection, monitor: str, run_date: dt.date) -> Iterator[StoredRun]:
    """Yield the successful runs before `run_date`, newest first, with their records as they are stored."""
    query = sa.select(runs.c.run_date, labels.c.label, sa.type_coerce(runs.c.record, AsStored))
    query = query.select_from(runs.outerjoin(labels)).order_by(runs.c.run_date.desc())
    query = query.where(runs.c.monitor == monitor, runs.c.run_date < run_date, runs.c.status != "failed", REMEMBERED)
    for day, label, stored in connection.execute(query).yield_per(RECORDS_AT_A_TIME):
        yield StoredRun(day, label or "", stored)


def read_reference_days(connection: sa.Connection, monitor: str) -> str | None:
    """Return the days of a monitor's reference, in JSON, or None."""
    return connection.scalar(sa.select(reference_days.c.days).filter_by(monitor=monitor))


def parse_record(text: str, monitor: str, run_date: dt.date) -> RunRecord:
    """Return the record that a run's row holds; DriftMonitorError if it is damaged."""
    try:
        return parse(parse_json(text), "the history")
    except (ValueError, DriftMonitorError):
        raise _damaged(monitor, run_date) from None


def _damaged(monitor: str, run_date: dt.date) -> DriftMonitorError:
    where = f"the history's record of {monitor} on {run_date}"
    return DriftMonitorError(f"{where}: damaged; {run_again(monitor, run_date)}.")


def replace_run(connection: sa.Connection, record: RunRecord, now: dt.datetime) -> None:
    """Write the record's rows in place of those of its monitor and date; the same record again changes nothing."""
    row = _run_row(record, now)
    key = {"monitor": record.monitor, "run_date": record.run_date}
    if connection.scalar(STORED, key) == row["record"]:
        return
    connection.execute(upsert(connection, runs, key), row)
    for delete in DELETE_PARTS:
        connection.execute(delete, key)
    _insert_parts(connection, [record])


def insert_runs(connection: sa.Connection, records: Sequence[RunRecord], now: dt.datetime) -> None:
    """Insert the rows of many records at once; none of their dates may have a run."""
    connection.execute(sa.insert(runs), [_run_row(record, now) for record in records])
    _insert_parts(connection, records)


def _insert_parts(connection: sa.Connection, records: Sequence[RunRecord]) -> None:
    for table, to_rows in ((scores, _score_rows), (findings, _finding_rows), (checks, _check_rows)):
        rows = [
            {"monitor": record.monitor, "run_date": record.run_date, "position": position, **row}
            for record in records
            for position, row in enumerate(to_rows(record))
        ]
        if rows:
            connection.execute(sa.insert(table), rows)
    of_models = [row for record in records for row in _model_rows(record)]
    of_columns = [row for record in records for row in _distribution_rows(record)]
    for table, rows in ((model_days, of_models), (distributions, of_columns)):
        if rows:
            connection.execute(sa.insert(table), rows)


def _run_row(record: RunRecord, now: dt.datetime) -> dict[str, Any]:
    run = Run.of(record)
    names = ("monitor", "run_date", "status", "drift_share", "threshold", "column_count", "error", "error_kind")
    return {
        **{name: getattr(run, name) for name in names},
        "drifted": record.drifted,
        "drifted_columns": json.dumps(run.drifted_columns),
        "failed_checks": json.dumps(run.failed_checks) if run.failed_checks else None,
        "moves": json.dumps(run.moves.model_dump(mode="json", exclude_defaults=True)) if run.moves else None,
        "duration_seconds": record.duration_seconds,
        # ASCII, so that NUL and lone surrogates, which no database text can hold, survive as \u escapes.
        "record": json.dumps(record.to_dict(), separators=(",", ":")),
        "recorded_at": now,
        **{name: getattr(run, name) for name in ("rule", "strangeness", "strangeness_limit", "changed_since")},
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


def _check_rows(record: RunRecord) -> list[dict[str, Any]]:
    names = ("name", "value", "rows", "must", "holds")
    return [{name: getattr(check, name) for name in names} for check in record.checks]


def _model_rows(record: RunRecord) -> list[dict[str, Any]]:
    """Return a row for each day whose performance a run knows, the last one of each day."""
    model = record.model
    return list({day.date: _model_row(record, model.metric, day) for day in model.days}.values()) if model else []


def _model_row(record: RunRecord, metric: str, day: ModelDay) -> dict[str, Any]:
    known = day.performance.metrics.get(metric, Metric())
    estimate = day.estimate.metrics.get(metric) if day.estimate and not day.estimate.unknown else None
    kept = day.model_copy(update={"performance": day.performance.model_copy(update={"curve": ()})})
    return {
        "monitor": record.monitor, "run_date": record.run_date, "day": day.date, "metric": metric,
        "rows": day.performance.rows, "labelled": day.performance.labelled,
        "value": known.value, "low": known.low, "high": known.high,
        "estimate": estimate and estimate.value, "estimate_low": estimate and estimate.low,
        "estimate_high": estimate and estimate.high, "content": json.dumps(kept.model_dump(mode="json")),
    }  # fmt: skip


def _distribution_rows(record: RunRecord) -> list[dict[str, Any]]:
    """Return the row of a run's distributions; none if no column has one."""
    known = {score.name: score.distribution.model_dump() for score in record.columns if score.distribution}
    if not known:
        return []
    return [
        {"monitor": record.monitor, "run_date": record.run_date, "content": json.dumps(known, separators=(",", ":"))}
    ]


def read_distributions(
    connection: sa.Connection, monitor: str, since: dt.date, until: dt.date
) -> Iterator[tuple[dt.date, dict[str, Any] | None]]:
    """Yield each day from `since` to `until` with its columns' distributions, in JSON's types, in date order.

    None for a damaged day.
    """
    query = sa.select(distributions.c.run_date, distributions.c.content).where(distributions.c.monitor == monitor)
    query = query.where(distributions.c.run_date.between(since, until)).order_by(distributions.c.run_date)
    for day, text in connection.execute(query):
        yield day, parse_object(text)


def read_model_days(
    connection: sa.Connection, monitor: str, since: dt.date, before: dt.date = dt.date.max, until: dt.date = dt.date.max
) -> Iterator[sa.RowMapping]:
    """Yield what the newest run before `before`, up to `until`, knows of each day from `since` on, oldest first."""
    query = sa.select(model_days).where(model_days.c.monitor == monitor, model_days.c.day >= since)
    query = query.where(model_days.c.run_date < before, model_days.c.run_date <= until)
    rows = connection.execute(query.order_by(model_days.c.run_date)).mappings()
    newest = {row["day"]: row for row in rows}
    yield from (newest[day] for day in sorted(newest))


def parse_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text of the history is; None if it is damaged. A number too large is infinite."""
    try:
        content = from_json(text, allow_inf_nan=False)  # in half the time of `parse_json`, for a year of days
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
