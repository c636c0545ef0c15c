"""Decide which messages a recorded run causes: new alerts, corrections of earlier ones, or none. Pure.

The monitor's state is compared before and after the run, both under today's settings, so a changed setting alone sends
nothing.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.record import RunRecord
from driftmonitor.facts.story import Note
from driftmonitor.pipeline.alerts.announcements import (
    REDUNDANT,
    SILENCED,
    STARTERS,
    Announcement,
    Announcements,
    end_is_announced,
    is_announced,
    start_is_announced,
)
from driftmonitor.pipeline.alerts.incidents import CLOSERS, DRIFT_OPENERS, OPENERS, Event, Incident, Key
from driftmonitor.pipeline.alerts.introduction import introduce
from driftmonitor.pipeline.alerts.messages import OPPOSITE, Change, compose, read_change
from driftmonitor.pipeline.alerts.recordings import Plan, Recording
from driftmonitor.pipeline.alerts.state import fold
from driftmonitor.pipeline.alerts.stories import Stories
from driftmonitor.words.stories import say_shortly


def planner(
    settings: AlertSettings | None = None, title: str = "", silent: bool = False, notes: Sequence[Note] = ()
) -> Plan:
    """Return the plan that `History.record` calls: it returns the announcements that the recording changes.

    With `silent` nothing new is announced (a backfill); what was announced before is corrected all the same. Nor
    does an analyst's review announce what is over and was not announced. `notes`: what messages may refer to.
    """
    return _Plan(settings or AlertSettings(), title, silent, notes)


@dataclass(frozen=True)
class _Plan:
    settings: AlertSettings
    title: str
    silent: bool
    notes: Sequence[Note]

    @property
    def clear_runs(self) -> int:
        return self.settings.clear_runs

    def __call__(self, recording: Recording) -> dict[Key, Announcement]:
        return _Planner(recording, self.settings, self.title, self.silent, self.notes).changes()


class _Planner:
    """The announcements of one plan while they change."""

    def __init__(
        self, recording: Recording, settings: AlertSettings, title: str, silent: bool, notes: Sequence[Note]
    ) -> None:
        self.recording, self.settings, self.title, self.silent = recording, settings, title, silent
        self.notes = notes
        self.run_date = recording.record.run_date
        self.before, self.after = fold(recording.old_runs, settings), fold(recording.new_runs, settings)
        self.keys_before, self.keys = self.before.keys, self.after.keys
        self.opening_keys_before, self.opening_keys = self.before.opening_keys, self.after.opening_keys
        self.announcements = dict(recording.announcements)
        self.corrected: list[Incident] = []  # incidents of before whose messages are now corrected, all or some

    def changes(self) -> dict[Key, Announcement]:
        self._correct()
        self._withhold_redundant()
        for event in self.after.events:
            self._announce_if_needed(event)
        self._announce_new_columns()
        self._announce_what_was_silenced()
        self._withhold_second_starts()
        self._update_unsent()
        old = self.recording.announcements
        return {key: each for key, each in self.announcements.items() if each != old.get(key)}

    def _correct(self) -> None:
        """Turn the announcements that the recording makes false, or true again."""
        for key, announcement in self.recording.announcements.items():
            was_refuted, is_refuted = self.before.refutes(key), self.after.refutes(key)
            if was_refuted == is_refuted or announcement.holds != is_refuted:
                continue
            if is_refuted or announcement.delivered:
                payload = self._compose(key, not is_refuted, self.recording.change)
                self.announcements[key] = replace(announcement, holds=not is_refuted, payload=payload)
            if is_refuted and announcement.delivered:
                self.corrected += [each for each in self.before.incidents if each.is_reported_by(key)]

    def _withhold_redundant(self) -> None:
        """Withhold what the recording made redundant: a second start of an incident, or the end of one that is gone."""
        for key in self.keys_before - self.keys:
            announcement = self.announcements.get(key)
            if announcement is None or not announcement.believed:
                continue
            is_needless_end = key[1] in CLOSERS.values() and not self._end_is_needed(key)
            if is_needless_end or self._is_second_start(key):
                self.announcements[key] = replace(announcement, withheld=REDUNDANT)

    def _withhold_second_starts(self) -> None:
        """Withhold what is not sent yet and is not a start any more, now that another message tells of the start."""
        for key in sorted(self.announcements.keys() - self.keys):
            announcement = self.announcements[key]
            if announcement.believed and not announcement.delivered and self._is_second_start(key):
                self.announcements[key] = replace(announcement, withheld=REDUNDANT)

    def _others(self, key: Key) -> Announcements:
        return {other: each for other, each in self.announcements.items() if other != key}

    def _is_second_start(self, key: Key) -> bool:
        if key[1] not in STARTERS:
            return False
        reported = [incident for incident in self.after.incidents if incident.is_reported_by(key)]
        return any(start_is_announced(incident, self._others(key)) for incident in reported)

    def _end_is_needed(self, key: Key) -> bool:
        run_date, kind = key
        ended = [each for each in self.after.incidents if CLOSERS[each.family] == kind and _ended_by(each, run_date)]
        return bool(ended) and not end_is_announced(ended[-1], self.after.incidents, self._others(key))

    def _announce_if_needed(self, event: Event) -> None:
        """Announce an event that the recording caused, or one that was redundant and may now be needed."""
        announcement = self.announcements.get(event.key)
        if announcement and announcement.believed:
            return
        was_redundant = announcement is not None and announcement.holds and announcement.withheld == REDUNDANT
        was_redundant = was_redundant and self._may_have_become_needed()
        opens_now = event.key in self.opening_keys and event.key not in self.opening_keys_before
        if event.key in self.keys_before and not was_redundant and not opens_now:
            return
        needed = self._is_needed(event)
        if needed is None:
            return
        withheld = "" if needed else REDUNDANT
        if needed and self._is_silenced(event):
            withheld = SILENCED
        if announcement is None or not announcement.holds or announcement.withheld == REDUNDANT != withheld:
            self._announce(event.key, withheld)

    def _may_have_become_needed(self) -> bool:
        """Return whether the recording changed an incident, perhaps the next one, or what people know."""
        return self.after.incidents != self.before.incidents or self.announcements != self.recording.announcements

    def _is_needed(self, event: Event) -> bool | None:
        """Return whether an event needs a message; None if it is not even worth noting."""
        incident = next((each for each in self.after.incidents if _belongs_to(event, each)), None)
        if incident is None:
            return None
        if event.kind in CLOSERS.values():
            is_over = end_is_announced(incident, self.after.incidents, self.announcements)
            return self._is_announced(incident) and not is_over
        if event.run_date == incident.opened:
            return not self._is_announced(incident)
        return True if event.run_date == self.run_date else None

    def _is_announced(self, incident: Incident) -> bool:
        """Return whether people know of an incident, or will; after a correction only its own opening tells them."""
        if any(incident.overlaps(each) and incident.family == each.family for each in self.corrected):
            opening = self.announcements.get(self.after.opening_key(incident))
            return opening is not None and opening.believed
        return is_announced(incident, self.announcements)

    def _is_silenced(self, event: Event) -> bool:
        if self.settings.silent_on(event.run_date) or (self.recording.is_review and not self._was_to_be_told(event)):
            return True
        return self.silent and not any(
            event.kind in OPENERS[incident.family] and event.run_date >= incident.opened for incident in self.corrected
        )

    def _was_to_be_told(self, event: Event) -> bool:
        """Return whether an event is of an incident that lasts, or people knew of it before the recording, or would."""
        known = self.recording.announcements
        incidents = [each for each in self.after.incidents if _belongs_to(event, each)]
        if any(each.end is None for each in incidents) or (
            event.key in known and known[event.key].withheld != SILENCED
        ):
            return True
        return any(
            before.overlaps(each) and before.family == each.family and is_announced(before, known)
            for before in self.before.incidents
            for each in incidents
        )

    def _announce_new_columns(self) -> None:
        """Announce the columns that a repeated run adds to a day that was already announced as a drift day."""
        incidents = [
            each for each in self.before.drift_incidents
            if each.covers(self.run_date) and self.run_date in self.before.days
        ]  # fmt: skip
        unsent = [
            key for key, each in self.announcements.items()
            if key[0] == self.run_date and each.believed and not each.delivered
        ]  # fmt: skip
        if not incidents or unsent or not self.after.days[self.run_date].in_drift_incident:
            return  # a message that is not sent yet will show the new columns anyway
        event = Event(self.run_date, "drift_worsened", incidents[0].start)
        new_columns = set(self.recording.new_run.drifted_columns) - set(incidents[0].columns)
        if (
            new_columns
            and self.recording.new_run.is_worse_than(0.0)
            and event.key not in self.announcements
            and not self._is_silenced(event)
        ):
            self._announce(event.key)

    def _announce_what_was_silenced(self) -> None:
        """Announce what lasts and never was announced, because it began in a silence or a silent backfill."""
        if self.run_date != self.after.last_run:
            return
        for incident in self.after.incidents:
            if incident.end is None and not self._is_announced(incident) and self._is_confirmed_today(incident):
                key = self._key_today(incident)
                if not self._is_silenced(Event(*key, incident.start)):
                    self._announce(key)

    def _is_confirmed_today(self, incident: Incident) -> bool:
        """Return whether the recorded run itself shows the incident."""
        run = self.recording.new_run
        if incident.family == "check":
            return bool(run.failing_checks)
        return run.verdict == {"drift": "drift", "failure": "failed"}[incident.family]

    def _key_today(self, incident: Incident) -> Key:
        """Return the key of the event that reports an incident today: the run's own, or one that says it continues."""
        kinds = OPENERS[incident.family]
        today = [kind for day, kind in self.keys if day == self.run_date and kind in kinds]
        is_missing = self.recording.record.error_kind == "data_missing"
        failure = "data_missing" if is_missing else "run_failed"
        otherwise = {"drift": "drift_continues", "failure": failure, "check": "check_failed"}
        return self.run_date, today[0] if today else otherwise[incident.family]

    def _update_unsent(self) -> None:
        """Bring the day's messages up to the new record, for those that are not sent yet."""
        for key, each in self.announcements.items():
            if key[0] == self.run_date and each.holds and not each.withheld and key in self.keys:
                payload = self._compose(key, True, read_change(each.payload))
                self.announcements[key] = replace(each, payload=payload)

    def _announce(self, key: Key, withheld: str = "") -> None:
        run_date, kind = key
        if kind in CLOSERS.values() and not withheld:
            incidents = [each for each in self.before.incidents if CLOSERS[each.family] == kind]
            self.corrected += [each for each in incidents if each.covers(run_date)]
        earlier = self.announcements.get(key, Announcement(holds=False))
        # The same run recorded again changes nothing, not even the reason of a message.
        stays = earlier.payload and earlier.holds and earlier.withheld == withheld
        changed_by = read_change(earlier.payload) if stays else self.recording.change
        self.announcements[key] = Announcement(True, withheld, earlier.delivered, self._compose(key, True, changed_by))

    def _compose(self, key: Key, holds: bool, changed_by: Change | None) -> str:
        run_date, kind = key
        record = self.recording.record if run_date == self.run_date else self.recording.record_of(run_date)
        if record is None:
            raise LookupError(f"no record of {run_date}, which has an event")
        run = self.recording.run_on(run_date)
        return compose(
            kind if holds else OPPOSITE[kind],
            record,
            self.title,
            self._since(key),
            self.after.days[run_date],
            run.excuse if run else None,
            changed_by,
            (*self._tell(key), *self._introduce(key, record)) if holds else (),
        )

    def _tell(self, key: Key) -> Sequence[str]:
        """Return what is known of an event's incident up to the event, in sentences; none of its end."""
        incident = next((each for each in self.after.incidents if each.is_reported_by(key)), None)
        if incident is None:
            return ()
        runs = [run for run in self.recording.new_runs if run.run_date <= key[0]]
        return say_shortly(Stories(runs, self.settings, self.notes).tell(incident))

    def _introduce(self, key: Key, record: RunRecord) -> Sequence[str]:
        """Return what to expect of the monitor's rule, in its first message of drift."""
        told = self.announcements.items()
        is_later = any(earlier < key and earlier[1] in DRIFT_OPENERS and each.believed for earlier, each in told)
        return () if is_later or key[1] not in DRIFT_OPENERS else (introduce(record, self.settings),)

    def _since(self, key: Key) -> dt.date | None:
        """Return the first run of the incident that an event is about."""
        own = [event.since for event in self.after.events if event.key == key]
        return next(iter(own + [each.start for each in self.after.incidents if each.is_reported_by(key)]), None)


def _ended_by(incident: Incident, day: dt.date) -> bool:
    return incident.end is not None and incident.end <= day


def _belongs_to(event: Event, incident: Incident) -> bool:
    if event.kind == CLOSERS[incident.family]:
        return event.run_date == incident.end
    return incident.is_reported_by(event.key)
