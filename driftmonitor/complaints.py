"""Errors as a person reads them: where, what was found, and what would do."""

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from driftmonitor import DriftMonitorError

TYPE_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "dict": "a mapping ({name: value})", "list": "a list",
}  # fmt: skip


def validate(adapter: TypeAdapter, data: dict, where: str) -> Any:
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        raise DriftMonitorError(_explain(error.errors()[0], adapter, where)) from None


def _explain(error: Mapping[str, Any], adapter: TypeAdapter, where: str) -> str:
    """Say one pydantic error as: where, key, value; remedy."""
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}{key}: no such key{nearest(str(error['loc'][-1]), _keys(adapter, error['loc'][:-1]))}"
    return f"{where}{key} is {describe(error['input'])}; {_remedy(error)}."


def _remedy(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    kind = error["type"]
    remedies = {
        "greater_than_equal": "use {ge} or more",
        "greater_than": "use more than {gt}",
        "less_than_equal": "use {le} or less",
        "less_than": "use less than {lt}",
        "literal_error": "use {expected}",
        "string_too_long": "use at most {max_length} characters",
        "too_short": "name at least {min_length}",
    }
    if kind in remedies:
        numbers = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
        return remedies[kind].format(**numbers)
    words = {
        "string_type": "text", "int_type": "a whole number", "int_from_float": "a whole number",
        "float_type": "a number", "bool_type": "true or false", "dict_type": "a mapping ({name: value})",
        "tuple_type": "a list", "list_type": "a list", "model_type": "a mapping ({name: value})",
        "model_attributes_type": "a mapping ({name: value})", "date_from_datetime_parsing": "a date such as 2026-01-31",
        "date_type": "a date such as 2026-01-31", "date_parsing": "a date such as 2026-01-31",
    }  # fmt: skip
    return f"give {words[kind]}" if kind in words else error["msg"][0].lower() + error["msg"][1:]


def _keys(adapter: TypeAdapter, location: tuple) -> list[str]:
    """Return the keys allowed at `location`, read from the model's own JSON schema."""
    schema = adapter.json_schema()
    definitions = schema.get("$defs", {})
    node = schema
    for part in location:
        node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
        reference = node.get("$ref") or next((o["$ref"] for o in node.get("anyOf", []) if "$ref" in o), None)
        node = definitions[reference.rsplit("/", 1)[1]] if reference else node
    return list(node.get("properties", {}))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names the nearest known name, or all of them."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6) or [k for k in known if name and k.startswith(name)]
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(known)}."


def describe(value: Any) -> str:
    """Return a value as a person would write it, cut short, with its type where that is the point."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    shown = repr(value) if isinstance(value, str) else str(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    words = {str: "text", list: "a list", dict: "a mapping"}
    return f"{shown} ({words[type(value)]})" if type(value) in words else shown


def parse_date(text: str, where: str) -> dt.date:
    """Return the ISO date `text`."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DriftMonitorError(f"{where} {text!r} is not a date; write it as 2026-01-31.") from None
