"""Remove runs from the history with all that belongs to them.

Of each, only the date is left, as a run with the status FORGOTTEN. It keeps a merge with an older copy of the history
from bringing the run back, and it carries the corrections of the messages that were sent.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.announcements import Announcement
from driftmonitor.pipeline.alerts.incidents import Key
from driftmonitor.pipeline.alerts.withdrawals import Forgetting
from driftmonitor.pipeline.history.announcements import read_announcements, write_announcements
from driftmonitor.pipeline.history.outbox_rows import EVENT, FINAL, PENDING
from driftmonitor.pipeline.history.rows import REMEMBERED, read_record, read_runs, replace_run
from driftmonitor.pipeline.history.tables import (
    FORGOTTEN,
    checks,
    distributions,
    events,
    findings,
    labels,
    model_days,
    outbox,
    runs,
    scores,
)

KEPT_DAYS = 30  # as long as a run on GitHub can be repeated, or its state be restored

Stamp = Sequence[tuple[dt.date, dt.datetime]]
ForgetPlan = Callable[[Forgetting], Mapping[Key, Announcement | None]]


@dataclass(frozen=True)
class Contents:
    """What the history has of some days: run dates by status, and numbers of reviews, sent and pending messages."""

    statuses: Mapping[dt.date, str]
    reviews: int
    sent: int
    pending: int


def read_contents(connection: sa.Connection, monitor: str, first: dt.date, last: dt.date) -> Contents:
    """Return what the history has of a monitor's days from `first` to `last`."""

    def of(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.monitor == monitor, table.c.run_date.between(first, last))

    def count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(of(table), *conditions)) or 0

    over = sa.select(outbox.c.channel).where(sa.or_(outbox.c.heard.is_not(None), outbox.c.state.in_(FINAL)))
    over = over.where(*(outbox.c[name] == events.c[name] for name in EVENT))
    statuses = connection.execute(sa.select(runs.c.run_date, runs.c.status).where(of(runs), REMEMBERED))
    return Contents(
        dict(statuses.tuples().all()),
        count(labels, labels.c.label != ""),
        count(outbox, outbox.c.heard.is_not(None)),
        count(events, events.c.holds, events.c.mute == "", ~over.exists()),
    )


def read_stamp(connection: sa.Connection, monitor: str) -> Stamp:
    """Return what changes with each of a monitor's runs: when it was recorded."""
    query = sa.select(runs.c.run_date, runs.c.recorded_at).where(runs.c.monitor == monitor, REMEMBERED)
    return connection.execute(query.order_by(runs.c.run_date)).tuples().all()


def forget(
    connection: sa.Connection,
    monitor: str,
    days: Collection[dt.date],
    rejudged: Sequence[RunRecord],
    plan: ForgetPlan,
    now: dt.datetime,
) -> int:
    """Remove the runs of `days`, save those judged anew, and correct what was said; return the corrections due."""
    old_runs, announcements = read_runs(connection, monitor), read_announcements(connection, monitor, dt.date.max)
    days = {run.run_date for run in old_runs}.intersection(days)
    if not days:
        return 0
    _entomb(connection, monitor, days, now)
    for record in rejudged:
        replace_run(connection, record, now)
    new_runs = read_runs(connection, monitor)
    record_of = partial(read_record, connection, monitor)
    changes = plan(Forgetting(frozenset(days), old_runs, new_runs, announcements, record_of))
    write_announcements(connection, monitor, changes, now)
    due = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.monitor == monitor)
    return connection.scalar(due.where(outbox.c.heard, outbox.c.state == "due")) or 0


def _entomb(connection: sa.Connection, monitor: str, days: Collection[dt.date], now: dt.datetime) -> None:
    nothing = dict.fromkeys(column.name for column in runs.c if column.nullable)
    kept = {"status": FORGOTTEN, "recorded_at": now, "drifted_columns": "[]", "column_count": 0, "record": ""}
    for day in sorted(days):
        key = {"monitor": monitor, "run_date": day}
        connection.execute(sa.update(runs).filter_by(**key).values(nothing | kept))
        for table in (scores, findings, checks, model_days, distributions, labels):
            connection.execute(sa.delete(table).filter_by(**key))


def read_forgotten(connection: sa.Connection) -> dict[str, set[dt.date]]:
    """Return the forgotten days of each monitor."""
    days: dict[str, set[dt.date]] = {}
    for monitor, day in connection.execute(sa.select(runs.c.monitor, runs.c.run_date).where(~REMEMBERED)):
        days.setdefault(monitor, set()).add(day)
    return days


def remove_old_tombs(connection: sa.Connection, now: dt.datetime) -> None:
    """Remove the forgotten dates whose time is over, unless a correction is still to be sent."""
    waiting = sa.select(events.c.event).join(outbox).where(outbox.c.state.in_(PENDING))
    waiting = waiting.where(events.c.monitor == runs.c.monitor, events.c.run_date == runs.c.run_date)
    old = runs.c.recorded_at < now - dt.timedelta(days=KEPT_DAYS)
    connection.execute(sa.delete(runs).where(~REMEMBERED, old, ~waiting.exists()))
