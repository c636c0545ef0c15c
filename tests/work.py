"""The work of the tests' own processes; each opens the history itself."""

import datetime as dt
import os
import time
import types
from pathlib import Path

from driftmonitor.config.settings import AlertSettings
from driftmonitor.pipeline.alerts import delivery
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.alerts.withdrawals import plan_withdrawals
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.pages import publish
from tests.page_samples import watched
from tests.samples import NOW, day, make_record


def as_given(place: str) -> Path | str:
    """Return the path of a file as one; an address is text."""
    return place if "://" in place else Path(place)


def record_days(place: str, numbers: list[int], status: str, monitor: str = "pay") -> None:
    """Record one run a day, in the order given."""
    with open_history(as_given(place)) as history:
        for number in numbers:
            history.record(make_record(number, status, monitor=monitor), planner(), NOW)


def record_alternating(place: str, numbers: list[int], started: str) -> None:
    """Record drift on even days, healthy on odd ones, and note each day that is done."""
    with open_history(as_given(place)) as history:
        for number in numbers:
            history.record(make_record(number, "healthy" if number % 2 else "drift"), planner(), NOW)
            note(started, str(number))


def forget_days(place: str | Path, numbers: list[int]) -> None:
    """Forget days all at once."""

    def plan(forgetting):
        return plan_withdrawals(forgetting, AlertSettings(), "Pay", NOW.date())

    with open_history(place) as history:
        recorded = history.contents("pay", day(numbers[0]), day(numbers[-1])).statuses
        history.forget("pay", set(recorded), lambda left: [], plan, NOW)


def deliver_to_file(place: str, told: str, minutes_later: float = 0.0) -> None:
    """Deliver through a channel that writes each message's id to a file; the clock stands `minutes_later`."""
    now = NOW + dt.timedelta(minutes=minutes_later)
    clock = Clock(now=lambda: now, sleep=lambda seconds: None)
    with open_history(as_given(place)) as history:
        delivery.deliver(history, [file_channel(told)], delivery.Context(), clock)


def deliver_in_real_time(place: str, told: str) -> None:
    with open_history(as_given(place)) as history:
        delivery.deliver(history, [file_channel(told)], delivery.Context(), Clock(), limit_seconds=20)


def file_channel(path: str):
    """Return a channel that appends a line for each message."""

    def send(message, environ, receipt=None):
        time.sleep(0.01)
        note(path, message.event_id)
        time.sleep(0.01)

    return types.SimpleNamespace(NAME="file", PURPOSE="alert", configured=lambda environ: True, send=send)


def note(path: str, line: str) -> None:
    """Append a line at once: either all of it is there or nothing."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def record_alternating_for(place: str, monitor: str) -> None:
    """Record twelve days of one monitor: drift, healthy, drift ..."""
    with open_history(as_given(place)) as history:
        for number in range(12):
            status = "healthy" if number % 2 else "drift"
            history.record(make_record(number, status, monitor=monitor), planner(), Clock().now())


def call(work, arguments: tuple) -> None:
    work(*arguments)


def publish_for_ever(root: Path, started) -> None:
    """Publish the site of a world in `root` again and again, each time as of another moment."""
    with open_history(root / "state" / "history.db") as history:
        started.set()
        while True:
            publish(history, root / "state" / "reports", root / "site", [watched("salary")], Clock().now())
