"""Read and check the params files `params/<monitor>.yaml`.

The flat keys are the notebook's parameters; the reserved key `monitor` is the runner's. Names and types of the flat
keys are checked against the notebook's parameters cell, so a parameter that an analyst adds there can be set here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import adapter_of, describe, nearest, validate
from driftmonitor.config.connections import names_in
from driftmonitor.config.data_settings import OF_THE_DATA, check_data
from driftmonitor.config.named_columns import NAME_COLUMNS
from driftmonitor.config.names import NAME_PATTERN, RESERVED_NAMES
from driftmonitor.config.notebook_parameters import NotebookParameter, check_parameters
from driftmonitor.config.proposal import is_query
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.config.simulation import check_drift
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.formats import composed
from driftmonitor.regular_files import read_file

MEANT = re.compile(r"\.ya?ml(\.txt)?$", re.IGNORECASE)  # what names a params file, or was meant to
# What in a path says which of several files it is: the signs of a glob, folders of Hive, days and times.
PLACES = re.compile(r"[*?\[\]{}]+|[\w-]+=[^/]*|\d{1,4}([-_.])\d{1,2}\1\d{2,4}|\d{6,}(T\d+Z?)?")
MOST_PARAMS = 1_000_000  # bytes


@dataclass(frozen=True)
class Monitor:
    """A checked params file: the notebook's parameters and the runner's settings, or the `problem` with the file."""

    name: str
    path: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    settings: MonitorSettings = field(default_factory=MonitorSettings)
    problem: str = ""

    @property
    def title(self) -> str:
        return self.settings.title or self.name


ParametersOf = Callable[[str], Mapping[str, NotebookParameter]]  # those in a notebook's parameters cell, by path
IsShipped = Callable[[str], bool]  # whether a notebook's code is the shipped one, by path


def _never(notebook: str) -> bool:
    return False


def load_monitors(
    folder: Path,
    notebook_parameters: ParametersOf,
    only: Iterable[str] = (),
    overrides: Mapping[str, Any] | None = None,
    keep_going: bool = False,
    is_shipped: IsShipped = _never,
) -> list[Monitor]:
    """Return the monitors of all params files in `folder`, sorted by name; DriftMonitorError if one is invalid.

    `only` selects monitors by name; `overrides` replace parameters of every selected file. With `keep_going`, an
    invalid file gives a monitor that names its `problem`, under a valid name if the file's is invalid too. Invalid
    overrides are still refused. Data that the shipped notebook cannot read is refused where that `is_shipped`: another
    may read it in its own way.
    """
    if not folder.is_dir():
        raise DriftMonitorError(f"{folder}: no such folder; create it, or name another with --params.")
    files = [*folder.iterdir(), *folder.glob("[!.]*/*")]  # Jupyter keeps copies in .ipynb_checkpoints
    paths, problems = _name_files(sorted(path for path in files if MEANT.search(path.name)), folder)
    if not paths:
        raise DriftMonitorError(f"{folder}: no params file; add one, such as {folder}/my_monitor.yaml.")
    for name in only:
        if name not in paths:
            raise DriftMonitorError(f"--monitor {name}: no such monitor{nearest(name, paths)}")
    chosen = {name: path for name, path in sorted(paths.items()) if not only or name in set(only)}
    misnamed = [problem for name, problem in problems.items() if name in chosen]
    if misnamed and not keep_going:
        raise DriftMonitorError(misnamed[0])
    if OF_THE_DATA & (overrides or {}).keys():  # a file that is not complete without them is none for `check_data`
        is_shipped = _never
    read = _read_or_name_problem if keep_going else read_monitor
    reading = partial(read, notebook_parameters=notebook_parameters, overrides=overrides, is_shipped=is_shipped)
    return [
        Monitor(name, path, problem=problems[name]) if name in problems else reading(path)
        for name, path in chosen.items()
    ]


def _name_files(files: Iterable[Path], folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the params files by monitor name, and the problems with file names by monitor name."""
    paths: dict[str, Path] = {}
    problems: dict[str, str] = {}
    misnamed: dict[Path, str] = {}
    for path in files:
        if path.parent != folder:
            misnamed[path] = f"{path}: folders in {folder} are not read; move the file to {folder / path.name}."
        elif problem := _name_problem(path):
            misnamed[path] = problem
        elif path.stem in paths:
            problems[path.stem] = f"{path}: {paths[path.stem].name} is the same monitor; remove or rename one."
        else:
            paths[path.stem] = path
    for path, problem in misnamed.items():
        name = _usable_name(path.stem, paths)
        paths[name], problems[name] = path, problem
    return paths, problems


def _name_problem(path: Path) -> str:
    if path.suffix not in (".yaml", ".yml"):
        return f"{path}: only .yaml and .yml are read; rename the file to {MEANT.sub('.yaml', path.name)}."
    if not NAME_PATTERN.fullmatch(path.stem):
        return f"{path}: {path.stem!r} is not a monitor's name; rename the file with a-z, 0-9, _ and -, at most 64."
    return f"{path}: {path.stem} is a folder of the site; rename the file." if path.stem in RESERVED_NAMES else ""


def check_name(name: str) -> str:
    """Return a monitor's name; DriftMonitorError if no params file can be called so."""
    if problem := _name_problem(Path(f"{name}.yaml")):
        raise DriftMonitorError(problem.replace("rename the file", "choose another --name"))
    return name


def monitor_name(location: str) -> str:
    """Return a name for the monitor of a file, a glob, a folder, an address or a query."""
    if is_query(location):
        return "query"
    parts = [re.split(r"\.(?=[a-z])", part, flags=re.IGNORECASE)[0] for part in re.split(r"[/\\]+", location)]
    plain = [PLACES.sub("", part).strip("-_. ") for part in parts]
    return _usable_name(next((part for part in reversed(plain) if part and not part.isdigit()), "data"), ())


def _usable_name(stem: str, taken: Iterable[str]) -> str:
    """Return a free monitor name that resembles `stem`: My Monitor becomes my-monitor."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", stem.lower()).strip("-")[:60] or "unnamed"
    return next(name for n in count(1) if (name := f"{plain}-{n}" if n > 1 else plain) not in {*taken, *RESERVED_NAMES})


def _read_or_name_problem(
    path: Path, notebook_parameters: ParametersOf, overrides: Mapping[str, Any] | None, is_shipped: IsShipped
) -> Monitor:
    """Return the monitor of one params file, or one that names the problem with the file."""
    try:
        monitor = read_monitor(path, notebook_parameters, is_shipped=is_shipped)
    except DriftMonitorError as error:
        return Monitor(path.stem, path, problem=str(error))
    return read_monitor(path, notebook_parameters, overrides, is_shipped) if overrides else monitor


def read_monitor(
    path: Path,
    notebook_parameters: ParametersOf,
    overrides: Mapping[str, Any] | None = None,
    is_shipped: IsShipped = _never,
) -> Monitor:
    """Return the monitor of one params file; DriftMonitorError if it or an override is invalid."""
    try:
        text = read_file(path, MOST_PARAMS).decode("utf-8")
    except UnicodeDecodeError:
        raise DriftMonitorError(f"{path}: cannot be read: not UTF-8 text; save the file as UTF-8.") from None
    except OSError as error:
        raise DriftMonitorError(f"{path}: cannot be read: {error.strerror}; write the file again.") from None
    data = read_yaml(text, str(path))
    data = {} if data is None else data
    if not isinstance(data, dict):
        raise DriftMonitorError(f"{path}: is {describe(data)}; give `name: value` lines.")
    settings = _read_settings(data, path, notebook_parameters)
    try:
        allowed = notebook_parameters(settings.notebook)
    except DriftMonitorError as error:
        raise DriftMonitorError(f"{path}: monitor.notebook: {error}") from None
    parameters = check_parameters(data, allowed, f"{path}: ")
    parameters |= check_parameters(overrides or {}, allowed, "-p ")
    parameters |= {name: _composed(parameters[name], f"{path}: {name}") for name in NAME_COLUMNS & parameters.keys()}
    for name in names_in(parameters.get("connection", "")):
        if name not in settings.pass_env:
            raise DriftMonitorError(f"{path}: connection refers to ${{{name}}}; add it to monitor.pass_env.")
    if is_shipped(settings.notebook):
        check_data({name: each.default for name, each in allowed.items()} | parameters, f"{path}: ")
    if "source" in allowed and parameters.get("source", allowed["source"].default) == "simulate":
        _check_drift(parameters.get("drift", {}), "-p " if "drift" in (overrides or {}) else f"{path}: ")
    return Monitor(path.stem, path, parameters, settings)


def _composed(value: Any, where: str) -> Any:
    """Return a value with all of its texts in the Unicode form that names of columns get when they are read."""
    if isinstance(value, dict):
        found = {composed(key): _composed(each, where) for key, each in value.items()}
        if len(found) < len(value):
            raise DriftMonitorError(f"{where}: a name is there twice, in two forms of Unicode; remove one.")
        return found
    if isinstance(value, list):
        return [_composed(each, where) for each in value]
    return composed(value) if isinstance(value, str) else value


def _read_settings(data: dict[str, Any], path: Path, notebook_parameters: ParametersOf) -> MonitorSettings:
    """Return the runner's settings, and remove them from the parameters."""
    settings = data.pop("monitor", None)
    if settings is not None and not isinstance(settings, dict):
        raise DriftMonitorError(f"{path}: monitor is {describe(settings)}; give `name: value` lines under it.")
    try:
        return validate(adapter_of(MonitorSettings), settings or {}, f"{path}: monitor.")
    except DriftMonitorError:
        if name := _find_misplaced(settings or {}, notebook_parameters):
            wrong = f"{path}: monitor.{name} is a parameter of the notebook; put it at the top level of the file."
            raise DriftMonitorError(wrong) from None
        raise


def _find_misplaced(settings: dict[str, Any], notebook_parameters: ParametersOf) -> str | None:
    """Return a setting that is a parameter of the notebook, and belongs elsewhere."""
    known = MonitorSettings.model_fields
    try:
        allowed = notebook_parameters(settings.get("notebook", known["notebook"].default))
    except (DriftMonitorError, TypeError):
        return None
    return next((name for name in settings if name not in known and name in allowed), None)


def _check_drift(drift: Mapping[str, Any], where: str) -> None:
    try:
        check_drift(drift)
    except DriftMonitorError as error:
        raise DriftMonitorError(f"{where}{error}") from None
