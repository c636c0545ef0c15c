"""Decide what to say when runs are forgotten: what people were told about them is withdrawn. Pure.

A drift or failure that was announced gets one correction, and one that still lasts is announced with its new first day.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.announcements import Announcement, Announcements
from driftmonitor.pipeline.alerts.incidents import CLOSERS, Incident, Key, Run
from driftmonitor.pipeline.alerts.messages import OPPOSITE, compose, withdraw
from driftmonitor.pipeline.alerts.state import fold


@dataclass(frozen=True)
class Forgetting:
    """What a plan is made from: the forgotten days, the runs before and after that, and what was announced so far."""

    days: frozenset[dt.date]
    old_runs: Sequence[Run]
    new_runs: Sequence[Run]
    announcements: Announcements
    record_of: Callable[[dt.date], RunRecord | None]


def plan_withdrawals(
    forgetting: Forgetting, settings: AlertSettings, title: str, until: dt.date, lasting_only: bool = False
) -> dict[Key, Announcement | None]:
    """Return the announcements that forgetting changes; None for one that is removed.

    Days after `until` never counted, so what was said about them is withdrawn in any case. With `lasting_only`, an
    incident that has ended needs no correction.
    """
    return _Withdrawals(forgetting, settings, title, until, lasting_only).changes()


class _Withdrawals:
    """The announcements of one monitor while they change."""

    def __init__(
        self, forgetting: Forgetting, settings: AlertSettings, title: str, until: dt.date, lasting_only: bool
    ) -> None:
        self.forgetting, self.settings, self.title, self.until = forgetting, settings, title, until
        self.lasting_only = lasting_only
        self.before, self.after = fold(forgetting.old_runs, settings), fold(forgetting.new_runs, settings)
        self.announcements: dict[Key, Announcement | None] = dict(forgetting.announcements)

    def changes(self) -> dict[Key, Announcement | None]:
        told = {key for key, each in self.forgetting.announcements.items() if each.delivered and each.holds}
        needed = self._openings_to_withdraw(told) | self._endings_to_withdraw(told)
        for key, each in self.forgetting.announcements.items():
            if key[0] in self.forgetting.days:
                self.announcements[key] = self._forgotten(key, each, key in needed)
            else:
                self.announcements[key] = self._remaining(key, each)
        for incident in self.after.incidents:
            if incident.end is None and self._begins_later(incident):
                self._announce(self.after.opening_key(incident))
        old = self.forgetting.announcements
        return {key: each for key, each in self.announcements.items() if each != old.get(key)}

    def _openings_to_withdraw(self, told: set[Key]) -> set[Key]:
        """Return the first message about each incident of which no message is left."""
        ahead = {key for key in told if key[0] > self.until and key[0] in self.forgetting.days and not _is_end(key)}
        needed = set(ahead)
        for incident in self.before.incidents:
            about = sorted(key for key in told if incident.is_reported_by(key))
            gone = [key for key in about if key[0] in self.forgetting.days]
            left = [key for key in about if key not in gone and not self.after.refutes(key)]
            if gone and not left and not (self.lasting_only and incident.end) and not ahead.intersection(gone):
                needed.add(gone[0])
        return needed

    def _endings_to_withdraw(self, told: set[Key]) -> set[Key]:
        """Return the messages that an incident ended which is open again."""
        lasting = [each for each in self.after.incidents if each.end is None]
        return {
            (run_date, kind)
            for run_date, kind in told
            if run_date in self.forgetting.days
            and any(CLOSERS[each.family] == kind and each.opened < run_date for each in lasting)
        }

    def _forgotten(self, key: Key, each: Announcement, needed: bool) -> Announcement | None:
        """Return what becomes of an announcement about a forgotten day; nothing of the day is kept in it."""
        if not each.delivered:
            return None
        payload = withdraw(key[1], key[0], self.title, self.after.name)
        return replace(each, holds=each.holds and not needed, payload=payload)

    def _remaining(self, key: Key, each: Announcement) -> Announcement:
        """Return the announcement about another day as it is true now."""
        if each.holds and self.after.refutes(key) and not self.before.refutes(key):
            return replace(each, holds=False, payload=self._compose(key, OPPOSITE[key[1]]))
        if each.holds and not each.delivered and not each.withheld and key in self.after.keys:
            return replace(each, payload=self._compose(key, key[1]))
        return each

    def _begins_later(self, incident: Incident) -> bool:
        """Return whether people know that something lasts, but not from which day on now that days are gone."""
        reported = [key for key, each in self.announcements.items() if each and each.believed]
        if any(incident.is_reported_by(key) for key in reported):
            return False
        same = [each for each in self.before.incidents if each.family == incident.family and each.overlaps(incident)]
        believed = [key for key, each in self.forgetting.announcements.items() if each.believed]
        return not same or any(each.is_reported_by(key) for each in same for key in believed)

    def _announce(self, key: Key) -> None:
        if not self.settings.silent_on(key[0]):
            earlier = self.announcements.get(key)
            delivered = earlier is not None and earlier.delivered
            self.announcements[key] = Announcement(True, "", delivered, self._compose(key, key[1]))

    def _compose(self, key: Key, kind: str) -> str:
        day = key[0]
        record = self.forgetting.record_of(day)
        if record is None:
            raise LookupError(f"no record of {day}, which has an event")
        run = next(run for run in self.forgetting.new_runs if run.run_date == day)
        since = [event.since for event in self.after.events if event.key == key]
        since += [each.start for each in self.after.incidents if each.is_reported_by(key)]
        change = ("forgotten", min(self.forgetting.days))
        return compose(kind, record, self.title, next(iter(since), None), self.after.days[day], run.excuse, change)


def _is_end(key: Key) -> bool:
    return key[1] in CLOSERS.values()
