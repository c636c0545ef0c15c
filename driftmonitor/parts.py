"""What every part of the run record is: frozen, finite, and as short in JSON as it can be."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_serializer


class Part(BaseModel):
    """A part of the record: frozen, and finite, because JSON has no NaN."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class ShortPart(Part):
    """A part whose unknown values are left out of JSON: there are thousands of them in a history."""

    @model_serializer(mode="wrap")
    def without_none(self, dump: Any) -> dict[str, Any]:
        """Return the part without what is None."""
        return {name: value for name, value in dump(self).items() if value is not None}
