"""Describe a monitor's incidents, of drift, failed runs or checks, and the messages about each. Pure functions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from driftmonitor.formats import one_line, percent, say_day
from driftmonitor.pipeline.alerts.announcements import REDUNDANT, SILENCED
from driftmonitor.pipeline.alerts.incidents import CLOSERS, Incident, family_of, name_incident
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.timeline import list_names
from driftmonitor.words.stories import say_story

if TYPE_CHECKING:
    from driftmonitor.pipeline.history.store import EventStatus

STATES = {"drift": "drift", "failure": "failed", "check": "check_failed"}
MOST_PAGES = 100  # of the newest incidents
NOT_SENT = {SILENCED: "not sent, because alerts were off", REDUNDANT: "not sent, because another message says it"}
CONSOLE = "console"  # the delivery's channel where none is configured
EVENT_WORDS = {
    "drift_started": "Drift started", "drift_continues": "Drift continues", "drift_worsened": "Drift spread",
    "drift_ended": "Drift ended", "run_failed": "Run failed", "data_missing": "Data missing",
    "run_recovered": "Runs recovered", "check_failed": "Check failed", "check_recovered": "Checks recovered",
}  # fmt: skip


class IncidentView(NamedTuple):
    """One incident in words; `messages` has a line for each event, `href` is its own page, "" without one."""

    anchor: str
    state: str
    when: str
    length: str
    peak: str
    what: str
    messages: Sequence[str]
    story: Sequence[str] = ()
    href: str = ""


def make_incidents(view: MonitorView, messages: Sequence["EventStatus"]) -> list[IncidentView]:
    """Return the incidents, newest first; `messages` are the history's, each event on each channel."""
    newest = list_newest(view)
    return [make_incident(view, each, messages, number < MOST_PAGES) for number, each in enumerate(newest)]


def list_newest(view: MonitorView) -> list[Incident]:
    """Return the incidents, newest first."""
    return sorted(view.state.incidents, key=lambda incident: (incident.start, incident.family), reverse=True)


def make_incident(
    view: MonitorView, incident: Incident, messages: Sequence["EventStatus"], has_page: bool = True
) -> IncidentView:
    """Return one incident in words."""
    failed, state = incident.family == "failure", STATES[incident.family]
    errors = [run.error or "" for run in view.runs if incident.start <= run.run_date and run.status == "failed"]
    start = say_day(incident.start)
    return IncidentView(
        anchor=make_anchor(incident),
        state=state,
        when=f"{start} until {say_day(incident.end)}" if incident.end else f"Since {start}",
        length=say_length(view, incident),
        peak="" if incident.peak_share is None or view.budgeted else f"peak {percent(incident.peak_share)}",
        what=one_line(errors[0], 160) if failed and errors else list_names(incident.columns, 5),
        messages=say_messages([message for message in messages if _is_about(message, incident)], view.excused),
        story=say_story(view.stories.tell(incident)) if has_page else (),
        href=f"incidents/{make_anchor(incident)}/index.html" if has_page else "",
    )


def make_anchor(incident: Incident) -> str:
    """Return the incident's anchor on the monitor's page."""
    return name_incident(incident.family, incident.start)


def say_length(view: MonitorView, incident: Incident) -> str:
    """Return for how many days an incident lasted, or has lasted so far; runs, if some of the days have none."""
    last = incident.end - dt.timedelta(1) if incident.end else view.runs[-1].run_date
    return f"{view.count_runs(incident.start, last)}{'' if incident.end else ' so far'}"


def find_incident(view: MonitorView, day: dt.date) -> Incident | None:
    """Return the incident that a day belongs to: of failures if its run failed, or else of drift, or of checks."""
    lasting = [each for each in view.state.incidents if each.start <= day and (each.end is None or day < each.end)]
    failed = ["failure"] if view.by_date[day].status == "failed" else []
    return next((each for family in (*failed, "drift", "check") for each in lasting if each.family == family), None)


def _is_about(message: "EventStatus", incident: Incident) -> bool:
    if message.event not in EVENT_WORDS or family_of(message.event) != incident.family:
        return False
    if message.event == CLOSERS[incident.family]:
        return message.run_date == incident.end
    return incident.opened <= message.run_date and (incident.end is None or message.run_date <= incident.end)


def say_messages(messages: Sequence["EventStatus"], excused: Mapping[dt.date, str]) -> list[str]:
    """Return what was sent, a line per event: `Drift started (24 Nov 2026): sent to slack at 09:05 UTC on …`."""
    events: dict[tuple[dt.date, str], list[EventStatus]] = {}
    for message in messages:
        events.setdefault((message.run_date, message.event), []).append(message)
    in_order = sorted(events.items(), key=lambda event: event[0][0])  # a review may add an earlier day's later
    return [_say_event(rows, excused.get(run_date, "")) for (run_date, _), rows in in_order]


def _say_event(rows: Sequence["EventStatus"], label: str) -> str:
    run_date, event = rows[0].run_date, rows[0].event
    results = "; ".join(filter(None, [_say_sent(rows), *map(_say_unsent, rows)])) or _say_muted(rows[0])
    why = f"an analyst {label} the day" if label else "the day was run again"
    correction = "" if rows[0].holds else f" (corrected: {why})"
    return f"{EVENT_WORDS[event]} ({say_day(run_date)}): {results}{correction}"


def _say_sent(rows: Sequence["EventStatus"]) -> str:
    sent = [(row.sent_at, row.channel or "") for row in rows if row.state == "sent" and row.sent_at]
    if not sent:
        return ""
    last, channels = max(at for at, _ in sent), [channel for _, channel in sent]
    at = f"at {last:%H:%M} UTC on {say_day(last.date())}"
    if channels == [CONSOLE]:
        return f"printed on the console {at}, because no alert channel was set"
    return f"sent to {list_names(channels, 9)} {at}"


def _say_unsent(row: "EventStatus") -> str:
    if row.state == "dead":
        return f"refused by {row.channel}: {one_line(row.last_error or 'no reason was given', 120)}"
    if row.state == "skipped":
        return f"skipped for {row.channel}: {row.last_error}"
    if row.state in ("due", "leased"):
        return f"pending for {row.channel} when this page was built"
    return ""


def _say_muted(row: "EventStatus") -> str:
    if row.channel or row.mute:
        return NOT_SENT.get(row.mute, "not sent")
    return "pending when this page was built"
