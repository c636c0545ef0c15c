"""What every part of the run record is: frozen, finite, and as short in JSON as it can be."""

import json
import math
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_serializer

from driftmonitor import DriftMonitorError


class Fact(BaseModel):
    """A part of the record: frozen, and finite, because JSON has no NaN."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class SparseFact(Fact):
    """A part whose unknown values are left out of JSON: there are thousands of them in a history."""

    @model_serializer(mode="wrap")
    def without_none(self, dump: Any) -> dict[str, Any]:
        """Return the part without what is None."""
        return {name: value for name, value in dump(self).items() if value is not None}


class StoredFact(Fact):
    """A part that is kept in a file of its own, beside a monitor's reports."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return what `write` wrote, or None if there is nothing that can be read."""
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, ValidationError):
            return None

    def write(self, path: Path) -> None:
        """Write the part. DriftMonitorError when the file can't be written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise DriftMonitorError(f"{path}: cannot be written: {error.strerror}; choose another --state.") from None


def rounded(value: float | None) -> float | None:
    """Return a number with four digits that count, None for what is none: more would only fill the history."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")
