"""Whether people were told about an event, or will be, and so about the start and end of an incident. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from driftmonitor.pipeline.alerts.incidents import CLOSERS, Incident, Key

STARTERS = ("drift_started", "check_failed")  # of a failure, each kind is news
SILENCED, REDUNDANT = "quiet", "spare"  # as the history stores them


@dataclass(frozen=True)
class Announcement:
    """One event of a monitor and the message about it.

    `holds` is whether the event is true by today's runs; `delivered` whether some channel was told, or is just being.
    `withheld` is why no message is sent: SILENCED (by a silence or `--silent`), REDUNDANT (another message says it), or
    "" if one is.
    """

    holds: bool = True
    withheld: str = ""
    delivered: bool = False
    payload: str = ""

    @property
    def believed(self) -> bool:
        """Whether people believe it, or will once the outbox is empty."""
        return self.holds and (self.delivered or not self.withheld)


Announcements = Mapping[Key, Announcement]


def is_announced(incident: Incident, announcements: Announcements) -> bool:
    """Return whether people know of an incident, or will."""
    return any(incident.is_reported_by(key) and each.believed for key, each in announcements.items())


def start_is_announced(incident: Incident, announcements: Announcements) -> bool:
    """Return whether people were told that an incident of drift or of a check started, or will be."""
    return any(
        key[1] in STARTERS and incident.is_reported_by(key) and each.believed for key, each in announcements.items()
    )


def end_is_announced(incident: Incident, incidents: Iterable[Incident], announcements: Announcements) -> bool:
    """Return whether people know that a closed incident is over, or will, before the next of its family opens."""
    later = [other.opened for other in incidents if other.family == incident.family and other.opened > incident.opened]
    next_opens, closer = min(later, default=dt.date.max), CLOSERS[incident.family]
    return any(
        kind == closer and incident.end is not None and incident.end <= run_date < next_opens and each.believed
        for (run_date, kind), each in announcements.items()
    )
