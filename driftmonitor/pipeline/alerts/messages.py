"""A message: as the history stores it (JSON, without addresses), and as a channel sends it."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.config.settings import RetrainSettings
from driftmonitor.facts.checks import Check
from driftmonitor.facts.drift_since import date_drift
from driftmonitor.facts.judgement import Judgement, LastingChange
from driftmonitor.facts.record import ColumnScore, Finding, RunRecord
from driftmonitor.pipeline.alerts.incidents import (
    CHECK_OPENERS,
    CLOSERS,
    DRIFT_OPENERS,
    FAILURE_OPENERS,
    DayState,
    family_of,
    name_incident,
)
from driftmonitor.regular_files import parse_json
from driftmonitor.words.model import say_model
from driftmonitor.words.where import say_most

# What JSON that is none, or is another than was stored, raises when a message is made of it.
DAMAGED = (ValueError, TypeError, KeyError, AttributeError, IndexError)
# The kind of message that takes back one of this kind.
OPPOSITE = {
    **dict.fromkeys(DRIFT_OPENERS, "drift_ended"),
    **dict.fromkeys(FAILURE_OPENERS, "run_recovered"),
    **dict.fromkeys(CHECK_OPENERS, "check_recovered"),
    "drift_ended": "drift_continues",
    "run_recovered": "run_failed",
    "check_recovered": "check_failed",
}

# What happened to the run of a date, for which earlier messages may have to be corrected: repeated, added (later than
# the runs after it), forgotten, or by an analyst dismissed, confirmed, accepted or restored (without its label again).
Change = tuple[str, dt.date]


@dataclass(frozen=True)
class Message:
    """One event as a channel sends it.

    `event_id` stays the same over retries. `columns` are the drifted ones, the most severe first, of `column_count`.
    A correction replaces an earlier message about `run_date`, for the reason `changed_by`. Its `kind` is what is true
    now: `drift_ended` for a `drift_started` that was wrong, or the same kind again if that is true after all.
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
    picture: bytes | None  # of the worst column, as PNG
    sent_at: dt.datetime  # of this attempt, UTC
    correction: bool = False
    changed_by: Change | None = None
    dismissed: str | None = None  # the analyst's reason
    review: str = "dismissed"  # or accepted
    judgement: Judgement | None = None  # if the budget rule decides
    checks: tuple[Check, ...] = ()  # all of the run's
    harm: str = ""  # what the drift does to the model
    where: str = ""  # where a change comes from
    story: tuple[str, ...] = ()  # of its incident, in sentences
    record: RunRecord | None = None
    owner: str = ""  # of the monitor, as its params file says now
    retrain: RetrainSettings | None = None

    @property
    def lasting(self) -> LastingChange | None:
        """The difference that lasts although its incident ended."""
        is_end = self.kind == "drift_ended" and not self.correction and self.dismissed is None
        return self.judgement.changed if self.judgement and is_end else None

    @property
    def incident_url(self) -> str | None:
        """The address of its incident's page; None if the site's is not known, or if there is no incident after all."""
        is_none = self.withdrawn or (self.correction and self.kind in CLOSERS.values())
        if self.page_url is None or self.since is None or is_none:
            return None
        return f"{self.page_url.rstrip('/')}/incidents/{name_incident(family_of(self.kind), self.since)}/"

    @property
    def withdrawn(self) -> bool:
        """Whether it takes back a message about a run that was forgotten, and so has no numbers."""
        return self.changed_by == ("forgotten", self.run_date)


def read_since(payload: str) -> dt.date | None:
    """Return since when the incident of a stored message lasts; None if it does not say, or is damaged."""
    try:
        return dt.date.fromisoformat(parse_json(payload)["since"])
    except DAMAGED:
        return None


def compose(
    kind: str,
    record: RunRecord,
    title: str,
    since: dt.date | None,
    day: DayState,
    review: tuple[str, str] | None = None,
    changed_by: Change | None = None,
    story: Sequence[str] = (),
) -> str:
    """Return the content of a message of `kind` about the record's run, as JSON; addresses are added on delivery.

    `review`: dismissed or accepted, and the analyst's reason. `story`: of the incident, in sentences.
    """
    content: dict[str, Any] = {
        "kind": kind,
        "title": title or record.monitor,
        "since": since and since.isoformat(),
        "state": day.name,
        "share": record.drift_share,
        "threshold": record.threshold,
        "columns": [column.model_dump(mode="json") for column in record.drifted_columns],
        "column_count": len(record.columns),
        "quality": [finding.model_dump(mode="json") for finding in record.quality],
        "error": record.error,
    }
    if record.model:
        content["harm"] = say_model(date_drift(record, day.drift_since))
    if where := say_most(record):
        content["where"] = where
    if record.checks:
        content["checks"] = [check.model_dump(mode="json") for check in record.checks]
    if judgement := record.budget_judgement:
        content["judgement"] = judgement.model_dump(mode="json", exclude={"smallest"})
    if story:
        content["story"] = list(story)
    if review is not None:
        content["review"], content["dismissed"] = review
    if changed_by is not None:
        change, run_date = changed_by
        content["changed_by"] = [change, run_date.isoformat()]
    return json.dumps(content, sort_keys=True)


def withdraw(kind: str, run_date: dt.date, title: str, state: str) -> str:
    """Return the content of the message that takes back one of `kind` about a run that was forgotten, as JSON."""
    content: dict[str, Any] = {
        "kind": OPPOSITE[kind], "title": title, "since": None, "state": state, "share": None, "threshold": None,
        "columns": [], "column_count": 0, "quality": [], "error": None, "changed_by": ["forgotten", f"{run_date}"],
    }  # fmt: skip
    return json.dumps(content, sort_keys=True)


def read_change(payload: str) -> Change | None:
    """Return the change that a composed message names as its reason."""
    try:
        return _parse_change(parse_json(payload).get("changed_by"))
    except DAMAGED:
        return None


def _parse_change(stored: list[str] | None) -> Change | None:
    return (stored[0], dt.date.fromisoformat(stored[1])) if stored else None


def to_message(monitor: str, run_date: dt.date, event: str, messages_sent: int, payload: str, **added: Any) -> Message:
    """Return the message for an announcement; `messages_sent` counts those about it so far: more are corrections.

    Raises DriftMonitorError if the history's text of it is damaged.
    """
    try:
        return _to_message(monitor, run_date, event, messages_sent, parse_json(payload), added)
    except DAMAGED:
        where = f"the history's message {event} of {monitor} on {run_date}"
        raise DriftMonitorError(f"{where}: damaged; run that day again.") from None


def _to_message(
    monitor: str, run_date: dt.date, event: str, messages_sent: int, content: dict[str, Any], added: dict[str, Any]
) -> Message:
    return Message(
        event_id=":".join([monitor, f"{run_date}", event, *([f"{messages_sent}"] if messages_sent else [])]),
        kind=content["kind"],
        monitor=monitor,
        title=content["title"],
        run_date=run_date,
        since=content["since"] and dt.date.fromisoformat(content["since"]),
        state=content["state"],
        share=content["share"],
        threshold=content["threshold"],
        columns=tuple(ColumnScore.model_validate(column) for column in content["columns"]),
        column_count=content["column_count"],
        quality=tuple(Finding.model_validate(finding) for finding in content["quality"]),
        error=content["error"],
        dismissed=content.get("dismissed"),
        review=content.get("review", "dismissed"),
        judgement=Judgement.model_validate(content["judgement"]) if "judgement" in content else None,
        checks=tuple(Check.model_validate(check) for check in content.get("checks", ())),
        harm=content.get("harm", ""),
        where=content.get("where", ""),
        story=tuple(map(str, content.get("story", ()))),
        correction=messages_sent > 0,
        changed_by=_parse_change(content.get("changed_by")),
        **added,
    )
