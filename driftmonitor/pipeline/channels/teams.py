"""Microsoft Teams: an adaptive card through a webhook of Power Automate ("Workflows" in Teams).

Limit from Microsoft's documentation: about 28 kB a message. Names from the data are in `TextRun` only, which has no
markup. The flow accepts a card before it posts it and returns no id, so a correction is a new message.
"""

from collections.abc import Mapping
from typing import Any

from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import http, text
from driftmonitor.pipeline.channels.address import read_address
from driftmonitor.words import verdicts

NAME = "teams"
PURPOSE = "alert"
SETTING = "TEAMS_WEBHOOK"
ENVIRONMENT = (SETTING,)
HOSTS = {"*.environment.api.powerplatform.com", "*.logic.azure.com"}

TITLE, HEADLINE, FACT, LINES = 150, 800, 300, 2000  # together under 28 kB even if each character takes six bytes


def configured(environ: Mapping[str, str]) -> bool:
    """Return whether a webhook is set."""
    return bool(environ.get(SETTING))


def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Post the message."""
    http.deliver("Teams", "POST", read_address(environ, SETTING, HOSTS), json=build(message))


def build(message: Message) -> dict[str, Any]:
    """Return the JSON that the flow "Send webhook alerts to a channel" takes: a message with one card."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": text.clip(text.headline(message), HEADLINE, text.defuse),
        "body": [_title(message), *_paragraphs(message)],
        "actions": [{"type": "Action.OpenUrl", "title": label, "url": url} for label, url in text.links(message)],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _title(message: Message) -> dict[str, Any]:
    name = text.clip(verdicts.one_line(text.full_name(message), TITLE), TITLE, text.defuse)
    return {"type": "Container", "style": _style(message), "bleed": True, "items": [_block(name, "Bolder")]}


def _style(message: Message) -> str:
    if message.lasting:
        return "warning"
    if message.kind in text.ENDINGS:
        return "good"
    return "warning" if message.kind == "data_missing" else "attention"


def _paragraphs(message: Message) -> list[dict[str, Any]]:
    facts = [text.clip(f"{name}: {fact}", FACT, text.defuse) for name, fact in text.facts(message).items()]
    lines = [*text.notes(message), *(f"• {line}" for line in text.column_lines(message) + text.quality_lines(message))]
    paragraphs = [text.clip(text.headline(message), HEADLINE, text.defuse), *facts]
    return [_block(paragraph) for paragraph in [*paragraphs, *text.fit(lines, LINES, text.defuse).splitlines()]]


def _block(shown: str, weight: str = "Default") -> dict[str, Any]:
    run = {"type": "TextRun", "text": shown, "weight": weight}
    return {"type": "RichTextBlock", "inlines": [run], "spacing": "Small"}
