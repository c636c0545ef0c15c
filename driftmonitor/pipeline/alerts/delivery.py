"""Deliver what is due: to every channel in order, again where it may help, within a time budget.

Only a crash between a channel's answer and the mark that notes it can repeat a message, with the same event_id.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from driftmonitor.config.settings import RetrainSettings
from driftmonitor.formats import say_day
from driftmonitor.pipeline.alerts.messages import Message, to_message
from driftmonitor.pipeline.channels import Refused, Unavailable
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.history import History
from driftmonitor.pipeline.history.outbox import Leased, Waiting, heads

BUDGET_SECONDS = 60.0
LEASE_SECONDS = 50.0  # longer than a channel's longest send, shorter than the budget: a re-run heals a killed one
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 300.0
GIVE_UP_DAYS, GIVE_UP_ATTEMPTS = 14, 50  # both must be reached
FRESH_DAYS = 2  # a channel used for the first time hears nothing older
CONSOLE = "console"  # who is told where no channel is configured


@dataclass(frozen=True)
class Context:
    """What a message needs beside what is stored: secrets, addresses, pictures and each monitor's retraining."""

    environ: Mapping[str, str] = field(default_factory=dict)
    site_url: str | None = None
    reports_dir: Path | None = None
    retrain: Mapping[str, RetrainSettings] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """One event on one channel, and why it isn't sent."""

    channel: str
    monitor: str
    run_date: dt.date
    event: str
    reason: str | None = None


@dataclass
class Report:
    """What came of a delivery. `printed` are for the console, because no channel is configured for them."""

    sent: list[Delivery] = field(default_factory=list)
    retry_later: list[Delivery] = field(default_factory=list)
    dead: list[Delivery] = field(default_factory=list)
    skipped: list[Delivery] = field(default_factory=list)  # retraining that another one was too lately for
    unconfigured: list[Delivery] = field(default_factory=list)  # due on a channel that isn't configured any more
    printed: list[Message] = field(default_factory=list)


def deliver(
    history: History,
    channels: Sequence[Any],
    context: Context,
    clock: Clock,
    budget_seconds: float = BUDGET_SECONDS,
    lease_seconds: float = LEASE_SECONDS,
) -> Report:
    """Send what is due through the configured ones of `channels`; return what came of it.

    `channels` are modules with NAME, PURPOSE, configured() and send(), for alerts and for retraining. A channel that
    asks to wait is waited for if it fits into the budget, and tried again by the next delivery otherwise.
    """
    return _Delivery(history, channels, context, clock, budget_seconds, lease_seconds).run()


class _Delivery:
    """One delivery in progress."""

    def __init__(
        self, history: History, channels: Sequence[Any], context: Context, clock: Clock, budget: float, lease: float
    ) -> None:
        self.history, self.context, self.clock, self.lease_seconds = history, context, clock, lease
        self.channels = {c.NAME: c for c in channels if c.configured(context.environ)}
        self.deadline = clock.now() + dt.timedelta(seconds=budget)
        self.free_at: dict[str, dt.datetime] = {}  # channels that asked to wait
        self.report = Report()

    def run(self) -> Report:
        names = [*self.channels, *([] if self._alerts() else [CONSOLE])]
        self.history.outbox.spread(names, self.clock.now(), FRESH_DAYS, self._wants)
        while self.clock.now() < self.deadline:
            row = self.history.outbox.lease(self._free_channels(), self.clock.now(), self.lease_seconds)
            if row is not None:
                self._deliver(row)
            elif not self._wait():
                break
        for row in self.history.outbox.waiting():
            self._report_waiting(row)
        return self.report

    def _alerts(self) -> list[str]:
        return [name for name, channel in self.channels.items() if channel.PURPOSE == "alert"]

    def _wants(self, channel: str, monitor: str, kind: str) -> bool:
        if channel == CONSOLE or self.channels[channel].PURPOSE == "alert":
            return True
        retrain = self.context.retrain.get(monitor)
        return retrain is not None and retrain.channel == channel and kind in retrain.events

    def _free_channels(self) -> list[str]:
        now = self.clock.now()
        return [name for name in [*self.channels, CONSOLE] if self.free_at.get(name, now) <= now]

    def _deliver(self, row: Leased) -> None:
        if row.channel != CONSOLE and self.channels[row.channel].PURPOSE == "retrain" and self._passes_over(row):
            return
        try:
            receipt = self._send(row)
        except Refused as error:
            self.history.outbox.mark_dead(row, str(error), self.clock.now())
            self.report.dead.append(_told(row, str(error)))
        except Unavailable as error:
            self._postpone(row, error)
        except Exception as error:  # a bug in one channel must not keep the others from being told
            self._postpone(row, Unavailable(f"{row.channel}: {type(error).__name__}, a bug in this channel"))
        else:
            self.history.outbox.mark_sent(row, receipt, self.clock.now())
            if row.channel != CONSOLE:
                self.report.sent.append(_told(row))

    def _send(self, row: Leased) -> str | None:
        message = self._message(row)
        if row.channel == CONSOLE:
            self.report.printed.append(message)
            return None
        return self.channels[row.channel].send(message, self.context.environ, row.receipt)

    def _passes_over(self, row: Leased) -> bool:
        """Note of a retraining that it isn't set off, if it was already, or if another one was too lately."""
        if row.said:
            self.history.outbox.mark_heard(row, self.clock.now())  # what was set off can't be taken back
            return True
        retrain, fired_on = self.context.retrain.get(row.monitor), self.history.outbox.last_told(row)
        free_on = retrain and retrain.cooldown_until(row.run_date, fired_on)
        if free_on is None:
            return False
        reason = f"the last one was set off for {say_day(fired_on)}; the next may be from {say_day(free_on)} on"
        self.history.outbox.mark_skipped(row, reason, self.clock.now())
        self.report.skipped.append(_told(row, reason))
        return True

    def _postpone(self, row: Leased, error: Unavailable) -> None:
        """Note when to try again: when the channel says so, else after a pause that doubles, never at one instant."""
        now = self.clock.now()
        tries = row.attempts + 1
        if tries >= GIVE_UP_ATTEMPTS and now - row.created_at > dt.timedelta(days=GIVE_UP_DAYS):
            reason = f"given up after {tries} attempts: {error}"
            self.history.outbox.mark_dead(row, reason, now)
            self.report.dead.append(_told(row, reason))
            return
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(row.attempts, 20), LONGEST_PAUSE_SECONDS)
        pause *= 0.5 + 0.5 * self.clock.jitter()
        if error.retry_after_seconds is not None:
            pause = max(error.retry_after_seconds, 0.0) + 0.1 * self.clock.jitter()
        due_at = now + dt.timedelta(seconds=min(pause, 86_400.0))
        self.free_at[row.channel] = due_at
        self.history.outbox.mark_failed(row, str(error), due_at, error.receipt)

    def _wait(self) -> bool:
        """Sleep until something may be sent; return False if nothing can be within the budget."""
        now = self.clock.now()
        rows = [row for row in heads(self.history.outbox.waiting()) if row.channel in {*self.channels, CONSOLE}]
        free = [max(row.free_at, self.free_at.get(row.channel, now)) for row in rows]
        if not free or min(free) >= self.deadline:
            return False
        # Another process may give its row back long before the lease runs out.
        pause = min((min(free) - now).total_seconds(), 1.0 if any(row.state == "leased" for row in rows) else 3600.0)
        self.clock.sleep(max(pause, 0.01))
        return True

    def _report_waiting(self, row: Waiting) -> None:
        listed = self.report.retry_later if row.channel in {*self.channels, CONSOLE} else self.report.unconfigured
        listed.append(_told(row, row.last_error))

    def _message(self, row: Leased) -> Message:
        site = (self.context.site_url or "").rstrip("/")
        page = f"{site}/{row.monitor}/" if site else None
        return to_message(
            row.monitor, row.run_date, row.event, row.said, row.payload,
            page_url=page,
            notebook_url=page and f"{page}{row.run_date}/",
            picture=self._picture(row),
            record=self.history.record_of(row.monitor, row.run_date),
            retrain=self.context.retrain.get(row.monitor),
            sent_at=self.clock.now(),
        )  # fmt: skip

    def _picture(self, row: Leased) -> Path | None:
        if self.context.reports_dir is None:
            return None
        path = self.context.reports_dir / row.monitor / f"{row.run_date}" / "shift.png"
        return path if path.is_file() else None


def _told(row: Leased | Waiting, reason: str | None = None) -> Delivery:
    return Delivery(row.channel, row.monitor, row.run_date, row.event, reason)
