"""Everything the pages need from one monitor's history: its runs, last successful record and report files."""

import datetime as dt
import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.backtest import Backtest
from driftmonitor.facts.calibration import Calibration
from driftmonitor.facts.record import RunRecord
from driftmonitor.facts.story import Note
from driftmonitor.formats import counted
from driftmonitor.pipeline.alerts.incidents import HARMLESS, Run, State
from driftmonitor.pipeline.alerts.state import fold, last_checked
from driftmonitor.pipeline.alerts.stories import Stories
from driftmonitor.pipeline.pages.column_ids import MOST_PAGES

DAYS_SHOWN = 90  # in the strip of days and in the small lines


@dataclass(frozen=True)
class MonitorView:
    """One monitor: its runs in date order, its last successful record, and the report files of each day.

    `last_day` is the newest run date on the whole site, so that a day is at the same place in every monitor's pictures.
    `overdue_days` is the number of days without an expected run, 0 if none is overdue. `problem` is what is wrong with
    its params file. `roles` says what columns are to the model.
    """

    name: str
    title: str
    runs: Sequence[Run] = ()
    last_success: RunRecord | None = None
    files: Mapping[dt.date, Sequence[str]] = field(default_factory=dict)
    settings: AlertSettings = field(default_factory=AlertSettings)
    retired: bool = False
    last_day: dt.date | None = None
    overdue_days: int = 0
    calibration: Calibration | None = None
    backtest: Backtest | None = None
    notes: Sequence[Note] = ()
    group: str = ""
    owner: str = ""
    problem: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def state(self) -> State:
        return fold(self.runs, self.settings)

    @cached_property
    def stories(self) -> Stories:
        """The stories of its incidents."""
        return Stories(self.runs, self.settings, self.notes)

    @cached_property
    def by_date(self) -> dict[dt.date, Run]:
        return {run.run_date: run for run in self.runs}

    @cached_property
    def published(self) -> list[dt.date]:
        """The days with a page, oldest first."""
        return [run.run_date for run in self.runs if run.run_date in self.files]

    @cached_property
    def successful_days(self) -> list[dt.date]:
        """The days of the runs that did not fail, oldest first."""
        return [run.run_date for run in self.runs if run.status != "failed"]

    @cached_property
    def columns_with_page(self) -> tuple[str, ...]:
        """The columns that have a page of their own: the most severe of the last successful run, sorted by name."""
        record = self.last_success
        return tuple(sorted(score.name for score in record.worst_columns[:MOST_PAGES])) if record else ()

    @property
    def has_backtest(self) -> bool:
        """Whether it has a page of a backtest."""
        return self.backtest is not None and bool(self.backtest.days)

    @property
    def budgeted(self) -> bool:
        """Whether the budget rule decided the last successful run."""
        return self.last_success is not None and self.last_success.budgeted

    @cached_property
    def excused(self) -> dict[dt.date, str]:
        """The days that an analyst dismissed or accepted, and which of both."""
        return {run.run_date: run.label for run in self.runs if run.label in HARMLESS}

    @cached_property
    def run_keys(self) -> list[str]:
        """One hash for no run, the first run, the first two, and so on: a changed run changes its own and all later."""
        digest = hashlib.sha256()
        keys = [digest.hexdigest()]
        for run in self.runs:
            digest.update(repr(vars(run)).encode("utf-8", "replace"))
            keys.append(digest.hexdigest())
        return keys

    def runs_until(self, day: dt.date) -> Sequence[Run]:
        """Return the runs up to and including `day`."""
        return self.runs[: bisect_right(self.runs, day, key=lambda run: run.run_date)]

    @property
    def recorded_at(self) -> dt.datetime | None:
        """When the newest run was recorded."""
        return self.runs[-1].recorded_at if self.runs else None

    @property
    def checked_at(self) -> dt.datetime | None:
        """When it was last checked, if it is checked daily: None for a retired monitor, and for one on past data."""
        return None if self.retired or not self.runs else last_checked(self.runs[-1])

    @property
    def warm_up(self) -> tuple[int, int] | None:
        """The number of baseline days so far and of those needed, as long as they are too few."""
        judgement = self.last_success.budget_judgement if self.last_success else None
        if judgement is None or judgement.mode != "early" or judgement.pool_days >= judgement.pool_needed:
            return None
        return judgement.pool_days, judgement.pool_needed

    def count_runs(self, first: dt.date, last: dt.date) -> str:
        """Return how long a time was: `3 days`, or the number of runs, `3 runs`, if some of its days have none."""
        days, runs = (last - first).days + 1, sum(first <= run.run_date <= last for run in self.runs)
        return counted(runs, "run") if runs < days else counted(days, "day")

    @property
    def last_shown(self) -> dt.date:
        """The last day of its pictures: the site's last day, or its own last run if that was long ago."""
        own = self.runs[-1].run_date
        return self.last_day if self.last_day and 0 <= (self.last_day - own).days < DAYS_SHOWN else own

    @cached_property
    def days_shown(self) -> list[dt.date]:
        """The 90 days up to `last_shown`, oldest first; none before the first run."""
        back = range(DAYS_SHOWN - 1, -1, -1) if self.runs else ()
        return [self.last_shown - dt.timedelta(days) for days in back]


def as_reviewed(record: RunRecord | None, run: Run) -> RunRecord | None:
    """Return the record of a run without the difference that lasts, if an analyst found that harmless."""
    if record is None or record.judgement is None or record.changed is None or run.label not in HARMLESS:
        return record
    return record.model_copy(update={"judgement": record.judgement.model_copy(update={"changed": None})})
