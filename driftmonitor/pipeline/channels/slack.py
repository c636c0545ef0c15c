"""Slack: Block Kit through an incoming webhook.

Limits from Slack's documentation: 50 blocks, header 150 characters, section 3000, field 2000, alt text 2000. Names from
the data are in `plain_text` only, which has no markup, but in which Slack requires & < > to be escaped. An incoming
webhook accepts no file, so Slack fetches the picture from the site.
"""

from collections.abc import Mapping
from typing import Any

from driftmonitor import formats
from driftmonitor.pipeline.alerts.incidents import DRIFT_OPENERS
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import http, text, time_limits
from driftmonitor.pipeline.channels.address import read_address
from driftmonitor.reports import PICTURE

NAME = "slack"
PURPOSE = "alert"
SETTING = "SLACK_WEBHOOK"
ENVIRONMENT = (SETTING,)
HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}

HEADER, SECTION, NOTIFICATION, FIELD, ALT = 150, 2900, 1000, 500, 500


def configured(environ: Mapping[str, str]) -> bool:
    """Return whether a webhook is set."""
    return bool(environ.get(SETTING))


@time_limits.bounded
def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Post the message. An incoming webhook returns no id, so a correction is a new message."""
    webhook, picture = read_address(environ, SETTING, HOSTS), picture_url(message)
    reply = http.exchange("Slack", "POST", webhook, json=build(message, picture))
    if reply.status == 400 and picture:  # Slack rejects the whole message if it cannot fetch its picture
        reply = http.exchange("Slack", "POST", webhook, json=build(message))
    http.accept("Slack", reply)


def picture_url(message: Message) -> str | None:
    """Return the address of the worst column's picture on the site, if it is published."""
    page = text.link(message.notebook_url)
    if not message.picture or not page or not page.startswith("https:") or message.kind not in DRIFT_OPENERS:
        return None
    return f"{page}{PICTURE}"


def build(message: Message, picture: str | None = None) -> dict[str, Any]:
    """Return Slack's JSON for the message."""
    lines = [f"• {line}" for line in text.column_lines(message) + text.quality_lines(message)]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(text.clip(formats.one_line(text.full_name(message), 150), HEADER, escape))},
        {"type": "section", "text": _plain(text.clip(text.headline(message), SECTION, escape))},
    ]
    if facts := text.facts(message):
        shown = [_plain(text.clip(f"{name}\n{fact}", FIELD, escape)) for name, fact in facts.items()]
        blocks.append({"type": "section", "fields": shown})
    if details := text.fit([*text.notes(message), *lines], SECTION, escape):
        blocks.append({"type": "section", "text": _plain(details)})
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
    """Return `shown` escaped so that Slack shows it as it is and pings nobody."""
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown.replace("@", f"@{text.GAP}").replace("://", f":{text.GAP}//")
