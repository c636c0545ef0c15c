"""What a plan is made from: a recorded run, its monitor's runs before and after it was recorded, and what changed."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.announcements import Announcement, Announcements
from driftmonitor.pipeline.alerts.incidents import Key, Run
from driftmonitor.pipeline.alerts.messages import Change


@dataclass(frozen=True)
class Recording:
    """What a plan is made from: a recorded run, the runs before and after that, and what was announced so far.

    Healthy runs that changed nothing may be left out of the runs: see `rows.read_runs_that_count`.
    """

    record: RunRecord
    old_runs: Sequence[Run]
    new_runs: Sequence[Run]
    announcements: Announcements
    record_of: Callable[[dt.date], RunRecord | None]

    @property
    def old_run(self) -> Run | None:
        """The run of that date as it was before."""
        return next((run for run in self.old_runs if run.run_date == self.record.run_date), None)

    @property
    def new_run(self) -> Run:
        """The run that was recorded, with an analyst's label."""
        return next(run for run in self.new_runs if run.run_date == self.record.run_date)

    def run_on(self, run_date: dt.date) -> Run | None:
        """Return the run of any date, as it is now."""
        return next((run for run in self.new_runs if run.run_date == run_date), None)

    @property
    def is_review(self) -> bool:
        """Whether the run stayed as it was, and an analyst's label of it changed."""
        return self.old_run is not None and self.old_run.label != self.new_run.label

    @property
    def change(self) -> Change | None:
        """What happened to the run; None for the first recording of a monitor's newest run, which corrects nothing."""
        old, new = self.old_run, self.new_run
        if old is None:
            return None if new == max(self.new_runs, key=lambda run: run.run_date) else ("added", new.run_date)
        if self.is_review:
            return new.label or "restored", new.run_date
        return "repeated", new.run_date


class Plan(Protocol):
    """Decides which announcements a recording changes."""

    @property
    def clear_runs(self) -> int:
        """How many healthy runs in a row close any incident: one more has no part in what is decided later."""

    def __call__(self, recording: Recording) -> dict[Key, Announcement]: ...
