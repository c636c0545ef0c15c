"""Name what columns are to a monitor's model, as its params file says: score, prediction, label, key."""

from collections.abc import Iterator, Mapping
from typing import Any

WORDS = {
    "score": "the model’s score", "prediction": "the class that the model predicts", "label": "the label: the outcome",
    "key": "the key by which labels are joined",
}  # fmt: skip


def list_roles(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the role of each column that has one, in words."""
    roles: dict[str, list[str]] = {}
    for column, words in _read(parameters):
        roles.setdefault(column, []).append(words)
    return {column: ", and ".join(words) for column, words in roles.items()}


def _read(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter, words in WORDS.items():
        given = parameters.get(parameter)
        if isinstance(given, Mapping):  # a score for each class
            yield from ((f"{column}", f"{words} for {name}") for name, column in given.items())
        elif isinstance(given, str) and given:
            yield given, words
