"""The message as JSON for programs: what the generic webhook and the retraining targets are given."""

import json
from typing import Any

from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import text

COLUMNS = 50


def describe(message: Message) -> dict[str, Any]:
    """Return the message as JSON's types: the 50 worst columns, with every text of the data cut to 200 characters."""
    return {
        "event_id": message.event_id,
        "monitor": message.monitor,
        "title": message.title,
        "run_date": _iso(message.run_date),
        "since": _iso(message.since),
        "state": message.state,
        "correction": message.correction,
        "text": text.headline(message),
        "share": message.share,
        "threshold": message.threshold,
        "drifted_count": len(message.columns),
        "column_count": message.column_count,
        "columns": text.compact([score.model_dump(mode="json") for score in message.columns[:COLUMNS]]),
        "quality": text.compact([finding.model_dump(mode="json") for finding in message.quality[:COLUMNS]]),
        "error": text.compact(message.error),
        "links": links(message),
    }


def links(message: Message) -> dict[str, str | None]:
    """Return where to read on; an address that is not known is None."""
    return {"page": message.page_url, "notebook": message.notebook_url}


def _iso(date: Any) -> str | None:
    return None if date is None else str(date)


def retraining(message: Message, limit_bytes: int) -> dict[str, Any]:
    """Return what sets off a retraining: event id, links, and the record, whole if it fits into `limit_bytes` of JSON.

    Of a record that doesn't fit the least drifted columns are left out; `record_complete` says so.
    """
    told = {
        "event_id": message.event_id,
        "kind": message.kind,
        "monitor": message.monitor,
        "run_date": _iso(message.run_date),
        "text": text.headline(message),
        "links": links(message),
    }
    record = message.record and message.record.model_copy(update={"evidence": None})  # for later days, and long
    whole = record.to_dict() if record else None
    if size(told | {"record": whole, "record_complete": True}) <= limit_bytes:
        return told | {"record": whole, "record_complete": whole is not None}
    return told | {"record": _shorten(message, limit_bytes - size(told) - 100), "record_complete": False}


def _shorten(message: Message, limit_bytes: int) -> dict[str, Any] | None:
    kept = message.record.worst_columns
    while True:
        kept = kept[: len(kept) // 2]
        record = message.record.model_copy(update={"columns": tuple(kept), "evidence": None})
        shortened = text.compact(record.to_dict())
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
