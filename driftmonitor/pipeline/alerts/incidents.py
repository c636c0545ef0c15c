"""What a monitor's history is made of: runs, the incidents of drift or failure they form, the events they cause."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from driftmonitor.facts.record import RunRecord

Key = tuple[dt.date, str]  # run date and kind of an event

DRIFT_OPENERS = ("drift_started", "drift_continues", "drift_worsened")
FAILURE_OPENERS = ("run_failed", "data_missing")
OPENERS = {"drift": DRIFT_OPENERS, "failure": FAILURE_OPENERS}
CLOSERS = {"drift": "drift_ended", "failure": "run_recovered"}


@dataclass(frozen=True)
class Run:
    """A run as the history lists it: the record without its columns' scores."""

    monitor: str
    run_date: dt.date
    status: str
    drift_share: float | None = None
    threshold: float | None = None
    drifted_columns: tuple[str, ...] = ()  # those that the deciding rule names, the most moved first
    column_count: int = 0
    error: str | None = None
    error_kind: str | None = None
    recorded_at: dt.datetime | None = None
    rule: str | None = None  # what decided; None in a run that was not judged
    strangeness: float | None = None
    strangeness_limit: float | None = None
    label: str = ""  # what an analyst said of it: dismissed or confirmed
    reason: str = ""

    @classmethod
    def of(cls, record: RunRecord) -> "Run":
        names, judged = tuple(column.name for column in record.drifted_columns), record.judgement
        return cls(
            record.monitor, record.run_date, record.status, record.drift_share, record.threshold, names,
            len(record.columns), record.error, record.error_kind,
            rule=judged and judged.rule, strangeness=judged and judged.strangeness,
            strangeness_limit=judged and judged.limit,
        )  # fmt: skip

    @property
    def standing(self) -> str:
        """What the run counts as: its status, but a drift that an analyst dismissed is healthy."""
        return "healthy" if self.status == "drift" and self.label == "dismissed" else self.status


@dataclass(frozen=True)
class Event:
    """Something that one run caused; at most one of a kind a run date."""

    run_date: dt.date
    kind: str
    since: dt.date

    @property
    def key(self) -> tuple[dt.date, str]:
        return self.run_date, self.kind


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Days of drift (an incident) or of failed runs.

    `start` is its first run, `opened` the run that made it count, `end` the run that closed it, None while it lasts.
    """

    family: str  # drift or failure
    start: dt.date
    opened: dt.date
    end: dt.date | None = None
    peak_share: float | None = None
    columns: tuple[str, ...] = ()  # in order of first drift

    def covers(self, day: dt.date) -> bool:
        return self.opened <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Incident") -> bool:
        return self.covers(other.opened) or other.covers(self.opened)


@dataclass(frozen=True)
class Day:
    """Where the monitor stood after one run."""

    name: str
    failed: bool

    @property
    def inside(self) -> bool:
        """Whether an incident was open."""
        return self.name in ("drifting", "recovering")


@dataclass(frozen=True)
class State:
    """A monitor's state after its last run, and how it came there.

    `name`: healthy, pending (drifted, not yet for_runs in a row), drifting, recovering (healthy, not yet clear_runs in
    a row) or "no runs". `failing` is the first of the failed runs that the monitor ends with, else None.
    """

    name: str = "no runs"
    since: dt.date | None = None
    failing: dt.date | None = None
    last_run: dt.date | None = None
    incidents: tuple[Incident, ...] = ()
    events: tuple[Event, ...] = ()
    days: Mapping[dt.date, Day] = field(default_factory=dict)

    @property
    def drift_incidents(self) -> tuple[Incident, ...]:
        """The incidents of drift, oldest first."""
        return tuple(incident for incident in self.incidents if incident.family == "drift")

    @property
    def keys(self) -> set[tuple[dt.date, str]]:
        return {event.key for event in self.events}

    def refutes(self, key: tuple[dt.date, str]) -> bool:
        """Return whether the runs contradict the event. A failed run contradicts no drift: it saw nothing."""
        run_date, kind = key
        day = self.days.get(run_date)
        if day is None:
            return False
        if kind in DRIFT_OPENERS:
            return not day.failed and not day.inside
        if kind in FAILURE_OPENERS:
            return not day.failed
        return day.inside if kind == "drift_ended" else day.failed
