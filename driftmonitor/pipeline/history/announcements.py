"""A monitor's events and announcements as rows: what a plan reads, and what it changes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial

import sqlalchemy as sa

from driftmonitor import DriftMonitorError
from driftmonitor.facts.record import RunRecord, failed
from driftmonitor.pipeline.alerts.announcements import Announcement
from driftmonitor.pipeline.alerts.incidents import Key, Run
from driftmonitor.pipeline.alerts.recordings import Plan, Recording
from driftmonitor.pipeline.history.outbox_rows import update_states
from driftmonitor.pipeline.history.rows import read_record, with_run
from driftmonitor.pipeline.history.tables import events, outbox

# Statements that a backfill executes on each of its days: to build one takes longer than to execute it.
MONITOR: sa.BindParameter[str] = sa.bindparam("monitor")
WAS_SENT = sa.or_(outbox.c.heard.is_not(None), outbox.c.state == "leased")
SENT = sa.select(outbox.c.run_date, outbox.c.event).where(outbox.c.monitor == MONITOR, WAS_SENT)
ANNOUNCED = sa.select(events.c.run_date, events.c.event, events.c.holds, events.c.mute, events.c.payload).where(
    events.c.monitor == MONITOR, events.c.run_date <= sa.bindparam("until")
)
LAST_POSITION = sa.select(sa.func.max(events.c.position)).where(events.c.monitor == MONITOR)


def apply_plan(
    connection: sa.Connection, plan: Plan, record: RunRecord, old_runs: Sequence[Run], now: dt.datetime, until: dt.date
) -> None:
    """Write the announcements that `plan` makes of a record; `old_runs` are the runs that count before it was written.

    A plan is also made of a run that an analyst labelled. It knows of no day after `until`.
    """
    monitor = record.monitor
    new_runs = with_run(connection, old_runs, record, until)
    announcements = read_announcements(connection, monitor, until)
    record_of = partial(_read_record, connection, monitor)
    changes = plan(Recording(record, old_runs, new_runs, announcements, record_of))
    write_announcements(connection, monitor, changes, now)


def _read_record(connection: sa.Connection, monitor: str, day: dt.date) -> RunRecord | None:
    """Return a day's record; a damaged one is told as a failed run, and must not stop the messages of other days."""
    try:
        return read_record(connection, monitor, day)
    except DriftMonitorError as error:
        return failed(monitor, day, str(error))


def read_announcements(connection: sa.Connection, monitor: str, until: dt.date) -> dict[Key, Announcement]:
    delivered = {tuple(row) for row in connection.execute(SENT, {"monitor": monitor})}
    rows = connection.execute(ANNOUNCED, {"monitor": monitor, "until": until})
    return {
        (row.run_date, row.event): Announcement(
            row.holds, row.mute, (row.run_date, row.event) in delivered, row.payload
        )
        for row in rows
    }


def write_announcements(
    connection: sa.Connection, monitor: str, changes: Mapping[Key, Announcement | None], now: dt.datetime
) -> None:
    """Write the announcements that changed, and bring the outbox's rows in line; None removes one with its rows."""
    last = connection.scalar(LAST_POSITION, {"monitor": monitor}) or 0
    for (run_date, event), announcement in sorted(changes.items(), key=lambda item: item[0][0]):
        key = {"monitor": monitor, "run_date": run_date, "event": event}
        if announcement is None:
            connection.execute(sa.delete(events).filter_by(**key))
            continue
        values = {"holds": announcement.holds, "mute": announcement.withheld, "payload": announcement.payload}
        if not connection.execute(sa.update(events).filter_by(**key).values(values)).rowcount:
            last += 1
            row = {**key, **values, "position": last, "spread": False, "recorded_at": now}
            connection.execute(sa.insert(events), row)
        update_states(connection, key, now)
