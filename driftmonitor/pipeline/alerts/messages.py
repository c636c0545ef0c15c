"""A message: as the history stores it (JSON, without addresses), and as a channel gets it."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import ColumnScore, Finding, RunRecord
from driftmonitor.pipeline.alerts.incidents import DRIFT_OPENERS, FAILURE_OPENERS

# What a message says that takes back one of this kind.
OPPOSITE = {
    **dict.fromkeys(DRIFT_OPENERS, "drift_ended"),
    **dict.fromkeys(FAILURE_OPENERS, "run_recovered"),
    "drift_ended": "drift_continues",
    "run_recovered": "run_failed",
}


@dataclass(frozen=True)
class Message:
    """One event as a channel gets it.

    `event_id` stays the same over retries. `columns` are the drifted ones, the most moved first, of `column_count`.
    A correction takes back an earlier message about `run_date`: its `kind` is then what is true now (`drift_ended` for
    a `drift_started` that wasn't), or the same kind again if that is true after all.
    """

    event_id: str
    kind: str
    monitor: str
    title: str
    run_date: dt.date
    since: dt.date | None
    state: str
    share: float | None
    threshold: float | None
    columns: tuple[ColumnScore, ...]
    column_count: int
    quality: tuple[Finding, ...]
    error: str | None
    page_url: str | None
    notebook_url: str | None
    picture: Path | None
    sent_at: dt.datetime  # of this attempt, UTC
    correction: bool = False
    dismissed: str | None = None  # the analyst's reason
    judgement: Judgement | None = None  # where it decided
    record: RunRecord | None = None
    retrain: Any = None


def compose(
    kind: str, record: RunRecord, title: str, since: dt.date | None, state: str, dismissed: str | None = None
) -> str:
    """Return what a message of `kind` about the record's run says, as JSON; addresses are added on delivery."""
    told = {
        "kind": kind,
        "title": title or record.monitor,
        "since": since and since.isoformat(),
        "state": state,
        "share": record.drift_share,
        "threshold": record.threshold,
        "columns": [column.model_dump(mode="json") for column in record.drifted_columns],
        "column_count": len(record.columns),
        "quality": [finding.model_dump(mode="json") for finding in record.quality],
        "error": record.error,
    }
    if record.budgeted:
        told["judgement"] = record.judgement.model_dump(mode="json")
    if dismissed is not None:
        told["dismissed"] = dismissed
    return json.dumps(told, sort_keys=True)


def to_message(monitor: str, run_date: dt.date, event: str, said: int, payload: str, **added: Any) -> Message:
    """Return the message for a ledger's entry; `said` counts the messages about it so far."""
    told = json.loads(payload)
    return Message(
        event_id=":".join([monitor, f"{run_date}", event, *([f"{said}"] if said else [])]),
        kind=told["kind"],
        monitor=monitor,
        title=told["title"],
        run_date=run_date,
        since=told["since"] and dt.date.fromisoformat(told["since"]),
        state=told["state"],
        share=told["share"],
        threshold=told["threshold"],
        columns=tuple(ColumnScore.model_validate(column) for column in told["columns"]),
        column_count=told["column_count"],
        quality=tuple(Finding.model_validate(finding) for finding in told["quality"]),
        error=told["error"],
        dismissed=told.get("dismissed"),
        judgement=Judgement.model_validate(told["judgement"]) if "judgement" in told else None,
        correction=said > 0,
        **added,
    )
