"""A monitor's incidents, days of drift or of failed runs, and what was sent about each. Pure functions."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from driftmonitor.formats import one_line, percent, say_day
from driftmonitor.pipeline.alerts.incidents import CLOSERS, OPENERS, Incident
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.timeline import some

FAMILY_OF = {kind: family for family, kinds in OPENERS.items() for kind in kinds} | {
    kind: family for family, kind in CLOSERS.items()
}
EVENT_WORDS = {
    "drift_started": "Drift began", "drift_continues": "Drift goes on", "drift_worsened": "More columns drift",
    "drift_ended": "Drift ended", "run_failed": "A run failed", "data_missing": "Data was missing",
    "run_recovered": "Runs work again",
}  # fmt: skip


class IncidentView(NamedTuple):
    """Days of drift or of failed runs, in words."""

    anchor: str
    state: str
    when: str
    lasted: str
    peak: str
    what: str
    told: Sequence[str]


def make_incidents(view: MonitorView, messages: Sequence[Any]) -> list[IncidentView]:
    """Return the incidents, newest first; `messages` are the history's, each event on each channel."""
    return [
        make_incident(view, incident, messages) for incident in sorted(view.state.incidents, key=_newest, reverse=True)
    ]


def _newest(incident: Incident) -> tuple[dt.date, str]:
    return incident.start, incident.family


def anchor(incident: Incident) -> str:
    """Return the incident's place on the monitor's page."""
    return f"{incident.family}-{incident.start}"


def make_incident(view: MonitorView, incident: Incident, messages: Sequence[Any]) -> IncidentView:
    """Return one incident in words."""
    failed = incident.family == "failure"
    errors = [run.error or "" for run in view.runs if incident.start <= run.run_date and run.status == "failed"]
    return IncidentView(
        anchor=anchor(incident),
        state="failed" if failed else "drift",
        when=f"{say_day(incident.start)} {f'until {say_day(incident.end)}' if incident.end else 'until now'}",
        lasted=say_length(incident, view.runs[-1].run_date),
        peak="" if incident.peak_share is None or view.budgeted else f"{percent(incident.peak_share)} at most",
        what=one_line(errors[0], 160) if failed and errors else some(incident.columns, 5),
        told=say_told([told for told in messages if _belongs(told, incident)], view.dismissed),
    )


def say_length(incident: Incident, last: dt.date) -> str:
    """Return for how many days an incident lasted, or has lasted on its last run."""
    days = (incident.end - incident.start).days if incident.end else (last - incident.start).days + 1
    return f"{days} day{'' if days == 1 else 's'}{'' if incident.end else ' so far'}"


def incident_of(view: MonitorView, day: dt.date) -> Incident | None:
    """Return the incident of drift that a day belongs to."""
    incidents = (s for s in view.state.drift_incidents if s.start <= day and (s.end is None or day < s.end))
    return next(incidents, None)


def _belongs(told: Any, incident: Incident) -> bool:
    inside = incident.opened <= told.run_date and (incident.end is None or told.run_date <= incident.end)
    closes = told.event == CLOSERS[incident.family]
    starts_here = not closes or told.run_date == incident.end
    return FAMILY_OF.get(told.event) == incident.family and inside and starts_here and told.event in EVENT_WORDS


def say_told(messages: Sequence[Any], dismissed: Collection[dt.date] = ()) -> list[str]:
    """Return what was sent, a line an event: `Drift began: sent to discord and slack on 24 Nov 2026 at 09:05 UTC`."""
    events: dict[tuple, list[Any]] = {}
    for told in messages:
        events.setdefault((told.run_date, told.event), []).append(told)
    lines = []
    for (run_date, event), rows in events.items():
        what = "; ".join(filter(None, [_say_sent(rows), *(_say_row(row) for row in rows)])) or _say_quiet(rows[0])
        why = "dismissed by an analyst" if run_date in dismissed else "the day was run again"
        taken_back = "" if rows[0].holds else f" (taken back: {why})"
        lines.append(f"{EVENT_WORDS[event]} ({say_day(run_date)}): {what}{taken_back}")
    return lines


def _say_sent(rows: Sequence[Any]) -> str:
    sent = [row for row in rows if row.state == "sent" and row.sent_at]
    if not sent:
        return ""
    at = max(row.sent_at for row in sent)
    return f"sent to {some([row.channel for row in sent], 9)} on {say_day(at.date())} at {at:%H:%M} UTC"


def _say_row(row: Any) -> str:
    if row.state == "dead":
        return f"{row.channel} refused it: {one_line(row.last_error or 'no reason was given', 120)}"
    if row.state == "skipped":
        return f"{row.channel} was skipped: {row.last_error}"
    if row.state in ("due", "leased"):
        return f"not sent yet to {row.channel}"
    return ""


def _say_quiet(row: Any) -> str:
    return "not sent" if row.channel or row.mute else "not sent yet"
