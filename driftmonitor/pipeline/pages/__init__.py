"""Build the site, its pages and its data files, from the history and the reports: `publish` builds all of it."""

from driftmonitor.pipeline.pages.publish import check_site, publish

__all__ = ["check_site", "publish"]
