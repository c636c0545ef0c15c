"""Send pending messages: to each channel in order, again where that may help, within a time limit.

Only a crash between a channel's answer and the note of it can repeat a message, with the same event_id.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.config.settings import RetrainSettings
from driftmonitor.facts.checks import MODEL_CHECK
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import say_day
from driftmonitor.pipeline.alerts.messages import Message, to_message
from driftmonitor.pipeline.channels import Channel, Refused, Unavailable
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.history import History
from driftmonitor.pipeline.history.outbox_rows import LONGEST_PAUSE, Leased, Pending, next_in_order
from driftmonitor.regular_files import Folder, Unreadable
from driftmonitor.reports import PICTURE

LIMIT_SECONDS = 60.0
LEASE_SECONDS = 50.0  # longer than a channel's longest send, shorter than the limit: a second run takes over a lost one
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 300.0
GIVE_UP_DAYS, GIVE_UP_ATTEMPTS = 14, 50  # both must be reached
FRESH_DAYS = 2  # a channel that is used for the first time gets nothing older
CONSOLE = "console"  # gets the messages if no alert channel is configured


@dataclass(frozen=True)
class Context:
    """What a message needs besides what is stored: addresses, pictures, and of each monitor retraining and owner."""

    environ: Mapping[str, str] = field(default_factory=dict)
    site_url: str | None = None
    reports_dir: Path | None = None
    retrain: Mapping[str, RetrainSettings] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def page_url(self, monitor: str) -> str | None:
        """Return the address of a monitor's page, if the site's is known."""
        return f"{self.site_url.rstrip('/')}/{monitor}/" if self.site_url else None

    def picture(self, monitor: str, run_date: dt.date) -> bytes | None:
        """Return the picture of a run's worst column, if there is one."""
        report = Folder(self.reports_dir) / monitor / f"{run_date}" if self.reports_dir else None
        with suppress(Unreadable):  # the message matters more
            return report.read(PICTURE) if report else None
        return None


@dataclass(frozen=True)
class Outcome:
    """What came of one event on one channel, and why it was not sent."""

    channel: str
    monitor: str
    run_date: dt.date
    event: str
    reason: str | None = None


@dataclass
class DeliveryReport:
    """What came of a delivery. `printed` are for the console, if no alert channel is configured."""

    sent: list[Outcome] = field(default_factory=list)
    retry_later: list[Outcome] = field(default_factory=list)
    refused: list[Outcome] = field(default_factory=list)
    skipped: list[Outcome] = field(default_factory=list)  # retraining in its cooldown
    unconfigured: list[Outcome] = field(default_factory=list)  # pending on a channel that is no longer configured
    printed: list[Message] = field(default_factory=list)

    @property
    def changes_pages(self) -> bool:
        """Whether a page shows something of it."""
        return bool(self.sent or self.printed or self.refused or self.skipped)


def deliver(
    history: History,
    channels: Sequence[Channel],
    context: Context,
    clock: Clock,
    limit_seconds: float = LIMIT_SECONDS,
    lease_seconds: float = LEASE_SECONDS,
) -> DeliveryReport:
    """Send what is pending through those of `channels` that are configured; return what came of it.

    If a channel asks to wait, the delivery waits as far as its time limit allows; the next delivery tries again.
    """
    return _Delivery(history, channels, context, clock, limit_seconds, lease_seconds).run()


class _Delivery:
    """One delivery in progress."""

    def __init__(
        self, history: History, channels: Sequence[Channel], context: Context, clock: Clock, limit: float, lease: float
    ) -> None:
        self.history, self.context, self.clock, self.lease_seconds = history, context, clock, lease
        self.channels = {channel.NAME: channel for channel in channels if channel.configured(context.environ)}
        self.limit = dt.timedelta(seconds=limit)
        self.deadline = clock.now() + self.limit
        self.free_at: dict[str, dt.datetime] = {}  # channels that asked to wait
        self.report = DeliveryReport()

    def run(self) -> DeliveryReport:
        alerts = any(channel.PURPOSE == "alert" for channel in self.channels.values())
        names = [*self.channels, *([] if alerts else [CONSOLE])]
        self.history.outbox.queue_new_events(names, self.clock.now(), FRESH_DAYS, self._wants)
        while self._has_time():
            row = self.history.outbox.lease(self._free_channels(), self.clock.now(), self.lease_seconds)
            if row is not None:
                self._deliver(row)
            elif not self._wait():
                break
        for pending in self.history.outbox.pending():
            self._report_pending(pending)
        return self.report

    def _has_time(self) -> bool:
        """Return whether the delivery may go on; not if the clock was set back so far that it would take too long."""
        return self.deadline - 2 * self.limit <= self.clock.now() < self.deadline

    def _wants(self, channel: str, monitor: str, kind: str) -> bool:
        """Return whether a channel gets a monitor's events of a kind."""
        if channel == CONSOLE or self.channels[channel].PURPOSE == "alert":
            return True
        retrain = self.context.retrain.get(monitor)
        return retrain is not None and retrain.channel == channel and kind in retrain.starters

    def _free_channels(self) -> list[str]:
        now = self.clock.now()
        return [name for name in [*self.channels, CONSOLE] if self.free_at.get(name, now) <= now]

    def _deliver(self, row: Leased) -> None:
        if row.channel != CONSOLE and self.channels[row.channel].PURPOSE == "retrain" and self._skip_retraining(row):
            return
        try:
            receipt = self._send(row)
        except Refused as error:
            self._give_up(row, str(error))
        except Unavailable as error:
            self._postpone(row, error)
        except Exception as error:  # a bug in one channel must not hold up the others
            self._postpone(row, Unavailable(f"{row.channel}: {type(error).__name__}, a bug in this channel"))
        else:
            self.history.outbox.mark_sent(row, receipt, self.clock.now())
            if row.channel != CONSOLE:
                self.report.sent.append(_outcome(row))

    def _send(self, row: Leased) -> str | None:
        try:
            message = self._message(row)
        except DriftMonitorError as error:
            raise error if isinstance(error, OutsideError) else Refused(str(error)) from None
        if row.channel == CONSOLE:
            self.report.printed.append(message)
            return None
        return self.channels[row.channel].send(message, self.context.environ, row.receipt)

    def _skip_retraining(self, row: Leased) -> bool:
        """Skip a retraining that was already requested or falls in the cooldown; return whether it was skipped."""
        if row.messages_sent:
            self.history.outbox.mark_unneeded(row, self.clock.now())  # a request cannot be taken back
            return True
        retrain, last_on = self.context.retrain.get(row.monitor), self.history.outbox.last_sent_on(row)
        if retrain and retrain.when == "harmful" and not self._is_harmful(row):
            return self._skip(row, "not started: the checks that fail do not say that the model is harmed")
        free_on = retrain.cooldown_until(row.run_date, last_on) if retrain else None
        if last_on is None or free_on is None:
            return False
        dates = f"the last retraining was for {say_day(last_on)}; the next can start on {say_day(free_on)}"
        return self._skip(row, f"in cooldown: {dates}")

    def _is_harmful(self, row: Leased) -> bool:
        """Return whether a message is about a model that is harmed; one that is damaged is refused later."""
        try:
            return any(check.name == MODEL_CHECK and check.fails for check in self._message(row).checks)
        except DriftMonitorError:
            return True

    def _skip(self, row: Leased, reason: str) -> bool:
        self.history.outbox.mark_skipped(row, reason, self.clock.now())
        self.report.skipped.append(_outcome(row, reason))
        return True

    def _give_up(self, row: Leased, reason: str) -> None:
        self.history.outbox.mark_refused(row, reason, self.clock.now())
        self.report.refused.append(_outcome(row, reason))

    def _postpone(self, row: Leased, error: Unavailable) -> None:
        """Note when to try again: when the channel says so, else after a pause that doubles, with some jitter."""
        now = self.clock.now()
        attempts = row.attempts + 1
        age = now - row.created_at  # less than nothing if a clock that was ahead created it
        if attempts >= GIVE_UP_ATTEMPTS and not dt.timedelta(0) <= age <= dt.timedelta(days=GIVE_UP_DAYS):
            self._give_up(row, f"given up after {attempts} attempts: {error}")
            return
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(row.attempts, 20), LONGEST_PAUSE_SECONDS)
        pause *= 0.5 + 0.5 * self.clock.jitter()
        if error.retry_after_seconds is not None:
            pause = max(error.retry_after_seconds, 0.0) + 0.1 * self.clock.jitter()
        due_at = now + dt.timedelta(seconds=min(pause, LONGEST_PAUSE.total_seconds()))
        self.free_at[row.channel] = due_at
        self.history.outbox.mark_failed(row, str(error), due_at, error.receipt)

    def _wait(self) -> bool:
        """Sleep until something may be sent; return False if nothing can be within the time limit."""
        now = self.clock.now()
        rows = [row for row in next_in_order(self.history.outbox.pending()) if self._is_configured(row)]
        free = [max(row.free_at(now), self.free_at.get(row.channel, now)) for row in rows]
        if not free or min(free) >= self.deadline:
            return False
        # Another process may give its row back long before the lease runs out.
        longest = dt.timedelta(seconds=1) if any(row.state == "leased" for row in rows) else self.limit
        self.clock.sleep(max(min(min(free) - now, longest).total_seconds(), 0.01))
        return True

    def _is_configured(self, row: Pending) -> bool:
        return row.channel == CONSOLE or row.channel in self.channels

    def _report_pending(self, row: Pending) -> None:
        listed = self.report.retry_later if self._is_configured(row) else self.report.unconfigured
        listed.append(_outcome(row, row.last_error))

    def _message(self, row: Leased) -> Message:
        page, record = self.context.page_url(row.monitor), self._record(row)
        return to_message(
            row.monitor, row.run_date, row.event, row.messages_sent, row.payload,
            page_url=page,
            notebook_url=page and record and f"{page}{row.run_date}/",
            picture=self.context.picture(row.monitor, row.run_date),
            sent_at=self.clock.now(),
            record=record,
            retrain=self.context.retrain.get(row.monitor),
            owner=self.context.owners.get(row.monitor, ""),
        )  # fmt: skip

    def _record(self, row: Leased) -> RunRecord | None:
        """Return the record of a message's run; a damaged one is left out, because the message matters more."""
        try:
            return self.history.record_of(row.monitor, row.run_date)
        except OutsideError:
            raise
        except DriftMonitorError:
            return None


def _outcome(row: Leased | Pending, reason: str | None = None) -> Outcome:
    return Outcome(row.channel, row.monitor, row.run_date, row.event, reason)
