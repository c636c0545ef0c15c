"""The third stage: build the site from history and reports."""

import os

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job


def publish_site(history, job: Job, again: bool = False) -> None:
    """Build the site and say where it is, unless that was said before."""
    from driftmonitor.pipeline import pages

    site_url = os.environ.get("SITE_URL")
    for warning in pages.publish(history, job.reports_dir, job.site_dir, job.all_monitors(), job.now, site_url):
        console.say(f"warning: {warning}")
    if not again:
        console.say(f"Page: {job.site_dir / 'index.html'}")


def publish_or_complain(history, job: Job, again: bool = False) -> bool:
    """Build the site, or say why it can't be: alerts go out all the same, and readers keep the site they had."""
    try:
        publish_site(history, job, again)
    except DriftMonitorError as error:
        console.complain(error)
        return False
    return True
