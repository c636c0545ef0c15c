"""The crons of the daily workflow, and the day to which a run belongs, however late it was started."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from driftmonitor import DriftMonitorError
from driftmonitor.config.read_settings import parse_timezone
from driftmonitor.regular_files import read_file

WORKFLOW = Path(".github/workflows/drift_check.yml")
CRON = re.compile(r"([0-5]?\d) ([01]?\d|2[0-3])( [0-9*,/A-Za-z-]+){3}")


@dataclass(frozen=True)
class Cron:
    """One entry under `schedule:`; without `timezone:` it is in UTC."""

    cron: str
    timezone: str = "UTC"

    def __str__(self) -> str:
        return f"{self.cron} {self.timezone}"

    def last_due(self, moment: dt.datetime) -> dt.datetime:
        """Return when it was last due at that moment, in its time zone."""
        times = CRON.fullmatch(self.cron.strip())
        if not times:
            raise DriftMonitorError(
                f"{WORKFLOW}: cron {self.cron!r} has no single time; give one minute and one hour: '0 9 * * *'."
            )
        due = moment.astimezone(ZoneInfo(self.timezone)).replace(
            hour=int(times[2]), minute=int(times[1]), second=0, microsecond=0
        )
        return due if _begins(due) <= moment else due - dt.timedelta(days=1)


def _begins(local: dt.datetime) -> dt.datetime:
    """Return the first moment at which a clock shows this time; if the clock skips it, a moment before it does.

    When the clock goes forward, GitHub starts a skipped time at the next valid one (docs.github.com, "Events that
    trigger workflows", `schedule`). When it goes back, a time comes twice.
    """
    return min(local.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))


def read_crons(workflow: Path = WORKFLOW) -> list[Cron]:
    """Return the crons of the daily workflow: the daily one first, then those that catch up; [] if it has none."""
    try:
        document = yaml.safe_load(read_file(workflow))
        triggers = document["on"] if "on" in document else document[True]  # PyYAML reads a bare `on` as true
        entries = triggers.get("schedule") or [] if isinstance(triggers, dict) else []
        return [Cron(entry["cron"], _timezone(entry, workflow)) for entry in entries]
    except DriftMonitorError:
        raise
    except (OSError, UnicodeDecodeError, yaml.YAMLError, LookupError, TypeError, AttributeError):
        raise DriftMonitorError(f"{workflow}: its schedule cannot be read; restore the file.") from None


def _timezone(entry: dict[str, Any], workflow: Path) -> str:
    return parse_timezone(str(entry.get("timezone") or "UTC"), f"{workflow}: ")


def scheduled_date(fired: str, crons: Sequence[Cron], moment: dt.datetime) -> dt.date:
    """Return the run date of a run that the cron `fired` started, at a moment that may be hours too late.

    It is the day on which the daily cron was last due when `fired` was, as a calendar in the daily cron's time zone
    shows it.
    """
    entries = [cron for cron in crons if cron.cron == fired] or [Cron(fired)]
    due = max(cron.last_due(moment) for cron in entries)
    return (crons or entries)[0].last_due(due).date()


def date_by_hand(crons: Sequence[Cron], moment: dt.datetime) -> dt.date:
    """Return the run date of a run that somebody started then: today in the daily cron's time zone."""
    return moment.astimezone(ZoneInfo(crons[0].timezone if crons else "UTC")).date()
