"""The site's pages and files, made from the history and the reports: `publish` builds them all."""

from driftmonitor.pipeline.pages.publish import check_site, publish

__all__ = ["check_site", "publish"]
