"""The history's two doors: `record` writes a run with what must be said of it; the rest reads."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import NAME_PATTERN
from driftmonitor.facts.record import RunRecord, parse
from driftmonitor.pipeline.alerts.incidents import Key, Run
from driftmonitor.pipeline.alerts.news import Entry, Plan, Recording
from driftmonitor.pipeline.history import transfer
from driftmonitor.pipeline.history.database import WAIT_SECONDS, Database, upsert
from driftmonitor.pipeline.history.outbox import Outbox, lock, resettle
from driftmonitor.pipeline.history.rows import replace_run
from driftmonitor.pipeline.history.tables import events, labels, outbox, runs, scores

if TYPE_CHECKING:
    import pandas as pd

FRAME_ROWS = 50_000  # read at a time: a whole year of fifty monitors in one piece takes a gigabyte
RECORDS = 50  # read at a time
SAID = {"label", "reason"}  # of a run, by an analyst
MARK = [scores.c[name] for name in ("run_date", "column", "status", "distance")]
LIGHT = [(labels if name in SAID else runs).c[name] for name in Run.__dataclass_fields__]


class Score(NamedTuple):
    """One column's score of one run."""

    monitor: str
    run_date: dt.date
    column: str
    kind: str | None
    status: str
    method: str | None
    p_value: float | None
    statistic: float | None
    distance: float | None
    missing_reference: float | None
    missing_current: float | None


class Told(NamedTuple):
    """One event and what became of it on one channel; channel and what follows are None before the first delivery."""

    run_date: dt.date
    event: str
    holds: bool
    mute: str
    recorded_at: dt.datetime
    channel: str | None
    state: str | None
    attempts: int | None
    sent_at: dt.datetime | None
    last_error: str | None


def open_history(where: str | Path, wait_seconds: float = WAIT_SECONDS) -> "History":
    """Open the history at a file's path or a postgresql:// address, made or migrated if need be.

    `wait_seconds` bounds the wait for a lock. Raises DriftMonitorError, without address or credentials, for a database
    that can't be reached or opened, isn't a history, or was written by a newer version.
    """
    return History(Database(where, wait_seconds))


class History:
    """All runs of all monitors, and the outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.outbox = Outbox(database)

    def __enter__(self) -> "History":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def record(self, record: RunRecord, plan: Plan | None, now: dt.datetime) -> None:
        """Put one run into the history, whole, in place of an earlier one of that date, with what is to be said of it.

        `plan` is `news.planner(...)`; with None no message is queued. `now` is kept as recorded_at.
        """
        if not NAME_PATTERN.fullmatch(record.monitor):
            raise DriftMonitorError(
                f"{record.monitor[:70]!r}: not a monitor's name; use a-z, 0-9, _ and -, at most 64 characters."
            )

        def change(connection: sa.Connection) -> None:
            lock(connection, record.monitor)
            old = _runs(connection, record.monitor)
            replace_run(connection, record, now)
            if plan is not None:
                _plan(connection, plan, record, old, now)

        self._database.write(change)

    def label(self, monitor: str, run_date: dt.date, label: str, reason: str, plan: Plan, now: dt.datetime) -> bool:
        """Keep what an analyst says of a run, dismissed or confirmed or "" to take it back; return whether that is new.

        What people were told is corrected as `plan` says. DriftMonitorError when there is no such run, or it failed.
        """

        def change(connection: sa.Connection) -> bool:
            lock(connection, monitor)
            old = _runs(connection, monitor)
            run = next((run for run in old if run.run_date == run_date), None)
            _refuse_label(run, monitor, run_date, old)
            if (run.label, run.reason) == (label, reason):
                return False
            key = {"monitor": monitor, "run_date": run_date}
            row = {**key, "label": label, "reason": reason, "labelled_at": now}
            connection.execute(upsert(connection, labels, key), row)
            _plan(connection, plan, _record(connection, monitor, run_date), old, now)
            return True

        return self._database.write(change)

    def monitors(self) -> list[str]:
        """Return the names of all monitors that have a run, sorted."""
        with self._database.reading() as connection:
            return sorted(connection.scalars(sa.select(runs.c.monitor).distinct()))

    def has_run(self, monitor: str, run_date: dt.date) -> bool:
        """Return whether the date has a run, failed or not."""
        with self._database.reading() as connection:
            found = sa.select(runs.c.status).where(runs.c.monitor == monitor, runs.c.run_date == run_date)
            return connection.scalar(found) is not None

    def runs(self, monitor: str) -> list[Run]:
        """Return a monitor's runs without their columns' scores, in date order."""
        with self._database.reading() as connection:
            return _runs(connection, monitor)

    def record_of(self, monitor: str, run_date: dt.date) -> RunRecord | None:
        """Return one run's record as it was given, or None."""
        with self._database.reading() as connection:
            return _record(connection, monitor, run_date)

    def records(self, monitor: str, since: dt.date = dt.date.min) -> list[RunRecord]:
        """Return a monitor's whole records from `since` on, in date order."""
        query = sa.select(runs.c.record).where(runs.c.monitor == monitor, runs.c.run_date >= since)
        with self._database.reading() as connection:
            return [_parse(text) for text in connection.scalars(query.order_by(runs.c.run_date))]

    def records_before(self, monitor: str, run_date: dt.date) -> Iterator[tuple[dt.date, str, dict[str, Any]]]:
        """Yield day, label and record, as JSON's types, of the finished runs before `run_date`, the newest first."""
        query = sa.select(runs.c.run_date, labels.c.label, runs.c.record).select_from(runs.outerjoin(labels))
        query = query.where(runs.c.monitor == monitor, runs.c.run_date < run_date, runs.c.status != "failed")
        with self._database.reading() as connection:
            for day, label, text in connection.execute(query.order_by(runs.c.run_date.desc())).yield_per(RECORDS):
                yield day, label or "", json.loads(text)

    def durations(self, monitor: str) -> dict[dt.date, float]:
        """Return how many seconds each of a monitor's runs took, in date order, as far as known."""
        query = sa.select(runs.c.run_date, runs.c.duration_seconds).where(runs.c.monitor == monitor)
        with self._database.reading() as connection:
            timed = connection.execute(query.where(runs.c.duration_seconds.is_not(None)).order_by(runs.c.run_date))
            return dict(timed.tuples().all())

    def scores(self, since: dt.date, monitor: str | None = None) -> list[Score]:
        """Return the columns' scores of all runs from `since` on: by monitor, date, and the record's order."""
        query = sa.select(*(scores.c[name] for name in Score._fields)).where(scores.c.run_date >= since)
        if monitor is not None:
            query = query.where(scores.c.monitor == monitor)
        with self._database.reading() as connection:
            # The date first: by monitor first, SQLite walks through all years instead of the index by date.
            rows = connection.execute(query.order_by(scores.c.run_date, scores.c.monitor, scores.c.position))
            return sorted((Score(*row) for row in rows), key=lambda score: score.monitor)

    def marks(self, since: dt.date, monitor: str) -> Sequence[sa.Row]:
        """Return a monitor's scores from `since` on, in date order: run date, column, status and distance of each."""
        query = sa.select(*MARK).where(scores.c.monitor == monitor)
        query = query.where(scores.c.run_date >= since).order_by(scores.c.run_date, scores.c.position)
        with self._database.reading() as connection:
            return connection.execute(query).all()

    def messages(self, monitor: str) -> list[Told]:
        """Return a monitor's events in the order they are told, with what became of each on each channel."""
        columns = [events.c[name] for name in Told._fields[:5]] + [outbox.c[name] for name in Told._fields[5:]]
        query = sa.select(*columns).select_from(events.outerjoin(outbox)).where(events.c.monitor == monitor)
        with self._database.reading() as connection:
            return [Told(*row) for row in connection.execute(query.order_by(events.c.position, outbox.c.channel))]

    def frame(self, monitor: str | None = None, since: dt.date = dt.date.min) -> "pd.DataFrame":
        """Return the history from `since` on as one frame: a row for each run and column; a run without has one row.

        Columns of the run: monitor, run_date (datetime64), run_status, drift_share, run_threshold, error; of the
        column's score: column, kind, status, method, p_value, statistic, threshold, adjusted_p_value, distance,
        missing_reference, missing_current, reason.
        """
        import pandas as pd

        of_run = [runs.c.monitor, runs.c.run_date, runs.c.status.label("run_status"), runs.c.drift_share]
        of_run += [runs.c.threshold.label("run_threshold"), runs.c.error]
        of_column = [column for column in scores.c if column.name not in ("monitor", "run_date", "position")]
        query = sa.select(*of_run, *of_column).select_from(runs.outerjoin(scores)).where(runs.c.run_date >= since)
        query = query if monitor is None else query.where(runs.c.monitor == monitor)
        query = query.order_by(runs.c.monitor, runs.c.run_date, scores.c.position)
        names = [column.name for column in query.selected_columns]
        numbers = [column.name for column in query.selected_columns if isinstance(column.type, sa.Double)]
        types = {"run_date": "datetime64[s]", **dict.fromkeys(numbers, "float64")}
        with self._database.reading() as connection:
            found = connection.execute(query, execution_options={"yield_per": FRAME_ROWS}).partitions()
            frames = [pd.DataFrame(rows, columns=names).astype(types) for rows in found]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=names).astype(types)

    def export(self, folder: str | Path, form: str = "parquet") -> dict[str, int]:
        """Write every table to a file in `folder`, as parquet or csv; return the rows of each."""
        with self._database.reading() as connection:
            return transfer.export(connection, Path(folder), form)

    def import_(self, folder: str | Path) -> dict[str, int]:
        """Add what `export` wrote; return the rows added to each table. What stands here already stays."""
        tables = transfer.read(Path(folder))
        return self._database.write(lambda connection: transfer.add(connection, tables))


def _plan(connection: sa.Connection, plan: Plan, record: RunRecord, old: list[Run], now: dt.datetime) -> None:
    """Enter what is to be said because the record's run, or its label, is not what it was among the `old` ones."""
    new = _runs(connection, record.monitor)
    ledger = _ledger(connection, record.monitor)
    past = Recording(record, old, new, ledger, lambda day: _record(connection, record.monitor, day))
    _write_entries(connection, record.monitor, plan(past), now)


def _refuse_label(run: Run | None, monitor: str, run_date: dt.date, known: list[Run]) -> None:
    if run is None:
        days = f"its runs are of {known[0].run_date} to {known[-1].run_date}" if known else "it has not run yet"
        raise DriftMonitorError(f"{monitor}: no run of {run_date}; {days}.")
    if run.status == "failed":
        raise DriftMonitorError(f"{monitor}: the run of {run_date} failed, so there is no verdict; run it again.")


def _runs(connection: sa.Connection, monitor: str) -> list[Run]:
    query = sa.select(*LIGHT).select_from(runs.outerjoin(labels)).where(runs.c.monitor == monitor)
    return [_run(row) for row in connection.execute(query.order_by(runs.c.run_date))]


def _run(row: sa.Row) -> Run:
    fields = dict(zip(row._fields, row, strict=True))
    said = {name: fields[name] or "" for name in SAID}
    return Run(**fields | said | {"drifted_columns": tuple(json.loads(fields["drifted_columns"]))})


def _record(connection: sa.Connection, monitor: str, run_date: dt.date) -> RunRecord | None:
    query = sa.select(runs.c.record).where(runs.c.monitor == monitor, runs.c.run_date == run_date)
    text = connection.scalar(query)
    return None if text is None else _parse(text)


def _parse(text: str) -> RunRecord:
    return parse(json.loads(text), "the history")


def _ledger(connection: sa.Connection, monitor: str) -> dict[Key, Entry]:
    told = sa.or_(outbox.c.heard.is_not(None), outbox.c.state == "leased")
    told_rows = connection.execute(
        sa.select(outbox.c.run_date, outbox.c.event).where(outbox.c.monitor == monitor, told)
    )
    heard = {tuple(row) for row in told_rows}
    columns = (events.c.run_date, events.c.event, events.c.holds, events.c.mute, events.c.payload)
    found = connection.execute(sa.select(*columns).where(events.c.monitor == monitor))
    return {(row[0], row[1]): Entry(row.holds, row.mute, (row[0], row[1]) in heard, row.payload) for row in found}


def _write_entries(connection: sa.Connection, monitor: str, entries: dict[Key, Entry], now: dt.datetime) -> None:
    """Write the ledger's entries that changed, and bring the outbox's rows in line with them."""
    last = connection.scalar(sa.select(sa.func.max(events.c.position)).where(events.c.monitor == monitor)) or 0
    for (run_date, event), entry in sorted(entries.items(), key=lambda item: item[0][0]):
        key = {"monitor": monitor, "run_date": run_date, "event": event}
        told = {"holds": entry.holds, "mute": entry.mute, "payload": entry.payload}
        if not connection.execute(sa.update(events).filter_by(**key).values(told)).rowcount:
            last += 1
            row = {**key, **told, "position": last, "spread": False, "recorded_at": now}
            connection.execute(sa.insert(events), row)
        resettle(connection, key, now)
