"""Every other service, through the library Apprise (an extra): plain text, one address at a time.

Apprise answers only yes or no, so a no is tried again. What was delivered before is kept as the receipt of the event,
by place in the list and not by address, so that the second attempt leaves those out.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from driftmonitor import formats
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import Refused, Unavailable, text, time_limits
from driftmonitor.pipeline.channels.quiet_loggers import hushed

NAME = "apprise"
PURPOSE = "alert"
SETTING = "APPRISE_URLS"
ENVIRONMENT = (SETTING,)
BODY = 1500
BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z0-9]+://)|\s+")  # a comma may also stand inside an address


def configured(environ: Mapping[str, str]) -> bool:
    """Say whether addresses are set."""
    return bool(environ.get(SETTING))


@time_limits.bounded
def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Send the message to each address that has not had it; raise Unavailable if one did not take it."""
    services = load(environ)
    done = _done(message, receipt)
    for place, service in services.items():
        seconds = time_limits.seconds_left()
        if place not in done and seconds and time_limits.within(seconds, partial(_notify, service, message)):
            done.add(place)
    missing = [str(place) for place in services if place not in done]
    if missing:
        kept = f"{message.event_id} {','.join(map(str, sorted(done)))}" if done else None
        raise Unavailable(f"Apprise: address {' and '.join(missing)} of {len(services)} did not take it.", receipt=kept)


def _done(message: Message, receipt: str | None) -> set[int]:
    """Return the places that an earlier attempt at this very event has served."""
    event_id, _, places = (receipt or "").rpartition(" ")
    return {int(place) for place in places.split(",") if place.isdigit()} if event_id == message.event_id else set()


def load(environ: Mapping[str, str]) -> dict[int, Any]:
    """Return Apprise's services by their place in the list; raise Refused, printing none, if one can't be read."""
    try:
        import apprise
    except ImportError:
        apprise = None
    if apprise is None:
        raise Refused("APPRISE_URLS is set but Apprise is not installed; run `pip install apprise`.")
    addresses = BETWEEN.split(environ.get(SETTING, "").strip(" \r\n\t,"))
    with hushed():
        services = {place: _service(apprise, url) for place, url in enumerate(addresses, start=1)}
    bad = [str(place) for place, service in services.items() if service is None]
    if bad or not services:
        what = f"address {' and '.join(bad)} of {len(services)}" if bad else "the list"
        raise Refused(f"APPRISE_URLS: {what} is not one that Apprise can read; see its documentation of that service.")
    return services


def _service(apprise: Any, url: str) -> Any:
    try:
        return apprise.Apprise.instantiate(url)
    except Exception:  # its text may hold the address
        return None


def _notify(service: Any, message: Message) -> bool:
    try:
        with hushed():
            return bool(service.notify(title=title(message), body=body(message), body_format="text"))
    except Exception:  # its text may hold the address
        return False


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
    """Return `shown` so that no service pings people: Apprise lets @everyone and <!channel> through."""
    return text.defuse(shown).replace("<", f"<{text.GAP}")
