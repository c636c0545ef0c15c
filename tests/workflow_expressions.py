"""Evaluate GitHub's expressions as far as the workflows use them; anything else raises `Unknown`."""

import hashlib
import json
import math
import re
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<sign>&&|\|\||==|!=|!|\(|\)|,|\.\*|\.))"
)
FREE = {"secrets", "vars"}  # contexts in which any name may be asked for
CONSTANTS = {"true": True, "false": False, "null": None}


class Unknown(Exception):  # noqa: N818
    """The workflow uses something that this runner doesn't know."""


def fill(text: Any, context: dict[str, Any]) -> str:
    """Return text with its expressions replaced by their values."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: show(evaluate(found[1], context)), str(text), flags=re.DOTALL)


def evaluate(text: str, context: dict[str, Any]) -> Any:
    """Return the value of one expression."""
    parser = Parser(text, context)
    value = parser.either()
    if parser.tokens:
        raise Unknown(f"{text!r}: {parser.tokens}")
    return value


def truthy(value: Any) -> bool:
    return value not in (None, False, 0, "")


def show(value: Any) -> str:
    """Return a value as text, as GitHub writes it."""
    if isinstance(value, dict | list):
        raise Unknown(f"a {type(value).__name__} as text")
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def equal(one: Any, other: Any) -> bool:
    """Compare loosely: text without regard to case, different types as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return one == other
    return _number(one) == _number(other)


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except ValueError:
        return math.nan


class Parser:
    """Recursive descent: either > both > comparison > not > value."""

    def __init__(self, text: str, context: dict[str, Any]) -> None:
        self.context, self.tokens, place = context, [], 0
        text = text.strip()
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found:
                raise Unknown(f"{text!r} at {text[place:]!r}")
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()

    def either(self) -> Any:
        value = self.both()
        while self._take("||"):
            other = self.both()
            value = value if truthy(value) else other
        return value

    def both(self) -> Any:
        value = self.comparison()
        while self._take("&&"):
            other = self.comparison()
            value = other if truthy(value) else value
        return value

    def comparison(self) -> Any:
        value = self.negation()
        if self._take("=="):
            return equal(value, self.negation())
        if self._take("!="):
            return not equal(value, self.negation())
        return value

    def negation(self) -> Any:
        return not truthy(self.negation()) if self._take("!") else self.value()

    def value(self) -> Any:
        if self._take("("):
            value = self.either()
            self._need(")")
            return value
        kind, text = self.tokens.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind != "word":
            raise Unknown(text)
        if self._take("("):
            return self._call(text)
        return CONSTANTS[text] if text in CONSTANTS else self._look_up(text)

    def _look_up(self, name: str) -> Any:
        if name not in self.context or name in ("status", "cancelled", "workspace"):
            raise Unknown(f"context {name}")
        value, path = self.context[name], name
        while self.tokens and self.tokens[0][1] in (".", ".*"):
            if self._take(".*"):
                value = _Many(value.values())
                continue
            self._need(".")
            key = self.tokens.pop(0)[1]
            path += f".{key}"
            value = _Many(item[key] for item in value) if isinstance(value, _Many) else _member(value, key, path, name)
        return value

    def _call(self, name: str) -> Any:
        arguments = []
        while not self._take(")"):
            arguments.append(self.either())
            self._take(",")
        if name not in FUNCTIONS:
            raise Unknown(f"function {name}")
        return FUNCTIONS[name](self.context, *arguments)

    def _take(self, sign: str) -> bool:
        if self.tokens and self.tokens[0] == ("sign", sign):
            self.tokens.pop(0)
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise Unknown(f"{self.tokens} where {sign} should be")


class _Many(list):
    """What `.*` gives."""


def _member(value: Any, key: str, path: str, context: str) -> Any:
    if value is None:  # the inputs of a schedule
        return None
    if key in value:
        return value[key]
    unset = context == "steps" and ".outputs." in path  # a step that was skipped, or did not say it
    if context in FREE or unset:
        return ""
    raise Unknown(path)


def _hash_files(context: dict[str, Any], pattern: str) -> str:
    found = sorted(context["workspace"].glob(pattern))
    if not found and "/" in pattern:  # a file that the run itself makes
        return ""
    assert found, pattern
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()


FUNCTIONS = {
    "always": lambda context: True,
    "cancelled": lambda context: context["cancelled"],
    "success": lambda context: context["status"] == "success",
    "failure": lambda context: context["status"] == "failure",
    "format": lambda context, text, *values: text.format(*map(show, values)),
    "fromJSON": lambda context, text: json.loads(text),
    "join": lambda context, items, between: between.join(map(show, items)),
    "hashFiles": _hash_files,
}
