"""Pack JSON into its shape and its numbers: a year's days have few shapes, and their numbers are read all at once.

A shape is the JSON with `{"#i": n}` where n integers stood, `{"#f": n}` where n other numbers did, and `{"#o": n}` if
some of these were null; n is null for a number without brackets.
"""

import json
import math
from array import array
from functools import lru_cache
from typing import Any, NamedTuple

INTEGERS, REALS, OPTIONAL = "#i", "#f", "#o"
TYPES = {"H": 2**16, "i": 2**31, "q": 2**63}  # of arrays of integers, and what these must be below


class Packed(NamedTuple):
    """A value's shape, as JSON, its integers in an array of a type, and its other numbers, NaN for null."""

    shape: str
    type: str
    integers: bytes
    reals: bytes


class Place(NamedTuple):
    """Where in the array of all integers, or of all other numbers, those of one place are; `is_single`: no list."""

    kind: str
    where: slice
    is_single: bool


class Layout(NamedTuple):
    """The value with a shape, a Place where its numbers stand, and how many integers and other numbers these are."""

    value: Any
    integers: int
    reals: int


def pack(value: Any) -> Packed:
    """Return a value of JSON's types, packed; ValueError if one of its numbers is infinite or has 20 digits."""
    integers: list[int] = []
    reals: list[float] = []
    shape = json.dumps(_take_apart(value, integers, reals), separators=(",", ":"))
    lowest, highest = min(integers, default=0), max(integers, default=0)
    types = [each for each, end in TYPES.items() if highest < end and lowest >= (0 if each == "H" else -end)]
    if not types or any(map(math.isinf, reals)):
        raise ValueError("a number is too large")
    return Packed(shape, types[0], array(types[0], integers).tobytes(), array("d", reals).tobytes())


def _take_apart(value: Any, integers: list[int], reals: list[float]) -> Any:
    """Return the shape of a value, and put its numbers into these lists."""
    kind = type(value)
    if kind is dict:
        return {name: _take_apart(part, integers, reals) for name, part in value.items()}
    if kind is int:
        integers.append(value)
        return {INTEGERS: None}
    if kind is float:
        reals.append(value)
        return {REALS: None}
    if kind is not list:
        return value
    kinds = set(map(type, value))
    if kinds == {int}:
        integers += value
        return {INTEGERS: len(value)}
    if kinds == {float}:
        reals += value
        return {REALS: len(value)}
    if kinds and kinds <= {float, type(None)}:
        reals += [math.nan if number is None else number for number in value]
        return {OPTIONAL: len(value)}
    return [_take_apart(part, integers, reals) for part in value]


@lru_cache(4096)
def read_shape(shape: str) -> Layout:
    """Return where each number of a shape stands. Nobody may change it."""
    ends = {True: 0, False: 0}

    def place(part: Any) -> Any:
        if isinstance(part, list):
            return [place(each) for each in part]
        if not isinstance(part, dict):
            return part
        for kind in (INTEGERS, REALS, OPTIONAL):
            if kind in part:
                start = ends[kind == INTEGERS]
                ends[kind == INTEGERS] += 1 if part[kind] is None else part[kind]
                return Place(kind, slice(start, ends[kind == INTEGERS]), part[kind] is None)
        return {name: place(each) for name, each in part.items()}

    return Layout(place(json.loads(shape)), ends[True], ends[False])


def unpack(packed: Packed) -> Any:
    """Return the value that was packed."""
    return unpack_part(packed, read_shape(packed.shape).value)


def unpack_part(packed: Packed, part: Any) -> Any:
    """Return a part of the value that was packed, given as it is in the value of its layout."""
    return _put(part, array(packed.type, packed.integers), array("d", packed.reals))


def make_sample(shape: str) -> Any:
    """Return a value with this shape: each number is 0, or null where some may be."""
    layout = read_shape(shape)
    return _put(layout.value, array("q", [0] * layout.integers), array("d", [0] * layout.reals), all_null=True)


def _put(part: Any, integers: "array[int]", reals: "array[float]", all_null: bool = False) -> Any:
    """Return part of a layout with the numbers that stand in its places."""
    if isinstance(part, Place):
        numbers: list[Any] = (integers if part.kind == INTEGERS else reals)[part.where].tolist()
        if part.kind == OPTIONAL:
            numbers = [None if all_null or math.isnan(number) else number for number in numbers]
        return numbers[0] if part.is_single else numbers
    if isinstance(part, list):
        return [_put(each, integers, reals, all_null) for each in part]
    if isinstance(part, dict):
        return {name: _put(each, integers, reals, all_null) for name, each in part.items()}
    return part
