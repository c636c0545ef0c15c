"""The earlier days of a run, as the file that its notebook reads: their evidence, the newest one's reading, no row."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import model_validator
from pydantic_core import from_json, to_json

from driftmonitor import DriftMonitorError
from driftmonitor.facts.base import Fact, StoredFact
from driftmonitor.facts.checks import Check
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import FALSE_ALARMS_PER_YEAR, LastingChange, Rule
from driftmonitor.facts.model import Importance, ModelDay
from driftmonitor.facts.reading import EarlierReading
from driftmonitor.facts.stored_evidence import NUMBERS, split_days
from driftmonitor.regular_files import MOST_JSON, read_file

NAME = "past.json"
REFERENCE_NAME = "reference_days.json"
KEPT = ("name", "reference", "rows", "missing", "counts", "tail", "quartiles")  # the reference's are in today's columns

NEWEST = 28  # days before a day, with which its rows and its columns are compared
KEPT_OF_SEGMENTS = ("reference", "rows", "sums")


class EarlierDay(Fact):
    """One earlier day: its evidence, whether it was a drift day (`alarm`), and an analyst's review of it (`label`).

    `changed`: a change that began before it and lasted.
    """

    date: dt.date
    alarm: bool = False
    label: Literal["", "dismissed", "confirmed", "accepted"] = ""
    of_reference: bool = False  # a day of the reference is compared with the rest of the reference
    changed: LastingChange | None = None
    evidence: Evidence


class ReferenceDays(StoredFact):
    """The days of a monitor's reference, oldest first, each compared with the rest of the reference.

    `whole`: whether all days of the reference came before the run that left them.
    """

    days: tuple[EarlierDay, ...] = ()
    whole: bool = True

    def cover(self, today: Evidence) -> bool:
        """Return whether these are all days of today's reference, as the fingerprints of today's columns tell.

        They may have columns that today lacks, because one could not be tested.
        """
        if not (self.whole and self.days):
            return False
        last = self.days[-1].evidence
        return today.references.items() <= last.references.items() and today.segmentations <= last.segmentations


class EarlierDays(Fact):
    """The earlier days of a run, oldest first, and the alert rule under which they are compared.

    `holidays`: whose public holidays are special days. `label`: a model's column, whose values may come later.
    `named`: columns of which the params file says the kind.
    `complete`: whether they are all. If not, the day is judged when it is recorded, and the days before it are.
    `reference`: days of the reference, as an earlier run left them.
    `drift_since`: the first day of a drift that lasted until the run; of a monitor with a model.
    """

    rule: Rule = "share"
    false_alarms_per_year: float = FALSE_ALARMS_PER_YEAR
    holidays: str = ""
    label: str = ""
    named: tuple[str, ...] = ()
    days: tuple[EarlierDay, ...] = ()
    reading: EarlierReading | None = None  # of the newest earlier day that has one
    checks: tuple[Check, ...] = ()  # of the newest earlier day
    model: tuple[ModelDay, ...] = ()  # of each earlier day what the newest run knows, oldest first
    importance: Importance | None = None  # of the model's columns, as the newest earlier day has it
    drift_since: dt.date | None = None
    reference: ReferenceDays | None = None
    complete: bool = True

    @model_validator(mode="before")
    @classmethod
    def _split_days(cls, given: Any) -> Any:
        """Split the days if they are joined."""
        return {**given, "days": split_days(given)} if isinstance(given, dict) and NUMBERS in given else given

    @property
    def can_judge(self) -> bool:
        """Whether a day can be judged by them: always under the budget rule, otherwise only if there are any."""
        return self.rule == "budget" or bool(self.days)

    @property
    def newest(self) -> list[tuple[dt.date, Evidence]]:
        """The dates of the newest of the earlier days, oldest first, with their evidence."""
        return [(day.date, day.evidence) for day in self.days[-NEWEST:]]


def read_earlier_days(path: str | Path) -> EarlierDays | None:
    """Return the earlier days in a file, None for an empty path; DriftMonitorError if it is not such a file."""
    if not str(path).strip():
        return None
    try:
        return EarlierDays.model_validate(from_json(read_file(path, MOST_JSON), allow_inf_nan=False))
    except OSError as error:
        raise DriftMonitorError(
            f"past: {path}: cannot be read: {error.strerror}; name another file, or none."
        ) from None
    except ValueError:
        reason = "not a file of earlier days; use one that the runner wrote, or none"
        raise DriftMonitorError(f"past: {path}: {reason}.") from None


def write_earlier_days(path: Path, earlier_days: Mapping[str, Any]) -> None:
    """Write the file that `read_earlier_days` reads, from an EarlierDays in JSON's types."""
    path.write_bytes(to_json(earlier_days) + b"\n")


def earlier_day(run_date: dt.date, record: Mapping[str, Any], label: str) -> dict[str, Any] | None:
    """Return an EarlierDay in JSON's types from a record in JSON's types; None if the record has no evidence."""
    evidence = record.get("evidence")
    if not evidence:
        return None
    columns = [{name: value for name, value in column.items() if name in KEPT} for column in evidence["columns"]]
    numbers = {name: evidence[name] for name in ("rows", "compared", "checks", "dates") if evidence.get(name)}
    kept = {**numbers, "columns": columns}
    pairs = evidence.get("pairs")
    kept_pairs = {"pairs": {**pairs, "strongest": []}} if pairs else {}
    dependence = evidence.get("dependence")
    kept_tables = {"dependence": {name: dependence[name] for name in ("reference", "counts")}} if dependence else {}
    segments = [{name: each[name] for name in KEPT_OF_SEGMENTS} for each in evidence.get("segments") or ()]
    kept_segments = {"segments": segments} if segments else {}
    judgement = record.get("judgement") or {}
    lasting = {"changed": judgement["changed"]} if judgement.get("changed") else {}
    day = {"date": f"{run_date}", "alarm": bool(judgement.get("alarm")), "label": label}
    return {**day, **lasting, "evidence": {**kept, **kept_pairs, **kept_tables, **kept_segments}}


def earlier_reading(run_date: dt.date, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return an EarlierReading in JSON's types from a record in JSON's types; None if the record has no reading."""
    reading = record.get("reading")
    return {"date": f"{run_date}", "reading": reading} if reading else None
