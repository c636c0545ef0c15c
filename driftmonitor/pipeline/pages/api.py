"""Write the site's data as JSON for programs; docs/api.md describes each field.

`schema` increases when the meaning of a field changes.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from driftmonitor.facts.record import RunRecord
from driftmonitor.facts.story import Appearance, Story
from driftmonitor.pipeline.alerts.incidents import Incident, Run
from driftmonitor.pipeline.alerts.state import STALE_HOURS
from driftmonitor.pipeline.pages.cards import Summary
from driftmonitor.pipeline.pages.incidents import MOST_PAGES, list_newest, make_anchor
from driftmonitor.pipeline.pages.model import date_run
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.wording import state_key
from driftmonitor.words.checks import say_check
from driftmonitor.words.model import say_model, verdict_of
from driftmonitor.words.stories import say_story
from driftmonitor.words.verdicts import say_effect, say_verdict
from driftmonitor.words.where import say_where

SCHEMA = 1
RUNS = 366  # the newest; history.csv has all


def summary_json(views: Sequence[MonitorView], summary: Summary, root: str) -> str:
    """Return api/summary.json: the banner and a summary of each monitor; every address starts with `root`."""
    return _dump(
        {
            "schema": SCHEMA,
            "state": summary.state,
            "title": summary.title,
            "recorded_at": summary.recorded_at,
            "stale_after_hours": STALE_HOURS,
            "monitors": [describe(view, root) for view in views],
        }
    )


def monitor_json(view: MonitorView, root: str, differing: Mapping[dt.date, Sequence[str]] | None = None) -> str:
    """Return api/<monitor>.json: its state, its last successful record in words and numbers, its incidents and runs.

    `differing`: by day, the columns that differ from the reference by their own test; unknown without it.
    """
    differing = differing or {}
    record = view.last_success
    judgement = record.judgement if record else None
    columns, findings = (record.worst_columns, record.quality) if record else ([], ())
    checks, origins = (record.checks, record.where) if record else ((), ())
    with_page = set(list_newest(view)[:MOST_PAGES])
    return _dump(
        {
            "schema": SCHEMA,
            **describe(view, root),
            "verdict": say_verdict(record) if record else None,
            "judgement": judgement and judgement.model_dump(mode="json"),
            "columns": [{**score.model_dump(mode="json"), "words": say_effect(score)} for score in columns],
            "model": _describe_model(date_run(view, record)) if record else None,
            "where": [{**each.model_dump(mode="json"), "words": say_where(each)} for each in origins],
            "where_unknown": record.where_unknown if record and record.status == "drift" else None,
            "checks": [{**check.model_dump(mode="json"), "words": say_check(check)} for check in checks],
            "quality": [finding.model_dump(mode="json") for finding in findings],
            "incidents": [
                _describe_incident(each, view, root, has_page=each in with_page) for each in view.state.incidents
            ],
            "runs": [_describe_run(run, view, root, differing.get(run.run_date)) for run in view.runs[-RUNS:]],
        }
    )


def describe(view: MonitorView, root: str) -> dict[str, Any]:
    """Return a summary of one monitor."""
    last, record, state = view.runs[-1] if view.runs else None, view.last_success, view.state
    return {
        "monitor": view.name,
        "title": view.title,
        "group": view.group or None,
        "owner": view.owner or None,
        "state": state_key(view),
        "drift_state": state.name,
        "since": state.since,
        "failing_since": state.failing,
        "failing_checks": state.checks,
        "checks_failing_since": state.checks_since,
        "retired": view.retired,
        "last_run": last and last.run_date,
        "last_status": last and last.status,
        "recorded_at": view.recorded_at,
        "last_good_run": record and record.run_date,
        "drift_share": record and record.drift_share,
        "threshold": record and record.threshold,
        "rule": "budget" if view.budgeted else "share",
        "limit": _limit(record) if record else None,
        "warm_up": view.warm_up and dict(zip(("days", "needed"), view.warm_up, strict=True)),
        "drifted_columns": [score.name for score in record.drifted_columns] if record else [],
        "unusual_columns": [score.name for score in record.drifted_columns] if record and record.budgeted else None,
        "differing_columns": [score.name for score in record.differing_columns] if record else [],
        "column_count": len(record.columns) if record else 0,
        "error": (last and last.error) or view.problem or None,
        "page": f"{root}{view.name}/index.html",
    }


def _limit(record: RunRecord) -> float | None:
    """Return what the deciding rule compares with; None in the warm-up of the budget rule."""
    return record.judgement.limit if record.judgement and record.budgeted else record.threshold


def _describe_model(record: RunRecord) -> dict[str, Any] | None:
    """Return a model's record, and what it says of the run's drift: a verdict and a sentence."""
    if record.model is None:
        return None
    verdict = verdict_of(record.model, record.run_date, record.status == "drift")
    return {**record.model.model_dump(mode="json"), "verdict": verdict, "words": say_model(record)}


def _describe_incident(incident: Incident, view: MonitorView, root: str, has_page: bool) -> dict[str, Any]:
    anchor, story = make_anchor(incident), view.stories.tell(incident) if has_page else Story()
    return {
        "id": anchor,
        "family": incident.family,
        "start": incident.start,
        "end": incident.end,
        "peak_share": incident.peak_share,
        "columns": incident.columns,
        "appearances": [_describe_appearance(each) for each in story.appearances],
        "events": story.notes and asdict(story.notes),
        "alike": [{**asdict(each), "label": each.label or None, "reason": each.reason or None} for each in story.alike],
        "alike_count": story.alike_count,
        "earlier_count": story.compared,
        "words": say_story(story),
        "page": f"{root}{view.name}/incidents/{anchor}/index.html" if has_page else None,
    }


def _describe_appearance(appearance: Appearance) -> dict[str, Any]:
    return {
        "date": appearance.date,
        "changes": [move.model_dump(mode="json") for move in appearance.moves],
        "together": appearance.groups,
        "against": appearance.against,
        "are_apart": appearance.are_apart,
        "found": [found.model_dump(mode="json") for found in appearance.found],
    }


def _describe_run(run: Run, view: MonitorView, root: str, differing: Sequence[str] | None) -> dict[str, Any]:
    page = f"{root}{view.name}/{run.run_date}/index.html" if run.run_date in view.files else None
    return {
        "run_date": run.run_date,
        "status": run.status,
        "state": run.shown,
        "drift_share": run.drift_share,
        "threshold": run.threshold,
        "rule": run.decided_by,
        "limit": run.limit,
        "drifted_columns": run.drifted_columns,
        "unusual_columns": run.drifted_columns if run.decided_by == "budget" else None,
        "differing_columns": differing,
        "error": run.error,
        "strangeness": run.strangeness,
        "strangeness_limit": run.strangeness_limit,
        "failed_checks": run.failed_checks,
        "changed_since": run.changed_since,
        "label": run.label or None,
        "reason": run.reason or None,
        "page": page,
    }


def _dump(data: Any) -> str:
    # As ASCII: half a surrogate pair in a column's name cannot be encoded in UTF-8, but it can be escaped.
    return json.dumps(data, default=lambda value: value.isoformat()) + "\n"
