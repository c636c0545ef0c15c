"""Make one HTTP exchange that can neither hang nor reveal its address. The only module that uses requests.

Every exception of requests prints the address, and the address of a webhook is its password. So no text of requests or
urllib3 leaves this module. Failures are described in other words, and raised where no other exception is being handled,
because `__context__` would carry the original. The libraries' loggers are muted during the exchange.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from driftmonitor.pipeline.channels import Refused, Unavailable, time_limits
from driftmonitor.pipeline.channels.muted_loggers import muted_loggers
from driftmonitor.pipeline.channels.retry_after import retry_after_seconds

if TYPE_CHECKING:
    import requests  # most runs send nothing, so each function imports it

TEMPORARY = {408, 425, 429}


@dataclass(frozen=True)
class Reply:
    """A server's answer; `body` is the part of it that arrived. Header names are in lower case."""

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
        content = self.json()
        return content.get(name) if isinstance(content, dict) else None


def deliver(who: str, method: str, url: str, **what: Any) -> Reply:
    """Make one exchange and return the reply if it is a success; else raise Refused or Unavailable."""
    return accept(who, exchange(who, method, url, **what))


def exchange(who: str, method: str, url: str, **what: Any) -> Reply:
    """Make one exchange with `url` and return the reply, whatever its status; raise Unavailable if there was none.

    `what` are arguments of requests: json, data, files, headers, params. An incomplete or slow body is no failure once
    the status has arrived: sending the message again would duplicate it.
    """
    import requests  # noqa: F401  so that the import is not part of the exchange's time

    seen: list[Reply] = []
    seconds = time_limits.seconds_left()
    reason = time_limits.within(seconds, partial(_exchange, seen, method, url, what)) if seconds else None
    if seen:
        return seen[-1]
    raise Unavailable(f"{who}: {reason or 'no answer in time'}.")


def accept(who: str, reply: Reply) -> Reply:
    """Return a reply that is a success; raise Unavailable if waiting may help, and Refused otherwise."""
    if 200 <= reply.status < 300:
        return reply
    if reply.status in TEMPORARY or reply.status >= 500:
        raise Unavailable(f"{who}: answered {reply.status}.", retry_after_seconds(reply.headers, reply.json()))
    raise Refused(f"{who}: answered {reply.status} ({REASONS.get(reply.status, _other_reason(reply.status))}).")


REASONS = {
    400: "it does not accept the message",
    401: "the address or the token is invalid; set it again",
    403: "the token may not do this, or was revoked; create a new one",
    404: "the webhook was deleted or mistyped; create a new one",
    410: "the webhook was deleted; create a new one",
    413: "the message is too large",
}


def _other_reason(status: int) -> str:
    return "it moved; set its new address" if 300 <= status < 400 else "it does not accept the message"


def _exchange(seen: list[Reply], method: str, url: str, what: dict[str, Any]) -> str | None:
    """Put the reply into `seen` as it arrives; return why there is none."""
    import requests

    limits = time_limits.LIMITS
    try:
        with muted_loggers(), requests.Session() as session:
            session.trust_env = url.lower().startswith("https:")  # no proxy for plain http to this machine
            response = session.request(
                method, url, auth=_auth(url), allow_redirects=False, stream=True,
                timeout=(limits.connect_seconds, limits.read_seconds), **what,
            )  # fmt: skip
            _receive(response, seen, limits.body_bytes)
    except Exception as error:  # the text of any of them may contain the address
        return _reason(error)
    return None


def _auth(url: str) -> Callable:
    """Return the authentication by the address's own user, or none, so that ~/.netrc cannot replace the headers."""
    from requests.auth import HTTPBasicAuth

    parts = urlsplit(url)
    if parts.username is None:
        return lambda request: request
    return HTTPBasicAuth(unquote(parts.username), unquote(parts.password or ""))


def _receive(response: "requests.Response", seen: list[Reply], limit_bytes: int) -> None:
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
    """Return why an exchange failed, in words that contain nothing of the address."""
    import requests

    reasons = {
        requests.exceptions.ConnectTimeout: f"no connection within {time_limits.LIMITS.connect_seconds:g} s",
        requests.exceptions.ReadTimeout: f"no answer within {time_limits.LIMITS.read_seconds:g} s",
        requests.exceptions.SSLError: "its certificate is not trusted",
        requests.exceptions.ProxyError: "the proxy refused it",
        requests.exceptions.ConnectionError: "no connection, or it was closed",
    }
    for kind, reason in reasons.items():
        if isinstance(error, kind):
            return reason
    return f"the exchange failed ({type(error).__name__})"
