"""A monitor as the history tells it, and what the pages ask of the history."""

import datetime as dt
import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.calibration import Calibration
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.incidents import Run, State
from driftmonitor.pipeline.alerts.state import fold

EVERY_DAYS = 1
LATE_HOURS = 12  # GitHub starts a schedule late by minutes to hours
STALE_HOURS = EVERY_DAYS * 24 + LATE_HOURS


class History(Protocol):
    """What the pages ask of the history."""

    def monitors(self) -> Sequence[str]: ...
    def runs(self, monitor: str) -> Sequence[Run]: ...
    def record_of(self, monitor: str, run_date: dt.date) -> RunRecord | None: ...
    def scores(self, since: dt.date, monitor: str | None = None) -> Sequence[Any]: ...
    def marks(self, since: dt.date, monitor: str) -> Sequence[Any]: ...
    def messages(self, monitor: str) -> Sequence[Any]: ...
    def durations(self, monitor: str) -> Mapping[dt.date, float]: ...


@dataclass(frozen=True)
class MonitorView:
    """A monitor: its runs in date order, its last good record, and the files of each day that has a report.

    `last_day` is the newest run date of the whole site, so that all monitors' days lie over one another.
    `late_days` says for how many days a run has been missing, 0 if none is.
    """

    name: str
    title: str
    runs: Sequence[Run] = ()
    good: RunRecord | None = None
    files: Mapping[dt.date, Sequence[str]] = field(default_factory=dict)
    settings: AlertSettings = field(default_factory=AlertSettings)
    retired: bool = False
    last_day: dt.date | None = None
    late_days: int = 0
    calibration: Calibration | None = None
    replayed: bool = False  # whether there is a backtest

    @cached_property
    def state(self) -> State:
        return fold(self.runs, self.settings)

    @cached_property
    def by_date(self) -> dict[dt.date, Run]:
        return {run.run_date: run for run in self.runs}

    @cached_property
    def published(self) -> list[dt.date]:
        """The days with a page, oldest first."""
        return [run.run_date for run in self.runs if run.run_date in self.files]

    @property
    def budgeted(self) -> bool:
        """Whether the false-alarm budget decided its last good run."""
        return self.good is not None and self.good.budgeted

    @cached_property
    def dismissed(self) -> set[dt.date]:
        """The days that an analyst dismissed."""
        return {run.run_date for run in self.runs if run.label == "dismissed"}

    @cached_property
    def run_keys(self) -> list[str]:
        """Names for no run, the first run, the first two, and so on: a run that changes changes all from its own on."""
        digest = hashlib.sha256()
        keys = [digest.hexdigest()]
        for run in self.runs:
            digest.update(repr(vars(run)).encode("utf-8", "replace"))
            keys.append(digest.hexdigest())
        return keys

    def until(self, day: dt.date) -> Sequence[Run]:
        """Return the runs up to `day`."""
        return self.runs[: bisect_right(self.runs, day, key=lambda run: run.run_date)]

    @property
    def recorded_at(self) -> dt.datetime | None:
        """When the newest run was recorded."""
        return self.runs[-1].recorded_at if self.runs else None

    @property
    def last_shown(self) -> dt.date:
        """The day at the right end of its pictures: the site's last, or its own if that was long ago."""
        own = self.runs[-1].run_date
        return self.last_day if self.last_day and 0 <= (self.last_day - own).days < 90 else own


def late_days(recorded_at: dt.datetime | None, now: dt.datetime) -> int:
    """Return for how many days a run has been missing: 0 until its schedule and the usual delay are over."""
    if recorded_at is None or now - recorded_at < dt.timedelta(hours=STALE_HOURS):
        return 0
    return max(1, (now - recorded_at).days)
