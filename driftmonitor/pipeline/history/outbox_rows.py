"""The rows of the outbox, one for each event and channel, and their state: due, leased, sent, dead, skipped, cancelled.

A message is pending where what is true (`holds` in the table events) and what the channel was last told (`heard`)
differ. So a correction is sent once, however often a verdict changes.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from driftmonitor.pipeline.history.database import insert_missing
from driftmonitor.pipeline.history.tables import events, monitors, outbox

EVENT = ("monitor", "run_date", "event")
PENDING = ("due", "leased")
LONGEST_LEASE = dt.timedelta(minutes=10)  # more than any delivery asks for, by a clock that may differ a little
LONGEST_PAUSE = dt.timedelta(days=1)  # between two attempts
FINAL = ("dead", "skipped")  # refused or skipped: nothing more is sent, whatever happens to the event
LOCKED = sa.select(monitors.c.name).where(monitors.c.name == sa.bindparam("name")).with_for_update()


@dataclass(frozen=True)
class Leased:
    """A row to deliver: its event and channel, the message, and the attempts so far. `lease` proves who holds it."""

    monitor: str
    run_date: dt.date
    event: str
    channel: str
    payload: str
    messages_sent: int
    attempts: int
    receipt: str | None
    lease: str
    created_at: dt.datetime

    @property
    def key(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*EVENT, "channel")}


@dataclass(frozen=True)
class Pending:
    """A row that waits for delivery or is being delivered by another process."""

    monitor: str
    run_date: dt.date
    event: str
    channel: str
    state: str
    attempts: int
    due_at: dt.datetime
    lease_until: dt.datetime | None
    created_at: dt.datetime
    last_error: str | None

    def free_at(self, now: dt.datetime) -> dt.datetime:
        """Return when it may be sent: `now` if what is stored can only come from a clock that was ahead."""
        until, longest = self.due_at, LONGEST_PAUSE if self.attempts else dt.timedelta(0)
        if self.state == "leased" and self.lease_until:
            until, longest = self.lease_until, LONGEST_LEASE
        return until if until - now <= longest else now


def lock(connection: sa.Connection, monitor: str) -> None:
    """Lock the monitor until the transaction ends: no other process plans or delivers for it meanwhile."""
    if connection.scalar(LOCKED, {"name": monitor}) is None:
        insert_missing(connection, monitors, [{"name": monitor}])
        connection.scalar(LOCKED, {"name": monitor})


def state_of(holds: bool, withheld: str, last_told: bool | None) -> str:
    """Return the state of a row that is not leased; the channel was `last_told` that the event holds, or does not."""
    if last_told is None:
        return "due" if holds and not withheld else "cancelled"
    return "sent" if holds == last_told else "due"


def update_states(connection: sa.Connection, key: Mapping[str, Any], now: dt.datetime) -> None:
    """Bring an event's rows in line with the event: leased rows follow when they are given back, final ones stay."""
    event = connection.execute(sa.select(events.c.holds, events.c.mute).filter_by(**key)).one()
    rows = connection.execute(sa.select(outbox).filter_by(**key).where(outbox.c.state.not_in(("leased", *FINAL))))
    for row in rows.all():
        state = state_of(event.holds, event.mute, row.heard)
        if state != row.state:
            values = {"state": state, "due_at": now, "attempts": 0}
            connection.execute(sa.update(outbox).filter_by(**key, channel=row.channel).values(values))


def next_in_order(rows: Iterable[Pending]) -> list[Pending]:
    """Return the oldest pending message of each monitor and channel: the only ones that may be sent next."""
    first: dict[tuple[str, str], Pending] = {}
    for row in rows:
        first.setdefault((row.monitor, row.channel), row)
    return list(first.values())
