"""The evidence of many days as it is handed over: its many numbers packed, and unpacked where they are asked for."""

from array import array
from base64 import b64decode, b64encode
from binascii import crc32
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.facts.packed import Packed, make_sample, pack, read_shape, unpack, unpack_part

PARTS = ("columns", "pairs", "dependence")  # that are packed: those of many numbers
PACKED, SHAPES, NUMBERS, CHECKSUM = "packed", "shapes", "numbers", "checksum"


class StoredEvidence(Evidence):
    """Evidence whose packed parts are unpacked when they are asked for; their `references` are known without that."""

    def __getattr__(self, name: str) -> Any:
        """Unpack the part of that name, which is missing until then."""
        if name not in PARTS:
            raise AttributeError(name)
        part = {name: unpack(self.packed[name])} if name in self.packed else {}
        self.__dict__[name] = getattr(Evidence.model_validate({"columns": (), **part}), name)
        return self.__dict__[name]

    @property
    def packed(self) -> Mapping[str, Packed]:
        """The packed parts, by their names."""
        parts: Mapping[str, Packed] = self.__dict__[PACKED]
        return parts

    def column(self, name: str) -> ColumnEvidence | None:
        """Return one column, without unpacking the others."""
        found = find_columns(self.packed["columns"].shape).get(name)
        return ColumnEvidence.model_validate(unpack_part(self.packed["columns"], found)) if found else None

    @classmethod
    def of(cls, packed: Mapping[str, Packed], others: Mapping[str, Any]) -> "StoredEvidence":
        """Return evidence of packed parts and of the others, in JSON's types; ValueError if one of these is damaged."""
        evidence = cls.model_construct(**dict(Evidence.model_validate({"columns": (), **others})))
        for name in PARTS:
            del evidence.__dict__[name]
        evidence.__dict__ |= {PACKED: packed, "references": read_references(packed["columns"].shape)}
        return evidence


@lru_cache(4096)
def read_references(columns: str) -> dict[str, str]:
    """Return the fingerprint of each column's reference, from the shape of the columns."""
    return {name: column["reference"] for name, column in find_columns(columns).items()}


@lru_cache(4096)
def find_columns(columns: str) -> dict[str, dict[str, Any]]:
    """Return where the numbers of each column are, by name, from the shape of the columns."""
    return {column["name"]: column for column in read_shape(columns).value}


def pack_evidence(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return evidence in JSON's types with its parts as `packed`; ValueError if it is damaged."""
    parts = {name: pack(evidence[name]) for name in PARTS if name in evidence}
    if not all(_is_regular(name, part.shape) for name, part in parts.items()):
        checked = Evidence.model_validate(evidence).model_dump(mode="json")  # it may have integers for other numbers
        parts = {name: pack(checked[name]) for name in parts}
    return {**{name: value for name, value in evidence.items() if name not in PARTS}, PACKED: parts}


@lru_cache(4096)
def _is_regular(name: str, shape: str) -> bool:
    """Return whether a part with this shape is valid, and is packed alike when it is validated."""
    try:
        checked = Evidence.model_validate({"columns": (), name: make_sample(shape)}).model_dump(mode="json")[name]
    except ValueError:
        return False
    return pack(checked).shape == shape


def join_days(days: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return days with packed evidence as JSON: `days`, the `shapes` of all, and all `numbers` in base 64."""
    shapes: dict[str, int] = {}
    numbers: list[bytes] = []
    joined = []
    for day in days:
        parts = {}
        for name, part in day["evidence"][PACKED].items():
            parts[name] = [shapes.setdefault(part.shape, len(shapes)), part.type]
            numbers += (part.integers, part.reals)
        joined.append({**day, "evidence": {**day["evidence"], PACKED: parts}})
    together = b"".join(numbers)
    return {
        "days": joined, SHAPES: list(shapes), NUMBERS: b64encode(together).decode(), CHECKSUM: crc32(together),
    }  # fmt: skip


def split_packed(joined: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the days that were joined, their evidence packed; ValueError if they are damaged."""
    shapes, numbers, start = joined[SHAPES], b64decode(joined[NUMBERS], validate=True), 0
    if crc32(numbers) != joined[CHECKSUM]:
        raise ValueError("other numbers than were written")
    days = []
    for day in joined["days"]:
        parts = {}
        for name, (number, type_) in day["evidence"][PACKED].items():
            layout = read_shape(shapes[number])
            middle = start + layout.integers * array(type_).itemsize
            end = middle + layout.reals * array("d").itemsize
            parts[name], start = Packed(shapes[number], type_, numbers[start:middle], numbers[middle:end]), end
        days.append({**day, "evidence": {**day["evidence"], PACKED: parts}})
    if start != len(numbers):
        raise ValueError("more or fewer numbers than the shapes have")
    return days


def split_days(joined: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the days that were joined, each with StoredEvidence; ValueError if they are damaged."""
    try:
        days = split_packed(joined)
    except (TypeError, KeyError, IndexError, AttributeError):
        raise ValueError("not days that were joined") from None
    return [{**day, "evidence": StoredEvidence.of(day["evidence"].pop(PACKED), day["evidence"])} for day in days]
