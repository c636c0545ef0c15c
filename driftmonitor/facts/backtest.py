"""The result of a backtest, kept next to a monitor's reports: the drift days and incidents of each rule."""

import datetime as dt
from collections import Counter

from driftmonitor.facts.base import Fact, StoredFact
from driftmonitor.formats import one_line

NAME = "backtest.json"


class DriftDay(Fact):
    """A drift day of one rule, and the columns that it names, the most unusual first."""

    date: dt.date
    columns: tuple[str, ...] = ()


class ReplayedIncident(Fact):
    """An incident from the day of its first alert, `opened`, to the day it closed, `end`; None while it is open."""

    opened: dt.date
    end: dt.date | None
    columns: tuple[str, ...] = ()


class RuleReplay(Fact):
    """The result of one rule. `alarms` are its drift days, `waiting` is the number of days in its warm-up."""

    rule: str
    alarms: tuple[DriftDay, ...] = ()
    incidents: tuple[ReplayedIncident, ...] = ()
    waiting: int = 0

    def say_columns(self) -> str:
        """Return the columns that the rule named first, the most frequent first, each with its number of days."""
        counts = Counter(name for day in self.alarms for name in day.columns[:1])
        shown = [f"{one_line(name, 40)} ({count})" for name, count in counts.most_common(3)]
        return ", ".join(shown) + (f" and {len(counts) - 3} more" if len(counts) > 3 else "")


class Backtest(StoredFact):
    """Several rules on the same days of one monitor: `days` have a verdict, `gaps` says which others were left out."""

    monitor: str
    days: tuple[dt.date, ...]
    rules: tuple[RuleReplay, ...]
    gaps: tuple[str, ...] = ()
