"""Say in words of our own what DuckDB finds wrong with a query before it reads a row: names, types and grammar.

The query is published with the parameters, and so are the names of columns: these alone are taken from DuckDB's text.
"""

import difflib
import re
from collections.abc import Callable, Mapping

from driftmonitor.formats import one_line

TYPE_WORDS = {
    "VARCHAR": "text", "STRING_LITERAL": "text", "BOOLEAN": "true or false", "DATE": "a date", "TIME": "a time of day",
    "INTERVAL": "an interval", "UUID": "a UUID", "JSON": "JSON", "BLOB": "bytes",
}  # fmt: skip
NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?(_LITERAL)?|DOUBLE|FLOAT|DECIMAL\(.*\)")
CANDIDATES = re.compile(r"(?:Candidate bindings: |Did you mean |Candidate functions:\s*)(.+)")
MOST_NAME = 60  # characters


def _say_types(name: str, types: str) -> str:
    """Return that a function or an operator does not take values of these types."""
    given = [_say_type(each) for each in re.split(r",\s*(?![^(\[]*[)\]])", types) if each]
    shown = " and ".join(dict.fromkeys(given)) if len(given) < 3 else "these values"
    if re.fullmatch(r"\W+", name):
        return f"{name} does not work with {shown or 'these values'}; cast a value to another type"
    return f"{name} does not take {shown}; cast a value to another type" if given else f"{name} needs a value"


def _say_type(name: str) -> str:
    if name.startswith("TIMESTAMP"):
        return "a time"
    if name.endswith("[]"):
        return "a list"
    return "a number" if NUMBER.fullmatch(name) else TYPE_WORDS.get(name) or "another type"


def _compare(one: str, other: str) -> str:
    return f"compares {_say_type(one)} with {_say_type(other)}; cast one of them"


# What is wrong, by a pattern in DuckDB's message, whose groups are shown or given to a function.
PROBLEMS: Mapping[str, str | Callable[..., str]] = {
    r'Referenced column "(.+?)" (?:was )?not found|not have a column named "(.+?)"': "no such column: {}",
    r'Referenced table "(.+?)" not found|Table with name (.+?) does not exist': "no such table: {}",
    r'Function with name "?(.+?)"? does not exist': "no such function: {}",
    r'Function "(.+?)" is a table function': "{} reads a table, and gives no value for a row",
    r"No function matches the given name and argument types '(.+?)\((.*)\)'\.": _say_types,
    r"Cannot compare values of type (.+?) and type (.+?) -": _compare,
    r'Ambiguous reference to column name "(.+?)"': "column {} is in several tables; write its table before it",
    r'column "(.+?)" must appear in the GROUP BY': "column {} is neither in GROUP BY nor in an aggregate",
    r"WHERE clause cannot contain (?:aggregates|window)": "WHERE has an aggregate or a window; use HAVING or QUALIFY",
    r"Set operations can only apply": "UNION, EXCEPT or INTERSECT of tables with different numbers of columns",
    r'syntax error at or near "(.+?)"': "not valid SQL near {}",
    r"syntax error at end of input": "not valid SQL: it ends too early",
    r'No files found that match the pattern "(.+?)"': "no file matches {}",
    r'Cannot open file "(.+?)"': "cannot open {}",
    r'Invalid named parameter "(.+?)" for function (\w+)': "no option {} of {}",
}  # fmt: skip


def say_query(text: str) -> str:
    """Return what a message of DuckDB about a query means; one that is not known here, without its kind and place."""
    for pattern, words in PROBLEMS.items():
        if match := re.search(pattern, text, re.DOTALL):
            found = [one_line(each, MOST_NAME) for each in match.groups() if each is not None]
            return words(*found) if callable(words) else f"{words.format(*found)}{_say_nearest(text, *found[:1])}"
    first = text.split("\n")[0].rstrip(".!")
    return one_line(re.sub(r"^[A-Za-z ]+ Error: ", "", first), 300)


def _say_nearest(text: str, name: str = "") -> str:
    """Return the nearest name that there is, if DuckDB lists any; it also lists those that are not alike."""
    match = CANDIDATES.search(text)
    names = re.findall(r'"([^"\n]+)"', match[1]) if match else []
    close = difflib.get_close_matches(name.lower(), [each.lower() for each in names], n=1, cutoff=0.6)
    shown = next((each for each in names if close and each.lower() == close[0]), "")
    return f"; did you mean {one_line(shown, MOST_NAME)}?" if shown else ""
