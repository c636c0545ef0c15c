"""Make the text files that a query reads show all their rows before DuckDB settles the types of their columns.

It guesses them from the first 20,480 rows, and takes # for a comment if one line is odd. What a query says itself is
kept. DuckDB's own parser finds the places, and only there is the text of the query changed.
"""

import glob
import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ibis.backends.duckdb import Backend
from sqlglot import tokenize
from sqlglot.tokens import Token, TokenType

from driftmonitor.analysis.sources.query_dates import find_zoned
from driftmonitor.analysis.sources.query_texts import check_texts, named_files
from driftmonitor.analysis.sources.rows import quoted, text

CSV = {"sample_size": "-1", "files_to_sniff": "-1", "comment": "''"}
JSON = {"sample_size": "-1", "maximum_sample_files": "-1"}
OPTIONS = {
    "read_csv": CSV, "read_csv_auto": CSV, "read_json": JSON, "read_json_auto": JSON, "read_ndjson": JSON,
    "read_ndjson_auto": JSON,
}  # fmt: skip
DECIDED = {"columns", "auto_detect"}  # with one of these, a query says itself what the columns are
SAID = {"dateformat", "timestampformat", "types", "dtypes", "column_types", "all_varchar"}  # what its dates are
FILE = re.compile(r"\.(csv|tsv|json|jsonl|ndjson)(\.gz|\.zst)?$", re.IGNORECASE)

Node = dict[str, Any]


@dataclass(frozen=True)
class Edit:
    """A part of a query's text, from `start` to before `end`, and what takes its place."""

    start: int
    end: int
    new: str


def see_all_rows(backend: Backend, side: str, query: str) -> str:
    """Return the query with such options for each file of text that it reads, or as it is if it reads none."""
    tree = json.loads(_ask(backend, "SELECT json_serialize_sql(?::VARCHAR, skip_default := true)", query))
    nodes = [] if tree["error"] else [*_walk(tree["statements"])]
    named = {each["key"] for node in nodes for each in node.get("cte_map", {}).get("map", ())}
    tables = [node for node in nodes if node.get("type") == "BASE_TABLE" and _is_file(node, named)]
    functions = [node for node in nodes if node.get("type") == "TABLE_FUNCTION" and _guesses(node["function"])]
    readers = [node for node in nodes if node.get("type") == "TABLE_FUNCTION" and _reads_text(node["function"])]
    for node in [*tables, *readers]:
        check_texts(backend, side, named_files(node, _walk), _given(node.get("function", {})))
    if not tables and not functions:
        return query
    tokens = _Tokens(backend, side, query)
    edits = [tokens.name_reader(node) for node in tables] + [tokens.add_options(node) for node in functions]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        query = query[: edit.start] + edit.new + query[edit.end :]
    return query


def _ask(backend: Backend, asked: str, query: str) -> str:
    return str(backend.con.execute(asked, [query]).fetchall()[0][0])


def _walk(node: Any) -> Iterator[Node]:
    """Yield every part of a query, but for what is only described."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict):
        yield node
    for child in children if not isinstance(node, dict) or node.get("type") != "SHOW_REF" else ():
        yield from _walk(child)


def _is_file(table: Node, named: set[str]) -> bool:
    name = table.get("table_name", "")
    return bool(FILE.search(name)) and name not in named and "schema_name" not in table


def _guesses(function: Node) -> bool:
    """Return whether a function reads text whose types it decides itself."""
    return _reads_text(function) and not DECIDED & _given(function)


def _reads_text(function: Node) -> bool:
    return function["function_name"] in OPTIONS


def _given(function: Node) -> set[str]:
    """Return the names of the options of a function's call: a = 1, or a := 1."""
    children = function.get("children", [])
    equal = {child["left"]["column_names"][-1] for child in children if child.get("left", {}).get("column_names")}
    return {name.lower() for name in equal | {child["alias"] for child in children if child.get("alias")}}


def _is_constant(function: Node) -> bool:
    """Return whether a call depends on no column and no other query."""
    children = function.get("children", [])
    values = [child["right"] if child.get("class") == "COMPARISON" else child for child in children]
    return not any(node.get("class") in ("COLUMN_REF", "SUBQUERY") for value in values for node in _walk(value))


class _Tokens:
    """The words of a query, by where they begin. DuckDB counts bytes, and sqlglot characters."""

    def __init__(self, backend: Backend, side: str, query: str) -> None:
        self.backend, self.side, self.query = backend, side, query
        self.tokens = list(tokenize(query, read="duckdb"))
        self.starts = [token.start for token in self.tokens]

    def _at(self, node: Node) -> int:
        position = len(self.query.encode()[: node.get("query_location", 0)].decode())
        return bisect_left(self.starts, position)

    def name_reader(self, table: Node) -> Edit:
        """Return the edit that reads a file by a function, called as DuckDB would call the file."""
        at, name = self._at(table), str(table["table_name"])
        token, before = self.tokens[at], self.tokens[at - 1] if at else None
        reader = "read_csv" if re.search(r"\.[ct]sv", name, re.IGNORECASE) else "read_json"
        alias = "" if table.get("alias") else f" AS {quoted(_base_name(name))}"
        new = f"{self._complete(reader, f'{reader}({text(name)}', set())}){alias}"
        if before and before.token_type == TokenType.TABLE:
            return Edit(before.start, token.end + 1, f"FROM {new}")
        return Edit(token.start, token.end + 1, new)

    def add_options(self, table: Node) -> Edit:
        """Return the edit that adds the options to a call that does not have them."""
        function, at = table["function"], self._at(table["function"])
        start, end = self.tokens[at].start, self._closing(at).start
        given = _given(function) | (
            set() if _is_constant(function) else SAID
        )  # one that depends on a row is not called
        return Edit(start, end, self._complete(function["function_name"], self.query[start:end], given))

    def _complete(self, name: str, call: str, given: set[str]) -> str:
        """Return a call without its last bracket, with the options that are not given."""
        more = {option: value for option, value in OPTIONS[name].items() if option not in given}
        if OPTIONS[name] is CSV and not given & SAID:
            head = call + _say({option: value for option, value in more.items() if option != "sample_size"})
            if zoned := find_zoned(self.backend, self.side, head):
                more["types"] = "{" + ", ".join(f"{text(column)}: 'TIMESTAMPTZ'" for column in zoned) + "}"
        return call + _say(more)

    def _closing(self, at: int) -> Token:
        """Return the bracket that closes the first call from a word on."""
        depth = 0
        for token in self.tokens[at:]:
            depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
            if token.token_type == TokenType.R_PAREN and depth == 0:
                return token
        return self.tokens[-1]


def _say(options: dict[str, str]) -> str:
    return "".join(f", {name}={value}" for name, value in options.items())


def _base_name(file: str) -> str:
    return file if glob.has_magic(file) else PurePath(file.replace("\\", "/")).name.partition(".")[0]
