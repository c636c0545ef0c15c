"""Read YAML as papermill needs it: dates stay text, keys are text and unique, and aliases are refused.

So are numbers that YAML 1.1 reads as others than they look like: 0100 is 64 there, and 1:30 is 90.
"""

import re
from typing import Any

import yaml

from driftmonitor import DriftMonitorError

# What the parser says, in part, and what it means.
PROBLEMS = {
    "mapping values are not allowed": "a colon where none can be; put a text with a colon in quotes",
    "expected <block end>": "the indentation does not fit; begin the keys of a mapping in one column",
    "expected ',' or": "a bracket or a brace is not closed, or a comma is missing; add it",
    "did not find expected": "the indentation or a bracket does not fit; fix the line",
    "expected alphabetic or numeric": "a text begins with * or &; put it in quotes",
    "could not find expected ':'": "a key without a colon; write key: value",
    "cannot start any token": "a tab, or a sign that begins no value; indent by spaces, and put such a text in quotes",
    "while scanning a quoted scalar": "a quote is never closed; close it",
    "unexpected end of stream": "a quote is never closed; close it",
    "could not determine a constructor": "tags (!) are not allowed; remove it",
    "another document": "there are several documents; remove the line ---",
    "unacceptable character": "it has control characters; remove them",
    "special characters are not allowed": "it has control characters; remove them",
}
LONGEST_KEY = 60  # characters of a key in an error
OTHER_NUMBER = re.compile(r"[-+]?0[0-7_]*[1-7][0-7_]*|.*:.*")  # in base 8 or 60


class PlainLoader(yaml.SafeLoader):
    """A safe loader without dates, aliases (which can multiply without limit), and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            problem = "aliases (*) are not allowed"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, int] = {}
        for each, _ in node.value:
            key, line = self.construct_object(each, deep=True), each.start_mark.line + 1
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(problem=_say_no_text(each, key), problem_mark=each.start_mark)
            if key in lines:
                where = "this line" if lines[key] == line else f"line {lines[key]}"
                problem = f"the key {key[:LONGEST_KEY]!r} is on {where} already; remove one"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=each.start_mark)
            lines[key] = line
        return super().construct_mapping(node, deep)

    def construct_plain_number(self, node: yaml.ScalarNode) -> int | float:
        """Return a number; refuse one that only looks decimal."""
        is_whole = node.tag.endswith(":int")
        value: int | float = self.construct_yaml_int(node) if is_whole else self.construct_yaml_float(node)
        if OTHER_NUMBER.fullmatch(node.value):
            remedy = "write a number without leading zeros or colons, or put a text in quotes"
            problem = f"{node.value[:40]} means {value} in YAML; {remedy}"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return value


def _say_no_text(node: yaml.Node, key: Any) -> str:
    """Return what is wrong with a key such as no, 1 or [a]."""
    if not isinstance(node, yaml.ScalarNode):
        return "a key is a list or a mapping; write a text"
    meaning = f" means {str(key).lower()} in YAML" if isinstance(key, bool) else " is not text"
    return f"the key {node.value[:LONGEST_KEY] or 'that is empty'}{meaning}; put it in quotes"


for kind in ("int", "float"):
    PlainLoader.add_constructor(f"tag:yaml.org,2002:{kind}", PlainLoader.construct_plain_number)

PlainLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str, where: str) -> Any:
    """Return the value of the YAML `text`; DriftMonitorError, which begins with `where`, if it is invalid."""
    try:
        return yaml.load(text, PlainLoader)  # noqa: S506  PlainLoader is a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = _find_line(text, error)
        place = "" if line is None else f" line {line + 1}:"
        raise DriftMonitorError(f"{where}:{place} invalid YAML: {_say(error)}.") from None


def _find_line(text: str, error: Exception) -> int | None:
    """Return the line of an error, the first one 0; None if it is not known."""
    if isinstance(error, yaml.reader.ReaderError):
        return text.count("\n", 0, error.position)
    mark = getattr(error, "problem_mark", None)
    return mark.line if mark else None


def _say(error: Exception) -> str:
    """Return in our own words what the parser found, and what to do."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or ""
    if isinstance(error, RecursionError):
        problem = "it is nested too deep; use fewer levels"
    return next((words for part, words in PROBLEMS.items() if part in problem), problem or "a number is wrong; fix it")


def find_lines(text: str) -> list[int]:
    """Return the line on which each item of a YAML list begins; none if the text is no list. It has to be valid."""
    node = yaml.compose(text, PlainLoader)
    return [item.start_mark.line + 1 for item in node.value] if isinstance(node, yaml.SequenceNode) else []
