"""Publish a page for each of a monitor's newest incidents: what changed first, what came before, and its days."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from driftmonitor.facts.distribution import Distribution
from driftmonitor.facts.moves import Move
from driftmonitor.facts.story import Alike, Note, Story
from driftmonitor.formats import counted, one_line, say_day
from driftmonitor.pipeline.alerts.incidents import Incident, Run
from driftmonitor.pipeline.alerts.stories import subject_of
from driftmonitor.pipeline.pages.charts import draw_blocks, merge_days
from driftmonitor.pipeline.pages.column_ids import column_id
from driftmonitor.pipeline.pages.distribution_view import say_change
from driftmonitor.pipeline.pages.frame import look_key, make_frame
from driftmonitor.pipeline.pages.incidents import MOST_PAGES, IncidentView, list_newest, make_anchor, make_incident
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.next_steps import Step, list_steps
from driftmonitor.pipeline.pages.publish_columns import Days
from driftmonitor.pipeline.pages.run_page import Link
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.templates import get_template
from driftmonitor.pipeline.pages.timeline import ListedRun, choose_run_look, list_names, say_size, say_status
from driftmonitor.pipeline.pages.wording import say_review
from driftmonitor.words.stories import (
    name_move,
    say_alike,
    say_appearance,
    say_direction,
    say_found,
    say_notes,
    say_together,
)

if TYPE_CHECKING:
    from driftmonitor.pipeline.history.store import EventStatus

ByColumn = Mapping[str, Mapping[dt.date, Distribution]]
ORDER_SHOWN = 3
DAYS_DRAWN, ROWS_DRAWN, DAYS_LISTED, NOTES_SHOWN = 90, 20, 30, 10
BEFORE = 7  # days before the incident that are drawn too, for the notes
THIN = 0.2  # of a row, above and below its blocks


class Row(NamedTuple):
    """One line of the picture: what changed, how on its first day, in which numbers on its last, and since when.

    Its days are a path one unit high.
    """

    name: str
    how: str
    change: str
    since: str
    path: str
    words: str
    href: str = ""


@dataclass(frozen=True)
class IncidentPage:
    """What the page of an incident shows. Links are relative to it."""

    title: str
    name: str
    incident: IncidentView
    rows: Sequence[Row]
    more_rows: int
    first: dt.date
    last: dt.date
    span: int
    start: int
    stop: int
    marks: Sequence[int]
    order: str
    seen: Sequence[str]
    before: str
    notes: Sequence[str]
    alike: Sequence[tuple[str, Link | None]]
    alike_words: str
    days: Sequence[ListedRun]
    more_days: int
    reviews: Sequence[str]
    steps: Sequence[Step]


def publish_incidents(
    build: Build, view: MonitorView, days: Days, messages: Sequence["EventStatus"], is_unchanged: bool = False
) -> None:
    """Publish the pages of the newest incidents; those of the previous site if the monitor `is_unchanged`."""
    for incident in list_newest(view)[:MOST_PAGES]:
        path = f"{view.name}/incidents/{make_anchor(incident)}/index.html"
        if is_unchanged and build.reuse(path, build.previous_keys.get(path, "")):
            continue
        page = make_page(view, incident, days.distributions, messages)
        checked_at = None if incident.end else view.checked_at
        key = content_key(look_key(), repr((page, checked_at)))
        if not build.reuse(path, key):
            html = get_template("incident.html.j2").render(**make_frame("../../../", checked_at), page=page)
            build.write(path, html, key)


def make_page(
    view: MonitorView, incident: Incident, distributions: ByColumn, messages: Sequence["EventStatus"]
) -> IncidentPage:
    """Return what the page of an incident shows."""
    story, runs = view.stories.tell(incident), _list_runs(view, incident)
    last = runs[-1].run_date
    first = max(incident.start - dt.timedelta(BEFORE), last - dt.timedelta(DAYS_DRAWN - 1))
    rows = list(_draw_rows(view, incident, first, last, distributions))
    near = [note for note in view.notes if first <= note.date <= last]
    return IncidentPage(
        title=view.title,
        name=view.name,
        incident=make_incident(view, incident, messages),
        rows=rows[:ROWS_DRAWN],
        more_rows=max(0, len(rows) - ROWS_DRAWN),
        first=first,
        last=last,
        span=(last - first).days + 1,
        start=max(0, (incident.start - first).days),
        stop=((incident.end or last + dt.timedelta(1)) - first).days,
        marks=sorted({(note.date - first).days for note in near}),
        order="; ".join(map(say_appearance, story.appearances[:ORDER_SHOWN])) if len(story.appearances) > 1 else "",
        seen=list(_say_seen(story)),
        before=say_notes(story.notes) if story.notes else "",
        notes=[_say_note(note) for note in near[-NOTES_SHOWN:]],
        alike=[(say_alike(each, replace(story, compared=0)), _link_alike(view, each)) for each in story.alike],
        alike_words=f"{story.alike_count} of {story.compared}",
        days=[_make_day(view, run) for run in reversed(runs[-DAYS_LISTED:])],
        more_days=max(0, len(runs) - DAYS_LISTED),
        reviews=[f"{say_day(run.run_date)}: {say_review(run)}" for run in runs if run.label][:NOTES_SHOWN],
        steps=list_steps(view, incident, runs),
    )


def _list_runs(view: MonitorView, incident: Incident) -> list[Run]:
    runs = view.runs if incident.end is None else view.runs_until(incident.end)
    return [run for run in runs if incident.start <= run.run_date]


def _draw_rows(
    view: MonitorView, incident: Incident, first: dt.date, last: dt.date, distributions: ByColumn
) -> Iterator[Row]:
    story = view.stories.tell(incident)
    moves = {subject_of(move): move for appearance in story.appearances for move in appearance.moves}
    for subject, days in view.stories.days_of(incident).items():
        shown = {(day - first).days: ("drift", 1.0) for day in days if first <= day <= last}
        words = f"{counted(len(days), 'day')}, the last on {say_day(days[-1])}"
        columns, check, segment = subject
        plain = Move(columns=columns, check=check, segment=segment, change="")
        name, how = name_move(moves.get(subject, plain)), say_direction(moves.get(subject, plain))
        change = "" if segment else _say_change(columns, days[-1], distributions)
        path = draw_blocks({0: list(merge_days(shown, "drift"))}, THIN, 1 - 2 * THIN)
        yield Row(name, how, change, say_day(days[0]), path, words, _link_column(view, columns))


def _say_change(columns: Sequence[str], day: dt.date, distributions: ByColumn) -> str:
    """Return what a column's values were in the reference and on a day, in its own unit; "" if that is not known."""
    known = distributions.get(columns[0], {}).get(day) if len(columns) == 1 else None
    return f"{say_change(known)} on {say_day(day)}" if known else ""


def _link_column(view: MonitorView, columns: Sequence[str]) -> str:
    """Return the address of a column's page; "" for what is no single column, or has no page."""
    if len(columns) != 1 or columns[0] not in view.columns_with_page:
        return ""
    return f"../../columns/{column_id(columns[0])}/index.html"


def _say_seen(story: Story) -> Iterator[str]:
    for appearance in story.appearances:
        yield from say_together(appearance)
    for appearance in story.appearances:
        if appearance.found:
            yield f"Also new on {say_day(appearance.date)}: {say_found(appearance)}."


def _say_note(note: Note) -> str:
    return f"{say_day(note.date)}: {note.text}"


def _link_alike(view: MonitorView, alike: Alike) -> Link | None:
    """Return a link to the page of an earlier day, if it is still there."""
    if alike.start not in view.files:
        return None
    return Link(f"Open {say_day(alike.start)}", f"../../{alike.start}/index.html")


def _make_day(view: MonitorView, run: Run) -> ListedRun:
    href = f"../../{run.run_date}/index.html" if run.run_date in view.files else None
    what = one_line(run.error or "", 160) if run.status == "failed" else list_names(run.drifted_columns, 5)
    return ListedRun(run.run_date, choose_run_look(run), say_status(run), say_size(run), what, href)
