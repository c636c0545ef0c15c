"""The Atom feed of events: drift that began, worsened or ended, runs that failed or work again."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from driftmonitor.formats import one_line, percent
from driftmonitor.pipeline.alerts.incidents import Event, Run
from driftmonitor.pipeline.pages.incidents import EVENT_WORDS
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.templates import environment, say_day
from driftmonitor.pipeline.pages.timeline import some
from driftmonitor.pipeline.pages.wording import say_label

MOST_ENTRIES = 100
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Entry(NamedTuple):
    """One event; `id` stays the same as long as the site keeps its address."""

    id: str
    title: str
    summary: str
    href: str
    updated: dt.datetime


def feed_xml(stories: Sequence[MonitorView], site_url: str) -> str:
    """Return feed.xml, the newest events first; links are relative to it when `site_url` is ""."""
    entries = [entry for view in stories for entry in make_entries(view, site_url)]
    newest = sorted(entries, key=lambda entry: (entry.updated, entry.id), reverse=True)[:MOST_ENTRIES]
    recorded = [view.recorded_at for view in stories if view.recorded_at]
    return (
        environment()
        .get_template("feed.xml.j2")
        .render(
            id=_identify(site_url, "feed"), entries=newest, root=site_url, updated=max(recorded, default=EPOCH)
        )  # the same history gives the same feed
    )


def make_entries(view: MonitorView, site_url: str) -> list[Entry]:
    """Return a monitor's newest events, as its runs now tell them."""
    return [_entry(view, event, site_url) for event in view.state.events[-MOST_ENTRIES:]]


def _entry(view: MonitorView, event: Event, site_url: str) -> Entry:
    run = view.by_date[event.run_date]
    page = f"{event.run_date}/" if event.run_date in view.files else ""
    midnight = dt.datetime.combine(event.run_date, dt.time(), dt.UTC)
    return Entry(
        id=_identify(site_url, f"{view.name}/{event.run_date}/{event.kind}"),
        title=f"{one_line(view.title, 100)}: {EVENT_WORDS[event.kind].lower()} ({say_day(event.run_date)})",
        summary=_say(run, event),
        href=f"{site_url}{view.name}/{page}index.html",
        updated=run.recorded_at or midnight,
    )


def _say(run: Run, event: Event) -> str:
    if run.status == "failed":
        return one_line(run.error or "The run left no record.", 300)
    if run.verdict != run.status:
        return f"{one_line(say_label(run), 300)}. {_since(event)}"
    if run.rule == "budget":
        return f"{_strange(run)}. {_since(event)}"
    columns = f": {some(run.drifted_columns, 5)}" if run.drifted_columns else ""
    count = f"{len(run.drifted_columns)} of {run.column_count} columns drifted{columns}."
    return f"{count} {percent(run.drift_share or 0.0)}, threshold {percent(run.threshold or 0.0)}. {_since(event)}"


def _strange(run: Run) -> str:
    if run.status != "drift":
        return "No stranger than the days before it"
    return f"Stranger than the days before it: {some(run.drifted_columns, 5)}"


def _since(event: Event) -> str:
    return f"It began on {say_day(event.since)}." if event.since != event.run_date else ""


def _identify(site_url: str, name: str) -> str:
    # The address is part of it, so that two sites with monitors of one name don't hide each other in a reader.
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site_url}drift-monitor/{name}").urn
