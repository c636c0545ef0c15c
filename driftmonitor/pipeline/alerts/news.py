"""What a recording changes in what people were told: the news, the corrections, and what need not be said. Pure.

It compares the fold over a monitor's runs before and after one run is recorded, both under today's settings. What a
change of settings alone would have made of the past is therefore never news.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.incidents import CLOSERS, OPENERS, Event, Incident, Key, Run, State
from driftmonitor.pipeline.alerts.messages import OPPOSITE, compose
from driftmonitor.pipeline.alerts.state import fold


@dataclass(frozen=True)
class Entry:
    """One event in a monitor's ledger.

    `holds` is whether it is true as the runs now stand; `heard` whether some channel was, or is just being, told of it.
    `mute` is why it isn't said: "quiet" (asked for), "spare" (something else says it), or "" for what is said.
    """

    holds: bool = True
    mute: str = ""
    heard: bool = False
    payload: str = ""

    @property
    def live(self) -> bool:
        """Whether people believe it, or will once the outbox is delivered."""
        return self.holds and (self.heard or not self.mute)


@dataclass(frozen=True)
class Recording:
    """What the plan is made from: runs without and with the new record, what was said so far, and any day's record."""

    record: RunRecord
    old: Sequence[Run]
    new: Sequence[Run]
    ledger: Mapping[Key, Entry]
    record_of: Callable[[dt.date], RunRecord | None]


Plan = Callable[[Recording], dict[Key, Entry]]


def planner(settings: AlertSettings | None = None, title: str = "", silent: bool = False) -> Plan:
    """Return the plan that `History.record` calls: it gives the ledger's entries that the new record changes.

    With `silent` nothing is news (a backfill); what was said before is corrected all the same.
    """

    def plan(past: Recording) -> dict[Key, Entry]:
        return _Planner(past, settings or AlertSettings(), title, silent).changes()

    return plan


class _Planner:
    """The working sheet of one plan: the ledger's entries as they change."""

    def __init__(self, past: Recording, settings: AlertSettings, title: str, silent: bool) -> None:
        self.past, self.settings, self.title, self.silent = past, settings, title, silent
        self.run_date = past.record.run_date
        self.before, self.after = fold(past.old, settings), fold(past.new, settings)
        self.before_keys, self.keys = self.before.keys, self.after.keys
        self.before_firsts, self.firsts = (
            {_first(incident, state) for incident in state.incidents} for state in (self.before, self.after)
        )
        self.entries = dict(past.ledger)
        self.broken: list[Incident] = []  # incidents of before that people now hear are not, or not all, true

    def changes(self) -> dict[Key, Entry]:
        self._turn_verdicts()
        self._drop_spares()
        for event in self.after.events:
            self._consider(event)
        self._say_new_columns()
        self._say_what_was_quiet()
        self._refresh()
        return {key: entry for key, entry in self.entries.items() if entry != self.past.ledger.get(key)}

    def _turn_verdicts(self) -> None:
        """Turn the entries that the new record makes false, or true again."""
        for key, entry in self.past.ledger.items():
            was, now = self.before.refutes(key), self.after.refutes(key)
            if was == now or entry.holds != now:
                continue
            if now or entry.heard:
                self.entries[key] = replace(entry, holds=not now, payload=self._compose(key, not now))
            if now and entry.heard:
                self.broken += [incident for incident in self.before.incidents if _opens(incident, key)]

    def _drop_spares(self) -> None:
        """Mute what this recording made pointless: a second start of one incident, the end of one that is gone."""
        for key in self.before_keys - self.keys:
            entry = self.entries.get(key)
            if entry is None or not entry.live:
                continue
            others = {other: held for other, held in self.entries.items() if other != key}
            starts = key[1] == "drift_started" and any(
                _told(incident, key[0], others) for incident in self.after.drift_incidents
            )
            ends = key[1] in CLOSERS.values() and not self._needed_end(key, others)
            if starts or ends:
                self.entries[key] = replace(entry, mute="spare")

    def _needed_end(self, key: Key, others: Mapping[Key, Entry]) -> bool:
        incidents = [s for s in self.after.incidents if CLOSERS[s.family] == key[1] and s.end and s.end <= key[0]]
        return bool(incidents) and not self._closed(incidents[-1], others)

    def _consider(self, event: Event) -> None:
        """Enter an event that the new record caused, or that was spare and may now be needed."""
        entry = self.entries.get(event.key)
        spare = entry is not None and entry.holds and entry.mute == "spare"
        opens_now = event.key in self.firsts and event.key not in self.before_firsts
        if (event.key in self.before_keys and not spare and not opens_now) or (entry and entry.live):
            return
        needed = self._needed(event)
        if needed is None:
            return
        mute = "" if needed else "spare"
        if needed and self._quiet(event):
            mute = "quiet"
        if entry is None or not entry.holds or entry.mute == "spare" != mute:
            self._enter(event.key, mute)

    def _needed(self, event: Event) -> bool | None:
        """Return whether an event needs saying; None if it isn't worth an entry."""
        incident = next((s for s in self.after.incidents if _belongs(event, s)), None)
        if incident is None:
            return None
        if event.kind in CLOSERS.values():
            return self._announced(incident) and not self._closed(incident, self.entries)
        if event.run_date == incident.opened:
            return not self._announced(incident)
        return True if event.run_date == self.run_date else None

    def _announced(self, incident: Incident) -> bool:
        """Return whether people know, or will, of an incident."""
        if any(incident.overlaps(broken) and incident.family == broken.family for broken in self.broken):
            return self.entries.get(_first(incident, self.after), Entry(holds=False)).live
        return any(_opens(incident, key) and entry.live for key, entry in self.entries.items())

    def _closed(self, incident: Incident, entries: Mapping[Key, Entry]) -> bool:
        """Return whether people know, or will, that an incident is over."""
        later = [s.opened for s in self.after.incidents if s.family == incident.family and s.opened > incident.opened]
        until = min(later, default=dt.date.max)
        kind = CLOSERS[incident.family]
        return any(key[1] == kind and incident.end <= key[0] < until and entry.live for key, entry in entries.items())

    def _quiet(self, event: Event) -> bool:
        if self.settings.silent_on(event.run_date):
            return True
        return self.silent and not any(
            event.kind in OPENERS[broken.family] and event.run_date >= broken.opened for broken in self.broken
        )

    def _say_new_columns(self) -> None:
        """Say columns that a repeated run adds to a day that was already told as drift."""
        runs = {run.run_date: run for run in self.past.new}
        incidents = [
            s for s in self.before.drift_incidents if s.covers(self.run_date) and self.run_date in self.before.days
        ]
        untold = [e for (day, kind), e in self.entries.items() if day == self.run_date and e.live and not e.heard]
        if not incidents or untold or not self.after.days[self.run_date].inside:
            return  # what isn't told yet will show the new columns anyway
        event = Event(self.run_date, "drift_worsened", incidents[0].start)
        fresh = set(runs[self.run_date].drifted_columns) - set(incidents[0].columns)
        if fresh and event.key not in self.entries and not self._quiet(event):
            self._enter(event.key)

    def _say_what_was_quiet(self) -> None:
        """Say what lasts and was never said, because it began in a silence or a silent backfill."""
        if self.run_date != self.after.last_run:
            return
        for incident in self.after.incidents:
            if incident.end is None and not self._announced(incident) and self._shows(incident):
                key = self._kind_today(incident)
                if not self._quiet(Event(*key, incident.start)):
                    self._enter(key)

    def _shows(self, incident: Incident) -> bool:
        """Return whether the new record itself shows the incident."""
        run = next(run for run in self.past.new if run.run_date == self.run_date)
        return run.standing == {"drift": "drift", "failure": "failed"}[incident.family]

    def _kind_today(self, incident: Incident) -> Key:
        kinds = OPENERS[incident.family]
        today = [kind for day, kind in self.keys if day == self.run_date and kind in kinds]
        missing = self.past.record.error_kind == "data_missing"
        otherwise = {"drift": "drift_continues", "failure": "data_missing" if missing else "run_failed"}
        return self.run_date, today[0] if today else otherwise[incident.family]

    def _refresh(self) -> None:
        """Bring what isn't told yet up to the new record."""
        for key, entry in self.entries.items():
            if key[0] == self.run_date and entry.holds and not entry.mute and key in self.keys:
                self.entries[key] = replace(entry, payload=self._compose(key, True))

    def _enter(self, key: Key, mute: str = "") -> None:
        if key[1] in CLOSERS.values() and not mute:
            self.broken += [s for s in self.before.incidents if CLOSERS[s.family] == key[1] and s.covers(key[0])]
        heard = self.entries.get(key, Entry()).heard
        self.entries[key] = Entry(True, mute, heard, self._compose(key, True))

    def _compose(self, key: Key, holds: bool) -> str:
        run_date, kind = key
        record = self.past.record if run_date == self.run_date else self.past.record_of(run_date)
        since = next((event.since for event in self.after.events if event.key == key), None) or self._since(key)
        said = kind if holds else OPPOSITE[kind]
        run = next((run for run in self.past.new if run.run_date == run_date), None)
        dismissed = run.reason if run and run.label == "dismissed" else None
        return compose(said, record, self.title, since, self.after.days[run_date].name, dismissed)

    def _since(self, key: Key) -> dt.date | None:
        incidents = [s for s in self.after.incidents if key[1] in OPENERS[s.family] and s.covers(key[0])]
        return incidents[0].start if incidents else None


def _opens(incident: Incident, key: Key) -> bool:
    return key[1] in OPENERS[incident.family] and incident.covers(key[0])


def _told(incident: Incident, day: dt.date, entries: Mapping[Key, Entry]) -> bool:
    """Return whether `day` lies in an incident whose start some of `entries` tells."""
    return incident.covers(day) and any(
        key[1] == "drift_started" and incident.covers(key[0]) and entry.live for key, entry in entries.items()
    )


def _belongs(event: Event, incident: Incident) -> bool:
    if event.kind == CLOSERS[incident.family]:
        return event.run_date == incident.end
    return _opens(incident, event.key)


def _first(incident: Incident, state: State) -> Key:
    """Return the event that opened an incident."""
    return next(e.key for e in state.events if e.run_date == incident.opened and e.kind in OPENERS[incident.family])
