"""Base classes of everything that is kept as JSON: frozen, finite, and short."""

import math
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from driftmonitor import DriftMonitorError, reports
from driftmonitor.regular_files import Folder, Missing, Unreadable


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
    def read(cls, folder: Folder, name: str) -> Self | None:
        """Return what `write` wrote, None without such a file; DriftMonitorError says why it cannot be used."""
        try:
            return cls.model_validate(folder.read_json(name))
        except Missing:
            return None
        except Unreadable:
            raise
        except ValueError:
            raise DriftMonitorError(f"{folder / name}: damaged; run the command that wrote it again.") from None

    def write(self, path: Path, indent: int | None = 1) -> None:
        """Write the value as JSON; DriftMonitorError if the file cannot be written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            reports.write(path, self.model_dump_json(indent=indent) + "\n")
        except OSError as error:
            raise DriftMonitorError(f"{path}: cannot be written: {error.strerror}; choose another --state.") from None


def rounded(value: float | None) -> float | None:
    """Return a number rounded to four significant digits, enough for a history; None if it is not finite."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")
