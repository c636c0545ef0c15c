"""Read YAML as papermill needs it: dates stay text, keys are text and unique, and aliases are refused."""

from typing import Any

import yaml

from driftmonitor import DriftMonitorError

# What the parser says, in part, and what it means.
PROBLEMS = {
    "mapping values are not allowed": "a colon where none can be; put a text with a colon in quotes",
    "expected <block end>": "the indentation does not fit; begin the keys of a mapping in one column",
    "expected ',' or": "a bracket or a brace is not closed, or a comma is missing; add it",
    "did not find expected": "the indentation or a bracket does not fit; fix the line",
    "could not find expected ':'": "a key without a colon; write key: value",
    "cannot start any token": "a tab, or a sign that begins no value; indent by spaces, and put such a text in quotes",
    "while scanning a quoted scalar": "a quote is never closed; close it",
    "unexpected end of stream": "a quote is never closed; close it",
    "could not determine a constructor": "tags (!) are not allowed; remove it",
    "another document": "there are several documents; remove the line ---",
    "unacceptable character": "it has control characters; remove them",
    "special characters are not allowed": "it has control characters; remove them",
}


class PlainLoader(yaml.SafeLoader):
    """A safe loader without dates, aliases (which can multiply without limit), and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(problem="aliases (*) are not allowed", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if not isinstance(key, str):
                problem = f"the key {key!r} is not text; put it in quotes"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
            if keys.count(key) > 1:
                problem = f"the key {key!r} appears twice; remove one"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


PlainLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str, where: str) -> Any:
    """Return the value of the YAML `text`; DriftMonitorError, which begins with `where`, if it is invalid."""
    try:
        return yaml.load(text, PlainLoader)  # noqa: S506  PlainLoader is a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise DriftMonitorError(
            f"{where}:{line} invalid YAML: {_say(getattr(error, 'problem', None) or '')}."
        ) from None


def _say(problem: str) -> str:
    """Return in our own words what the parser found, and what to do."""
    return next((words for part, words in PROBLEMS.items() if part in problem), problem or "it is nested too deep")


def find_lines(text: str) -> list[int]:
    """Return the line on which each item of a YAML list begins; none if the text is no list. It has to be valid."""
    node = yaml.compose(text, PlainLoader)
    return [item.start_mark.line + 1 for item in node.value] if isinstance(node, yaml.SequenceNode) else []
