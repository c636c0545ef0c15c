"""The third stage: build the site from history and reports."""

import os
from typing import TYPE_CHECKING

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def build_site(history: "History", job: Job, print_page: bool = True) -> bool:
    """Build the site, print where its first page is, and return whether all of its pages could be built."""
    from driftmonitor.pipeline import pages

    site_url = os.environ.get("SITE_URL")
    published = pages.publish(history, job.reports_dir, job.site_dir, job.all_monitors(), job.now, site_url)
    for warning in published.warnings:
        console.say(f"warning: {warning}")
    for failure in published.failures:
        console.complain(failure)
    if print_page:
        console.say(f"Page: {job.site_dir / 'index.html'}")
    return not published.failures


def try_to_build_site(history: "History", job: Job, print_page: bool = True) -> bool:
    """Return whether all of the site could be built; print why not, because alerts are sent anyway."""
    try:
        return build_site(history, job, print_page)
    except DriftMonitorError as error:
        console.complain(error)
        return False


def build_site_if_recorded(job: Job) -> bool:
    """Build the site if there is a history, to show a calibration or a backtest; return whether nothing failed."""
    if not job.has_history():
        return True
    with job.open_history() as history:
        return build_site(history, job)
