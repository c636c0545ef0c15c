"""Slack: Block Kit through an incoming webhook.

Limits from Slack's documentation: 50 blocks, header 150 characters, section 3000, field 2000, alt text 2000. Names from
the data stand in `plain_text` only, where no markup is read; Slack still wants & < > escaped. An incoming webhook takes
no file, so the picture is the one on the site, which Slack fetches by itself.
"""

from collections.abc import Mapping
from typing import Any

from driftmonitor import formats
from driftmonitor.pipeline.alerts.incidents import DRIFT_OPENERS
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import http, text, time_limits
from driftmonitor.pipeline.channels.address import read_address

NAME = "slack"
PURPOSE = "alert"
SETTING = "SLACK_WEBHOOK"
ENVIRONMENT = (SETTING,)
HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}

HEADER, SECTION, NOTIFICATION, FIELD, ALT = 150, 2900, 1000, 500, 500


def configured(environ: Mapping[str, str]) -> bool:
    """Say whether a webhook is set."""
    return bool(environ.get(SETTING))


@time_limits.bounded
def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Post the message. An incoming webhook tells no id, so a correction is a message of its own."""
    webhook, picture = read_address(environ, SETTING, HOSTS), picture_url(message)
    reply = http.exchange("Slack", "POST", webhook, json=build(message, picture))
    if reply.status == 400 and picture:  # Slack takes nothing of a message whose picture it can't fetch
        reply = http.exchange("Slack", "POST", webhook, json=build(message))
    http.accept("Slack", reply)


def picture_url(message: Message) -> str | None:
    """Return where the site shows the picture of the worst column, if it does."""
    page = text.link(message.notebook_url)
    shown = message.picture and page and page.startswith("https:") and message.kind in DRIFT_OPENERS
    return f"{page}{message.picture.name}" if shown else None


def build(message: Message, picture: str | None = None) -> dict[str, Any]:
    """Return Slack's JSON for the message."""
    lines = [f"• {line}" for line in text.column_lines(message) + text.quality_lines(message)]
    blocks = [
        {"type": "header", "text": _plain(text.clip(formats.one_line(text.full_name(message), 150), HEADER, escape))},
        {"type": "section", "text": _plain(text.clip(text.headline(message), SECTION, escape))},
    ]
    if facts := text.facts(message):
        shown = [_plain(text.clip(f"{name}\n{fact}", FIELD, escape)) for name, fact in facts.items()]
        blocks.append({"type": "section", "fields": shown})
    if told := text.fit([*text.notes(message), *lines], SECTION, escape):
        blocks.append({"type": "section", "text": _plain(told)})
    if picture:
        worst = next(iter(text.what_changed(message)), "")
        alt = text.clip(f"Distribution of the worst column. {worst}".strip(), ALT, escape)
        blocks.append({"type": "image", "image_url": picture, "alt_text": alt})
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
