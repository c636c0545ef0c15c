"""Types of parameters, for when no params file was read: the notebook is also run by hand and by plain papermill."""

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any, Literal

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import TYPE_WORDS, describe

TYPES = {"str": str, "int": Integral, "dict": Mapping, "list": Sequence}


def check_types(kind: Literal["str", "int", "dict", "list"], **given: Any) -> None:
    """Raise a DriftMonitorError that names the first of the parameters `given` that is not of `kind`."""
    for name, value in given.items():
        is_other = isinstance(value, bool) or (kind == "list" and isinstance(value, str))
        if is_other or not isinstance(value, TYPES[kind]):
            raise DriftMonitorError(f"{name} is {describe(value)}; give {TYPE_WORDS[kind]}.")
