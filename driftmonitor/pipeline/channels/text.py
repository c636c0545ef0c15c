"""What a message says, in plain words, before a channel dresses it up.

Names and categories come from the data, so anything may stand in them: here they are cut, and escaped for the markup
(Discord's and GitHub's) that would otherwise ping people, draw links or run on.
"""

import re
from collections.abc import Callable
from typing import Any

from driftmonitor import formats
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.words import verdicts
from driftmonitor.words.judgements import say_rank

COLUMNS_SHOWN = 8
FINDINGS_SHOWN = 3
LINE_LENGTH = 240

ENDINGS = {"drift_ended", "run_recovered"}
FAILURES = {"run_failed", "run_recovered", "data_missing"}

SENTENCES = {
    "drift_started": "{name} started to drift on {since}{still}: {share}.",
    "drift_continues": "{name} still drifts on {day}, since {since}: {share}.",
    "drift_worsened": "{name} drifts in more columns on {day}, since {since}: {share}.",
    "drift_ended": "{name} no longer drifts on {day}, as it had since {since}: {share}.",
    "run_failed": "{name} could not be checked on {day}: {error}.",
    "run_recovered": "{name} was checked again on {day}; runs had failed since {since}.",
    "data_missing": "{name} has no data for {day}: {error}.",
}
CORRECTIONS = {
    "drift_started": "{name} did start to drift on {since}{still}: {share}.",
    "drift_ended": "{name} does not drift on {day} after all: {share}.",
    "run_recovered": "{name} was checked on {day} after all.",
}


def headline(message: Message) -> str:
    """Return the message in one sentence: which monitor, what happened, when, how much."""
    sentences = SENTENCES | CORRECTIONS if message.correction else SENTENCES
    since = message.since or message.run_date
    sentence = sentences[message.kind].format(
        name=formats.one_line(full_name(message), 200),
        day=formats.say_day(message.run_date),
        since=formats.say_day(since),
        still="" if since == message.run_date else f" and still does on {formats.say_day(message.run_date)}",
        share=share(message),
        error=formats.one_line(message.error or "no reason was given", 300).rstrip("."),
    )
    return f"Correction: {sentence}" if message.correction else sentence


def full_name(message: Message) -> str:
    """Return the monitor's title, with its name behind it where they differ."""
    return message.monitor if message.title in ("", message.monitor) else f"{message.title} ({message.monitor})"


def share(message: Message) -> str:
    """Return how much drifts: "1 of 4 columns (25%, threshold 10%)"."""
    if message.dismissed is not None:
        return f"dismissed by an analyst ({formats.one_line(message.dismissed, 200)})"
    if message.judgement is not None:
        return say_rank(message.judgement)
    if message.share is None or message.threshold is None:
        return "the share of drifted columns is not known"
    count = f"{len(message.columns)} of {message.column_count} column{'' if message.column_count == 1 else 's'}"
    return f"{count} ({formats.percent(message.share)}, threshold {formats.percent(message.threshold)})"


def facts(message: Message) -> dict[str, str]:
    """Return what a reader wants at a glance: since when, and the share against the threshold."""
    known = message.judgement is not None or (message.share is not None and message.threshold is not None)
    share_named = {"Drifted" if message.judgement is None else "How strange": share(message)} if known else {}
    return ({"Since": formats.say_day(message.since)} if message.since else {}) | share_named


def column_lines(message: Message) -> list[str]:
    """Return one line for each of the worst columns, saying what happened to it, and how many more there are."""
    lines = what_changed(message)
    shown = lines[:COLUMNS_SHOWN]
    more = len(lines) - len(shown)
    return [*shown, f"and {more} more column{'' if more == 1 else 's'}"] if more else shown


def what_changed(message: Message) -> list[str]:
    """Return a line for each column that drifted, or for each cause of an alarm; none for a day that was dismissed."""
    if message.dismissed is not None:
        return []
    if message.judgement is not None:
        return [formats.one_line(cause.words, LINE_LENGTH) for cause in message.judgement.causes]
    return [verdicts.say_effect(score) for score in message.columns]


def quality_lines(message: Message) -> list[str]:
    """Return the first findings on the data's quality, and how many more there are."""
    shown = [formats.one_line(finding.message, LINE_LENGTH) for finding in message.quality[:FINDINGS_SHOWN]]
    more = len(message.quality) - len(shown)
    return [*shown, f"and {more} more on the data's quality"] if more else shown


def notes(message: Message) -> list[str]:
    """Return what a reader needs to know beside the numbers."""
    why = "the day was run again, or an analyst judged it"
    return [f"This corrects an earlier message: {why}."] if message.correction else []


def links(message: Message) -> list[tuple[str, str]]:
    """Return (label, address) of the pages a reader can open."""
    pages = [("Open the page", message.page_url), ("Open the notebook", message.notebook_url)]
    found = [(label, link(url)) for label, url in pages]
    return [(label, url) for label, url in found if url]


def link(url: str | None) -> str | None:
    """Return a web address with nothing in it that would end a link in some markup, or None."""
    if not url or not re.match(r"https?://\S+$", url) or len(url) > 1000:
        return None
    return re.sub(r"[()<>|\"'`\\\[\]]", lambda found: f"%{ord(found[0]):02X}", url)


def say(message: Message) -> str:
    """Return the message for the console: one line, or two with the page."""
    what = "; ".join(what_changed(message)[:3])
    first = f"{headline(message)} {what}".strip()
    return f"{first}\n  {message.page_url}" if message.page_url else first


def clip(text: str, limit: int, escape: Callable[[str], str] = str) -> str:
    """Return `escape(text)`, with `text` cut so that the whole fits into `limit` UTF-16 units, as services count."""
    kept = len(text)
    while width(cut := escape(text[:kept] + ("…" if kept < len(text) else ""))) > limit and kept:
        kept -= max(1, (width(cut) - limit) // 6)
    return cut


def width(text: str) -> int:
    """Return the length in UTF-16 units: an emoji counts twice."""
    return len(text.encode("utf-16-le", "replace")) // 2


def fit(lines: list[str], limit: int, escape: Callable[[str], str] = str) -> str:
    """Return the escaped lines that fit into `limit`, joined."""
    text = ""
    for line in lines:
        longer = f"{text}\n{escape(line)}" if text else clip(line, limit, escape)
        if width(longer) > limit:
            break
        text = longer
    return text


# Zero-width, so that "@everyone", "#1" and "www." read the same and mean nothing.
GAP = "\u200b"


def defuse(text: str) -> str:
    """Return `text` with what pings people, refers to issues or becomes a link by itself broken invisibly."""
    text = re.sub(r"([@#])", rf"\1{GAP}", text)
    text = re.sub(r"\b(GH-)(?=\d)", rf"\1{GAP}", text, flags=re.IGNORECASE)
    text = re.sub(r"(www)\.", rf"\1{GAP}.", text, flags=re.IGNORECASE)
    return text.replace("://", f":{GAP}//")


def escape_markdown(text: str) -> str:
    """Return `text` so that Discord's and GitHub's Markdown show it as it is; the _ inside a word needs nothing."""
    escaped = re.sub(r"([\\*~`|\[\]<>&!#]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", text)
    return defuse(escaped)


def compact(value: Any) -> Any:
    """Return JSON with every text, keys too, cut to 200 characters."""
    if isinstance(value, dict):
        return {compact(str(key)): compact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [compact(item) for item in value[:200]]
    return clip(value, 200) if isinstance(value, str) else value
