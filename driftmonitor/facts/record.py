"""The run record: the result of one day's notebook, which the notebook emits and the runner reads.

It is an output of the executed notebook with scrapbook's media type, so tools that know scrapbook can read it too.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    model_serializer,
    model_validator,
)

from driftmonitor import DriftMonitorError
from driftmonitor.facts.base import Fact
from driftmonitor.facts.checks import Check
from driftmonitor.facts.distribution import Distribution
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Judgement, LastingChange
from driftmonitor.facts.model import ModelRecord
from driftmonitor.facts.reading import Reading
from driftmonitor.facts.where import Where
from driftmonitor.regular_files import Folder, Missing, Unreadable

SCHEMA = 1
MEDIA_TYPE = "application/scrapbook.scrap.json+json"
NEGLIGIBLE = 0.02  # of a model's score
FEWEST_VALUES = 5  # of a tested column; with fewer, even two samples with no value in common are hardly evidence
OF_THE_RUN = ("drift_share", "record")  # scraps

RunStatus = Literal["healthy", "drift", "failed"]
ErrorKind = Literal["data_missing", "crashed", "timeout", "killed"]
ColumnStatus = Literal["stable", "drifted", "not_testable"]
JSON_OBJECT = TypeAdapter(dict[str, JsonValue], config=ConfigDict(allow_inf_nan=False))  # not too deep, no NaN
LATER_PARTS = ("reading", "evidence", "judgement", "model")
NUMBERS_ON_LINES = re.compile(r"\[\n([-+\d.eE,\s]|null)*\]")  # never inside a JSON string: these have no line breaks


class SidePair(Fact):
    """A share of rows (0 to 1) in the reference and in the current data."""

    reference: float
    current: float


class Rows(Fact):
    """The number of rows compared, and of all rows before sampling."""

    reference: int
    current: int
    reference_total: int
    current_total: int


class ColumnScore(Fact):
    """The test result of one column.

    `statistic`: the method's own: D for ks, chi-squared for chisquare, the distance for methods that are a distance.
    `distance`: from 0 to 1: K-S distance of numbers, total variation of categories.
    `effect`: the change in the column's own terms, such as both means. `distribution`: where its values are.
    `from_all_rows`: the fields that were computed from all rows although a sample was compared; left out if empty.
    """

    name: str
    kind: Literal["numerical", "categorical"] | None
    status: ColumnStatus
    method: str | None = None
    p_value: float | None = None
    statistic: float | None = None
    threshold: float | None = None
    adjusted_p_value: float | None = None
    distance: float | None = None
    effect: Annotated[dict[str, Any], AfterValidator(JSON_OBJECT.validate_python)] = Field(default_factory=dict)
    distribution: Distribution | None = Field(None, exclude_if=lambda distribution: distribution is None)
    missing_share: SidePair | None = None
    reason: str | None = None
    from_all_rows: tuple[str, ...] = Field((), exclude_if=lambda names: not names)


def by_severity(scores: Iterable[ColumnScore], parts: Mapping[str, float] | None = None) -> list[ColumnScore]:
    """Return the scores, the most severe first: drifted, not testable, stable; within these by distance.

    `parts`: what columns do to a model's score, by which their distances are multiplied; the score itself has none.
    """
    rank, part = {"drifted": 2, "not_testable": 1, "stable": 0}, parts or {}

    def severity(score: ColumnScore) -> tuple[int, float]:
        distance = score.distance if score.distance is not None else (score.statistic or 0.0)
        return rank[score.status], distance * part.get(score.name, 1.0)

    return sorted(scores, key=severity, reverse=True)


class Finding(Fact):
    """A data-quality issue: something wrong with the data, whether or not it drifted."""

    kind: str
    column: str | None
    message: str
    p_value: float | None = None


class RunRecord(Fact):
    """One monitor's result for one run date."""

    schema_version: int = Field(SCHEMA, alias="schema")
    monitor: str
    run_date: dt.date
    status: RunStatus
    drift_share: float | None = None
    threshold: float | None = None
    drifted: bool | None = None
    min_distance: float = 0.0  # below it a column never counts as drifted, however small its p-value
    rows: Rows | None = None
    columns: tuple[ColumnScore, ...] = ()
    quality: tuple[Finding, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
    duration_seconds: float | None = None
    error: str | None = None
    error_kind: ErrorKind | None = None
    reading: Reading | None = None
    evidence: Evidence | None = None
    judgement: Judgement | None = None
    model: ModelRecord | None = None
    checks: tuple[Check, ...] = Field((), exclude_if=lambda checks: not checks)
    where: tuple[Where, ...] = Field((), exclude_if=lambda where: not where)
    where_unknown: str | None = Field(None, exclude_if=lambda reason: not reason)  # why, of a past drift day

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, populate_by_name=True)

    @model_validator(mode="after")
    def check_parts_agree(self) -> "RunRecord":
        """Refuse a record whose parts contradict each other, such as a healthy run without a verdict."""
        if self.schema_version != SCHEMA:
            raise ValueError(f"schema {self.schema_version} is not {SCHEMA}")
        if self.status == "failed":
            return self
        if self.drifted is None or self.drift_share is None or self.threshold is None or self.rows is None:
            raise ValueError("drift_share, threshold, drifted and rows are missing")
        judgement = self.budget_judgement
        deciding, drift = ("judgement.alarm", judgement.alarm) if judgement else ("drifted", self.drifted)
        if drift != (self.status == "drift"):
            raise ValueError(f"status is {self.status} but {deciding} is {drift}")
        return self

    @model_serializer(mode="wrap")
    def without_empty_parts(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the fields without those parts that older versions did not have, if they are empty."""
        return {name: value for name, value in dump(self).items() if value is not None or name not in LATER_PARTS}

    @property
    def budget_judgement(self) -> Judgement | None:
        """The judgement of the budget rule if that decided the status; None if the share rule did.

        Its causes in columns that do nothing to a model's score come last.
        """
        if self.judgement is None or not self.judgement.decides:
            return None
        return self.judgement.with_last(self.negligible) if self.negligible else self.judgement

    @property
    def budgeted(self) -> bool:
        """Whether the budget rule decided the status."""
        return self.budget_judgement is not None

    @property
    def changed(self) -> LastingChange | None:
        """A difference from the reference that lasts, although the budget rule finds the day as usual."""
        judgement = self.budget_judgement
        return judgement.changed if judgement else None

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """The names of the checks that fail."""
        return tuple(check.name for check in self.checks if check.fails)

    @property
    def shown_status(self) -> str:
        """The status as people are shown it: without drift, `check_failed` if a check fails."""
        return "check_failed" if self.status == "healthy" and self.failed_checks else self.status_of_data

    @property
    def status_of_data(self) -> str:
        """The status without checks: a healthy run is `changed` if a difference lasts."""
        return "changed" if self.changed and self.status == "healthy" else self.status

    @property
    def drifted_columns(self) -> list[ColumnScore]:
        """The columns that the deciding rule names: the drifted ones, or those of the causes, the worst first."""
        if judgement := self.budget_judgement:
            by_name = {column.name: column for column in self.columns}
            return [by_name[name] for name in judgement.columns if name in by_name]
        return self.differing_columns

    @property
    def differing_columns(self) -> list[ColumnScore]:
        """The columns that differ from the reference by their own test, whatever the rule says, the worst first."""
        return [column for column in self.worst_columns if column.status == "drifted"]

    @property
    def worst_columns(self) -> list[ColumnScore]:
        """All columns, the most severe first; with a model, by what they do to its score too."""
        return by_severity(self.columns, self.parts)

    @property
    def parts(self) -> dict[str, float]:
        """What columns do to a model's score, as parts of 1; empty if it is not known."""
        importance = self.model.importance if self.model else None
        return importance.parts if importance and importance.tells else {}

    @property
    def negligible(self) -> set[str]:
        """The columns that do next to nothing to a model's score."""
        return {name for name, part in self.parts.items() if part < NEGLIGIBLE}

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON's types."""
        return self.model_dump(mode="json", by_alias=True)

    def to_json(self) -> str:
        """Return the record as the text of `record.json`: indented, with each list of numbers on one line."""
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False)
        return NUMBERS_ON_LINES.sub(lambda numbers: re.sub(r"\s+", "", numbers[0]), text) + "\n"


def failed(
    monitor: str,
    run_date: dt.date,
    error: str,
    duration_seconds: float | None = None,
    error_kind: ErrorKind = "crashed",
) -> RunRecord:
    """Return the record of a failed run; `error` says why, on one line."""
    return RunRecord(
        monitor=monitor,
        run_date=run_date,
        status="failed",
        error=error,
        error_kind=error_kind,
        duration_seconds=duration_seconds,
    )


def plain(value: Any) -> Any:
    """Return `value` in JSON's types: numpy scalars as Python's, NaN and infinities as None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def parse(data: Any, where: str) -> RunRecord:
    """Return the record in `data`; DriftMonitorError, which begins with `where`, if it is not a valid one."""
    try:
        return RunRecord.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"][:6])  # one that is nested too deep has hundreds
        raise DriftMonitorError(f"{where}: not a run record: {key} {first['msg']}.".replace("  ", " ")) from None


def read_report(report: Folder) -> RunRecord:
    """Return the record of a report; DriftMonitorError says why it has no valid one, Missing that it has none."""
    where = f"{report}/record.json"
    try:
        return parse(report.read_json("record.json"), where)
    except Missing:
        raise
    except Unreadable as error:
        reason = f"{where}: {error.strerror}"
    except DriftMonitorError as error:
        reason = str(error).removesuffix(".")
    except ValueError:
        reason = f"{where}: invalid JSON"
    raise DriftMonitorError(f"{reason}; run `python runner.py execute` again.")


def emit(record: RunRecord) -> None:
    """Emit two scraps, `drift_share` and `record`, as outputs of the running cell."""
    for name, data in (("drift_share", record.drift_share), ("record", record.to_dict())):
        emit_scrap(name, data, f"{name}: kept in this output")


def emit_scrap(name: str, data: Any, words: str) -> None:
    """Emit a scrap as an output of the running cell, which shows it as `words`."""
    from IPython.display import display

    scrap = {"name": name, "data": data, "encoder": "json", "version": 1}
    display({MEDIA_TYPE: scrap, "text/plain": words}, raw=True, metadata={"scrapbook": {"name": name}})


def scraps(notebook: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the name and data of every scrap in an executed notebook, in order."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            scrap = output.get("data", {}).get(MEDIA_TYPE)
            if isinstance(scrap, dict) and "name" in scrap:
                yield scrap["name"], scrap.get("data")


def read_notebook(notebook: dict[str, Any]) -> RunRecord | None:
    """Return the record that an executed notebook emitted last; None if it emitted none."""
    data = dict(scraps(notebook)).get("record")
    return None if data is None else parse(data, "the notebook's record")
