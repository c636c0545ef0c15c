"""Limit how long sending may take. The outbox leases a message for longer than the longest send."""

import contextlib
import contextvars
import functools
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from driftmonitor.pipeline.channels import metered


@dataclass(frozen=True)
class Limits:
    """The limits on one exchange, on one whole send, and on the part of an answer that is read."""

    connect_seconds: float = 5
    read_seconds: float = 15
    exchange_seconds: float = 30
    send_seconds: float = 40  # shorter than delivery.LEASE_SECONDS, or another process sends the message too
    body_bytes: int = 1_000_000


LIMITS = Limits()

_ends_at: contextvars.ContextVar[float | None] = contextvars.ContextVar("ends_at", default=None)


def bounded(send: Callable[..., str | None]) -> Callable[..., str | None]:
    """Give a channel's `send`, which makes several exchanges, one limit for all of them."""

    @functools.wraps(send)
    def within_limit(*args: Any, **kwargs: Any) -> str | None:
        token = _ends_at.set(time.monotonic() + LIMITS.send_seconds)
        try:
            return send(*args, **kwargs)
        finally:
            _ends_at.reset(token)

    return within_limit


def seconds_left() -> float:
    """Return how long the next exchange may take; 0 if the send has used its time."""
    ends_at = _ends_at.get()
    left = LIMITS.exchange_seconds if ends_at is None else ends_at - time.monotonic()
    return max(0.0, min(LIMITS.exchange_seconds, left))


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return the result of `work`, or None if it takes longer than `seconds` or raises."""
    return all_within(seconds, {0: work})[0]


def all_within(seconds: float, works: Mapping[int, Callable[[], Any]]) -> dict[int, Any]:
    """Return the results of works that are done at the same time, each None if it takes longer or raises.

    A socket's timeout starts again with each byte and does not cover the look-up of the host. So each work runs in a
    thread, which is abandoned when its time is up and does not keep the program from ending. No exception may end the
    thread: Python would print the traceback, and the address with it.
    """
    ends_at = time.monotonic() + seconds
    started = {key: _start(work, seconds) for key, work in works.items()}
    return {key: _result(results, ends_at - time.monotonic()) for key, results in started.items()}


def _start(work: Callable[[], Any], seconds: float) -> queue.SimpleQueue[Any]:
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    context = contextvars.copy_context()

    def run() -> None:
        result = None
        with contextlib.suppress(Exception), metered.limited(seconds, LIMITS.body_bytes):
            result = work()
        results.put(result)

    threading.Thread(target=context.run, args=(run,), daemon=True).start()
    return results


def _result(results: queue.SimpleQueue[Any], seconds: float) -> Any:
    with contextlib.suppress(queue.Empty):
        return results.get(timeout=max(0.0, seconds))
    return None
