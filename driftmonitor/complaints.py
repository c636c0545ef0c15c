"""Turn invalid input into one line for the user: where, what is wrong, what to do."""

import datetime as dt
import difflib
import functools
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from driftmonitor import DriftMonitorError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

TYPE_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "dict": "a mapping ({name: value})", "list": "a list", "date": "a date such as 2026-01-31",
}  # fmt: skip
TYPE_OF_ERROR = {  # pydantic's type of error -> the type that it asks for
    "string_type": "str", "int_type": "int", "int_from_float": "int", "float_type": "float", "bool_type": "bool",
    "dict_type": "dict", "model_type": "dict", "model_attributes_type": "dict", "tuple_type": "list",
    "list_type": "list", "date_type": "date", "date_parsing": "date", "date_from_datetime_parsing": "date",
}  # fmt: skip
REMEDIES = {
    "greater_than_equal": "use {ge} or more",
    "greater_than": "use more than {gt}",
    "less_than_equal": "use {le} or less",
    "less_than": "use less than {lt}",
    "literal_error": "use {expected}",
    "string_too_long": "use at most {max_length} characters",
    "too_short": "name at least {min_length}",
}

NUMBER = re.compile(r"\s*([-+]?[0-9]*[.,]?[0-9]+(?:[eE][-+]?[0-9]{1,3})?)\s*(%?)\s*")
THOUSANDS = re.compile(r"[1-9][0-9]*[.,][0-9]{3}(?![0-9])")  # or decimals: 1,000 may be either


@functools.cache
def adapter_of(kind: Any) -> "TypeAdapter[Any]":
    """Return what validates values of a type: made once, which takes longer than to check a params file by it."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def validate(adapter: "TypeAdapter[T]", data: Mapping[str, Any], where: str) -> T:
    """Return the validated `data`; DriftMonitorError, which begins with `where`, for the first thing wrong with it."""
    from pydantic import ValidationError

    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        raise DriftMonitorError(_explain(error.errors()[0], adapter, where)) from None


def _explain(error: Mapping[str, Any], adapter: "TypeAdapter[T]", where: str) -> str:
    """Return one of pydantic's errors as: where, key, value; remedy."""
    key = ".".join(str(part)[:60] for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}{key}: no such key{nearest(str(error['loc'][-1]), _keys(adapter, error['loc'][:-1]))}"
    return f"{where}{key} is {describe(error['input'])}; {_remedy(error)}."


def _remedy(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind in REMEDIES:
        context = error.get("ctx", {})
        if kind == "string_too_long" and context["max_length"] == 1:
            return "use 1 character"
        values = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
        return REMEDIES[kind].format(**values)
    if kind in TYPE_OF_ERROR:
        return ask_for(TYPE_OF_ERROR[kind], error["input"])
    return str(error["msg"][0].lower() + error["msg"][1:])


def ask_for(kind: str, given: Any) -> str:
    """Return what to do about a value of another type: give one, or write the number that was probably meant."""
    number = _read_number(given) if kind in ("int", "float") and isinstance(given, str) else None
    if number is None or (kind == "int" and not number.is_integer()):
        return f"give {TYPE_WORDS[kind]}"
    return f"write {f'{number:.12f}'.rstrip('0').rstrip('.')}, without quotes"


def _read_number(text: str) -> float | None:
    """Return the number of a text such as 1e3, 08, 0,05 or 10%, None if it is none or may be two."""
    found = NUMBER.fullmatch(text)
    if not found or THOUSANDS.search(text):
        return None
    number = float(found[1].replace(",", ".")) / (100 if found[2] else 1)
    return number if number == 0 or 1e-9 <= abs(number) < 1e15 else None


def _keys(adapter: "TypeAdapter[T]", location: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed at `location`, from the JSON schema of the model."""
    schema = adapter.json_schema()
    definitions = schema.get("$defs", {})
    node = schema
    for part in location:
        node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
        reference = node.get("$ref") or next((o["$ref"] for o in node.get("anyOf", []) if "$ref" in o), None)
        node = definitions[reference.rsplit("/", 1)[1]] if reference else node
    return list(node.get("properties", {}))


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence that suggests the name nearest to `name`, or else lists them all."""
    names = sorted(names)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6) or [n for n in names if name and n.startswith(name)]
    return f"; did you mean {close[0]}?" if close else f"; choose one of: {', '.join(names)}."


def describe(value: Any) -> str:
    """Return a value as its author would write it, shortened, with its type where that is likely the mistake."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    types: dict[type, str] = {str: "text", list: "a list", dict: "a mapping"}
    shown = repr(value) if isinstance(value, str) else str(value)
    if "://" in shown:  # which may contain a password, or be one
        return "an address" if isinstance(value, str) else f"{types[type(value)]} with an address"
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"{shown} ({types[type(value)]})" if type(value) in types else shown


def parse_date(text: str, where: str) -> dt.date:
    """Return the date that ISO text names; DriftMonitorError, which begins with `where`, for other text."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DriftMonitorError(f"{where} {text!r} is not a date; write it as 2026-01-31.") from None
