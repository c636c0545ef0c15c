"""The method, threshold and least distance of each watched column, and the errors for settings that cannot be met."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.scores import Method, Rule
from driftmonitor.analysis.parameter_types import check_types
from driftmonitor.analysis.sources import nearest_column
from driftmonitor.analysis.values import Kind
from driftmonitor.complaints import nearest
from driftmonitor.config.named_columns import show
from driftmonitor.formats import one_line

KIND_WORDS: dict[Kind, str] = {"numerical": "numbers", "categorical": "categories"}


class Catalogue(Protocol):
    """The methods that a column can be tested by."""

    def names(self, kind: Kind) -> set[str]:
        """Return the names of the methods for a kind of column."""

    def get(self, name: str, kind: Kind) -> Method:
        """Return the method of that name, which is one of `names(kind)`."""


@dataclass(frozen=True)
class Settings:
    """The comparison's parameters, under their names in a params file."""

    num_method: str = "ks"
    cat_method: str = "chisquare"
    methods: Mapping[str, str] = field(default_factory=dict)
    p_threshold: float = 0.05
    thresholds: Mapping[str, float] = field(default_factory=dict)
    min_distance: float = 0.04
    drift_share: float = 0.1
    dependence: bool = True
    segments: Sequence[object] = ()


def choose_rules(columns: Sequence[Column], settings: Settings, catalogue: Catalogue) -> dict[str, Rule]:
    """Return the rule of each testable column by name; DriftMonitorError for an unknown name or an invalid number."""
    _check_numbers(settings)
    check_types("dict", methods=settings.methods, thresholds=settings.thresholds)
    check_types("bool", dependence=settings.dependence)
    check_types("str", num_method=settings.num_method, cat_method=settings.cat_method)
    for key in ("methods", "thresholds"):
        _check_names(key, getattr(settings, key), columns)
    for name, method in settings.methods.items():
        check_types("str", **{f"methods.{one_line(name)}": method})
        _check_known(f"methods.{name}", method, catalogue)
    defaults: dict[Kind, Method] = {
        "numerical": _find("num_method", settings.num_method, "numerical", catalogue),
        "categorical": _find("cat_method", settings.cat_method, "categorical", catalogue),
    }
    return {
        column.name: _rule(column.name, column.kind, settings, defaults, catalogue)
        for column in columns
        if is_tested(column) and column.kind
    }


def is_tested(column: Column) -> bool:
    """Return whether the column is watched and can be tested."""
    return column.testable and not column.ignored


def _rule(name: str, kind: Kind, settings: Settings, defaults: Mapping[Kind, Method], catalogue: Catalogue) -> Rule:
    method = defaults[kind]
    if name in settings.methods:
        method = _find(f"methods.{name}", settings.methods[name], kind, catalogue)
    threshold = settings.p_threshold if method.gives_p_value else method.default_threshold
    if name in settings.thresholds:
        threshold = _threshold(f"thresholds.{name}", settings.thresholds[name], method)
    return Rule(method, threshold, settings.min_distance)


def _check_numbers(settings: Settings) -> None:
    for key in ("p_threshold", "min_distance", "drift_share"):
        value = getattr(settings, key)
        of_p_value = key == "p_threshold"
        inside = _is_number(value) and (0 < value < 1 if of_p_value else 0 <= value <= 1)
        if not inside:
            between = "above 0 and below 1" if of_p_value else "from 0 to 1"
            raise DriftMonitorError(f"{key} is {value!r}; give a number {between}, such as {getattr(Settings, key)}.")


def _threshold(where: str, value: float, method: Method) -> float:
    if not _is_number(value) or value <= 0 or (method.gives_p_value and value >= 1):
        wanted = "a p-value between 0 and 1" if method.gives_p_value else "a distance above 0"
        raise DriftMonitorError(f"{where} is {value!r}; {method.name} needs {wanted}.")
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_names(key: str, names: Iterable[str], columns: Sequence[Column]) -> None:
    watched = sorted(column.name for column in columns if not column.ignored)
    others = {column.name: column.reason for column in columns if column.ignored}
    for name in map(str, names):
        where = f"{key}.{show(name)}"
        if name in others:
            raise DriftMonitorError(f"{where}: the column is not compared ({others[name]}); remove it.")
        if name not in watched:
            raise DriftMonitorError(f"{where}: no such watched column{nearest_column(name, watched)}")


def _check_known(where: str, name: str, catalogue: Catalogue) -> None:
    """Refuse a name that is no method of any kind, even for a column that cannot be tested today."""
    names = {method for kind in KIND_WORDS for method in catalogue.names(kind)}
    if name not in names:
        raise DriftMonitorError(f"{where}: there is no method {name!r}{nearest(name, names)}")


def _find(where: str, name: str, kind: Kind, catalogue: Catalogue) -> Method:
    _check_known(where, name, catalogue)
    names = catalogue.names(kind)
    if name not in names:
        raise DriftMonitorError(f"{where}: {name} is not for {KIND_WORDS[kind]}{nearest(name, names)}")
    return catalogue.get(name, kind)
