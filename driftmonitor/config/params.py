"""Params files: what may stand in `params/<monitor>.yaml`, and the error for what may not.

The flat keys are the notebook's own parameters; the reserved key `monitor` is the runner's. Names and types of
the flat keys are held against the notebook's parameters cell, so a parameter that an analyst adds there can be
set here too.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict  # Pydantic asks for this one below Python 3.12

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import TYPE_WORDS, describe, nearest, validate
from driftmonitor.config.connections import check_connection, names_in
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.config.simulation import ColumnDrift, Share, check_drift
from driftmonitor.config.yaml_text import read_yaml

NAME_PATTERN = re.compile(r"[a-z0-9_-]{1,64}")
RESERVED_NAMES = {"api", "assets", "badge"}  # folders of the site
GIVEN_BY_RUNNER = {
    "run_date": "--date",
    "monitor_name": "the file's name",
    "output_dir": "--state",
    "past": "the history",
}

Kind = Literal["numerical", "categorical", "ignore"]
SOURCES = Path(__file__).parents[1] / "analysis/sources/readers"  # a file for each source


def _is_source(name: str) -> str:
    names = sorted(path.stem for path in SOURCES.glob("[a-z]*.py"))
    if name not in names:
        expected = f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
        raise PydanticCustomError("literal_error", "no such source", {"expected": expected})
    return name


class Parameters(TypedDict, total=False):
    """The notebook's parameters as shipped, and what each may be. Defaults stand in the notebook alone."""

    __pydantic_config__ = ConfigDict(extra="allow", strict=True)
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
    thresholds: dict[str, float]
    min_distance: Share
    drift_share: Share
    max_rows: Annotated[int, Field(ge=10)]
    sample_key: str
    connection: str
    seed: Annotated[int, Field(ge=0)]
    drift: dict[str, ColumnDrift]
    rows: Annotated[int, Field(ge=10)]
    draw: list[str]
    max_figures: Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Monitor:
    """One params file, checked: the notebook's parameters and the runner's settings; or the `problem` with it."""

    name: str
    path: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    settings: MonitorSettings = field(default_factory=MonitorSettings)
    problem: str = ""

    @property
    def title(self) -> str:
        return self.settings.title or self.name


def load_monitors(
    folder: Path,
    notebook_parameters,
    only: Iterable[str] = (),
    overrides: Mapping[str, Any] | None = None,
    keep_going: bool = False,
) -> list[Monitor]:
    """Return the monitors of every params file in `folder`, by name; refuse all if one is wrong.

    `notebook_parameters(path)` gives the parameters cell of a notebook as {name: NotebookParameter};
    `only` keeps the named monitors; `overrides` are set over every kept file's parameters. With `keep_going` a file
    that is wrong gives a monitor that names its `problem` instead, under a name that will do where the file's is wrong;
    overrides that are wrong are refused all the same.
    """
    if not folder.is_dir():
        raise DriftMonitorError(f"{folder}: no such folder; make it, or name another with --params.")
    paths, problems = _name_files(sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]))
    if problems and not keep_going:
        raise DriftMonitorError(next(iter(problems.values())))
    if not paths:
        raise DriftMonitorError(f"{folder}: no params file; add one, such as {folder}/my_monitor.yaml.")
    for name in only:
        if name not in paths:
            raise DriftMonitorError(f"--monitor {name}: no such monitor{nearest(name, paths)}")
    chosen = {name: path for name, path in sorted(paths.items()) if not only or name in set(only)}
    read = read_or_name_problem if keep_going else read_monitor
    return [
        Monitor(name, path, problem=problems[name]) if name in problems else read(path, notebook_parameters, overrides)
        for name, path in chosen.items()
    ]


def _name_files(files: Iterable[Path]) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the params files by their monitors' names, and by these what is wrong with the name of a file."""
    paths: dict[str, Path] = {}
    problems: dict[str, str] = {}
    wrong: dict[Path, str] = {}
    for path in files:
        if problem := _name_problem(path):
            wrong[path] = problem
        elif path.stem in paths:
            problems[path.stem] = f"{path}: {paths[path.stem].name} is the same monitor; remove or rename one."
        else:
            paths[path.stem] = path
    for path, problem in wrong.items():
        name = _usable_name(path.stem, paths)
        paths[name], problems[name] = path, problem
    return paths, problems


def _name_problem(path: Path) -> str:
    if not NAME_PATTERN.fullmatch(path.stem):
        return f"{path}: {path.stem!r} is not a monitor's name; rename the file with a-z, 0-9, _ and -, at most 64."
    return f"{path}: {path.stem} is a folder of the site; rename the file." if path.stem in RESERVED_NAMES else ""


def _usable_name(stem: str, taken: Iterable[str]) -> str:
    """Return a monitor's name that is like `stem` and free: My Monitor becomes my-monitor."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", stem.lower()).strip("-")[:60] or "unnamed"
    return next(name for n in count(1) if (name := f"{plain}-{n}" if n > 1 else plain) not in {*taken, *RESERVED_NAMES})


def read_or_name_problem(path: Path, notebook_parameters, overrides: Mapping[str, Any] | None = None) -> Monitor:
    """Return the monitor that one params file describes, or one that says what is wrong with the file."""
    try:
        monitor = read_monitor(path, notebook_parameters)
    except DriftMonitorError as error:
        return Monitor(path.stem, path, problem=str(error))
    return read_monitor(path, notebook_parameters, overrides) if overrides else monitor


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
        raise DriftMonitorError(f"{path}: is {describe(data)}; give `name: value` lines.")
    settings = data.pop("monitor", None)
    if settings is not None and not isinstance(settings, dict):
        raise DriftMonitorError(f"{path}: monitor is {describe(settings)}; give `name: value` lines under it.")
    settings = validate(TypeAdapter(MonitorSettings), settings or {}, f"{path}: monitor.")
    try:
        known = notebook_parameters(settings.notebook)
    except DriftMonitorError as error:
        raise DriftMonitorError(f"{path}: monitor.notebook: {error}") from None
    parameters = _check_parameters(data, known, f"{path}: ")
    parameters |= _check_parameters(dict(overrides or {}), known, "-p ")
    for name in names_in(parameters.get("connection", "")):
        if name not in settings.pass_env:
            raise DriftMonitorError(f"{path}: connection asks for ${{{name}}}; name it in monitor.pass_env too.")
    if known.get("source") and parameters.get("source", known["source"].default) == "simulate":
        _check_drift(parameters.get("drift", {}), "-p " if "drift" in (overrides or {}) else f"{path}: ")
    return Monitor(path.stem, path, parameters, settings)


@dataclass(frozen=True)
class NotebookParameter:
    """One line of a notebook's parameters cell: its name, annotated type (or None), help, and default if plain."""

    name: str
    type_name: str | None = None
    help: str = ""
    default: Any = None


def _check_parameters(data: dict, known: Mapping[str, NotebookParameter], where: str) -> dict[str, Any]:
    for name, value in data.items():
        if name in GIVEN_BY_RUNNER:
            raise DriftMonitorError(f"{where}{name} is given by the runner ({GIVEN_BY_RUNNER[name]}); remove it.")
        if name not in known:
            raise DriftMonitorError(f"{where}{name}: no such parameter in the notebook{nearest(name, known)}")
        _check_type(value, known[name].type_name, f"{where}{name}")
        _check_finite(value, f"{where}{name}")
    if isinstance(address := data.get("connection"), str):
        check_connection(address, where)
    return dict(validate(TypeAdapter(Parameters), data, where))


def _check_drift(drift: dict, where: str) -> None:
    try:
        check_drift(drift)
    except DriftMonitorError as error:
        raise DriftMonitorError(f"{where}{error}") from None


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
        raise DriftMonitorError(f"{where} is {describe(value)}; give {TYPE_WORDS[base]}.")


def _check_finite(value: Any, where: str) -> None:
    """Refuse NaN and infinities anywhere in a value: papermill would write them as invalid JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        raise DriftMonitorError(f"{where} is {value}; give a finite number.")
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        _check_finite(item, f"{where}.{key}")
