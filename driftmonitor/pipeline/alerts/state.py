"""What a monitor's runs add up to: its state, its incidents and the events worth saying. Pure: no clock, no files.

The state is a fold over the runs in date order and is never stored, so a re-run or a backfill can't corrupt it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from driftmonitor.config.settings import AlertSettings
from driftmonitor.pipeline.alerts.incidents import Day, Event, Incident, Run, State
from driftmonitor.pipeline.alerts.messages import Message

__all__ = ["Event", "Incident", "Message", "Run", "State", "fold", "overdue"]


def fold(runs: Iterable[Run], settings: AlertSettings | None = None) -> State:
    """Return the state that `runs`, in any order, one a run date, add up to."""
    walk = _Walk(settings or AlertSettings())
    for run in sorted(runs, key=lambda run: run.run_date):
        walk.step(run)
    return walk.state()


def overdue(last_run: dt.date | None, today: dt.date, every_days: int = 1) -> bool:
    """Return whether a run is missing: none for `today` nor for the `every_days` days before it."""
    return last_run is None or (today - last_run).days > every_days


class _Walk:
    """The fold's state while it walks from run to run."""

    def __init__(self, settings: AlertSettings) -> None:
        self.settings = settings
        self.name, self.since, self.last_run = "no runs", None, None
        self.events: list[Event] = []
        self.incidents: list[Incident] = []
        self.days: dict[dt.date, Day] = {}
        self.open: dict[str, int] = {}  # family -> its open incident's place in `incidents`
        self.said: dict[str, dt.date] = {}  # family -> the run date of its last event
        self.streak: list[Run] = []  # the runs that may soon open or close an incident
        self.failure_kinds: set[str] = set()

    def step(self, run: Run) -> None:
        if run.status == "failed":
            self._fail(run)
        else:
            self._recover(run)
            (self._drift if run.standing == "drift" else self._clear)(run)
        self.days[run.run_date] = Day(self.name, run.status == "failed")
        self.last_run = run.run_date

    def state(self) -> State:
        failing = self.incidents[self.open["failure"]].start if "failure" in self.open else None
        return State(
            self.name, self.since, failing, self.last_run, tuple(self.incidents), tuple(self.events), dict(self.days)
        )

    def _fail(self, run: Run) -> None:
        kind = "data_missing" if run.error_kind == "data_missing" else "run_failed"
        if "failure" not in self.open:
            self._open("failure", run, run.run_date)
            self.failure_kinds = set()
        if kind not in self.failure_kinds or self._reminds("failure", run.run_date):
            self._say(kind, "failure", run)
        self.failure_kinds.add(kind)

    def _recover(self, run: Run) -> None:
        if "failure" in self.open:
            self._say("run_recovered", "failure", run)
            self._close("failure", run)

    def _drift(self, run: Run) -> None:
        if "drift" in self.open:
            self._go_on(run)
        elif self._counts("pending", self.settings.for_runs, run):
            first, *others = self.streak
            self._open("drift", first, run.run_date)
            for other in others:
                self._add(other)
            self._say("drift_started", "drift", run)
            self.name, self.since = "drifting", first.run_date

    def _go_on(self, run: Run) -> None:
        worse = self._add(run)
        self.name, self.since, self.streak = "drifting", self._spell("drift").start, []
        if worse:
            self._say("drift_worsened", "drift", run)
        elif self._reminds("drift", run.run_date):
            self._say("drift_continues", "drift", run)

    def _clear(self, run: Run) -> None:
        if "drift" not in self.open:
            if self.name != "healthy":
                self.name, self.since, self.streak = "healthy", run.run_date, []
        elif self._counts("recovering", self.settings.clear_runs, run):
            self._say("drift_ended", "drift", run)
            self._close("drift", run)
            self.name, self.since = "healthy", self.streak[0].run_date

    def _counts(self, waiting: str, needed: int, run: Run) -> bool:
        """Add `run` to the streak of `waiting` runs; return whether they are enough."""
        self.streak = [*self.streak, run] if self.name == waiting else [run]
        self.name, self.since = waiting, self.streak[0].run_date
        return len(self.streak) >= needed

    def _spell(self, family: str) -> Incident:
        return self.incidents[self.open[family]]

    def _open(self, family: str, first: Run, opened: dt.date) -> None:
        self.open[family] = len(self.incidents)
        self.incidents.append(Incident(family=family, start=first.run_date, opened=opened))
        self._add(first, family)

    def _close(self, family: str, run: Run) -> None:
        self.incidents[self.open.pop(family)] = replace(self._spell(family), end=run.run_date)

    def _add(self, run: Run, family: str = "drift") -> bool:
        """Add a run's columns and share to the open incident; return whether a column is new to it."""
        incident = self._spell(family)
        known = set(incident.columns)
        fresh = tuple(name for name in run.drifted_columns if name not in known)
        peak = max((share for share in (incident.peak_share, run.drift_share) if share is not None), default=None)
        self.incidents[self.open[family]] = replace(incident, columns=incident.columns + fresh, peak_share=peak)
        return bool(fresh)

    def _say(self, kind: str, family: str, run: Run) -> None:
        self.events.append(Event(run.run_date, kind, self._spell(family).start))
        self.said[family] = run.run_date

    def _reminds(self, family: str, day: dt.date) -> bool:
        """Return whether it is time to say again what lasts: every so many days, and when a silence ends."""
        quiet_until = self.settings.silence_until
        if quiet_until and self.last_run < quiet_until <= day:
            return True
        every = self.settings.remind_after_days
        return every > 0 and (day - self.said[family]).days >= every
