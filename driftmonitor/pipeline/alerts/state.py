"""Compute a monitor's state, incidents and events from its runs, and whether one is overdue. Pure: no clock, no files.

The state is a fold over the runs in date order and is never stored, so a repeated run or a backfill cannot corrupt it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from driftmonitor.budget.policy import DAYS_A_YEAR
from driftmonitor.config.settings import AlertSettings
from driftmonitor.pipeline.alerts.incidents import CLOSERS, DRIFT_OPENERS, DayState, Event, Incident, Run, State

LATE_HOURS = 12  # GitHub starts a scheduled job minutes to hours late
STALE_HOURS = 24 + LATE_HOURS  # runs are daily
PAST_DAYS = 35  # a run that is recorded longer after its day is of past data, and has no schedule


def fold(runs: Iterable[Run], settings: AlertSettings | None = None) -> State:
    """Return the state after `runs`, given in any order, one for each run date."""
    folding = _Folding(settings or AlertSettings())
    for run in sorted(runs, key=lambda run: run.run_date):
        folding.add(run)
    return folding.state()


def is_scheduled(last: Run | None) -> bool:
    """Return whether a run is expected a day after the `last` one: not before the first, and not on past data."""
    if last is None or last.recorded_at is None:
        return False
    return (last.recorded_at.date() - last.run_date).days <= PAST_DAYS


def last_checked(last: Run | None) -> dt.datetime | None:
    """Return when the `last` run was made: when it was recorded, but not before its day. None without a schedule."""
    if last is None or last.recorded_at is None or not is_scheduled(last):
        return None
    return max(last.recorded_at, dt.datetime.combine(last.run_date, dt.time(), dt.UTC))


def overdue_days(last: Run | None, now: dt.datetime) -> int:
    """Return for how many days the next run has been overdue: 0 until its schedule and the usual delay have passed."""
    checked = last_checked(last)
    if checked is None:
        return 0
    waited = now - checked
    return max(1, waited.days) if waited >= dt.timedelta(hours=STALE_HOURS) else 0


class _Folding:
    """The state of the fold after the runs added so far."""

    def __init__(self, settings: AlertSettings) -> None:
        self.settings = settings
        self.name = "no runs"
        self.since: dt.date | None = None
        self.first_run: dt.date | None = None
        self.last_run: dt.date | None = None
        self.events: list[Event] = []
        self.incidents: list[Incident] = []
        self.days: dict[dt.date, DayState] = {}
        self.open: dict[str, int] = {}  # family -> index of its open incident in `incidents`
        self.last_event_on: dict[str, dt.date] = {}  # by family
        self.announced = 0.0  # the anomaly score of the newest message about the open drift
        self.reminders = 0  # since the open drift was announced
        self.streak: list[Run] = []  # the runs that may soon open or close an incident
        self.failure_kinds: set[str] = set()
        self.checks: tuple[str, ...] = ()  # that fail

    def add(self, run: Run) -> None:
        drift_since = self._drift_since()
        if run.status == "failed":
            self._add_failed(run)
        else:
            self._close_failures(run)
            (self._add_drift if run.verdict == "drift" else self._add_healthy)(run)
            self._add_checks(run)
        self.days[run.run_date] = DayState(self.name, run.status == "failed", bool(run.failing_checks), drift_since)
        self.first_run, self.last_run = self.first_run or run.run_date, run.run_date

    def state(self) -> State:
        failing, checks_since = (
            self._open_incident(family).start if family in self.open else None for family in ("failure", "check")
        )
        return State(
            self.name, self.since, failing, self.last_run, self.checks, checks_since,
            tuple(self.incidents), tuple(self.events), dict(self.days), self._drift_since(),
        )  # fmt: skip

    def _drift_since(self) -> dt.date | None:
        if "drift" in self.open:
            return self._open_incident("drift").start
        return self.since if self.name == "pending" else None

    def _add_failed(self, run: Run) -> None:
        kind = "data_missing" if run.error_kind == "data_missing" else "run_failed"
        if "failure" not in self.open:
            self._open("failure", run, run.run_date)
            self.failure_kinds = set()
        if kind not in self.failure_kinds or self._reminder_is_due("failure", run.run_date):
            self._emit(kind, "failure", run)
        self.failure_kinds.add(kind)

    def _close_failures(self, run: Run) -> None:
        if "failure" in self.open:
            self._emit(CLOSERS["failure"], "failure", run)
            self._close("failure", run)

    def _add_checks(self, run: Run) -> None:
        """A limit decides at once; one incident covers all checks, until none fails."""
        self.checks = run.failing_checks
        if run.failing_checks:
            is_open = "check" in self.open
            if not is_open:
                self._open("check", run, run.run_date)
            if self._extend(run, "check") or not is_open or self._reminder_is_due("check", run.run_date):
                self._emit("check_failed", "check", run)
        elif "check" in self.open:
            self._emit(CLOSERS["check"], "check", run)
            self._close("check", run)

    def _add_drift(self, run: Run) -> None:
        if "drift" in self.open:
            self._continue_drift(run)
        elif self._completes_streak("pending", self.settings.for_runs, run):
            first, *others = self.streak
            self._open("drift", first, run.run_date)
            for other in others:
                self._extend(other)
            self._emit("drift_started", "drift", run)
            self.name, self.since = "drifting", first.run_date

    def _continue_drift(self, run: Run) -> None:
        has_new_columns = self._extend(run)
        self.name, self.since, self.streak = "drifting", self._open_incident("drift").start, []
        if has_new_columns and run.is_worse_than(self.announced):
            self._emit("drift_worsened", "drift", run)
        elif self._reminder_is_due("drift", run.run_date):
            self._emit("drift_continues", "drift", run)

    def _add_healthy(self, run: Run) -> None:
        if "drift" not in self.open:
            if self.name != run.of_data or (run.of_data == "changed" and run.changed_since != self.since):
                self.name, self.since, self.streak = run.of_data, run.changed_since or run.run_date, []
        elif self._completes_streak("recovering", self.settings.clear_runs, run):
            self._emit(CLOSERS["drift"], "drift", run)
            self._close("drift", run)
            self.name, self.since = run.of_data, run.changed_since or self.streak[0].run_date

    def _completes_streak(self, state: str, needed: int, run: Run) -> bool:
        """Add `run` to the streak of runs in a waiting `state`; return whether they are enough to leave it."""
        self.streak = [*self.streak, run] if self.name == state else [run]
        self.name, self.since = state, self.streak[0].run_date
        return len(self.streak) >= needed

    def _open_incident(self, family: str) -> Incident:
        return self.incidents[self.open[family]]

    def _open(self, family: str, first: Run, opened: dt.date) -> None:
        self.open[family] = len(self.incidents)
        self.incidents.append(Incident(family=family, start=first.run_date, opened=opened))
        self._extend(first, family)

    def _close(self, family: str, run: Run) -> None:
        self.incidents[self.open.pop(family)] = replace(self._open_incident(family), end=run.run_date)

    def _extend(self, run: Run, family: str = "drift") -> bool:
        """Add a run's columns and share, or its checks, to the open incident; return whether one is new to it."""
        incident = self._open_incident(family)
        earlier, names = set(incident.columns), run.failing_checks if family == "check" else run.drifted_columns
        new_columns = tuple(name for name in names if name not in earlier)
        shares = () if family == "check" else (incident.peak_share, run.drift_share)
        peak = max((share for share in shares if share is not None), default=None)
        extended = replace(incident, columns=incident.columns + new_columns, peak_share=peak)
        self.incidents[self.open[family]] = extended
        return bool(new_columns)

    def _emit(self, kind: str, family: str, run: Run) -> None:
        self.events.append(Event(run.run_date, kind, self._open_incident(family).start))
        self.last_event_on[family] = run.run_date
        if family == "drift":
            self.announced = run.strangeness or 0.0
            self.reminders = self.reminders + 1 if kind == "drift_continues" else 0

    def _reminder_is_due(self, family: str, day: dt.date) -> bool:
        """Return whether to report again what lasts: after so many days, and on the first run after a silence."""
        silence_until = self.settings.silence_until
        if silence_until and self.last_run and self.last_run < silence_until <= day:
            return True
        every = self.settings.remind_after_days
        if family == "drift" and self.settings.rule == "budget":
            every *= 2**self.reminders
            if not self._has_budget_left(day):
                return False
        return every > 0 and (day - self.last_event_on[family]).days >= every

    def _has_budget_left(self, day: dt.date) -> bool:
        """Return whether the budget has room for a message: in the last year, or its share of the days so far."""
        begin = day - dt.timedelta(days=DAYS_A_YEAR)
        sent = sum(event.kind in DRIFT_OPENERS and event.run_date > begin for event in self.events)
        days = min((day - self.first_run).days, DAYS_A_YEAR) if self.first_run else 0
        return sent + 1 <= self.settings.false_alarms_per_year * days / DAYS_A_YEAR
