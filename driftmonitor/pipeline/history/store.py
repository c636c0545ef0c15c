"""Write runs to the history and read them back. `record` saves a run and its messages in one transaction."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import sqlalchemy as sa

from driftmonitor import DriftMonitorError
from driftmonitor.config.names import NAME_PATTERN
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.announcements import SILENCED
from driftmonitor.pipeline.alerts.incidents import BEGINNERS, Key, Run, family_of
from driftmonitor.pipeline.alerts.messages import read_since
from driftmonitor.pipeline.alerts.recordings import Plan
from driftmonitor.pipeline.history import forgetting, transfer
from driftmonitor.pipeline.history.announcements import apply_plan
from driftmonitor.pipeline.history.database import WAIT_SECONDS, Database, upsert
from driftmonitor.pipeline.history.frame import read_frame
from driftmonitor.pipeline.history.outbox import Outbox
from driftmonitor.pipeline.history.outbox_rows import lock
from driftmonitor.pipeline.history.rows import (
    REMEMBERED,
    StoredRun,
    parse_object,
    parse_record,
    read_distributions,
    read_model_days,
    read_record,
    read_records_before,
    read_reference_days,
    read_runs,
    read_runs_that_count,
    read_stored_runs,
    replace_run,
)
from driftmonitor.pipeline.history.tables import checks, events, labels, outbox, reference_days, runs, scores

if TYPE_CHECKING:
    import pandas as pd


Earlier = tuple[dt.date, str, dict[str, Any]]  # a run's date, label and record as JSON types


class Score(NamedTuple):
    """One column's test result in one run."""

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


class Mark(NamedTuple):
    """As much of a column's test result as a picture of many days shows."""

    run_date: dt.date
    column: str
    status: str
    distance: float | None


class CheckValue(NamedTuple):
    """One check's number in one run."""

    run_date: dt.date
    name: str
    value: float | None
    rows: int | None
    must: str | None
    holds: bool | None


class ModelPoint(NamedTuple):
    """One day's decisive metric, by its labels and as it was estimated before. `content`: all of the day, as JSON."""

    day: dt.date
    metric: str
    rows: int
    labelled: int
    value: float | None
    low: float | None
    high: float | None
    estimate: float | None
    estimate_low: float | None
    estimate_high: float | None
    content: str


class EventStatus(NamedTuple):
    """One event and what became of its message on one channel; None from `channel` on before the first delivery."""

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


def open_history(where: str | Path, wait_seconds: float = WAIT_SECONDS, until: dt.date = dt.date.max) -> "History":
    """Open the history in a file or at a postgresql:// address; create or migrate it if necessary.

    Days after `until` are kept, but not shown: see History. `wait_seconds` limits the wait for a lock. Raises
    DriftMonitorError, without address or credentials, for a database that cannot be reached or opened, is not a
    history, or was written by a newer version.
    """
    return History(Database(where, wait_seconds), until)


class History:
    """The runs of all monitors, and the outbox.

    A run after the day `until`, dated by a typo or a clock that was ahead, counts only from its day on. Until then it
    is no monitor's newest run, causes no message and withholds none.
    """

    def __init__(self, database: Database, until: dt.date = dt.date.max) -> None:
        self._database, self._until = database, until
        self.outbox = Outbox(database, until)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def record(self, record: RunRecord, plan: Plan | None, now: dt.datetime) -> None:
        """Save one run and its messages, all or nothing, in place of an earlier run of that date.

        `plan` is `planning.planner(...)`; with None no message is queued. `now` is kept as recorded_at. Nor is one
        queued for a run after `until`.
        """
        if not NAME_PATTERN.fullmatch(record.monitor):
            raise DriftMonitorError(
                f"{record.monitor[:70]!r}: invalid monitor name; use a-z, 0-9, _ and -, at most 64 characters."
            )

        def change(connection: sa.Connection) -> None:
            lock(connection, record.monitor)
            if plan is None or record.run_date > self._until:
                replace_run(connection, record, now)
                return
            old_runs = read_runs_that_count(connection, record.monitor, record.run_date, plan.clear_runs, self._until)
            replace_run(connection, record, now)
            apply_plan(connection, plan, record, old_runs, now, self._until)

        self._database.write(change)

    def label(self, monitor: str, run_date: dt.date, label: str, reason: str, plan: Plan, now: dt.datetime) -> bool:
        """Save an analyst's label of a run: dismissed, confirmed, or "" for none. Return whether it changed.

        Earlier messages are corrected as `plan` says. Raises DriftMonitorError if there is no such run, or it failed.
        """

        def change(connection: sa.Connection) -> bool:
            lock(connection, monitor)
            old_runs = read_runs(connection, monitor, self._until)
            run = _reviewable_run(old_runs, monitor, run_date)
            record = read_record(connection, monitor, run_date)
            if record is None or (run.label, run.reason) == (label, reason):
                return False
            key = {"monitor": monitor, "run_date": run_date}
            row = {**key, "label": label, "reason": reason, "labelled_at": now}
            connection.execute(upsert(connection, labels, key), row)
            apply_plan(connection, plan, record, old_runs, now, self._until)
            return True

        return self._database.write(change)

    def contents(self, monitor: str, first: dt.date, last: dt.date) -> forgetting.Contents:
        """Return what the history has of a monitor's days from `first` to `last`, those after `until` included."""
        with self._database.reading() as connection:
            return forgetting.read_contents(connection, monitor, first, last)

    def forget(
        self,
        monitor: str,
        days: Collection[dt.date],
        judge_anew: Callable[[Sequence[Earlier]], Sequence[RunRecord]],
        plan: forgetting.ForgetPlan,
        now: dt.datetime,
    ) -> int:
        """Remove the runs of `days`, all or nothing; return the number of messages that will be corrected.

        `judge_anew` is given the successful runs that are left, newest first, and returns the records that changed. It
        is called again if another process has recorded a run meanwhile.
        """
        while True:
            with self._database.reading() as connection:
                seen = forgetting.read_stamp(connection, monitor)
                left = list(read_records_before(connection, monitor, without=days))
            judged = judge_anew(left)

            def change(connection: sa.Connection, seen: Any = seen, judged: Any = judged) -> int | None:
                lock(connection, monitor)
                if forgetting.read_stamp(connection, monitor) != seen:
                    return None
                return forgetting.forget(connection, monitor, days, judged, plan, now)

            corrections = self._database.write(change)
            if corrections is not None:
                return corrections

    def forgotten_days(self) -> dict[str, set[dt.date]]:
        """Return the days of each monitor that were forgotten not long ago."""
        with self._database.reading() as connection:
            return forgetting.read_forgotten(connection)

    def remove_old_tombs(self, now: dt.datetime) -> None:
        """Remove what is left of runs that were forgotten long ago."""
        if self.forgotten_days():
            self._database.write(lambda connection: forgetting.remove_old_tombs(connection, now))

    def monitors(self) -> list[str]:
        """Return the names of all monitors that have a run, sorted."""
        with self._database.reading() as connection:
            shown = sa.select(runs.c.monitor).where(runs.c.run_date <= self._until, REMEMBERED)
            return sorted(connection.scalars(shown.distinct()))

    def recorded_days(self) -> dict[str, set[dt.date]]:
        """Return all run dates of each monitor, those after `until` included."""
        days: dict[str, set[dt.date]] = {}
        with self._database.reading() as connection:
            for monitor, day in connection.execute(sa.select(runs.c.monitor, runs.c.run_date).where(REMEMBERED)):
                days.setdefault(monitor, set()).add(day)
        return days

    def has_run(self, monitor: str, run_date: dt.date) -> bool:
        """Return whether the date has a run, failed or not."""
        with self._database.reading() as connection:
            status = sa.select(runs.c.status).where(runs.c.monitor == monitor, runs.c.run_date == run_date, REMEMBERED)
            return connection.scalar(status) is not None

    def last_run_before(self, monitor: str, day: dt.date) -> dt.date | None:
        """Return the date of a monitor's last run before a day, failed or not; None without one."""
        earlier = runs.c.monitor == monitor, runs.c.run_date < day, runs.c.run_date <= self._until, REMEMBERED
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.max(runs.c.run_date)).where(*earlier))

    def runs(self, monitor: str) -> list[Run]:
        """Return a monitor's runs without their columns' test results, in date order."""
        with self._database.reading() as connection:
            return read_runs(connection, monitor, self._until)

    def record_of(self, monitor: str, run_date: dt.date) -> RunRecord | None:
        """Return one run's record as it was saved, or None."""
        with self._database.reading() as connection:
            return read_record(connection, monitor, run_date)

    def records(self, monitor: str, since: dt.date = dt.date.min) -> list[RunRecord]:
        """Return a monitor's whole records from `since` on, in date order."""
        query = sa.select(runs.c.record, runs.c.run_date)
        query = query.where(runs.c.monitor == monitor, self._shown(runs, since), REMEMBERED)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(runs.c.run_date))
            return [parse_record(text, monitor, day) for text, day in rows]

    def keep_reference_days(self, monitor: str, days: str, now: dt.datetime) -> None:
        """Save the days of a monitor's reference, JSON in ASCII, in place of those of an earlier reference."""

        def change(connection: sa.Connection) -> None:
            lock(connection, monitor)
            if read_reference_days(connection, monitor) != days:
                row = {"monitor": monitor, "days": days, "found_at": now}
                connection.execute(upsert(connection, reference_days, {"monitor": monitor}), row)

        self._database.write(change)

    def reference_days(self, monitor: str) -> str | None:
        """Return what `keep_reference_days` saved, or None."""
        with self._database.reading() as connection:
            return read_reference_days(connection, monitor)

    def records_before(self, monitor: str, run_date: dt.date) -> Iterator[tuple[dt.date, str, dict[str, Any]]]:
        """Yield date, label and record (as JSON types) of the successful runs before `run_date`, newest first."""
        with self._database.reading() as connection:
            yield from read_records_before(connection, monitor, run_date)

    def stored_runs_before(self, monitor: str, run_date: dt.date) -> Iterator[StoredRun]:
        """Yield the successful runs before `run_date`, newest first, their records not yet parsed."""
        with self._database.reading() as connection:
            yield from read_stored_runs(connection, monitor, run_date)

    def durations(self, monitor: str) -> dict[dt.date, float]:
        """Return the seconds that each of a monitor's runs took, in date order, where they are known."""
        query = sa.select(runs.c.run_date, runs.c.duration_seconds).where(runs.c.monitor == monitor)
        with self._database.reading() as connection:
            timed = connection.execute(query.where(runs.c.duration_seconds.is_not(None)).order_by(runs.c.run_date))
            return dict(timed.tuples().all())

    def scores(self, since: dt.date, monitor: str | None = None) -> list[Score]:
        """Return the test results of all runs from `since` on, by monitor, date and position in the record."""
        query = sa.select(*(scores.c[name] for name in Score._fields)).where(self._shown(scores, since))
        if monitor is not None:
            query = query.where(scores.c.monitor == monitor)
        with self._database.reading() as connection:
            # By date first: ordered by monitor, SQLite would read all years instead of the index by date.
            rows = connection.execute(query.order_by(scores.c.run_date, scores.c.monitor, scores.c.position))
            return sorted((Score(*row) for row in rows), key=lambda score: score.monitor)

    def marks(self, since: dt.date, monitor: str) -> list[Mark]:
        """Return the marks of a monitor's columns from `since` on, in date order."""
        query = sa.select(*(scores.c[name] for name in Mark._fields)).where(scores.c.monitor == monitor)
        query = query.where(self._shown(scores, since)).order_by(scores.c.run_date, scores.c.position)
        with self._database.reading() as connection:
            return [Mark(*row) for row in connection.execute(query)]

    def checks(self, since: dt.date, monitor: str) -> list[CheckValue]:
        """Return the checks of a monitor's runs from `since` on, in date order."""
        query = sa.select(*(checks.c[name] for name in CheckValue._fields)).where(checks.c.monitor == monitor)
        query = query.where(self._shown(checks, since)).order_by(checks.c.run_date, checks.c.position)
        with self._database.reading() as connection:
            return [CheckValue(*row) for row in connection.execute(query)]

    def distributions(self, monitor: str, since: dt.date) -> list[tuple[dt.date, dict[str, Any] | None]]:
        """Return each day from `since` on with its columns' distributions, in JSON's types; None for a damaged day."""
        with self._database.reading() as connection:
            return list(read_distributions(connection, monitor, since, self._until))

    def model_points(self, since: dt.date, monitor: str) -> list[ModelPoint]:
        """Return a model's performance on each day from `since` on, as the newest run knows it, oldest first."""
        with self._database.reading() as connection:
            days = read_model_days(connection, monitor, since, until=self._until)
            return [ModelPoint(*(row[name] for name in ModelPoint._fields)) for row in days]

    def model_days(self, monitor: str, run_date: dt.date, days: int) -> list[dict[str, Any]]:
        """Return what runs before `run_date` know of a model's last `days` days, as ModelDay in JSON's types."""
        with self._database.reading() as connection:
            since = dt.date.min if run_date == dt.date.max else run_date - dt.timedelta(days)
            found = list(read_model_days(connection, monitor, since, before=run_date))
        return [day for row in found if (day := parse_object(row["content"])) is not None]

    def messages(self, monitor: str) -> list[EventStatus]:
        """Return a monitor's events in the order of delivery, each with its status on every channel."""
        names = EventStatus._fields
        columns = [events.c[name] for name in names[:5]] + [outbox.c[name] for name in names[5:]]
        query = sa.select(*columns).select_from(events.join(runs).outerjoin(outbox))
        query = query.where(events.c.monitor == monitor, events.c.run_date <= self._until, REMEMBERED)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(events.c.position, outbox.c.channel))
            return [EventStatus(*row) for row in rows]

    def announced(self, monitor: str) -> set[tuple[str, dt.date]]:
        """Return the family and first day of each incident that a monitor's messages may link.

        A correction no longer says since when, so the day of an event that an incident began with counts too.
        """
        query = sa.select(events.c.run_date, events.c.event, events.c.payload).select_from(events.join(runs))
        query = query.where(events.c.monitor == monitor, events.c.run_date <= self._until, REMEMBERED)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        began = {(family_of(kind), day) for day, kind, _ in rows if kind in BEGINNERS}
        said = {(family_of(kind), read_since(payload)) for _, kind, payload in rows}
        return began | {(family, day) for family, day in said if day}

    def silenced(self) -> dict[str, set[Key]]:
        """Return by monitor the events whose messages were silenced, by a silence or a silent backfill."""
        query = sa.select(events.c.monitor, events.c.run_date, events.c.event).select_from(events.join(runs))
        query = query.where(events.c.mute == SILENCED, events.c.run_date <= self._until, REMEMBERED)
        found: dict[str, set[Key]] = {}
        with self._database.reading() as connection:
            for monitor, run_date, event in connection.execute(query):
                found.setdefault(monitor, set()).add((run_date, event))
        return found

    def _shown(self, table: sa.Table, since: dt.date) -> sa.ColumnElement[bool]:
        return table.c.run_date.between(since, self._until)

    def frame(self, monitor: str | None = None, since: dt.date = dt.date.min) -> "pd.DataFrame":
        """Return the history from `since` on as one frame: a row for each run and column, one for a run without any.

        Each check has a row too: its name as `column`, "check" as `kind`, its limit as `method`, its number as
        `statistic`, and `holds`, `fails`, `watched` or `not_known` as `status`.

        Columns of the run: monitor, run_date (datetime64), run_status, drift_share, run_threshold, error; of the
        test result: column, kind, status, method, p_value, statistic, threshold, adjusted_p_value, distance,
        missing_reference, missing_current, reason.
        """
        with self._database.reading() as connection:
            return read_frame(connection, monitor, since)

    def export(self, folder: str | Path, form: str = "parquet") -> dict[str, int]:
        """Write every table to a file in `folder`, as parquet or csv; return the rows of each."""
        with self._database.reading() as connection:
            return transfer.export(connection, Path(folder), form)

    def import_(self, folder: str | Path) -> dict[str, int]:
        """Add what `export` wrote; return the rows added to each table. Rows that are already here stay."""
        tables = transfer.read(Path(folder))
        return self._database.write(lambda connection: transfer.add(connection, tables))


def _reviewable_run(monitor_runs: Sequence[Run], monitor: str, run_date: dt.date) -> Run:
    """Return the run of a date; raise DriftMonitorError if there is none, or it failed."""
    run = next((run for run in monitor_runs if run.run_date == run_date), None)
    if run is None:
        first_and_last = f"{monitor_runs[0].run_date} to {monitor_runs[-1].run_date}" if monitor_runs else ""
        remedy = f"choose a date from {first_and_last}" if first_and_last else "run the monitor first"
        raise DriftMonitorError(f"{monitor}: no run of {run_date}; {remedy}.")
    if run.status == "failed":
        raise DriftMonitorError(f"{monitor}: the run of {run_date} failed, so it has no verdict; run it again.")
    return run
