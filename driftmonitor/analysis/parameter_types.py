"""Check the types of parameters when no params file was read: by hand, or by plain papermill."""

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any, Literal

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import TYPE_WORDS, describe

TYPES: dict[str, type] = {"str": str, "int": Integral, "dict": Mapping, "list": Sequence, "bool": bool}


def check_types(kind: Literal["str", "int", "dict", "list", "bool"], **parameters: Any) -> None:
    """Raise DriftMonitorError, which names it, for the first of the parameters that is not of this kind."""
    for name, value in parameters.items():
        is_other = isinstance(value, bool) is not (kind == "bool") or (kind == "list" and isinstance(value, str))
        if is_other or not isinstance(value, TYPES[kind]):
            raise DriftMonitorError(f"{name} is {describe(value)}; give {TYPE_WORDS[kind]}.")
