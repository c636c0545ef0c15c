"""What a person receives of a table, from its first day, and how soon its known changes are seen."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.messages.monitor import messages_of
from benchmarks.tables.known import Table
from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.incidents import Event, Run
from driftmonitor.pipeline.trials.backtests import Compared, judge_in_turn

YEAR, HALF_YEAR, NEAR = 365, 182, 7  # days


@dataclass(frozen=True)
class Figures:
    """A table's records, judged in turn, and the messages of its days."""

    table: Table
    records: Sequence[RunRecord]
    messages: Sequence[Event]
    budget: float

    @property
    def days(self) -> int:
        """The days from the first run to the last, with or without data."""
        return (self.records[-1].run_date - self.records[0].run_date).days + 1

    @property
    def drift_days(self) -> list[dt.date]:
        """The drift days, in order."""
        return [record.run_date for record in self.records if record.status == "drift"]

    @property
    def a_year(self) -> float:
        """The messages a year."""
        return len(self.messages) * YEAR / self.days

    @property
    def early(self) -> tuple[int, float]:
        """The messages of the first half-year, and how many of them the budget allows."""
        first = self.records[0].run_date
        count = sum((event.run_date - first).days < HALF_YEAR for event in self.messages)
        return count, self.budget * min(self.days, HALF_YEAR) / YEAR

    @property
    def at_changes(self) -> int:
        """The messages within a week of a known change."""
        return sum(
            any(0 <= (event.run_date - day).days < NEAR for day in self.table.changes) for event in self.messages
        )

    def seen(self, change: dt.date) -> int | None:
        """Return after how many days a change is seen, 0 on its first day; None if not within a week."""
        return next((days for day in self.drift_days if 0 <= (days := (day - change).days) < NEAR), None)


def find_figures(table: Table, monitor: Monitor, compared: Sequence[Compared]) -> Figures:
    """Return the figures of a table whose days were compared."""
    records, budget = judge_in_turn(monitor, compared), monitor.settings.alert.false_alarms_per_year
    return Figures(table, records, messages_of(map(Run.of, records), budget), budget)
