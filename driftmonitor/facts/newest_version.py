"""The newest version of drift-monitor that a check found, kept for the pages, which ask no network."""

import datetime as dt

from driftmonitor.facts.base import StoredFact

NAME = "newest_version.json"


class NewestVersion(StoredFact):
    """A version, and the day on which the template was asked for it."""

    version: str
    checked: dt.date
