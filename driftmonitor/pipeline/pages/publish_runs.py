"""Publish the page of each run; render it again only if its report, its neighbours or its incident changed."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from driftmonitor import reports
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import say_day
from driftmonitor.pipeline.failures import Failures
from driftmonitor.pipeline.pages.changes import say_change
from driftmonitor.pipeline.pages.frame import look_key
from driftmonitor.pipeline.pages.incidents import MOST_PAGES, find_incident, list_newest, make_anchor
from driftmonitor.pipeline.pages.monitor_view import MonitorView, as_reviewed
from driftmonitor.pipeline.pages.run_page import DayLink, Link
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.timeline import FILES
from driftmonitor.pipeline.pages.wording import say_review
from driftmonitor.regular_files import Folder, Missing

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

KEPT = "last-good"  # a run's folder for the successful report that a failed one of the same day replaced


@dataclass(frozen=True)
class Context:
    """What a run's page shows that depends on other runs or on a review; None or "" for nothing.

    `with_page`: the columns that have a page of their own.
    """

    previous: DayLink | None
    following: DayLink | None
    incident: Link | None
    change: str
    review: str
    last_success: DayLink | None
    with_page: Sequence[str] = ()


def list_report_files(report: Folder) -> tuple[str, ...]:
    """Return the files of a report that are published as they are."""
    present = report.names()
    return tuple(name for name in FILES.values() if name in present)


def publish_runs(build: Build, history: "History", view: MonitorView, home: Folder, failures: Failures) -> None:
    """Publish the pages of all runs of a monitor that have a report in `home`."""
    for day in view.published:
        failures.attempt(
            f"{view.name} {day}",
            partial(_publish_day, build, history, view, home, day),
            partial(_publish_why, build, view, day),
        )


def _publish_day(build: Build, history: "History", view: MonitorView, home: Folder, day: dt.date) -> None:
    context = _read_context(view, day, home)
    report, folder = home / f"{day}", f"{view.name}/{day}"
    files = [*view.files[day], *_list_picture(view, day, report)]
    report_key = content_key(look_key(), repr((vars(view.by_date[day]), files)), *_read_identity(report))
    key = f"{report_key} {content_key(repr((view.title, context)))}"
    reused = build.reuse_folder(folder, report_key)
    record = None if reused and build.reuse(f"{folder}/index.html", key) else _read_record(history, view, day)
    if record:
        from driftmonitor.pipeline.pages.run_files import write_run  # a site without changes needs none of it

        around = {name: value for name, value in vars(context).items() if name != "with_page"}
        write_run(build, view, record, around, report, files, key, reused)
    if context.last_success and context.last_success.href.startswith(KEPT):
        from driftmonitor.pipeline.pages.run_files import write_kept

        kept = report / reports.LAST_GOOD
        write_kept(build, view, kept, list_report_files(kept), _read_identity(kept), f"{folder}/{KEPT}", day)


def _publish_why(build: Build, view: MonitorView, day: dt.date, why: str) -> None:
    """Publish why a run's page could not be built, where other pages link it."""
    from driftmonitor.pipeline.pages.run_files import write_problem

    write_problem(build, view, day, why)


def _read_record(history: "History", view: MonitorView, day: dt.date) -> RunRecord | None:
    return as_reviewed(history.record_of(view.name, day), view.by_date[day])


def _list_picture(view: MonitorView, day: dt.date, report: Folder) -> list[str]:
    """Return the picture of a drift day's most drifted column, which alerts show from here."""
    return [reports.PICTURE] if view.by_date[day].status == "drift" and report.has(reports.PICTURE) else []


def _read_context(view: MonitorView, day: dt.date, home: Folder) -> Context:
    days = view.published
    index = bisect_left(days, day)
    return Context(
        previous=_link_day(days[index - 1]) if index else None,
        following=_link_day(days[index + 1]) if index + 1 < len(days) else None,
        incident=_link_incident(view, day),
        change=say_change(view.runs_until(day)),
        review=say_review(view.by_date[day]),
        last_success=_link_last_success(view, day, home) if view.by_date[day].status == "failed" else None,
        with_page=view.columns_with_page,
    )


def _link_day(day: dt.date) -> DayLink:
    return DayLink(day, f"../{day}/index.html")


def _link_incident(view: MonitorView, day: dt.date) -> Link | None:
    incident = find_incident(view, day)
    if incident is None:
        return None
    runs = sum(incident.start <= run.run_date for run in view.runs_until(day))
    words = f"Open the incident (run {runs}, since {say_day(incident.start)})"
    anchor, has_page = make_anchor(incident), incident in list_newest(view)[:MOST_PAGES]
    return Link(words, f"../incidents/{anchor}/index.html" if has_page else f"../index.html#{anchor}")


def _link_last_success(view: MonitorView, day: dt.date, home: Folder) -> DayLink | None:
    """Return the successful run of the same day that the failed one replaced, or else the newest one before."""
    if (home / f"{day}" / reports.LAST_GOOD).has(FILES["Record"]):
        return DayLink(day, f"{KEPT}/index.html")
    earlier = [other for other in view.published if other < day and view.by_date[other].status != "failed"]
    return _link_day(earlier[-1]) if earlier else None


def _read_identity(report: Folder) -> tuple[bytes, str]:
    """Return what distinguishes a report from another of its day: its record, and its notebook's size.

    A record contains the run's duration, so no two are alike; reading the notebooks of all days would take seconds.
    """
    notebook = report.status(FILES["Notebook"])
    return _read(report, FILES["Record"]), str(notebook.st_size if notebook else "")


def _read(report: Folder, name: str) -> bytes:
    try:
        return report.read(name)
    except Missing:
        return b""
