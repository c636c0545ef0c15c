"""What a backtest found, as it is kept beside a monitor's reports: which days each rule would have called drift."""

import datetime as dt
import json
from pathlib import Path

from pydantic import ValidationError

from driftmonitor import DriftMonitorError
from driftmonitor.parts import Part

NAME = "backtest.json"


class Alarm(Part):
    """A day that a rule calls drift, and the columns it names, the strangest first."""

    date: dt.date
    columns: tuple[str, ...] = ()


class Incident(Part):
    """Days of one alarm: `opened` is the day people would have heard of it, `end` the day it closed, None if never."""

    opened: dt.date
    end: dt.date | None
    columns: tuple[str, ...] = ()


class RuleReplay(Part):
    """What one rule would have said. `waiting` are the days on which its pool was not full yet."""

    rule: str
    alarms: tuple[Alarm, ...] = ()
    incidents: tuple[Incident, ...] = ()
    waiting: int = 0


class Backtest(Part):
    """Several rules on the same days of one monitor; `days` are those with a verdict, `gaps` what was left out."""

    monitor: str
    days: tuple[dt.date, ...]
    rules: tuple[RuleReplay, ...]
    gaps: tuple[str, ...] = ()


def read_backtest(path: Path) -> Backtest | None:
    """Return a monitor's backtest, or None if it has none that can be read."""
    try:
        return Backtest.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None


def write_backtest(path: Path, backtest: Backtest) -> None:
    """Write what `read_backtest` reads."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(backtest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise DriftMonitorError(f"{path}: cannot be written: {error.strerror}; choose another --state.") from None
