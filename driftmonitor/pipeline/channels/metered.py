"""Limit what is read from the network while a message is sent, whichever library reads it, and follow no redirect.

requests, urllib3, botocore, smtplib and so nearly all of Apprise's services read through two classes of the standard
library, which are replaced here. Within `limited`, a connection fails once its time is up or too much has arrived, an
answer has no address to go on to, and no answer is unpacked. Elsewhere the classes do what they always did. What reads
from a socket itself is limited in time alone: Apprise's MQTT, XMPP, Growl, APRS and Nostr.
"""

import contextlib
import contextvars
import http.client
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

HEAD_BYTES = 200_000  # for the heads of answers, beside their bodies


@dataclass
class _Meter:
    """How long may still be read, how much, and whether an answer wanted to lead elsewhere."""

    ends_at: float
    bytes_left: int
    redirected: bool = False

    def check(self) -> None:
        """Raise OSError if the time is up or too much has arrived."""
        if time.monotonic() > self.ends_at or self.bytes_left < 0:
            raise TimeoutError("the limit on this exchange is reached")


_meter: contextvars.ContextVar[_Meter | None] = contextvars.ContextVar("meter", default=None)


@contextlib.contextmanager
def limited(seconds: float, most_bytes: int) -> Iterator[None]:
    """Limit all that this thread reads in this block."""
    meter = _Meter(time.monotonic() + seconds, most_bytes + HEAD_BYTES)
    token = _meter.set(meter)
    try:
        yield
    finally:
        _meter.reset(token)


def was_redirected() -> bool:
    """Return whether an answer in this block wanted to lead elsewhere."""
    meter = _meter.get()
    return meter is not None and meter.redirected


class _SocketIO(socket.SocketIO):
    """What a socket's makefile() reads from."""

    def readinto(self, buffer: Any) -> int | None:
        meter = _meter.get()
        if meter is None:
            return super().readinto(buffer)
        meter.check()
        arrived = super().readinto(buffer)
        meter.bytes_left -= arrived or 0
        meter.check()
        return arrived


class _Response(http.client.HTTPResponse):
    """An answer whose status says that it moved, and that does not say where to."""

    def begin(self) -> None:
        super().begin()
        meter = _meter.get()
        if meter is not None:
            meter.redirected |= 300 <= self.status < 400
            for name in ("Location", "Refresh", "Content-Encoding"):
                del self.headers[name]


_put_header = http.client.HTTPConnection.putheader


def _put_header_asking_for_plain_text(self: http.client.HTTPConnection, name: Any, *values: Any) -> None:
    plain = name.decode("latin-1") if isinstance(name, bytes) else str(name)
    if _meter.get() is not None and plain.lower() == "accept-encoding":
        values = ("identity",)
    _put_header(self, name, *values)


socket.SocketIO = _SocketIO  # type: ignore[misc]
http.client.HTTPConnection.response_class = _Response
http.client.HTTPConnection.putheader = _put_header_asking_for_plain_text  # type: ignore[assignment, method-assign]
