"""Write the Atom feed of events: drift that started, spread or ended, runs that failed or recovered.

What a silence or a silent backfill kept from people is not news here either, unless it lasts.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from driftmonitor.formats import one_line, percent, say_day
from driftmonitor.pipeline.alerts.incidents import CLOSERS, Event, Incident, Key, Run, family_of
from driftmonitor.pipeline.pages.incidents import EVENT_WORDS, MOST_PAGES, list_newest, make_anchor
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.templates import get_template
from driftmonitor.pipeline.pages.timeline import list_names
from driftmonitor.pipeline.pages.wording import say_review
from driftmonitor.words.stories import say_shortly

MOST_ENTRIES = 100
TOLD = 5  # incidents whose stories are in the feed
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Entry(NamedTuple):
    """One event; `id` stays the same as long as the site keeps its address. `report` is the page of its day, if any."""

    id: str
    title: str
    summary: str
    href: str
    report: str | None
    published: dt.datetime
    updated: dt.datetime


def feed_xml(views: Sequence[MonitorView], site_url: str, silenced: Mapping[str, Collection[Key]] | None = None) -> str:
    """Return feed.xml, the newest events first; its links are relative if `site_url` is "".

    `silenced`: by monitor, the events whose messages were silenced.
    """
    kept_back = silenced or {}
    entries = [entry for view in views for entry in make_entries(view, site_url, kept_back.get(view.name, ()))]
    newest = sorted(entries, key=lambda entry: (entry.published, entry.updated, entry.id), reverse=True)[:MOST_ENTRIES]
    # Taken from the history, not the clock: the same history gives the same feed.
    updated = max((view.recorded_at for view in views if view.recorded_at), default=EPOCH)
    template = get_template("feed.xml.j2")
    return template.render(id=_make_id(site_url, "feed"), entries=newest, root=site_url, updated=updated)


def make_entries(view: MonitorView, site_url: str, silenced: Collection[Key] = ()) -> list[Entry]:
    """Return a monitor's newest events, as its runs cause them now, without those that are no news."""
    events = [event for incident in view.state.incidents for event in _list_news(view, incident, silenced)]
    newest = sorted(events, key=lambda event: event.run_date)[-MOST_ENTRIES:]
    pages = {(each.family, each.start): make_anchor(each) for each in list_newest(view)[:MOST_PAGES]}
    return [_make_entry(view, event, site_url, pages) for event in newest]


def _list_news(view: MonitorView, incident: Incident, silenced: Collection[Key]) -> list[Event]:
    """Return an incident's events: if all were silenced, none of one that is over, the newest of one that lasts."""
    opens = [event for event in view.state.events if incident.is_reported_by(event.key)]
    told = [event for event in opens if event.key not in silenced]
    if not told and incident.end is None:
        return opens[-1:]
    ends = [event for event in view.state.events if event.key == (incident.end, CLOSERS[incident.family])]
    return [*told, *(event for event in ends if told and event.key not in silenced)]


def _make_entry(view: MonitorView, event: Event, site_url: str, pages: Mapping[tuple[str, dt.date], str]) -> Entry:
    run, home = view.by_date[event.run_date], f"{site_url}{view.name}/"
    report = f"{home}{event.run_date}/index.html" if event.run_date in view.files else None
    incident = pages.get((family_of(event.kind), event.since))
    midnight = dt.datetime.combine(event.run_date, dt.time(), dt.UTC)
    return Entry(
        id=_make_id(site_url, f"{view.name}/{event.run_date}/{event.kind}"),
        title=f"{one_line(view.title, 100)}: {EVENT_WORDS[event.kind].lower()} ({say_day(event.run_date)})",
        summary=f"{_summarise(run, event)}{_tell(view, event)}",
        href=f"{home}incidents/{incident}/index.html" if incident else report or f"{home}index.html",
        report=report,
        published=midnight,
        updated=run.recorded_at or midnight,
    )


def _summarise(run: Run, event: Event) -> str:
    if run.status == "failed":
        return one_line(run.error or "The run left no record.", 300)
    start = _say_start(event)
    if family_of(event.kind) == "check":
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
    return f" {starts[family_of(event.kind)]} {say_day(event.since)}."


def _make_id(site_url: str, name: str) -> str:
    # The address is part of it, so that a feed reader does not mix up monitors of one name on two sites.
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site_url}drift-monitor/{name}").urn
