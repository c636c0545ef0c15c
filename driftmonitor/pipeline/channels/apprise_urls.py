"""Every other service, through the library Apprise (an extra): plain text, one address at a time.

Apprise only says whether it worked, so a failure is tried again. The receipt lists the addresses that were served, by
position and not by address, so that the next attempt leaves them out.
"""

import contextlib
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from driftmonitor import formats
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import Refused, Unavailable, metered, text, time_limits
from driftmonitor.pipeline.channels.muted_loggers import muted_loggers

NAME = "apprise"
PURPOSE = "alert"
SETTING = "APPRISE_URLS"
ENVIRONMENT = (SETTING,)
BODY = 1500
BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z0-9]+://)|\s+")  # a comma may also be part of an address


def configured(environ: Mapping[str, str]) -> bool:
    """Return whether addresses are set."""
    return bool(environ.get(SETTING))


@time_limits.bounded
def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Send the message to each address that did not get it yet; raise Unavailable if one does not accept it."""
    services = load(environ)
    served = _served(message, receipt)
    due = {position: partial(_notify, each, message) for position, each in services.items() if position not in served}
    served |= {position for position, done in time_limits.all_within(time_limits.seconds_left(), due).items() if done}
    missing = [str(position) for position in services if position not in served]
    if missing:
        kept = f"{message.event_id} {','.join(map(str, sorted(served)))}" if served else None
        failed = f"address {' and '.join(missing)} of {len(services)}"
        raise Unavailable(f"Apprise: {failed} did not accept the message.", receipt=kept)


def _served(message: Message, receipt: str | None) -> set[int]:
    """Return the positions of the addresses that an earlier attempt at the same event has served."""
    event_id, _, positions = (receipt or "").rpartition(" ")
    if event_id != message.event_id:
        return set()
    return {int(position) for position in positions.split(",") if position.isdigit()}


def load(environ: Mapping[str, str]) -> dict[int, Any]:
    """Return Apprise's services by position in the list; raise Refused, printing none, if one is invalid."""
    apprise = _import_apprise()
    addresses = BETWEEN.split(environ.get(SETTING, "").strip(" \r\n\t,"))
    with muted_loggers():
        services = {position: _service(apprise, url) for position, url in enumerate(addresses, start=1)}
    invalid = [str(position) for position, service in services.items() if service is None]
    if invalid or not services:
        what = f"address {' and '.join(invalid)} of {len(services)}" if invalid else "the list"
        raise Refused(f"APPRISE_URLS: {what} is invalid; write it as Apprise's documentation of that service says.")
    return services


def _import_apprise() -> Any:
    with contextlib.suppress(ImportError):
        import apprise

        return apprise
    raise Refused("APPRISE_URLS is set but Apprise is not installed; run `pip install apprise`.")


def _service(apprise: Any, url: str) -> Any:
    try:
        return apprise.Apprise.instantiate(url)
    except Exception:  # its text may hold the address
        return None


def _notify(service: Any, message: Message) -> bool:
    """Return whether a service took the message; one that answered with another address did not."""
    try:
        with muted_loggers():
            done = service.notify(title=title(message), body=body(message), body_format="text")
    except Exception:  # its text may hold the address
        return False
    return bool(done) and not metered.was_redirected()


def title(message: Message) -> str:
    """Return a short subject."""
    return text.clip(formats.one_line(text.full_name(message), 120), 150, escape)


def body(message: Message) -> str:
    """Return the message as plain text."""
    links = [f"{label}: {url}" for label, url in text.links(message)]
    lines = [text.headline(message), *text.notes(message)]
    lines += [f"- {line}" for line in text.column_lines(message) + text.quality_lines(message)]
    return "\n".join([text.fit(lines, BODY, escape), *links])


def escape(shown: str) -> str:
    """Return `shown` so that no service pings people: Apprise does not escape @everyone or <!channel>."""
    return text.defuse(shown).replace("<", f"<{text.GAP}")
