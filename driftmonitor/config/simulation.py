"""The columns of simulated data, and the drift that can be asked of them, checked before anything is drawn."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # Pydantic needs this one below Python 3.12

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import adapter_of, nearest, parse_date, validate
from driftmonitor.config.proposal import is_query

if TYPE_CHECKING:
    import numpy as np

Share = Annotated[float, Field(ge=0, le=1)]


@with_config(ConfigDict(extra="forbid", strict=True))
class ColumnDrift(TypedDict, total=False):
    """The simulated drift of one column; `analysis/simulate.py` explains each key."""

    mean_shift: float
    scale: Annotated[float, Field(ge=0)]
    shares: dict[str, Share]
    missing: Share
    ramp_days: Annotated[int, Field(ge=1)]
    ramp_start: str
    correlation: dict[str, Annotated[float, Field(ge=-1, le=1)]]


@dataclass(frozen=True)
class Numbers:
    """A normal column, or with `counts` a Poisson one (its standard deviation is the square root of its mean)."""

    mean: float
    sd: float
    counts: bool = False


@dataclass(frozen=True)
class Categories:
    """A categorical column: category -> share of the rows."""

    shares: Mapping[str, float]


COLUMNS: dict[str, Numbers | Categories] = {
    "age": Numbers(mean=40, sd=10),
    "salary": Numbers(mean=50_000, sd=10_000),
    "clicks": Numbers(mean=25, sd=5, counts=True),
    "plan": Categories({"free": 0.6, "basic": 0.3, "pro": 0.1}),
}
CORRELATIONS = {frozenset({"age", "salary"}): 0.5}
KEYS_OF_ALL = {"missing", "ramp_days", "ramp_start", "correlation"}
KEYS = {Numbers: {"mean_shift", "scale"} | KEYS_OF_ALL, Categories: {"shares"} | KEYS_OF_ALL}


def check_nothing_is_read(parameters: Mapping[str, Any]) -> None:
    """DriftMonitorError if parameters name data, which a simulation does not read: `source` was forgotten."""
    for name in ("reference", "current", "time_column", "reference_window"):
        if text := str(parameters.get(name) or "").strip():
            source = "sql" if is_query(text) else "files"
            raise DriftMonitorError(f"{name} is given, but source is simulate; add source: {source}, or remove {name}.")


def check_drift(drift: Mapping[str, Any]) -> dict[str, ColumnDrift]:
    """Return `drift`; DriftMonitorError, which names the key, if it is invalid."""
    if not isinstance(drift, Mapping):
        raise DriftMonitorError(f"drift is {drift!r}; give a mapping such as {{salary: {{mean_shift: 2.5}}}}.")
    for name, settings in drift.items():
        if name not in COLUMNS:
            raise DriftMonitorError(f"drift.{name}: no such column{nearest(str(name), COLUMNS)}")
        if not isinstance(settings, Mapping):
            raise DriftMonitorError(f"drift.{name} is {settings!r}; give a mapping such as {{missing: 0.1}}.")
        allowed = KEYS[type(COLUMNS[name])]
        for key in settings:
            if key not in allowed:
                raise DriftMonitorError(f"drift.{name}.{key}: not a key of this column{nearest(str(key), allowed)}")
        _check_values(name, validate(adapter_of(ColumnDrift), dict(settings), f"drift.{name}."))
    if any("correlation" in settings for settings in drift.values()):
        correlations(drift, dict.fromkeys(drift, 1.0))
    return dict(drift)


def _check_values(name: str, settings: ColumnDrift) -> None:
    for key, value in (("mean_shift", settings.get("mean_shift", 0.0)), ("scale", settings.get("scale", 0.0))):
        if not math.isfinite(value):
            raise DriftMonitorError(f"drift.{name}.{key} is {value}; give a finite number.")
    column = COLUMNS[name]
    if "shares" in settings and isinstance(column, Categories):  # no other column may have the key
        new_shares(name, column, settings["shares"])
    if "ramp_start" in settings:
        parse_date(settings["ramp_start"], f"drift.{name}.ramp_start:")
        if "ramp_days" not in settings:
            raise DriftMonitorError(f"drift.{name}.ramp_start needs ramp_days; add it, or remove ramp_start.")
    elif settings.get("ramp_days") == 1:
        raise DriftMonitorError(f"drift.{name}.ramp_days is 1, which never drifts; use 2 or more, or add ramp_start.")


def new_shares(name: str, column: Categories, shares: Mapping[str, float]) -> dict[str, float]:
    """Return the shares of all categories of a column after some are set; the others keep their proportions."""
    base = column.shares
    for category in shares:
        if category not in base:
            raise DriftMonitorError(f"drift.{name}.shares.{category}: no such category{nearest(category, base)}")
    left, others = 1 - sum(shares.values()), sum(base[category] for category in base if category not in shares)
    if left < -1e-9 or (not others and left > 1e-9):
        raise DriftMonitorError(f"drift.{name}.shares: sum to {1 - left:g}; make them sum to 1, or name fewer.")
    return {category: shares.get(category, base[category] * max(left, 0) / (others or 1)) for category in base}


def correlations(drift: Mapping[str, ColumnDrift], strengths: Mapping[str, float]) -> "np.ndarray":
    """Return the correlation matrix of the columns, each column's drift at its strength (0 to 1)."""
    import numpy as np  # the runner checks every params file, and needs numpy for no others

    names = list(COLUMNS)
    matrix = np.eye(len(names))
    pairs = dict(CORRELATIONS)
    for name, settings in drift.items():
        for other, wanted in settings.get("correlation", {}).items():
            pair = _check_pair(name, other, drift)
            base = CORRELATIONS.get(pair, 0.0)
            pairs[pair] = base + (wanted - base) * strengths[name]
    for pair, r in pairs.items():
        first, second = map(names.index, pair)
        matrix[first, second] = matrix[second, first] = r
    if np.linalg.eigvalsh(matrix)[0] < -1e-9:
        raise DriftMonitorError("drift: no data can have all these correlations; bring them nearer to 0.")
    return matrix


def _check_pair(name: str, other: str, drift: Mapping[str, ColumnDrift]) -> frozenset[str]:
    if other not in COLUMNS or other == name:
        others = COLUMNS.keys() - {name}
        raise DriftMonitorError(f"drift.{name}.correlation.{other}: no such other column{nearest(other, others)}")
    if name in drift.get(other, {}).get("correlation", {}):
        raise DriftMonitorError(f"drift.{name}.correlation.{other}: also given under {other}; remove one.")
    return frozenset({name, other})
