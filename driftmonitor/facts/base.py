"""Base classes of everything that is kept as JSON: frozen, finite, and short."""

import json
import math
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, ValidationError, model_serializer

from driftmonitor import DriftMonitorError


class Fact(BaseModel):
    """A frozen value without NaN or infinities, which JSON cannot express."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class SparseFact(Fact):
    """A value whose unknown fields are left out of the JSON: a history has thousands of them."""

    @model_serializer(mode="wrap")
    def without_none(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the fields that are not None."""
        return {name: value for name, value in dump(self).items() if value is not None}


class StoredFact(Fact):
    """A value with a file of its own, next to a monitor's reports."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return what `write` wrote; None if the file is missing or invalid."""
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, ValidationError):
            return None

    def write(self, path: Path) -> None:
        """Write the value as JSON; DriftMonitorError if the file cannot be written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise DriftMonitorError(f"{path}: cannot be written: {error.strerror}; choose another --state.") from None


def rounded(value: float | None) -> float | None:
    """Return a number rounded to four significant digits, enough for a history; None if it is not finite."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")
