"""Write a proposal as a params file: YAML with a comment on each column, which `read_yaml` reads as it was meant."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from driftmonitor import DriftMonitorError
from driftmonitor.config.proposal import ColumnNote, Proposal
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.formats import one_line

WIDTH = 118
LONGEST_KEY = 1000
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def write_params(proposal: Proposal, command: str) -> str:
    """Return the text of a params file; `command` is what proposed it."""
    lines = [
        *_comment(f"Proposed by `{command}`: read it once, and change what is wrong."),
        *_comment(proposal.summary),
    ]
    lines += [line for doubt in proposal.unsure for line in _comment(f"unsure: {doubt}")]
    lines.append("")
    for key, value in proposal.parameters.items():
        lines += _comment(proposal.comments.get(key, ""))
        lines += _block(key, value)
    lines += ["", *_columns(proposal.columns)]
    lines += [line for idea in proposal.ideas for line in ("", *_comment(idea))]
    text = "\n".join(lines) + "\n"
    _check(text, proposal)
    return text


def ignored(proposal: Proposal) -> dict[str, str]:
    """Return what the file says under `columns`."""
    return {column.name: "ignore" for column in proposal.columns if column.ignored}


def _columns(columns: tuple[ColumnNote, ...]) -> Iterator[str]:
    """Write each column: an ignored one as a setting, any other as a comment."""
    yield "columns:" if any(column.ignored for column in columns) else "# columns:"
    for column in columns:
        said = "; ".join(filter(None, (column.read_as, column.values, *column.notes)))
        setting = f"{_key(column.name)}: ignore" if column.ignored else f"# {one_line(column.name)}"
        yield f"  {setting}  # {one_line(said, 300)}"


def _block(key: str, value: Any, indent: str = "") -> list[str]:
    """Return a key and its value, a mapping of mappings on several lines."""
    if not (isinstance(value, Mapping) and any(isinstance(each, Mapping) for each in value.values())):
        return [f"{indent}{_key(key, indent)}: {_value(value)}"]
    lines = (line for name, each in value.items() for line in _block(name, each, indent + "  "))
    return [f"{indent}{_key(key, indent)}:", *lines]


def _key(name: str, indent: str = "  ") -> str:
    """Return a name as a key; YAML takes a long one only after a question mark."""
    key = _value(name)
    return key if len(key) < LONGEST_KEY else f"? {key}\n{indent}"


def _comment(text: str) -> list[str]:
    """Return text as comments of at most WIDTH characters a line, without what cannot be printed."""
    lines, line = [], ""
    for word in one_line(text, 2000).split() if text else ():
        if line and len(line) + len(word) + 1 > WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return [f"# {each}" for each in (*lines, line) if each]


def _value(value: Any) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_value(str(key))}: {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if not isinstance(value, str):
        return str(value)
    if PLAIN.fullmatch(value) and read_yaml(value, "") == value:
        return value
    quoted = yaml.dump(value, default_style='"', allow_unicode=value.isprintable(), width=float("inf"))
    return quoted.removesuffix("\n")


def _check(text: str, proposal: Proposal) -> None:
    """Refuse a file that would be read in another way than it was meant."""
    meant = {**proposal.parameters, **({"columns": ignored(proposal)} if ignored(proposal) else {})}
    if read_yaml(text, "the proposal") != meant:
        raise DriftMonitorError("the params file cannot be written: a name does not survive YAML; rename the columns.")
