"""What a backtest found, as it is kept beside a monitor's reports: which days each rule would have called drift."""

import datetime as dt
from collections import Counter

from driftmonitor.facts.base import Fact, StoredFact
from driftmonitor.formats import one_line

NAME = "backtest.json"


class Alarm(Fact):
    """A day that a rule calls drift, and the columns it names, the strangest first."""

    date: dt.date
    columns: tuple[str, ...] = ()


class ReplayedIncident(Fact):
    """Days of one alarm: `opened` is the day people would have heard of it, `end` the day it closed, None if never."""

    opened: dt.date
    end: dt.date | None
    columns: tuple[str, ...] = ()


class RuleReplay(Fact):
    """What one rule would have said. `waiting` are the days on which its pool was not full yet."""

    rule: str
    alarms: tuple[Alarm, ...] = ()
    incidents: tuple[ReplayedIncident, ...] = ()
    waiting: int = 0

    def say_columns(self) -> str:
        """Return the columns that the rule named, the most frequent first, with the number of days."""
        counts = Counter(name for alarm in self.alarms for name in alarm.columns[:1])
        shown = [f"{one_line(name, 40)} ({count})" for name, count in counts.most_common(3)]
        return ", ".join(shown) + (f" and {len(counts) - 3} more" if len(counts) > 3 else "")


class Backtest(StoredFact):
    """Several rules on the same days of one monitor; `days` are those with a verdict, `gaps` what was left out."""

    monitor: str
    days: tuple[dt.date, ...]
    rules: tuple[RuleReplay, ...]
    gaps: tuple[str, ...] = ()
