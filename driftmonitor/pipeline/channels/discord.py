"""Discord: an embed with a picture of the worst column; a correction edits the original.

Limits from Discord's documentation: content 2000, embed title 256, description 4096, field 1024,
6000 characters in all embeds.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from driftmonitor import formats
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import http, text, time_limits
from driftmonitor.pipeline.channels.address import read_address

NAME = "discord"
PURPOSE = "alert"
SETTING = "DISCORD_WEBHOOK"
ENVIRONMENT = (SETTING,)
HOSTS = {"discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"}

CONTENT, TITLE, DESCRIPTION, FIELD = 1900, 256, 3500, 500
PICTURE_BYTES = 8_000_000
RED, AMBER, GREEN = 0xC0392B, 0xD68910, 0x1E8449


def configured(environ: Mapping[str, str]) -> bool:
    """Return whether a webhook is set."""
    return bool(environ.get(SETTING))


@time_limits.bounded
def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> str | None:
    """Post the message; a correction edits the message that `receipt` names.

    The receipt is the event and Discord's id of the message, so that a correction never edits another event's message.
    """
    webhook = read_address(environ, SETTING, HOSTS)
    picture = message.picture if 0 < len(message.picture or b"") <= PICTURE_BYTES else None
    event, _, number = (receipt or "").rpartition(" ")
    if message.correction and event == _event(message) and number.isdigit():
        reply = _exchange("PATCH", _message_url(webhook, number), message, picture)
        if reply.status != 404:  # 404: someone deleted the message, so post a new one
            http.accept("Discord", reply)
            return receipt
    # Without wait=true Discord answers 204 before it has saved the message.
    reply = http.accept("Discord", _exchange("POST", _with_wait(webhook), message, picture))
    number = str(reply.field("id") or "")
    return f"{_event(message)} {number}" if number.isdigit() and len(number) <= 32 else None


def _event(message: Message) -> str:
    """Return the event's id without the number of its corrections."""
    return ":".join(message.event_id.split(":")[:3])


def _exchange(method: str, url: str, message: Message, picture: bytes | None) -> http.Reply:
    reply = http.exchange("Discord", method, url, **body(message, picture))
    if reply.status == 413 and picture:
        reply = http.exchange("Discord", method, url, **body(message, None))
    return reply


def _message_url(webhook: str, receipt: str) -> str:
    parts = urlsplit(webhook)
    return parts._replace(path=f"{parts.path.rstrip('/')}/messages/{receipt}", fragment="").geturl()


def _with_wait(webhook: str) -> str:
    parts = urlsplit(webhook)
    query = "&".join(part for part in (parts.query, "wait=true") if part)  # it may contain thread_id
    return parts._replace(path=parts.path.rstrip("/"), query=query, fragment="").geturl()


def body(message: Message, picture: bytes | None) -> dict[str, Any]:
    """Return the arguments for requests: JSON alone, or JSON and the picture as multipart."""
    payload = build(message, picture is not None)
    if picture is None:
        return {"json": payload}
    return {
        "files": {
            "payload_json": (None, json.dumps(payload), "application/json"),
            "files[0]": ("shift.png", picture, "image/png"),
        }
    }


def build(message: Message, with_picture: bool = False) -> dict[str, Any]:
    """Return Discord's JSON for the message."""
    embed = {
        "title": text.clip(formats.one_line(text.full_name(message), 200), TITLE, text.escape_markdown),
        "description": describe(message),
        "fields": fields(message),
        "color": colour(message),
        "url": text.link(text.main_page(message)),
        "image": {"url": "attachment://shift.png"} if with_picture else None,
    }
    return {
        # What a phone's notification shows.
        "content": text.clip(text.headline(message), CONTENT, text.escape_markdown),
        "embeds": [{name: value for name, value in embed.items() if value is not None}],
        "allowed_mentions": {"parse": []},  # else a column called @everyone pings everyone
        "attachments": [_attachment(message)] if with_picture else [],
    }


def _attachment(message: Message) -> dict[str, Any]:
    worst = next(iter(text.what_changed(message)), "")
    return {"id": 0, "filename": "shift.png", "description": f"Distribution of the worst column. {worst}".strip()}


def describe(message: Message) -> str:
    """Return the embed's text: changes of the worst columns, data-quality issues, and links."""
    lines = text.notes(message) + [f"• {line}" for line in text.column_lines(message) + text.quality_lines(message)]
    links = " · ".join(f"[{label}]({url})" for label, url in text.links(message))
    shown = text.fit(lines, DESCRIPTION - text.width(links) - 2, text.escape_markdown)
    return "\n".join(part for part in (shown, links) if part)


def fields(message: Message) -> list[dict[str, Any]]:
    """Return the embed's fields: since when, and the share with its threshold."""
    facts = text.facts(message).items()
    return [
        {"name": name, "value": text.clip(fact, FIELD, text.escape_markdown), "inline": True} for name, fact in facts
    ]


def colour(message: Message) -> int:
    """Return green for the end of an incident, amber for missing data and for a change that lasts, red for the rest."""
    if message.lasting:
        return AMBER
    if message.kind in text.ENDINGS:
        return GREEN
    return AMBER if message.kind == "data_missing" else RED
