"""The terms of alerting: runs, the incidents of drift or failure that they form, and the events that they cause."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from driftmonitor.facts.moves import DayMoves
from driftmonitor.facts.record import RunRecord

WORSE = 1.5  # times the threshold and the score last announced: from there on new columns are, under the budget rule

HARMLESS = ("dismissed", "accepted")  # labels of days whose drift is none

Key = tuple[dt.date, str]  # run date and kind of an event

# The kinds of events that open an incident or report that it continues, and the kind that closes it.
DRIFT_OPENERS = ("drift_started", "drift_continues", "drift_worsened")
FAILURE_OPENERS = ("run_failed", "data_missing")
CHECK_OPENERS = ("check_failed",)
OPENERS = {"drift": DRIFT_OPENERS, "failure": FAILURE_OPENERS, "check": CHECK_OPENERS}
BEGINNERS = ("drift_started", *FAILURE_OPENERS, *CHECK_OPENERS)  # those with which it begins
CLOSERS = {"drift": "drift_ended", "failure": "run_recovered", "check": "check_recovered"}


def family_of(kind: str) -> str:
    """Return the family of incidents that a kind of event is about: drift, failure or check."""
    return next(family for family, kinds in OPENERS.items() if kind in (*kinds, CLOSERS[family]))


def of_family(kind: str) -> tuple[str, ...]:
    """Return all kinds of events about incidents of the same family."""
    family = family_of(kind)
    return (*OPENERS[family], CLOSERS[family])


def name_incident(family: str, start: dt.date) -> str:
    """Return the id of an incident in addresses, such as drift-2026-11-24."""
    return f"{family}-{start}"


@dataclass(frozen=True)
class Run:
    """A run as the history lists it: the record without its columns' test results."""

    monitor: str
    run_date: dt.date
    status: str
    drift_share: float | None = None
    threshold: float | None = None
    drifted_columns: tuple[str, ...] = ()  # those that the deciding rule names, the most severe first
    column_count: int = 0
    error: str | None = None
    error_kind: str | None = None
    recorded_at: dt.datetime | None = None
    rule: str | None = None  # what decided; None in a run that was not judged
    strangeness: float | None = None
    strangeness_limit: float | None = None
    failed_checks: tuple[str, ...] = ()
    changed_since: dt.date | None = None  # of a healthy run: it differs from the reference, accepted by time
    moves: DayMoves | None = None  # not known of runs of older versions
    label: str = ""  # an analyst's decision: dismissed, confirmed or accepted
    reason: str = ""

    @classmethod
    def of(cls, record: RunRecord) -> "Run":
        """Return the run that a record describes."""
        names, judgement = tuple(column.name for column in record.drifted_columns), record.judgement
        return cls(
            record.monitor, record.run_date, record.status, record.drift_share, record.threshold, names,
            len(record.columns), record.error, record.error_kind,
            rule=judgement.rule if judgement else None,
            strangeness=judgement.strangeness if judgement else None,
            strangeness_limit=judgement.limit if judgement else None,
            failed_checks=record.failed_checks,
            changed_since=record.changed.since if record.changed else None,
            moves=DayMoves.of(record),
        )  # fmt: skip

    def is_worse_than(self, announced: float) -> bool:
        """Whether new columns of this run are worth a message, after one with the score `announced`.

        The budget rule's messages are counted, so a slow drift is not announced column by column.
        """
        if self.rule != "budget":
            return True
        score, limit = self.strangeness, self.strangeness_limit
        return score is not None and limit is not None and score >= WORSE * max(limit, announced)

    @property
    def budgeted(self) -> bool:
        """Whether the budget rule decided: `drifted_columns` are then the unusual ones, of which it says more."""
        return self.rule == "budget"

    @property
    def decided_by(self) -> str | None:
        """The rule that decided, share or budget; None for a failed run."""
        return None if self.status == "failed" else "budget" if self.budgeted else "share"

    @property
    def limit(self) -> float | None:
        """What the deciding rule compares with: a share of columns or an anomaly score. None if there is none yet."""
        return self.strangeness_limit if self.budgeted else self.threshold

    @property
    def differing_count(self) -> int | None:
        """How many columns differ from the reference by their own test, whatever the rule says of them."""
        return None if self.drift_share is None else round(self.drift_share * self.column_count)

    @property
    def verdict(self) -> str:
        """The run's status after review: a drift day that an analyst dismissed or accepted is healthy."""
        return "healthy" if self.status == "drift" and self.label in HARMLESS else self.status

    @property
    def excuse(self) -> tuple[str, str] | None:
        """The label and reason of an analyst for whom the day's drift is none."""
        return (self.label, self.reason) if self.label in HARMLESS else None

    @property
    def failing_checks(self) -> tuple[str, ...]:
        """The checks that fail, unless an analyst dismissed the day; one who accepts it accepts its data alone."""
        return () if self.label == "dismissed" else self.failed_checks

    @property
    def of_data(self) -> str:
        """The verdict on the data: a healthy run is `changed` if a difference lasts that nobody accepted."""
        lasts = self.changed_since is not None and self.label not in HARMLESS
        return "changed" if self.verdict == "healthy" and lasts else self.verdict

    @property
    def shown(self) -> str:
        """The verdict as people are shown it: without drift, `check_failed` if a check fails."""
        return "check_failed" if self.failing_checks and self.verdict == "healthy" else self.of_data


@dataclass(frozen=True)
class Event:
    """Something that one run caused; at most one of a kind for each run date."""

    run_date: dt.date
    kind: str
    since: dt.date

    @property
    def key(self) -> Key:
        return self.run_date, self.kind


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Drift days, failed runs, or days on which checks fail, handled as one event.

    `start` is its first run, `opened` the run that opened it, `end` the run that closed it, None while it lasts.
    """

    family: str  # drift, failure or check
    start: dt.date
    opened: dt.date
    end: dt.date | None = None
    peak_share: float | None = None
    columns: tuple[str, ...] = ()  # or checks, in the order in which they drifted or failed first

    def covers(self, day: dt.date) -> bool:
        """Return whether the incident was open on a day."""
        return self.opened <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Incident") -> bool:
        """Return whether both incidents were open on one day."""
        return self.covers(other.opened) or other.covers(self.opened)

    def is_reported_by(self, key: Key) -> bool:
        """Return whether an event says that the incident opened or continues."""
        run_date, kind = key
        return kind in OPENERS[self.family] and self.covers(run_date)


@dataclass(frozen=True)
class DayState:
    """The monitor's state after one run, whether that run failed, and whether a check fails.

    `drift_since`: the first day of a drift that lasted until the run, whether or not an incident of it was open yet.
    """

    name: str
    failed: bool
    check_fails: bool = False
    drift_since: dt.date | None = None

    @property
    def in_drift_incident(self) -> bool:
        """Whether an incident of drift was open."""
        return self.name in ("drifting", "recovering")


@dataclass(frozen=True)
class State:
    """A monitor's state after its last run, with the incidents and events that led to it.

    `drift_since` is the first day of a drift that lasts, whether or not an incident of it is open yet.
    `name`: healthy, changed (healthy, but a difference from the reference lasts), pending (drift days, but fewer than
    for_runs in a row), drifting, recovering (healthy runs, but fewer than clear_runs in a row) or "no runs". `failing`
    is the first of the failed runs at the end, if any. `checks` are those that fail, `checks_since` when the first did.
    """

    name: str = "no runs"
    since: dt.date | None = None
    failing: dt.date | None = None
    last_run: dt.date | None = None
    checks: tuple[str, ...] = ()
    checks_since: dt.date | None = None
    incidents: tuple[Incident, ...] = ()
    events: tuple[Event, ...] = ()
    days: Mapping[dt.date, DayState] = field(default_factory=dict)
    drift_since: dt.date | None = None

    @property
    def drift_incidents(self) -> tuple[Incident, ...]:
        """The incidents of drift, oldest first."""
        return tuple(incident for incident in self.incidents if incident.family == "drift")

    @property
    def good_since(self) -> dt.date | None:
        """Since when the data has been healthy and no check has failed."""
        ended = [incident.end for incident in self.incidents if incident.family == "check" and incident.end]
        return max([*ended, self.since]) if self.since else None

    @property
    def keys(self) -> set[Key]:
        """The keys of all events."""
        return {event.key for event in self.events}

    @property
    def opening_keys(self) -> set[Key]:
        """The keys of the events that opened an incident."""
        return {self.opening_key(incident) for incident in self.incidents}

    def opening_key(self, incident: Incident) -> Key:
        """Return the key of the event that opened an incident."""
        kinds = OPENERS[incident.family]
        return next(event.key for event in self.events if event.run_date == incident.opened and event.kind in kinds)

    def refutes(self, key: Key) -> bool:
        """Return whether the runs contradict the event. A failed run measured nothing, and so only its recovery."""
        run_date, kind = key
        day = self.days.get(run_date)
        if day is None:
            return False
        if kind in DRIFT_OPENERS:
            return not day.failed and not day.in_drift_incident
        if kind in FAILURE_OPENERS:
            return not day.failed
        if kind in CHECK_OPENERS:
            return not day.failed and not day.check_fails
        if kind == CLOSERS["check"]:
            return day.check_fails
        return day.in_drift_incident if kind == CLOSERS["drift"] else day.failed
