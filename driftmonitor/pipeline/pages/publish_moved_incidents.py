"""Publish a small page at each address of an incident that a message may link and that has no incident any more.

A run that is repeated, reviewed or forgotten can move the first day of an incident, by which its address goes.
"""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from driftmonitor.formats import say_day
from driftmonitor.pipeline.alerts.incidents import Incident, name_incident
from driftmonitor.pipeline.pages.frame import make_frame
from driftmonitor.pipeline.pages.incidents import MOST_PAGES, list_newest, make_anchor
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.run_page import Link
from driftmonitor.pipeline.pages.site_folder import Build
from driftmonitor.pipeline.pages.templates import get_template


class LeadingPage(NamedTuple):
    """What the page says, and the incident that covers its day now, or the next one; None if there is neither."""

    title: str
    day: dt.date
    words: str
    incident: Link | None


def publish_moved_incidents(
    build: Build, view: MonitorView, announced: Iterable[tuple[str, dt.date]], key: str
) -> None:
    """Publish the pages; `announced` has the family and the day of each incident that a message may link."""
    with_page = {make_anchor(incident) for incident in list_newest(view)[:MOST_PAGES]}
    newest = sorted(set(announced), key=lambda each: each[1], reverse=True)[:MOST_PAGES]
    for family, day in newest:
        name = name_incident(family, day)
        if name not in with_page:
            page = make_page(view, family, day, with_page)
            html = get_template("moved_incident.html.j2").render(**make_frame("../../../"), page=page)
            build.write(f"{view.name}/incidents/{name}/index.html", html, key)


def make_page(view: MonitorView, family: str, day: dt.date, with_page: set[str]) -> LeadingPage:
    """Return what stands at the address of an incident that began on `day` when a message about it was made."""
    incident = _find(view, family, day)
    if incident is None:
        return LeadingPage(view.title, day, "No incident includes this day any more.", None)
    anchor = make_anchor(incident)
    href = f"../{anchor}/index.html" if anchor in with_page else f"../../index.html#{anchor}"
    words = f"Open the incident since {say_day(incident.start)}"
    if incident.start == day:
        said = "The monitor’s older incidents have no page of their own."
    elif incident.start < day:
        said = f"This day belongs to the incident that began on {say_day(incident.start)}."
    else:
        said = f"No incident includes this day any more. The next one began on {say_day(incident.start)}."
    return LeadingPage(view.title, day, said, Link(words, href))


def _find(view: MonitorView, family: str, day: dt.date) -> Incident | None:
    """Return the incident that a day belongs to, or else the first that starts after it."""
    own = sorted((each for each in view.state.incidents if each.family == family), key=lambda each: each.start)
    return next((each for each in own if each.end is None or day < each.end), None)
