"""The only room that knows requests: one HTTP exchange that can neither hang nor give away the address it went to.

Every exception of requests prints the address, and the address of a webhook is its password. So nothing that requests
or urllib3 says leaves this file: failures come out as our own words, raised where no other exception is being handled
(else `__context__` would carry the original), and their loggers are silent while we send.
"""

import contextlib
import contextvars
import ipaddress
import json
import logging
import queue
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from driftmonitor.pipeline.channels import Refused, Unavailable
from driftmonitor.pipeline.channels.waits import retry_after_seconds


@dataclass(frozen=True)
class Limits:
    """How long one exchange may take, and how much of an answer is read."""

    connect_seconds: float = 5
    read_seconds: float = 15
    whole_seconds: float = 30
    body_bytes: int = 1_000_000


LIMITS = Limits()
TEMPORARY = {408, 425, 429}

# What a web address may consist of. Without backslashes, spaces and quotes every parser sees the same host in it.
ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&()*+,;=%]+", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """A server's answer; `body` is what arrived of it, which may be less than all."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as JSON, or {} if it isn't."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return {}

    def field(self, name: str) -> Any:
        """Return one field of a JSON object, or None."""
        found = self.json()
        return found.get(name) if isinstance(found, dict) else None


def address(environ: Mapping[str, str], setting: str, hosts: Collection[str] | None = None) -> str:
    """Return the address in the environment's `setting`; raise Refused, without printing it, if it can't be used.

    Only https to one of `hosts` (None: to any) is allowed, and plain http to this machine.
    """
    value = environ.get(setting, "")
    if not value.strip():
        raise Refused(f"{setting} is empty; paste the webhook's address into it.")
    if not ADDRESS.fullmatch(value):
        raise Refused(
            f"{setting} is not a web address; paste it again as https://..., without quotes, spaces or line ends."
        )
    parts = _split(value)
    if parts is None or not parts.hostname:
        raise Refused(f"{setting} is not a web address: its host or port cannot be read; paste it again.")
    if is_loopback(parts.hostname):
        return value
    if parts.scheme.lower() != "https":
        raise Refused(f"{setting} is plain http; use https.")
    if hosts is not None and (parts.hostname not in hosts or parts.username is not None):
        raise Refused(
            f"{setting} does not lead to {' or '.join(sorted(hosts))}; paste the address that service gave you."
        )
    return value


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Say whether `host` is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def deliver(who: str, method: str, url: str, **what: Any) -> Reply:
    """Make one exchange and return the reply if it is a success; else raise Refused or Unavailable."""
    return accept(who, exchange(who, method, url, **what))


def exchange(who: str, method: str, url: str, **what: Any) -> Reply:
    """Make one exchange with `url` and return the reply, whatever its status; raise Unavailable if there was none.

    `what` is requests' own: json, data, files, headers, params. Once a status has come, a body that breaks off or
    trickles is no failure: the server has taken the message, and sending it again would double it.
    """
    seen: list[Reply] = []
    reason = within(LIMITS.whole_seconds, partial(_exchange, seen, method, url, what))
    if seen:
        return seen[-1]
    raise Unavailable(f"{who}: {reason or f'no answer within {LIMITS.whole_seconds:g} s'}.")


def accept(who: str, reply: Reply) -> Reply:
    """Return a reply that is a success; raise Unavailable where waiting helps and Refused where it doesn't."""
    if 200 <= reply.status < 300:
        return reply
    if reply.status in TEMPORARY or reply.status >= 500:
        raise Unavailable(f"{who}: answered {reply.status}.", retry_after_seconds(reply.headers, reply.json()))
    raise Refused(f"{who}: answered {reply.status} ({REASONS.get(reply.status, _other_reason(reply.status))}).")


REASONS = {
    400: "it does not accept the message",
    401: "the address or the token is not valid; paste it again",
    403: "the token may not do this, or was withdrawn; make a new one",
    404: "nothing there: the webhook was deleted or mistyped; make a new one",
    410: "gone for good; make a new webhook",
    413: "the message is too large",
}


def _other_reason(status: int) -> str:
    return "it moved; paste its new address" if 300 <= status < 400 else "it does not accept the message"


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return what `work` returns, or None if that takes longer than `seconds`. `work` must not raise.

    A socket's timeout starts again with each byte and does not cover the name look-up, so only a clock outside bounds
    the whole. A thread that has run out of time is left behind; it does not keep the program from ending.
    """
    answers: queue.SimpleQueue = queue.SimpleQueue()
    context = contextvars.copy_context()
    threading.Thread(target=lambda: answers.put(context.run(work)), daemon=True).start()
    with contextlib.suppress(queue.Empty):
        return answers.get(timeout=seconds)
    return None


def _exchange(seen: list[Reply], method: str, url: str, what: dict[str, Any]) -> str | None:
    """Put the reply into `seen` as it comes; return why there is none."""
    try:
        with hushed(), requests.Session() as session:
            session.trust_env = url.lower().startswith("https:")  # no proxy sees plain http to this machine
            response = session.request(
                method, url, auth=_auth(url), allow_redirects=False, stream=True,
                timeout=(LIMITS.connect_seconds, LIMITS.read_seconds), **what,
            )  # fmt: skip
            _receive(response, seen)
    except Exception as error:  # whatever it is, its text may hold the address
        return _reason(error)
    return None


def _auth(url: str) -> Callable:
    """Return what signs the request: the address's own user, or nothing, so that ~/.netrc can't replace our headers."""
    parts = urlsplit(url)
    if parts.username is None:
        return lambda request: request
    return HTTPBasicAuth(unquote(parts.username), unquote(parts.password or ""))


def _receive(response: requests.Response, seen: list[Reply]) -> None:
    status, headers, body = response.status_code, dict(response.headers), b""
    headers = {name.lower(): value for name, value in headers.items()}
    seen.append(Reply(status, headers))
    while len(body) < LIMITS.body_bytes:
        piece = response.raw.read1(65_536, decode_content=True)
        if not piece:
            break
        body += piece
        seen[-1] = Reply(status, headers, body)


def _reason(error: Exception) -> str:
    """Return why an exchange failed, in words that hold nothing of the address."""
    reasons = {
        requests.exceptions.ConnectTimeout: f"no connection within {LIMITS.connect_seconds:g} s",
        requests.exceptions.ReadTimeout: f"no answer within {LIMITS.read_seconds:g} s",
        requests.exceptions.SSLError: "its certificate is not trusted",
        requests.exceptions.ProxyError: "the proxy did not let it through",
        requests.exceptions.ConnectionError: "no connection, or it hung up",
    }
    for kind, reason in reasons.items():
        if isinstance(error, kind):
            return reason
    return f"the exchange failed ({type(error).__name__})"


_sending: contextvars.ContextVar[bool] = contextvars.ContextVar("sending", default=False)


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Keep the libraries' loggers silent: urllib3 logs each path, Apprise each address."""
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)


def _is_ours(_record: logging.LogRecord) -> bool:
    return not _sending.get()


# A filter on a parent logger does not see its children's records.
for _name in ("connectionpool", "connection", "poolmanager", "response", "util.retry", "util.ssl_"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_is_ours)
for _name in ("apprise", "requests", "charset_normalizer", "requests_oauthlib"):
    logging.getLogger(_name).addFilter(_is_ours)
