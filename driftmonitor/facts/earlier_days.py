"""The days before a run, as the file that its notebook is given: the evidence they left, and no value of any row."""

import datetime as dt
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from driftmonitor import DriftMonitorError
from driftmonitor.facts.base import Fact
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Rule

NAME = "past.json"
KEPT = ("name", "reference", "rows", "missing", "counts")  # of a column; the reference's own counts are today's


class EarlierDay(Fact):
    """One finished day: its evidence, whether it alarmed, and what an analyst said of it."""

    date: dt.date
    alarm: bool = False
    label: Literal["", "dismissed", "confirmed"] = ""
    of_reference: bool = False  # then it is compared with the reference without it
    evidence: Evidence


class EarlierDays(Fact):
    """The days before one run, oldest first, and the rule that decides."""

    rule: Rule = "share"
    false_alarms_per_year: float = 4
    days: tuple[EarlierDay, ...] = ()


def read_earlier_days(path: str | Path) -> EarlierDays | None:
    """Return the past in a file, or None for an empty name. DriftMonitorError for what is no such file."""
    if not str(path).strip():
        return None
    try:
        return EarlierDays.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise DriftMonitorError(f"past: {path}: cannot be read: {error.strerror}; name another, or none.") from None
    except (ValidationError, ValueError):
        reason = "not a file of past days; let the runner write it, or name none"
        raise DriftMonitorError(f"past: {path}: {reason}.") from None


def write_earlier_days(path: Path, past: dict[str, Any]) -> None:
    """Write what `read_earlier_days` reads: a EarlierDays as JSON's types."""
    path.write_text(json.dumps(past, separators=(",", ":")) + "\n", encoding="utf-8")


def earlier_day(run_date: dt.date, record: dict[str, Any], label: str) -> dict[str, Any] | None:
    """Return one day of the past from a record as JSON's types, or None if it left no evidence."""
    evidence = record.get("evidence")
    if not evidence:
        return None
    columns = [{name: value for name, value in column.items() if name in KEPT} for column in evidence["columns"]]
    pairs = evidence.get("pairs")
    told = {"columns": columns, **({"pairs": {**pairs, "strongest": []}} if pairs else {})}
    alarm = bool((record.get("judgement") or {}).get("alarm"))
    return {"date": f"{run_date}", "alarm": alarm, "label": label, "evidence": told}
