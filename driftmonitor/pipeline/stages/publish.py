"""The third stage: build the site from history and reports."""

import os
from typing import TYPE_CHECKING

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def build_site(history: "History", job: Job, print_page: bool = True) -> None:
    """Build the site, and print where its first page is."""
    from driftmonitor.pipeline import pages

    site_url = os.environ.get("SITE_URL")
    for warning in pages.publish(history, job.reports_dir, job.site_dir, job.all_monitors(), job.now, site_url):
        console.say(f"warning: {warning}")
    if print_page:
        console.say(f"Page: {job.site_dir / 'index.html'}")


def try_to_build_site(history: "History", job: Job, print_page: bool = True) -> bool:
    """Build the site and return True, or print why not: the old site stays, and alerts are sent anyway."""
    try:
        build_site(history, job, print_page)
    except DriftMonitorError as error:
        console.complain(error)
        return False
    return True


def build_site_if_recorded(job: Job) -> None:
    """Build the site if there is a history, to show a calibration or a backtest on its pages."""
    if job.has_history():
        with job.open_history() as history:
            build_site(history, job)
