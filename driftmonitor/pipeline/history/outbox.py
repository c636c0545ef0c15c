"""What a delivery does with the outbox: add the rows of new events, lease the next row, and note what came of it."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import sqlalchemy as sa

from driftmonitor.pipeline.alerts.incidents import CLOSERS, of_family
from driftmonitor.pipeline.history.database import Database
from driftmonitor.pipeline.history.outbox_rows import (
    EVENT,
    PENDING,
    Leased,
    Pending,
    lock,
    next_in_order,
    state_of,
)
from driftmonitor.pipeline.history.tables import events, outbox

# Given a channel, a monitor and an event's kind: whether the channel wants the event.
Wants = Callable[[str, str, str], bool]


class Outbox:
    """The outbox of all monitors, without the messages about days after `until`."""

    def __init__(self, database: Database, until: dt.date = dt.date.max) -> None:
        self._database, self._until = database, until

    def queue_new_events(self, channels: Sequence[str], now: dt.datetime, fresh_days: float, wants: Wants) -> None:
        """Add the rows of each event that has none: one for each channel that wants it.

        A channel that was never used gets only what was recorded within `fresh_days`, and no flood of old messages.
        """
        query = sa.select(events.c.monitor).where(events.c.spread.is_(False)).distinct()
        with self._database.reading() as connection:
            monitors_with_new_events = sorted(connection.scalars(query))
        for monitor in monitors_with_new_events:
            self._database.write(
                partial(_queue, monitor=monitor, channels=channels, now=now, fresh_days=fresh_days, wants=wants)
            )

    def pending(self) -> list[Pending]:
        """Return the pending rows in the order of delivery."""
        with self._database.reading() as connection:
            return self._pending(connection)

    def lease(self, channels: Iterable[str], now: dt.datetime, seconds: float) -> Leased | None:
        """Take the next row that can be sent to one of `channels` now, for `seconds`; None if there is none.

        A channel gets one monitor's events strictly in order: each is sent or refused before the next.
        A lease that ran out is taken over: that message may come twice, if its holder died after sending it.
        """
        wanted = set(channels)
        for row in next_in_order(self.pending()):
            if row.channel in wanted and row.free_at(now) <= now:
                leased = self._database.write(partial(self._lease, wanted=row, now=now, seconds=seconds))
                if leased:
                    return leased
        return None

    def last_sent_on(self, row: Leased) -> dt.date | None:
        """Return the last run date of the monitor for which the channel was sent a message other than this one."""
        query = sa.select(sa.func.max(outbox.c.run_date)).filter_by(monitor=row.monitor, channel=row.channel)
        query = query.where(outbox.c.run_date <= self._until)
        others = sa.or_(outbox.c.run_date != row.run_date, outbox.c.event != row.event)
        with self._database.reading() as connection:
            return connection.scalar(query.where(outbox.c.heard.is_not(None), others))

    def _pending(self, connection: sa.Connection, monitor: str | None = None) -> list[Pending]:
        query = sa.select(*(outbox.c[field.name] for field in fields(Pending))).join(events)
        shown = sa.or_(outbox.c.run_date <= self._until, outbox.c.heard.is_not(None))  # what was said can be corrected
        query = query.where(outbox.c.state.in_(PENDING), shown)
        query = query if monitor is None else query.where(outbox.c.monitor == monitor)
        rows = connection.execute(query.order_by(outbox.c.monitor, events.c.position, outbox.c.channel))
        return [Pending(**row) for row in rows.mappings()]

    def _lease(self, connection: sa.Connection, wanted: Pending, now: dt.datetime, seconds: float) -> Leased | None:
        """Take a row if it is still the next one and free."""
        lock(connection, wanted.monitor)
        first = next((row for row in self._pending(connection, wanted.monitor) if row.channel == wanted.channel), None)
        if first is None or first.free_at(now) > now:
            return None
        key = {name: getattr(first, name) for name in (*EVENT, "channel")}
        row = connection.execute(sa.select(outbox).filter_by(**key)).one()
        event = connection.execute(sa.select(events).filter_by(**{name: key[name] for name in EVENT})).one()
        last_told, messages_sent = row.heard, row.said
        if row.state == "leased" and row.saying != event.holds:
            last_told, messages_sent = row.saying, row.said + 1  # its holder died: it may have been sent, so correct it
        values: dict[str, Any]
        state = state_of(event.holds, event.mute, last_told)
        if state != "due":
            values = {"state": state, "lease": None, "lease_until": None, "saying": None}
            connection.execute(sa.update(outbox).filter_by(**key).values(values))
            return None
        lease = uuid.uuid4().hex
        values = {"state": "leased", "heard": last_told, "said": messages_sent, "saying": event.holds, "lease": lease}
        values["lease_until"] = now + dt.timedelta(seconds=seconds)
        connection.execute(sa.update(outbox).filter_by(**key).values(values))
        receipt = row.receipt or _earlier_receipt(connection, key)
        return Leased(
            **key, payload=event.payload, messages_sent=messages_sent, attempts=row.attempts, receipt=receipt,
            lease=lease, created_at=row.created_at,
        )  # fmt: skip

    def mark_sent(self, row: Leased, receipt: str | None, now: dt.datetime) -> None:
        """Note that the channel accepted the message."""
        values = {"said": row.messages_sent + 1, "sent_at": now, "attempts": 0, "last_error": None}
        self._give_back(row, now, values | ({"receipt": receipt} if receipt else {}), told=True)

    def mark_failed(self, row: Leased, reason: str, due_at: dt.datetime, receipt: str | None = None) -> None:
        """Note that the channel may accept the message later, at `due_at`."""
        values = {"attempts": row.attempts + 1, "last_error": reason, "due_at": due_at}
        self._give_back(row, due_at, values | ({"receipt": receipt} if receipt else {}))

    def mark_refused(self, row: Leased, reason: str, now: dt.datetime) -> None:
        """Note that the channel will never accept the message."""
        self._give_back(row, now, {"attempts": row.attempts + 1, "last_error": reason, "state": "dead"})

    def mark_skipped(self, row: Leased, reason: str, now: dt.datetime) -> None:
        """Note that the message is not sent, and why."""
        self._give_back(row, now, {"last_error": reason, "state": "skipped"})

    def mark_unneeded(self, row: Leased, now: dt.datetime) -> None:
        """Note that the channel need not be told what is true now."""
        self._give_back(row, now, {"attempts": 0, "last_error": None}, told=True)

    def _give_back(self, row: Leased, now: dt.datetime, changed: dict[str, Any], told: bool = False) -> None:
        """End the lease; with `told` the channel knows what the lease was taken to say."""

        def change(connection: sa.Connection) -> None:
            lock(connection, row.monitor)
            held = connection.execute(sa.select(outbox).filter_by(**row.key)).one_or_none()
            if held is None or held.lease != row.lease:
                return  # done already, or taken over because it took longer than the lease
            key = {name: row.key[name] for name in EVENT}
            event = connection.execute(sa.select(events.c.holds, events.c.mute).filter_by(**key)).one()
            last_told = held.saying if told else held.heard
            values = {"state": state_of(event.holds, event.mute, last_told), "heard": last_told, "due_at": now}
            values |= {"lease": None, "lease_until": None, "saying": None, **changed}
            connection.execute(sa.update(outbox).filter_by(**row.key).values(values))

        self._database.write(change)


def _earlier_receipt(connection: sa.Connection, key: Mapping[str, Any]) -> str | None:
    """Return the receipt of the incident's message before this one: a reply, or a comment in its issue, needs it."""
    family = outbox.c.event.in_(of_family(key["event"]))
    query = sa.select(outbox.c.receipt, outbox.c.event).filter_by(monitor=key["monitor"], channel=key["channel"])
    query = query.where(family, outbox.c.said > 0)
    query = query.where(outbox.c.run_date < key["run_date"]).order_by(outbox.c.run_date.desc(), outbox.c.sent_at.desc())
    row = connection.execute(query).first()
    return row.receipt if row and row.event not in CLOSERS.values() and key["event"] != "drift_started" else None


def _queue(
    connection: sa.Connection,
    monitor: str,
    channels: Sequence[str],
    now: dt.datetime,
    fresh_days: float,
    wants: Wants,
) -> None:
    lock(connection, monitor)
    used = set(connection.scalars(sa.select(outbox.c.channel).distinct()))
    unqueued = sa.select(events).where(events.c.monitor == monitor, events.c.spread.is_(False))
    for event in connection.execute(unqueued.order_by(events.c.position)).all():
        key = {name: getattr(event, name) for name in EVENT}
        old = now - event.recorded_at > dt.timedelta(days=fresh_days)
        for channel in channels:
            if (channel in used or not old) and wants(channel, monitor, event.event):
                row = {**key, "channel": channel, "said": 0, "attempts": 0, "due_at": now, "created_at": now}
                row["state"] = state_of(event.holds, event.mute, None)
                connection.execute(sa.insert(outbox), row)
        connection.execute(sa.update(events).filter_by(**key).values(spread=True))
