"""The only room that knows requests: one HTTP exchange that can neither hang nor give away the address it went to.

Every exception of requests prints the address, and the address of a webhook is its password. So nothing that requests
or urllib3 says leaves this file: failures come out as our own words, raised where no other exception is being handled
(else `__context__` would carry the original), and their loggers are silent while we send.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from driftmonitor.pipeline.channels import Refused, Unavailable, time_limits
from driftmonitor.pipeline.channels.quiet_loggers import hushed
from driftmonitor.pipeline.channels.retry_after import retry_after_seconds

TEMPORARY = {408, 425, 429}


@dataclass(frozen=True)
class Reply:
    """A server's answer; `body` is what arrived of it, which may be less than all. Header names are lower-case."""

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


def deliver(who: str, method: str, url: str, **what: Any) -> Reply:
    """Make one exchange and return the reply if it is a success; else raise Refused or Unavailable."""
    return accept(who, exchange(who, method, url, **what))


def exchange(who: str, method: str, url: str, **what: Any) -> Reply:
    """Make one exchange with `url` and return the reply, whatever its status; raise Unavailable if there was none.

    `what` is requests' own: json, data, files, headers, params. Once a status has come, a body that breaks off or
    trickles is no failure: the server has taken the message, and sending it again would double it.
    """
    seen: list[Reply] = []
    seconds = time_limits.seconds_left()
    reason = time_limits.within(seconds, partial(_exchange, seen, method, url, what)) if seconds else None
    if seen:
        return seen[-1]
    raise Unavailable(f"{who}: {reason or 'no answer in time'}.")


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


def _exchange(seen: list[Reply], method: str, url: str, what: dict[str, Any]) -> str | None:
    """Put the reply into `seen` as it comes; return why there is none."""
    limits = time_limits.LIMITS
    try:
        with hushed(), requests.Session() as session:
            session.trust_env = url.lower().startswith("https:")  # no proxy sees plain http to this machine
            response = session.request(
                method, url, auth=_auth(url), allow_redirects=False, stream=True,
                timeout=(limits.connect_seconds, limits.read_seconds), **what,
            )  # fmt: skip
            _receive(response, seen, limits.body_bytes)
    except Exception as error:  # whatever it is, its text may hold the address
        return _reason(error)
    return None


def _auth(url: str) -> Callable:
    """Return what signs the request: the address's own user, or nothing, so that ~/.netrc can't replace our headers."""
    parts = urlsplit(url)
    if parts.username is None:
        return lambda request: request
    return HTTPBasicAuth(unquote(parts.username), unquote(parts.password or ""))


def _receive(response: requests.Response, seen: list[Reply], limit_bytes: int) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = b""
    seen.append(Reply(response.status_code, headers))
    while len(body) < limit_bytes:
        piece = response.raw.read1(65_536, decode_content=True)
        if not piece:
            break
        body += piece
        seen[-1] = Reply(response.status_code, headers, body)


def _reason(error: Exception) -> str:
    """Return why an exchange failed, in words that hold nothing of the address."""
    reasons = {
        requests.exceptions.ConnectTimeout: f"no connection within {time_limits.LIMITS.connect_seconds:g} s",
        requests.exceptions.ReadTimeout: f"no answer within {time_limits.LIMITS.read_seconds:g} s",
        requests.exceptions.SSLError: "its certificate is not trusted",
        requests.exceptions.ProxyError: "the proxy did not let it through",
        requests.exceptions.ConnectionError: "no connection, or it hung up",
    }
    for kind, reason in reasons.items():
        if isinstance(error, kind):
            return reason
    return f"the exchange failed ({type(error).__name__})"
