"""Check the flat keys of a params file, the notebook's parameters: their names, types and values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict  # Pydantic needs this one below Python 3.12

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import adapter_of, ask_for, describe, nearest, validate
from driftmonitor.config.check_settings import parse_checks
from driftmonitor.config.connections import check_connection
from driftmonitor.config.model_settings import OF_THE_MODEL, parse_model
from driftmonitor.config.public_holidays import check_holidays
from driftmonitor.config.read_settings import parse_read, parse_timezone
from driftmonitor.config.segment_settings import parse_segments
from driftmonitor.config.settings import AlertSettings, MonitorSettings
from driftmonitor.config.simulation import ColumnDrift, Share
from driftmonitor.formats import one_line

GIVEN_BY_RUNNER = {
    "run_date": "--date",
    "monitor_name": "the file's name",
    "output_dir": "--state",
    "past": "the history",
}

# The runner's settings, and where in a params file they belong.
OF_THE_RUNNER = {
    **dict.fromkeys(AlertSettings.model_fields, '"alert:" in "monitor:"'),
    **dict.fromkeys(MonitorSettings.model_fields, '"monitor:"'),
}

Kind = Literal["numerical", "categorical", "ignore"]


SOURCES = Path(__file__).parents[1] / "analysis/sources/readers"  # one file for each source


def _is_source(name: str) -> str:
    names = sorted(path.stem for path in SOURCES.glob("[a-z]*.py"))
    if name not in names:
        expected = f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
        raise PydanticCustomError("literal_error", "no such source", {"expected": expected})
    return name


@with_config(ConfigDict(extra="allow", strict=True))
class Parameters(TypedDict, total=False):
    """The parameters of the shipped notebook, and which values are allowed. Their defaults are in the notebook."""

    source: Annotated[str, AfterValidator(_is_source)]
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
    thresholds: dict[str, Annotated[float, Field(gt=0)]]
    min_distance: Share
    drift_share: Share
    dependence: bool
    segments: list[Any]
    holidays: str
    max_rows: Annotated[int, Field(ge=10)]
    sample_key: str
    connection: str
    read: dict[str, Any]
    timezone: str
    checks: dict[str, Any]
    seed: Annotated[int, Field(ge=0)]
    drift: dict[str, ColumnDrift]
    rows: Annotated[int, Field(ge=10, le=10_000_000)]
    draw: list[str]
    max_figures: Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class NotebookParameter:
    """One line of a notebook's parameters cell: its name, annotated type (or None), help, and default if plain."""

    name: str
    type_name: str | None = None
    help: str = ""
    default: Any = None


def check_parameters(data: Mapping[str, Any], allowed: Mapping[str, NotebookParameter], where: str) -> dict[str, Any]:
    """Return parameters that are `allowed`; DriftMonitorError, which begins with `where`, for the first that is not."""
    check_holidays(data.get("holidays"), where)
    for name, value in data.items():
        shown = one_line(name)
        if name in GIVEN_BY_RUNNER:
            raise DriftMonitorError(f"{where}{name} is set by the runner ({GIVEN_BY_RUNNER[name]}); remove it.")
        if name not in allowed and (home := OF_THE_RUNNER.get(name)):
            raise DriftMonitorError(f"{where}{name} is a setting of the runner; put it under {home}.")
        if name not in allowed:
            raise DriftMonitorError(f"{where}{shown}: no such parameter in the notebook{nearest(name, allowed)}")
        _check_type(value, allowed[name].type_name, f"{where}{name}")
        _check_finite(value, f"{where}{name}")
    if isinstance(address := data.get("connection"), str):
        check_connection(address, where)
    if isinstance(read := data.get("read"), dict):
        parse_read(read, where)
    if isinstance(checks := data.get("checks"), dict):
        parse_checks(checks, where)
    if isinstance(segments := data.get("segments"), list):
        parse_segments(segments, where)
    if allowed.keys() >= {"source", *OF_THE_MODEL}:  # another notebook's `score` may mean something else
        parse_model({"source": allowed["source"].default, **data}, where)
    if isinstance(timezone := data.get("timezone"), str):
        parse_timezone(timezone, where)
    return dict(validate(adapter_of(Parameters), dict(data), where))


# The types that an annotation in a parameters cell may name, and the JSON types that fit each.
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "float": (float, int), "bool": (bool,), "dict": (dict,), "list": (list,),
}  # fmt: skip


def _check_type(value: Any, type_name: str | None, where: str) -> None:
    base = (type_name or "").split("[")[0].strip()
    fits = TYPES.get(base)
    if fits is None:
        return
    if not isinstance(value, fits) or (isinstance(value, bool) and base != "bool"):
        raise DriftMonitorError(f"{where} is {describe(value)}; {ask_for(base, value)}.")


def _check_finite(value: Any, where: str) -> None:
    """Refuse NaN and infinities anywhere in a value, because papermill writes them as invalid JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        raise DriftMonitorError(f"{where} is {value}; give a finite number.")
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        _check_finite(item, f"{where}.{key}")
