"""The days before a run, as the file that its notebook is given: the evidence they left, and no value of any row."""

import datetime as dt
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from driftmonitor import DriftMonitorError
from driftmonitor.evidence import Evidence, Rule
from driftmonitor.parts import Part

NAME = "past.json"
WEEK_DAYS = 7


class PastDay(Part):
    """One finished day: its evidence, whether it alarmed, and what an analyst said of it."""

    date: dt.date
    alarm: bool = False
    label: Literal["", "dismissed", "confirmed"] = ""
    evidence: Evidence


class Past(Part):
    """The days before one run, oldest first, and the rule that decides."""

    rule: Rule = "share"
    false_alarms_per_year: float = 4
    days: tuple[PastDay, ...] = ()

    def week(self, run_date: dt.date) -> list[PastDay]:
        """Return the finished ones of the six days before `run_date`, without those that an analyst has judged."""
        return [day for day in self.days if 0 < (run_date - day.date).days < WEEK_DAYS and not day.label]


def read_past(path: str | Path) -> Past | None:
    """Return the past in a file, or None for an empty name. DriftMonitorError for what is no such file."""
    if not str(path).strip():
        return None
    try:
        return Past.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise DriftMonitorError(f"past: {path}: cannot be read: {error.strerror}; name another, or none.") from None
    except (ValidationError, ValueError):
        reason = "not a file of past days; let the runner write it, or name none"
        raise DriftMonitorError(f"past: {path}: {reason}.") from None


def write_past(path: Path, past: dict[str, Any]) -> None:
    """Write what `read_past` reads: a Past as JSON's types."""
    path.write_text(json.dumps(past, separators=(",", ":")) + "\n", encoding="utf-8")


def past_day(run_date: dt.date, record: dict[str, Any], label: str, with_counts: bool) -> dict[str, Any] | None:
    """Return one day of the past from a record as JSON's types, or None if it left no evidence."""
    evidence = record.get("evidence")
    if not evidence:
        return None
    kept = ("name", "reference", "rows", "day", "week", "missing", *(["counts"] if with_counts else []))
    columns = [{name: column[name] for name in kept if name in column} for column in evidence["columns"]]
    pairs = evidence.get("pairs")
    told = {"columns": columns, **({"pairs": {**pairs, "strongest": []}} if pairs else {})}
    alarm = bool((record.get("judgement") or {}).get("alarm"))
    return {"date": f"{run_date}", "alarm": alarm, "label": label, "evidence": told}
