"""Slack: Block Kit through an incoming webhook.

Limits from Slack's documentation: 50 blocks, header 150 characters, section 3000. Names from the data stand in
`plain_text` only, where no markup is read; Slack still wants & < > escaped.
"""

from collections.abc import Mapping
from typing import Any

from driftmonitor import words
from driftmonitor.pipeline.channels import http, text
from driftmonitor.pipeline.channels.address import read_address
from driftmonitor.pipeline.messages import Message

NAME = "slack"
PURPOSE = "alert"
SETTING = "SLACK_WEBHOOK"
HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}

HEADER, SECTION, NOTIFICATION = 150, 2900, 1000


def configured(environ: Mapping[str, str]) -> bool:
    """Say whether a webhook is set."""
    return bool(environ.get(SETTING))


def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Post the message. An incoming webhook tells no id, so a correction is a message of its own."""
    http.deliver("Slack", "POST", read_address(environ, SETTING, HOSTS), json=build(message))


def build(message: Message) -> dict[str, Any]:
    """Return Slack's JSON for the message."""
    lines = [f"• {line}" for line in text.column_lines(message) + text.quality_lines(message)]
    blocks = [
        {"type": "header", "text": _plain(text.clip(words.one_line(text.full_name(message), 150), HEADER, escape))},
        {"type": "section", "text": _plain(text.clip(text.headline(message), SECTION, escape))},
    ]
    if told := text.fit([*text.notes(message), *lines], SECTION, escape):
        blocks.append({"type": "section", "text": _plain(told)})
    if links := " · ".join(f"<{url.replace('&', '&amp;')}|{label}>" for label, url in text.links(message)):
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": links, "verbatim": True}})
    return {
        "text": text.clip(text.headline(message), NOTIFICATION, escape),
        "blocks": blocks,
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _plain(shown: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": shown, "emoji": False}


def escape(shown: str) -> str:
    """Return `shown` so that Slack shows it as it is and pings nobody."""
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown.replace("@", f"@{text.GAP}").replace("://", f":{text.GAP}//")
