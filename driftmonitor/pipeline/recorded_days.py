"""A monitor's recorded days as its later runs know them, taken from the newest report's file as far as it has them.

Reading a year of records takes longer than all else that is done with them. A report keeps what its run knew of each
record, with a hash of the record; from a report of this version, only records that it does not know are read.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pydantic_core import from_json

from driftmonitor import DriftMonitorError, __version__
from driftmonitor.budget.policy import days_of_last_year, newest_that_count
from driftmonitor.facts.earlier_days import NAME, earlier_day, earlier_reading
from driftmonitor.facts.model import Importance
from driftmonitor.facts.stored_evidence import PACKED, pack_evidence, read_references, split_packed
from driftmonitor.regular_files import MOST_JSON, Folder

RECORD = "record"  # the hash of a day's record, in the file
Known = Mapping[str, dict[str, Any]]  # days by the hash of their record


class DamagedRecord(Exception):  # noqa: N818  `History.records_before` says which, and what to do
    """A record that cannot be read."""


class Recorded(Protocol):
    """A successful run in the history."""

    @property
    def run_date(self) -> dt.date:
        """Its date."""

    @property
    def label(self) -> str:
        """Its review, or ""."""

    @property
    def digest(self) -> str:
        """A hash of its record."""

    def read(self) -> dict[str, Any]:
        """Return its record, in JSON's types; ValueError if it is damaged."""


class ReadRun(NamedTuple):
    """A run whose record was read."""

    run_date: dt.date
    label: str
    record: dict[str, Any]
    digest: str = ""

    def read(self) -> dict[str, Any]:
        """Return its record."""
        return self.record


class RecordedDay:
    """A run of a monitor, and what later runs know of it: read from its record when that is first asked for."""

    def __init__(self, monitor: str, run: Recorded, known: Known) -> None:
        self.date, self.label = run.run_date, run.label
        self._monitor, self._run, self._known = monitor, run, known

    @cached_property
    def record(self) -> dict[str, Any]:
        """The record, in JSON's types; DamagedRecord if it cannot be read."""
        try:
            return self._run.read()
        except ValueError:
            raise DamagedRecord from None

    @cached_property
    def content(self) -> dict[str, Any] | None:
        """The run as an EarlierDay with packed evidence; None if it left none, DriftMonitorError if that is damaged."""
        digest = hashlib.blake2b(f"{__version__} {self._run.digest}".encode(), digest_size=12).hexdigest()
        if known := self._known.get(digest):
            return {**known, "date": f"{self.date}", "label": self.label}
        try:
            day = earlier_day(self.date, self.record, self.label)
            return day and {**day, "evidence": pack_evidence(day["evidence"]), RECORD: digest}
        except (TypeError, KeyError, AttributeError, ValueError):
            raise DriftMonitorError(
                f"the history's evidence of {self._monitor} on {self.date}: damaged; run it again."
            ) from None

    @property
    def references(self) -> dict[str, str]:
        """The fingerprint of each column's reference."""
        return read_references(self.content["evidence"][PACKED]["columns"].shape) if self.content else {}

    def describe(self) -> tuple[dt.date, str, bool]:
        """Return its date, its review and whether it was a drift day."""
        return self.date, self.label, bool(self.content and self.content["alarm"])


def read_known_days(reports: Path) -> Known:
    """Return the days that the newest report among a monitor's `reports` knew; none if there is no such file."""
    newest = max(reports.glob(f"[0-9]*/{NAME}"), default=None)
    if newest is None:
        return {}
    try:
        days = split_packed(from_json(Folder(newest.parent).read(NAME, MOST_JSON)))
        return {day[RECORD]: day for day in days}
    except (DriftMonitorError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return {}  # of another version, or damaged: the records are read


def find_days(monitor: str, runs: Iterable[Recorded], known: Known, newest: dict[str, Any]) -> Iterator[RecordedDay]:
    """Yield the days of a monitor's runs, newest first.

    Put into `newest` what is left of the newest run but its evidence: its checks, its model's columns, and the reading
    of the newest one that has any.
    """
    for run in runs:
        day = RecordedDay(monitor, run, known)
        if not newest:
            newest |= {"reading": None, "checks": day.record.get("checks"), **_importance(day.record.get("model"))}
        if not newest["reading"]:
            newest["reading"] = earlier_reading(day.date, day.record)
        yield day


def _importance(model: dict[str, Any] | None) -> dict[str, Any]:
    """Return what a run found of its model's columns, in JSON's types; {} if that is damaged or unknown."""
    found = model.get("importance") if isinstance(model, dict) else None
    if not found:
        return {}
    try:
        Importance.model_validate(found)
        return {"importance": found}
    except ValueError:
        return {}  # it is found anew


def choose_days(
    days: Iterator[RecordedDay], run_date: dt.date, false_alarms_per_year: float, kind: Callable[[dt.date], int]
) -> list[RecordedDay]:
    """Return those days, of the newest first, that can affect the verdict of `run_date`.

    Records between the baseline and last year are not read.
    """
    with_evidence = (day for day in days if day.content)
    newest = [*newest_that_count(with_evidence, RecordedDay.describe, run_date, false_alarms_per_year, kind)]
    return [*newest, *(day for day in days_of_last_year(days, attrgetter("date"), run_date) if day.content)]
