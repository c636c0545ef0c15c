"""Write the Atom feed of events: drift that started, spread or ended, runs that failed or recovered."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from driftmonitor.formats import one_line, percent, say_day
from driftmonitor.pipeline.alerts.incidents import Event, Run
from driftmonitor.pipeline.pages.incidents import EVENT_WORDS, FAMILY_OF
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.templates import get_template
from driftmonitor.pipeline.pages.timeline import list_names
from driftmonitor.pipeline.pages.wording import say_review
from driftmonitor.words.stories import say_shortly

MOST_ENTRIES = 100
TOLD = 5  # incidents whose stories are in the feed
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Entry(NamedTuple):
    """One event; `id` stays the same as long as the site keeps its address."""

    id: str
    title: str
    summary: str
    href: str
    updated: dt.datetime


def feed_xml(views: Sequence[MonitorView], site_url: str) -> str:
    """Return feed.xml, the newest events first; its links are relative if `site_url` is ""."""
    entries = [entry for view in views for entry in make_entries(view, site_url)]
    newest = sorted(entries, key=lambda entry: (entry.updated, entry.id), reverse=True)[:MOST_ENTRIES]
    # Taken from the history, not the clock: the same history gives the same feed.
    updated = max((view.recorded_at for view in views if view.recorded_at), default=EPOCH)
    template = get_template("feed.xml.j2")
    return template.render(id=_make_id(site_url, "feed"), entries=newest, root=site_url, updated=updated)


def make_entries(view: MonitorView, site_url: str) -> list[Entry]:
    """Return a monitor's newest events, as its runs cause them now."""
    return [_make_entry(view, event, site_url) for event in view.state.events[-MOST_ENTRIES:]]


def _make_entry(view: MonitorView, event: Event, site_url: str) -> Entry:
    run = view.by_date[event.run_date]
    page = f"{event.run_date}/" if event.run_date in view.files else ""
    midnight = dt.datetime.combine(event.run_date, dt.time(), dt.UTC)
    return Entry(
        id=_make_id(site_url, f"{view.name}/{event.run_date}/{event.kind}"),
        title=f"{one_line(view.title, 100)}: {EVENT_WORDS[event.kind].lower()} ({say_day(event.run_date)})",
        summary=f"{_summarise(run, event)}{_tell(view, event)}",
        href=f"{site_url}{view.name}/{page}index.html",
        updated=run.recorded_at or midnight,
    )


def _summarise(run: Run, event: Event) -> str:
    if run.status == "failed":
        return one_line(run.error or "The run left no record.", 300)
    start = _say_start(event)
    if FAMILY_OF[event.kind] == "check":
        failing = f"Failing: {list_names(run.failing_checks, 5)}" if run.failing_checks else "No check fails"
        return f"{failing}.{start}"
    if run.verdict != run.status:
        return f"{one_line(say_review(run), 300)}.{start}"
    columns = f": {list_names(run.drifted_columns, 5)}" if run.drifted_columns else ""
    if run.budgeted:
        unusual = f"More unusual than its baseline days{columns}" if run.status == "drift" else "As usual"
        return f"{unusual}.{start}"
    sizes = f"{percent(run.drift_share or 0.0)}, threshold {percent(run.threshold or 0.0)}"
    return f"{len(run.drifted_columns)} of {run.column_count} columns drifted ({sizes}){columns}.{start}"


def _tell(view: MonitorView, event: Event) -> str:
    """Return what is known of the incident that an event opens, if it is one of the last."""
    incidents = view.state.incidents[-TOLD:]
    opened = next((each for each in incidents if view.state.opening_key(each) == event.key), None)
    return "".join(f" {sentence}" for sentence in say_shortly(view.stories.tell(opened))) if opened else ""


def _say_start(event: Event) -> str:
    if event.since == event.run_date:
        return ""
    starts = {"failure": "Runs had failed since", "drift": "Drift started on", "check": "The first check failed on"}
    return f" {starts[FAMILY_OF[event.kind]]} {say_day(event.since)}."


def _make_id(site_url: str, name: str) -> str:
    # The address is part of it, so that a feed reader does not mix up monitors of one name on two sites.
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site_url}drift-monitor/{name}").urn
