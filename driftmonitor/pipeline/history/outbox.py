"""The outbox's rows: one for each event and channel, leased to whoever delivers it.

What a row needs follows from two things: what is true (`holds`, in the ledger) and what the channel last heard
(`heard`). Where they differ, something is due; so a correction is said once, however often a verdict turns.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from driftmonitor.pipeline.history.database import Database, insert_missing
from driftmonitor.pipeline.history.tables import events, monitors, outbox

EVENT = ("monitor", "run_date", "event")
OPEN = ("due", "leased")
CLOSING = ("drift_ended", "run_recovered")

SETTLED = ("dead", "skipped")  # nothing more is said, whatever the ledger says

# Given a channel, a monitor and an event's kind: whether the channel wants the event.
Wants = Callable[[str, str, str], bool]


@dataclass(frozen=True)
class Leased:
    """A row to deliver: whose it is, what is to be said, and how often it was tried. `lease` proves who holds it."""

    monitor: str
    run_date: dt.date
    event: str
    channel: str
    payload: str
    said: int
    attempts: int
    receipt: str | None
    lease: str
    created_at: dt.datetime

    @property
    def key(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*EVENT, "channel")}


@dataclass(frozen=True)
class Waiting:
    """A row that is due or in another process's hands."""

    monitor: str
    run_date: dt.date
    event: str
    channel: str
    state: str
    free_at: dt.datetime
    created_at: dt.datetime
    last_error: str | None


def lock(connection: sa.Connection, monitor: str) -> None:
    """Hold the monitor's row until the transaction ends: nobody else plans or delivers for it meanwhile."""
    row = sa.select(monitors.c.name).where(monitors.c.name == monitor).with_for_update()
    if connection.scalar(row) is None:
        insert_missing(connection, monitors, [{"name": monitor}])
        connection.scalar(row)


def settle(holds: bool, mute: str, heard: bool | None) -> str:
    """Return the state of a row that nobody holds."""
    if heard is None:
        return "due" if holds and not mute else "cancelled"
    return "sent" if holds == heard else "due"


def resettle(connection: sa.Connection, key: Mapping[str, Any], now: dt.datetime) -> None:
    """Bring an event's rows in line with the ledger. Leased rows follow when they are given back; settled ones stay."""
    event = connection.execute(sa.select(events.c.holds, events.c.mute).filter_by(**key)).one()
    rows = connection.execute(sa.select(outbox).filter_by(**key).where(outbox.c.state.not_in(("leased", *SETTLED))))
    for row in rows.all():
        state = settle(event.holds, event.mute, row.heard)
        if state != row.state:
            values = {"state": state, "due_at": now, "attempts": 0}
            connection.execute(sa.update(outbox).filter_by(**key, channel=row.channel).values(values))


class Outbox:
    """The outbox as the delivery sees it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spread(self, channels: Sequence[str], now: dt.datetime, fresh_days: float, wants: Wants) -> None:
        """Give each event that has none its rows: one for each channel that wants it.

        A channel that was never used gets only what was recorded within `fresh_days`: no flood of old news.
        """
        query = sa.select(events.c.monitor).where(events.c.spread.is_(False)).distinct()
        with self._database.reading() as connection:
            found = sorted(connection.scalars(query))
        for monitor in found:
            self._database.write(lambda connection, monitor=monitor: _spread(
                connection, monitor, channels, now, fresh_days, wants
            ))  # fmt: skip

    def waiting(self) -> list[Waiting]:
        """Return what is due or leased, in the order it is to be told."""
        with self._database.reading() as connection:
            return _waiting(connection)

    def lease(self, channels: Iterable[str], now: dt.datetime, seconds: float) -> Leased | None:
        """Take the next row that one of `channels` can be told now, for `seconds`; None if there is none.

        A channel hears of one monitor's events strictly in order: what comes first is told, or dead, before the next.
        A lease that ran out is taken over: that message may come twice, if its holder died after sending it.
        """
        wanted = set(channels)
        for row in heads(self.waiting()):
            if row.channel in wanted and row.free_at <= now:
                leased = self._database.write(lambda connection, row=row: _lease(connection, row, now, seconds))
                if leased:
                    return leased
        return None

    def last_told(self, row: Leased) -> dt.date | None:
        """Return the last run date that the row's channel was told of, other than by this row."""
        query = sa.select(sa.func.max(outbox.c.run_date)).filter_by(monitor=row.monitor, channel=row.channel)
        others = sa.or_(outbox.c.run_date != row.run_date, outbox.c.event != row.event)
        with self._database.reading() as connection:
            return connection.scalar(query.where(outbox.c.heard.is_not(None), others))

    def mark_sent(self, row: Leased, receipt: str | None, now: dt.datetime) -> None:
        """Note that the channel took it."""
        told = {"said": row.said + 1, "sent_at": now, "attempts": 0, "last_error": None}
        told |= {"receipt": receipt} if receipt else {}
        self._give_back(row, now, told, heard=True)

    def mark_failed(self, row: Leased, reason: str, due_at: dt.datetime, receipt: str | None = None) -> None:
        """Note that the channel may take it later, at `due_at`."""
        told = {"attempts": row.attempts + 1, "last_error": reason, "due_at": due_at}
        self._give_back(row, due_at, told | ({"receipt": receipt} if receipt else {}))

    def mark_dead(self, row: Leased, reason: str, now: dt.datetime) -> None:
        """Note that the channel will never take it."""
        told = {"attempts": row.attempts + 1, "last_error": reason, "state": "dead"}
        self._give_back(row, now, told)

    def mark_skipped(self, row: Leased, reason: str, now: dt.datetime) -> None:
        """Note that the channel isn't told of it, and why."""
        self._give_back(row, now, {"last_error": reason, "state": "skipped"})

    def mark_heard(self, row: Leased, now: dt.datetime) -> None:
        """Note that what is true now need not be told."""
        self._give_back(row, now, {"attempts": 0, "last_error": None}, heard=True)

    def _give_back(self, row: Leased, now: dt.datetime, told: dict[str, Any], heard: bool = False) -> None:
        def change(connection: sa.Connection) -> None:
            lock(connection, row.monitor)
            held = connection.execute(sa.select(outbox).filter_by(**row.key)).one_or_none()
            if held is None or held.lease != row.lease:
                return  # done already, or taken over because it took longer than the lease
            event = {name: row.key[name] for name in EVENT}
            entry = connection.execute(sa.select(events.c.holds, events.c.mute).filter_by(**event)).one()
            now_heard = held.saying if heard else held.heard
            values = {"state": settle(entry.holds, entry.mute, now_heard), "heard": now_heard, "due_at": now}
            values |= {"lease": None, "lease_until": None, "saying": None, **told}
            connection.execute(sa.update(outbox).filter_by(**row.key).values(values))

        self._database.write(change)


def heads(rows: Iterable[Waiting]) -> list[Waiting]:
    """Return the first row of each monitor and channel: the only ones that may be told next."""
    first: dict[tuple[str, str], Waiting] = {}
    for row in rows:
        first.setdefault((row.monitor, row.channel), row)
    return list(first.values())


def _waiting(connection: sa.Connection, monitor: str | None = None) -> list[Waiting]:
    names = (*EVENT, "channel", "state", "created_at", "last_error", "due_at", "lease_until")
    query = sa.select(*(outbox.c[name] for name in names)).join(events).where(outbox.c.state.in_(OPEN))
    query = query if monitor is None else query.where(outbox.c.monitor == monitor)
    rows = connection.execute(query.order_by(outbox.c.monitor, events.c.position, outbox.c.channel)).mappings()
    found = []
    for row in rows:
        told = {name: row[name] for name in Waiting.__dataclass_fields__ if name != "free_at"}
        found.append(Waiting(**told, free_at=row["lease_until"] if row["state"] == "leased" else row["due_at"]))
    return found


def _lease(connection: sa.Connection, wanted: Waiting, now: dt.datetime, seconds: float) -> Leased | None:
    """Take a row if it is still the next one and free."""
    lock(connection, wanted.monitor)
    first = next((row for row in _waiting(connection, wanted.monitor) if row.channel == wanted.channel), None)
    if first is None or first.free_at > now:
        return None
    key = {name: getattr(first, name) for name in (*EVENT, "channel")}
    row = connection.execute(sa.select(outbox).filter_by(**key)).one()
    event = connection.execute(sa.select(events).filter_by(**{name: key[name] for name in EVENT})).one()
    heard, said = row.heard, row.said
    if row.state == "leased" and row.saying != event.holds:
        heard, said = row.saying, row.said + 1  # its holder died: it may have been said, so it is taken back
    if settle(event.holds, event.mute, heard) != "due":
        values = {"state": settle(event.holds, event.mute, heard), "lease": None, "lease_until": None, "saying": None}
        connection.execute(sa.update(outbox).filter_by(**key).values(values))
        return None
    lease = uuid.uuid4().hex
    values = {"state": "leased", "heard": heard, "said": said, "saying": event.holds, "lease": lease}
    values["lease_until"] = now + dt.timedelta(seconds=seconds)
    connection.execute(sa.update(outbox).filter_by(**key).values(values))
    receipt = row.receipt or _earlier_receipt(connection, key)
    return Leased(
        **key, payload=event.payload, said=said, attempts=row.attempts, receipt=receipt, lease=lease,
        created_at=row.created_at,
    )  # fmt: skip


def _earlier_receipt(connection: sa.Connection, key: Mapping[str, Any]) -> str | None:
    """Return the receipt of the same incident's message before this one: a reply, or the same issue, needs it."""
    drift = outbox.c.event.like("drift%")
    query = sa.select(outbox.c.receipt, outbox.c.event).filter_by(monitor=key["monitor"], channel=key["channel"])
    query = query.where(drift if key["event"].startswith("drift") else sa.not_(drift), outbox.c.said > 0)
    query = query.where(outbox.c.run_date < key["run_date"]).order_by(outbox.c.run_date.desc(), outbox.c.sent_at.desc())
    row = connection.execute(query).first()
    return row.receipt if row and row.event not in CLOSING and key["event"] != "drift_started" else None


def _spread(
    connection: sa.Connection,
    monitor: str,
    channels: Sequence[str],
    now: dt.datetime,
    fresh_days: float,
    wants: Wants,
) -> None:
    lock(connection, monitor)
    used = set(connection.scalars(sa.select(outbox.c.channel).distinct()))
    fresh = sa.select(events).where(events.c.monitor == monitor, events.c.spread.is_(False))
    for event in connection.execute(fresh.order_by(events.c.position)).all():
        key = {name: getattr(event, name) for name in EVENT}
        old = now - event.recorded_at > dt.timedelta(days=fresh_days)
        for channel in channels:
            if (channel in used or not old) and wants(channel, monitor, event.event):
                row = {**key, "channel": channel, "said": 0, "attempts": 0, "due_at": now, "created_at": now}
                row["state"] = settle(event.holds, event.mute, None)
                connection.execute(sa.insert(outbox), row)
        connection.execute(sa.update(events).filter_by(**key).values(spread=True))
