"""The text of a message, in plain words, which each channel then formats.

Names and categories come from the data and may contain anything. They are cut here, and escaped for the markup of
Discord and GitHub, in which they could ping people, make links or never end.
"""

import re
from collections.abc import Callable
from typing import Any

from driftmonitor import formats
from driftmonitor.pipeline.alerts.incidents import CHECK_OPENERS, CLOSERS, DRIFT_OPENERS, FAILURE_OPENERS
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.words import verdicts
from driftmonitor.words.checks import count_failing, failing, say_check
from driftmonitor.words.judgements import say_unusual
from driftmonitor.words.lasting import say_difference

COLUMNS_SHOWN = 8
FINDINGS_SHOWN = 3
LINE_LENGTH = 240
NOTE_LENGTH = 400

ENDINGS = set(CLOSERS.values())
FAILURES = {*FAILURE_OPENERS, CLOSERS["failure"]}
CHECKS = {*CHECK_OPENERS, CLOSERS["check"]}

SENTENCES = {
    "drift_started": "{name}: drift started on {since}{continues}: {share}.",
    "drift_continues": "{name}: drift continues on {day} (it began on {since}): {share}.",
    "drift_worsened": "{name}: more columns drift on {day} (drift began on {since}): {share}.",
    "drift_ended": "{name}: drift ended on {day} (it began on {since}). {Share}.",
    "run_failed": "{name}: the run for {day} failed: {error}.",
    "run_recovered": "{name}: the run for {day} succeeded; runs had failed since {since}.",
    "data_missing": "{name}: no data for {day}: {error}.",
    "check_failed": "{name}: {checks} on {day}{first}.",
    "check_recovered": "{name}: no check fails any more on {day}; the first had failed on {since}.",
}
SPREADS = "{name}: more columns are unusual on {day} (drift began on {since}): {share}."  # under the budget rule
LASTS = "{name}: the drift that began on {since} is no longer new, but lasts on {day}: {lasts}."
CORRECTIONS = {
    "drift_started": "{name}: drift did start on {since}{continues}: {share}.",
    "drift_ended": "{name}: no drift on {day} after all. {Share}.",
    "run_recovered": "{name}: the run for {day} succeeded after all.",
    "check_recovered": "{name}: no check failed on {day} after all.",
}
REVIEWED = "{name}: the failed checks of {day} were {review} by an analyst."
WITHDRAWALS = {
    "drift_ended": "{name}: the drift reported for {day} is withdrawn.",
    "drift_continues": "{name}: the end of drift reported for {day} is withdrawn.",
    "run_recovered": "{name}: the failed run reported for {day} is withdrawn.",
    "run_failed": "{name}: the recovery reported for {day} is withdrawn.",
    "check_recovered": "{name}: the failed check reported for {day} is withdrawn.",
    "check_failed": "{name}: the end of failing checks reported for {day} is withdrawn.",
}
CHANGES = {
    "forgotten": "the run for {day} was removed",
    "repeated": "the run for {day} was repeated",
    "added": "a run for {day} was added",
    "dismissed": "an analyst dismissed the drift of {day}",
    "confirmed": "an analyst confirmed the drift of {day}",
    "accepted": "an analyst accepted the change",
    "restored": "an analyst withdrew the label of {day}",
}


def headline(message: Message) -> str:
    """Return the message in a sentence or two: which monitor, what happened, when, how much."""
    sentences = SENTENCES | CORRECTIONS if message.correction else SENTENCES
    sentences = WITHDRAWALS if message.withdrawn else sentences
    since, extent = message.since or message.run_date, share(message)
    words = LASTS if message.lasting else sentences[message.kind]
    if message.kind == "drift_worsened" and message.judgement is not None and not message.withdrawn:
        words = SPREADS
    if message.kind == "check_recovered" and message.dismissed is not None and message.correction:
        words = REVIEWED
    sentence = words.format(
        review=message.review,
        lasts=say_difference(message.lasting) if message.lasting else "",
        name=formats.one_line(full_name(message), 200),
        day=formats.say_day(message.run_date),
        since=formats.say_day(since),
        checks=count_failing(message.checks),
        first="" if since == message.run_date else f" (the first failed on {formats.say_day(since)})",
        continues="" if since == message.run_date else f" and continues on {formats.say_day(message.run_date)}",
        share=extent,
        Share=extent[:1].upper() + extent[1:],
        error=formats.one_line(message.error or "no reason was given", 300).rstrip("."),
    )
    sentence = sentence.removesuffix(".") if sentence.endswith("?.") else sentence  # an error that asks what was meant
    return f"Correction: {sentence}" if message.correction else sentence


def full_name(message: Message) -> str:
    """Return the monitor's title, followed by its name if they differ."""
    return message.monitor if message.title in ("", message.monitor) else f"{message.title} ({message.monitor})"


def share(message: Message) -> str:
    """Return how much drifted: "1 of 4 columns drifted (25%, threshold 10%)"."""
    if message.dismissed is not None:
        return f"{message.review} by an analyst ({formats.one_line(message.dismissed, 200)})"
    if message.judgement is not None:
        return say_unusual(message.judgement)
    if message.withdrawn:
        return "withdrawn"
    return verdicts.say_drift_share(len(message.columns), message.column_count, message.share, message.threshold)


def facts(message: Message) -> dict[str, str]:
    """Return what a reader wants to see first: since when, and the share with its threshold."""
    if message.kind in CHECKS:
        return {"Since": formats.say_day(message.since)} if message.since else {}
    known = message.judgement is not None or (message.share is not None and message.threshold is not None)
    name = "Drift share" if message.judgement is None else "Anomaly"
    name = name if message.dismissed is None else "Review"
    return {
        **({"Since": formats.say_day(message.since)} if message.since else {}),
        **({name: share(message)} if known else {}),
    }


def column_lines(message: Message) -> list[str]:
    """Return a line for each of the worst columns, with its change, or failing check, and a count of the rest."""
    lines = what_changed(message)
    shown = lines[:COLUMNS_SHOWN]
    more = len(lines) - len(shown)
    noun = "check" if message.kind in CHECKS else "column"
    return [*shown, f"and {formats.counted(more, f'more {noun}')}"] if more else shown


def what_changed(message: Message) -> list[str]:
    """Return a line for each drifted column or, with the budget rule, for each cause; none for a dismissed day.

    Of checks, a line for each that fails.
    """
    if message.dismissed is not None:
        return []
    if message.kind in CHECKS:
        return [formats.one_line(say_check(check), LINE_LENGTH) for check in failing(message.checks)]
    if message.judgement is not None:
        return [formats.one_line(cause.words, LINE_LENGTH) for cause in message.judgement.causes]
    return [verdicts.say_effect(score) for score in message.columns]


def quality_lines(message: Message) -> list[str]:
    """Return the first data-quality issues, and a count of the rest."""
    shown = [formats.one_line(finding.message, LINE_LENGTH) for finding in message.quality[:FINDINGS_SHOWN]]
    more = len(message.quality) - len(shown)
    return [*shown, f"and {formats.counted(more, 'more data-quality issue')}"] if more else shown


def notes(message: Message) -> list[str]:
    """Return what a reader needs besides the numbers.

    It is why this is a correction; of drift, where it comes from and whether it harms; the incident's story; the owner.
    """
    corrects = [f"This corrects an earlier message: {_reason(message)}."] * message.correction
    return corrects + [formats.one_line(words, NOTE_LENGTH) for words in _say_known(message) if words]


def _say_known(message: Message) -> list[str]:
    """Return what is known of a drift, of its incident and its owner, a sentence or two each, or "" for what is not."""
    of_drift = [message.where, message.harm] if message.kind in DRIFT_OPENERS else []
    return [*of_drift, *message.story, say_owner(message)]


def say_owner(message: Message) -> str:
    """Return who looks after the monitor, as `Owner: @data-team`; "" if nobody is named."""
    return f"Owner: {message.owner}" if message.owner else ""


def _reason(message: Message) -> str:
    if message.changed_by is None:  # a message of an earlier version
        return "the day was run again, or an analyst reviewed it"
    change, run_date = message.changed_by
    return CHANGES[change].format(day=formats.say_day(run_date))


def links(message: Message) -> list[tuple[str, str]]:
    """Return (label, address) of the pages a reader can open: the incident's, or else the monitor's, and the day's."""
    first = "Open the incident" if message.incident_url else "Open the monitor"
    report = f"Open the report of {formats.say_day(message.run_date)}"
    pages = {first: link(main_page(message)), report: link(message.notebook_url)}
    return [(label, url) for label, url in pages.items() if url]


def main_page(message: Message) -> str | None:
    """Return the address of the page that a message is about: its incident's, or else its monitor's."""
    return message.incident_url or message.page_url


def link(url: str | None) -> str | None:
    """Return a web address without characters that would end a link in some markup, or None."""
    if not url or not re.match(r"https?://\S+$", url) or len(url) > 1000:
        return None
    return re.sub(r"[()<>|\"'`\\\[\]]", lambda match: f"%{ord(match[0]):02X}", url)


def for_console(message: Message) -> str:
    """Return the message for the console: one line, or two with the page."""
    known = [formats.one_line(words, NOTE_LENGTH) for words in _say_known(message) if words]
    changes = "; ".join(what_changed(message)[:3])
    told = " ".join([f"{changes.rstrip('.')}." if changes and known else changes, *known])
    first, page = f"{headline(message)} {told}".strip(), main_page(message)
    return f"{first}\n  {page}" if page else first


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


# A zero-width space: with it "@everyone", "#1" and "www." look the same and have no effect.
GAP = "\u200b"


def defuse(text: str) -> str:
    """Return `text` with an invisible gap in what would ping people, refer to issues or become a link."""
    text = re.sub(r"([@#])", rf"\1{GAP}", text)
    text = re.sub(r"\b(GH-)(?=\d)", rf"\1{GAP}", text, flags=re.IGNORECASE)
    text = re.sub(r"(www)\.", rf"\1{GAP}.", text, flags=re.IGNORECASE)
    return text.replace("://", f":{GAP}//")


def escape_markdown(text: str) -> str:
    """Return `text` escaped for the Markdown of Discord and GitHub; an underscore inside a word needs no escape."""
    escaped = re.sub(r"([\\*~`|\[\]<>&!#]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", text)
    return defuse(escaped)


def compact(value: Any) -> Any:
    """Return JSON in which every text, also a key, is cut to 200 characters, and every list to 200 items."""
    if isinstance(value, dict):
        return {compact(str(key)): compact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [compact(item) for item in value[:200]]
    return clip(value, 200) if isinstance(value, str) else value
