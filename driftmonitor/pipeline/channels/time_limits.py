"""How long sending may take. The outbox leases a message for longer than the longest send."""

import contextlib
import contextvars
import functools
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """How long one exchange and one whole send may take, and how much of an answer is read."""

    connect_seconds: float = 5
    read_seconds: float = 15
    exchange_seconds: float = 30
    send_seconds: float = 40  # shorter than outbox.LEASE_SECONDS, or another process sends the message too
    body_bytes: int = 1_000_000


LIMITS = Limits()

_ends_at: contextvars.ContextVar[float | None] = contextvars.ContextVar("ends_at", default=None)


def bounded(send: Callable) -> Callable:
    """Give a channel's `send`, which makes several exchanges, one limit for them all."""

    @functools.wraps(send)
    def within_limit(*args: Any, **kwargs: Any) -> str | None:
        token = _ends_at.set(time.monotonic() + LIMITS.send_seconds)
        try:
            return send(*args, **kwargs)
        finally:
            _ends_at.reset(token)

    return within_limit


def seconds_left() -> float:
    """Return how long the next exchange may take; 0 when the send has used up its time."""
    ends_at = _ends_at.get()
    left = LIMITS.exchange_seconds if ends_at is None else ends_at - time.monotonic()
    return max(0.0, min(LIMITS.exchange_seconds, left))


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return what `work` returns, or None if that takes longer than `seconds`, or if `work` raises.

    A socket's timeout starts again with each byte and does not cover the name look-up, so only a clock outside bounds
    the whole. A thread that has run out of time is left behind; it does not keep the program from ending. It must not
    die of an exception either: Python would print the traceback, and the address with it.
    """
    answers: queue.SimpleQueue = queue.SimpleQueue()
    context = contextvars.copy_context()

    def answer() -> None:
        found = None
        with contextlib.suppress(Exception):
            found = context.run(work)
        answers.put(found)

    threading.Thread(target=answer, daemon=True).start()
    with contextlib.suppress(queue.Empty):
        return answers.get(timeout=seconds)
    return None
