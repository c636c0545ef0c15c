"""The site's data for programs; docs/api.md describes each name. `schema` grows when a name's meaning changes."""

import json
from collections.abc import Sequence
from typing import Any

from driftmonitor.pipeline.alerts.incidents import Run, Spell
from driftmonitor.pipeline.pages.cards import Summary
from driftmonitor.pipeline.pages.monitor_history import STALE_HOURS, Story
from driftmonitor.pipeline.pages.wording import state_key
from driftmonitor.words.verdicts import say_effect, say_verdict

SCHEMA = 1
RUNS = 366  # the newest; history.csv has all


def summary_json(stories: Sequence[Story], summary: Summary, root: str) -> str:
    """Return api/summary.json: the banner and each monitor in short; `root` begins every address."""
    return _dump(
        {
            "schema": SCHEMA,
            "state": summary.state,
            "title": summary.title,
            "recorded_at": summary.recorded_at,
            "stale_after_hours": STALE_HOURS,
            "monitors": [describe(story, root) for story in stories],
        }
    )


def monitor_json(story: Story, root: str) -> str:
    """Return api/<monitor>.json: its state, its last good record in words and numbers, its incidents, its runs."""
    columns = story.good.worst_columns if story.good else []
    return _dump(
        {
            "schema": SCHEMA,
            **describe(story, root),
            "verdict": say_verdict(story.good) if story.good else None,
            "judgement": story.good.judgement and story.good.judgement.model_dump(mode="json") if story.good else None,
            "columns": [{**score.model_dump(mode="json"), "words": say_effect(score)} for score in columns],
            "quality": [finding.model_dump(mode="json") for finding in story.good.quality] if story.good else [],
            "incidents": [_incident(spell) for spell in story.state.spells],
            "runs": [_run(run, story, root) for run in story.runs[-RUNS:]],
        }
    )


def describe(story: Story, root: str) -> dict[str, Any]:
    """Return how one monitor stands, in short."""
    last, good, state = story.runs[-1] if story.runs else None, story.good, story.state
    return {
        "monitor": story.name,
        "title": story.title,
        "state": state_key(story),
        "drift_state": state.name,
        "since": state.since,
        "failing_since": state.failing,
        "retired": story.retired,
        "last_run": last and last.run_date,
        "last_status": last and last.status,
        "recorded_at": story.recorded_at,
        "last_good_run": good and good.run_date,
        "drift_share": good and good.drift_share,
        "threshold": good and good.threshold,
        "rule": "budget" if story.budgeted else "share",
        "drifted_columns": [score.name for score in good.drifted_columns] if good else [],
        "column_count": len(good.columns) if good else 0,
        "error": last and last.error,
        "page": f"{root}{story.name}/index.html",
    }


def _incident(spell: Spell) -> dict[str, Any]:
    return {
        "family": spell.family,
        "start": spell.start,
        "end": spell.end,
        "peak_share": spell.peak_share,
        "columns": spell.columns,
    }


def _run(run: Run, story: Story, root: str) -> dict[str, Any]:
    page = f"{root}{story.name}/{run.run_date}/index.html" if run.run_date in story.files else None
    return {
        "run_date": run.run_date,
        "status": run.status,
        "drift_share": run.drift_share,
        "threshold": run.threshold,
        "drifted_columns": run.drifted_columns,
        "error": run.error,
        "strangeness": run.strangeness,
        "strangeness_limit": run.strangeness_limit,
        "label": run.label or None,
        "reason": run.reason or None,
        "page": page,
    }


def _dump(data: Any) -> str:
    # ASCII: half a surrogate pair in a column's name has no bytes in UTF-8, but an escape.
    return json.dumps(data, default=lambda value: value.isoformat()) + "\n"
