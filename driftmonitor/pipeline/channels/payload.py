"""The message as JSON for programs: the generic webhook and the targets of retraining."""

import json
from typing import Any

from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import text

COLUMNS = 50


def describe(message: Message) -> dict[str, Any]:
    """Return the message as JSON types: the 50 worst columns, with texts of the data cut to 200 characters."""
    return {
        "event_id": message.event_id,
        "monitor": message.monitor,
        "title": message.title,
        "owner": message.owner or None,
        "run_date": _iso(message.run_date),
        "since": _iso(message.since),
        "state": message.state,
        "correction": message.correction,
        "text": text.headline(message),
        "share": message.share,
        "threshold": message.threshold,
        "rule": "share" if message.judgement is None else "budget",
        "limit": message.threshold if message.judgement is None else message.judgement.limit,
        "drifted_count": len(message.columns),
        "column_count": message.column_count,
        "columns": text.compact([score.model_dump(mode="json") for score in message.columns[:COLUMNS]]),
        "quality": text.compact([finding.model_dump(mode="json") for finding in message.quality[:COLUMNS]]),
        "checks": text.compact([check.model_dump(mode="json") for check in message.checks[:COLUMNS]]),
        "where": message.where or None,
        "harm": message.harm or None,
        "story": [text.clip(sentence, text.NOTE_LENGTH) for sentence in message.story],
        "error": text.compact(message.error),
        "links": links(message),
    }


def links(message: Message) -> dict[str, str | None]:
    """Return the links to the pages; an unknown address is None."""
    return {"page": message.page_url, "incident": message.incident_url, "notebook": message.notebook_url}


def _iso(date: Any) -> str | None:
    return None if date is None else str(date)


def retraining(message: Message, limit_bytes: int) -> dict[str, Any]:
    """Return the request for a retraining: event id, links, and the record, in at most `limit_bytes` of JSON.

    If the record does not fit, the least drifted columns are left out, and `record_complete` is false.
    """
    request = {
        "event_id": message.event_id,
        "kind": message.kind,
        "monitor": message.monitor,
        "run_date": _iso(message.run_date),
        "text": text.headline(message),
        "links": links(message),
    }
    if message.record is None:
        return request | {"record": None, "record_complete": False}
    record = message.record.model_copy(update={"evidence": None})  # long, and only for judging later days
    whole = record.to_dict()
    if size(request | {"record": whole, "record_complete": True}) <= limit_bytes:
        return request | {"record": whole, "record_complete": True}
    return request | {"record": _shorten(record, limit_bytes - size(request) - 100), "record_complete": False}


def _shorten(record: RunRecord, limit_bytes: int) -> dict[str, Any] | None:
    kept = record.worst_columns
    while True:
        kept = kept[: len(kept) // 2]
        shortened = text.compact(record.model_copy(update={"columns": tuple(kept)}).to_dict())
        if size(shortened) <= limit_bytes:
            return shortened
        if not kept:
            return None


def size(value: Any) -> int:
    """Return the bytes of `value` as JSON."""
    return len(encode(value))


def encode(value: Any) -> bytes:
    """Return `value` as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()
