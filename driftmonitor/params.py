"""Params files: what may stand in `params/<monitor>.yaml`, and the error for what may not.

The flat keys are the notebook's own parameters; the reserved key `monitor` is the runner's. Names and types of
the flat keys are held against the notebook's parameters cell, so a parameter that an analyst adds there can be
set here too.
"""

import datetime as dt
import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict  # Pydantic asks for this one below Python 3.12

from driftmonitor import DriftMonitorError

NAME_PATTERN = re.compile(r"[a-z0-9_-]{1,64}")
RESERVED_NAMES = {"api", "assets", "badge"}  # folders of the site
GIVEN_BY_RUNNER = {"run_date": "--date", "monitor_name": "the file's name", "output_dir": "--state"}

Share = Annotated[float, Field(ge=0, le=1)]
Kind = Literal["numerical", "categorical", "ignore"]


class ColumnDrift(TypedDict, total=False):
    """The simulated drift of one column; the full meaning stands in `analysis/simulate.py`."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    mean_shift: float
    scale: Annotated[float, Field(ge=0)]
    shares: dict[str, Share]
    missing: Share
    ramp_days: Annotated[int, Field(ge=1)]
    ramp_start: str
    correlation: dict[str, Annotated[float, Field(ge=-1, le=1)]]


class Parameters(TypedDict, total=False):
    """The notebook's parameters as shipped, and what each may be. Defaults stand in the notebook alone."""

    __pydantic_config__ = ConfigDict(extra="allow", strict=True)
    source: Literal["simulate", "files", "sql"]
    reference: str
    current: str
    time_column: str
    reference_window: str
    current_days: Annotated[int, Field(ge=1)]
    columns: dict[str, Kind]
    num_method: str
    cat_method: str
    methods: dict[str, str]
    p_threshold: Annotated[float, Field(gt=0, lt=1)]
    thresholds: dict[str, float]
    min_distance: Share
    drift_share: Share
    max_rows: Annotated[int, Field(ge=10)]
    seed: Annotated[int, Field(ge=0)]
    drift: dict[str, ColumnDrift]
    rows: Annotated[int, Field(ge=10)]


class Settings(BaseModel):
    """A mapping under `monitor:`; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _iso_date(value: Any) -> dt.date | None:
    """Return the date that ISO text names: dates arrive as text, because papermill needs them so."""
    if value is None or type(value) is dt.date:
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("date_parsing", "not a date") from None


class AlertSettings(Settings):
    """When a monitor speaks. The defaults are those of high recall: the first drifted day alerts."""

    rule: Literal["share"] = "share"
    for_runs: int = Field(1, ge=1, description="drifted runs in a row before drift_started")
    clear_runs: int = Field(1, ge=1, description="healthy runs in a row before drift_ended")
    remind_after_days: int = Field(7, ge=0, description="days between reminders while it lasts; 0 sends none")
    silence_until: Annotated[dt.date | None, BeforeValidator(_iso_date)] = Field(
        None, description="nothing is sent for run dates before this day; what still lasts on it is said"
    )
    silence_reason: str = Field("", max_length=500, description="shown beside the silence")


def _written(pattern: str, remedy: str) -> AfterValidator:
    """Return the check that text fits `pattern` in full."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError("not_written_so", remedy)
        return text

    return AfterValidator(check)


FunctionName = Annotated[str, _written(r"[A-Za-z0-9_.:$-]{1,170}", "give a function's name or ARN")]
Repository = Annotated[str, _written(r"this|[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}", "write owner/name, or this")]
EventType = Annotated[str, _written(r"[A-Za-z0-9_.-]{1,100}", "use letters, digits, _ . and -, at most 100")]


class RetrainSettings(Settings):
    """What is set off when a monitor drifts: exactly one of a Lambda function, a repository's workflows, a webhook."""

    aws_lambda: FunctionName | None = Field(None, description="a function's name or ARN")
    repository_dispatch: Repository | None = Field(None, description="owner/name of a GitHub repository, or this")
    event_type: EventType = Field("drift", description="of the repository_dispatch")
    webhook: bool = Field(False, description="post to the address in RETRAIN_WEBHOOK")
    events: tuple[Literal["drift_started", "drift_continues", "drift_worsened"], ...] = Field(
        ("drift_started",), strict=False, min_length=1, description="which events set it off"
    )
    cooldown_days: int = Field(7, ge=0, description="days after one retraining in which none is set off")

    @model_validator(mode="after")
    def one_target(self) -> "RetrainSettings":
        """Refuse none and several: what was meant can't be known."""
        if len(self._targets()) != 1:
            raise PydanticCustomError("targets", "name exactly one of aws_lambda, repository_dispatch and webhook")
        return self

    @property
    def channel(self) -> str:
        """The name of the channel that sets it off."""
        return self._targets()[0]

    def _targets(self) -> list[str]:
        targets = {
            "aws_lambda": self.aws_lambda,
            "repository_dispatch": self.repository_dispatch,
            "retrain_webhook": self.webhook,
        }
        return [name for name, target in targets.items() if target]

    def due(self, kind: str, run_date: dt.date, fired_on: dt.date | None) -> bool:
        """Say whether an event of `kind` on `run_date` sets it off; `fired_on` is the last run date that did."""
        cooling = fired_on is not None and (run_date - fired_on).days < self.cooldown_days
        return kind in self.events and not cooling


class MonitorSettings(Settings):
    """What the runner reads and the notebook never sees."""

    title: str = Field("", max_length=200, description="shown on the pages; the monitor's name when empty")
    notebook: str = Field("notebooks/drift_report.ipynb", description="relative to the repository's root")
    timeout_seconds: int = Field(1800, ge=1, description="limit on the whole run of the notebook")
    pass_env: tuple[str, ...] = Field((), strict=False, description="environment names the notebook may see")
    keep_reports_days: int = Field(90, ge=1, description="days a report's pages are kept")
    alert: AlertSettings = AlertSettings()
    retrain: RetrainSettings | None = Field(None, description="what drift sets off; nothing by default")


@dataclass(frozen=True)
class Monitor:
    """One params file, checked: the notebook's parameters and the runner's settings."""

    name: str
    path: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    settings: MonitorSettings = field(default_factory=MonitorSettings)

    @property
    def title(self) -> str:
        return self.settings.title or self.name


class PlainLoader(yaml.SafeLoader):
    """YAML as papermill needs it: dates stay text, a key stands once, no aliases that multiply."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(problem="aliases (*) are not allowed", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if not isinstance(key, str):
                problem = f"the key {key!r} is not text; put it in quotes"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
            if keys.count(key) > 1:
                problem = f"the key {key!r} stands twice; remove one"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


PlainLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str, where: str) -> Any:
    """Return what the YAML `text` says; `where` names it in the error."""
    try:
        return yaml.load(text, PlainLoader)  # noqa: S506  PlainLoader is a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise DriftMonitorError(f"{where}:{line} not valid YAML: {problem}.") from None


def load_monitors(
    folder: Path,
    notebook_parameters,
    only: Iterable[str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> list[Monitor]:
    """Return the monitors of every params file in `folder`, by name; refuse all if one is wrong.

    `notebook_parameters(path)` gives the parameters cell of a notebook as {name: NotebookParameter};
    `only` keeps the named monitors; `overrides` are set over every kept file's parameters.
    """
    if not folder.is_dir():
        raise DriftMonitorError(f"{folder}: no such folder; make it, or name another with --params.")
    paths: dict[str, Path] = {}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        if not NAME_PATTERN.fullmatch(path.stem):
            raise DriftMonitorError(
                f"{path}: {path.stem!r} is not a monitor's name; rename the file with a-z, 0-9, _ and -, at most 64."
            )
        if path.stem in RESERVED_NAMES:
            raise DriftMonitorError(f"{path}: {path.stem} is a folder of the site; rename the file.")
        if path.stem in paths:
            raise DriftMonitorError(f"{path}: {paths[path.stem].name} is the same monitor; remove or rename one.")
        paths[path.stem] = path
    if not paths:
        raise DriftMonitorError(f"{folder}: no params file; add one, such as {folder}/my_monitor.yaml.")
    for name in only:
        if name not in paths:
            raise DriftMonitorError(f"--monitor {name}: no such monitor{_nearest(name, paths)}")
    chosen = {name: path for name, path in paths.items() if not only or name in set(only)}
    return [read_monitor(path, notebook_parameters, overrides) for path in chosen.values()]


def read_monitor(path: Path, notebook_parameters, overrides: Mapping[str, Any] | None = None) -> Monitor:
    """Return the monitor that one params file describes."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise DriftMonitorError(f"{path}: cannot be read: {reason}.") from None
    data = read_yaml(text, str(path))
    data = {} if data is None else data
    if not isinstance(data, dict):
        raise DriftMonitorError(f"{path}: is {_describe(data)}; give `name: value` lines.")
    settings = data.pop("monitor", None)
    if settings is not None and not isinstance(settings, dict):
        raise DriftMonitorError(f"{path}: monitor is {_describe(settings)}; give `name: value` lines under it.")
    settings = _validate(TypeAdapter(MonitorSettings), settings or {}, f"{path}: monitor.")
    known = notebook_parameters(settings.notebook)
    parameters = _check_parameters(data, known, f"{path}: ")
    parameters |= _check_parameters(dict(overrides or {}), known, "-p ")
    return Monitor(path.stem, path, parameters, settings)


@dataclass(frozen=True)
class NotebookParameter:
    """One line of a notebook's parameters cell: its name, annotated type (or None) and help."""

    name: str
    type_name: str | None = None
    help: str = ""


def _check_parameters(data: dict, known: Mapping[str, NotebookParameter], where: str) -> dict[str, Any]:
    for name, value in data.items():
        if name in GIVEN_BY_RUNNER:
            raise DriftMonitorError(f"{where}{name} is given by the runner ({GIVEN_BY_RUNNER[name]}); remove it.")
        if name not in known:
            raise DriftMonitorError(f"{where}{name}: no such parameter in the notebook{_nearest(name, known)}")
        _check_type(value, known[name].type_name, f"{where}{name}")
        _check_finite(value, f"{where}{name}")
    return dict(_validate(TypeAdapter(Parameters), data, where))


# The types an annotation in a parameters cell may name, and the JSON types that fit.
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "float": (float, int), "bool": (bool,), "dict": (dict,), "list": (list,),
}  # fmt: skip


def _check_type(value: Any, type_name: str | None, where: str) -> None:
    base = (type_name or "").split("[")[0].strip()
    fits = TYPES.get(base)
    if fits is None:
        return
    if not isinstance(value, fits) or (isinstance(value, bool) and base != "bool"):
        raise DriftMonitorError(f"{where} is {_describe(value)}; give {TYPE_WORDS[base]}.")


def _check_finite(value: Any, where: str) -> None:
    """Refuse NaN and infinities anywhere in a value: papermill would write them as invalid JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        raise DriftMonitorError(f"{where} is {value}; give a finite number.")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_finite(item, where)


TYPE_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "dict": "a mapping ({name: value})", "list": "a list",
}  # fmt: skip


def _validate(adapter: TypeAdapter, data: dict, where: str) -> Any:
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        raise DriftMonitorError(_explain(error.errors()[0], adapter, where)) from None


def _explain(error: Mapping[str, Any], adapter: TypeAdapter, where: str) -> str:
    """Say one pydantic error as: where, key, value; remedy."""
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}{key}: no such key{_nearest(str(error['loc'][-1]), _keys(adapter, error['loc'][:-1]))}"
    return f"{where}{key} is {_describe(error['input'])}; {_remedy(error)}."


def _remedy(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    kind = error["type"]
    remedies = {
        "greater_than_equal": "use {ge} or more",
        "greater_than": "use more than {gt}",
        "less_than_equal": "use {le} or less",
        "less_than": "use less than {lt}",
        "literal_error": "use {expected}",
        "string_too_long": "use at most {max_length} characters",
        "too_short": "name at least {min_length}",
    }
    if kind in remedies:
        numbers = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
        return remedies[kind].format(**numbers)
    words = {
        "string_type": "text", "int_type": "a whole number", "int_from_float": "a whole number",
        "float_type": "a number", "bool_type": "true or false", "dict_type": "a mapping ({name: value})",
        "tuple_type": "a list", "list_type": "a list", "model_type": "a mapping ({name: value})",
        "model_attributes_type": "a mapping ({name: value})", "date_from_datetime_parsing": "a date such as 2026-01-31",
        "date_type": "a date such as 2026-01-31", "date_parsing": "a date such as 2026-01-31",
    }  # fmt: skip
    return f"give {words[kind]}" if kind in words else error["msg"][0].lower() + error["msg"][1:]


def _keys(adapter: TypeAdapter, location: tuple) -> list[str]:
    """Return the keys allowed at `location`, read from the model's own JSON schema."""
    schema = adapter.json_schema()
    definitions = schema.get("$defs", {})
    node = schema
    for part in location:
        node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
        reference = node.get("$ref") or next((o["$ref"] for o in node.get("anyOf", []) if "$ref" in o), None)
        node = definitions[reference.rsplit("/", 1)[1]] if reference else node
    return list(node.get("properties", {}))


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names the nearest known name, or all of them."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6) or [k for k in known if name and k.startswith(name)]
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(known)}."


def _describe(value: Any) -> str:
    """Return a value as a person would write it, cut short, with its type where that is the point."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    shown = repr(value) if isinstance(value, str) else str(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    words = {str: "text", list: "a list", dict: "a mapping"}
    return f"{shown} ({words[type(value)]})" if type(value) in words else shown


def parse_date(text: str, where: str) -> dt.date:
    """Return the ISO date `text`."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DriftMonitorError(f"{where} {text!r} is not a date; write it as 2026-01-31.") from None
