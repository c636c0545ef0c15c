"""Say in words of our own what an error of DuckDB means: its text quotes the line and the value that it could not read.

Only numbers, types and names are taken from that text. `query_errors` says what is wrong with the query itself.
"""

import re
from pathlib import Path

from driftmonitor.analysis.sources.query_errors import say_query
from driftmonitor.analysis.sources.transcripts import shown
from driftmonitor.formats import one_line

ABOUT_THE_QUERY = {"ParserException", "SyntaxException", "BinderException", "CatalogException", "IOException"}
ABOUT_EXTENSIONS = {"CatalogException", "BinderException", "HTTPException", "Error"}
EXTENSION = re.compile(r"(?:required extension '|exists in the )(\w+)")
FILE = re.compile(r"^ *file = (.+)$|\bfile ['\"](.+?)['\"]", re.MULTILINE)
LINE = re.compile(r"(?:CSV Error on Line: |in line )(\d+)")
OBJECT = re.compile(r"in record/value (\d+)")
FIELDS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
COMMENT = re.compile(r"^Original Line: *#", re.MULTILINE)
COLUMN = re.compile(r'^Error when converting column "([^"\n]+)"|when casting from source column (\w+)$', re.MULTILINE)
TYPE = re.compile(r"(?:to '?|destination type )([A-Z][A-Z0-9_]*)")
WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?\d*")
TYPE_WORDS = {
    "DATE": "a date", "TIME": "a time of day", "BOOL": "true or false", "BOOLEAN": "true or false", "FLOAT": "a number",
    "DOUBLE": "a number", "DECIMAL": "a number", "UUID": "a UUID", "TIMESTAMP": "a time", "INTERVAL": "an interval",
}  # fmt: skip
REGULAR = re.compile(r"missing [])]|unexpected \)|repetition|invalid (escape|perl|character class)|at end of regexp")
# What is wrong, by a part of DuckDB's message. The first that fits is taken.
PROBLEMS = {
    "not utf-8 encoded": "is not UTF-8 text; set read.encoding (in a query, read_csv's encoding), such as to cp1252",
    "invalid UTF-8": "is not UTF-8 text; set read.encoding, for example to cp1252",
    "CSV Parser state machine": "is not CSV text: a quote is in the wrong place, or lines end in two ways",
    "Error when sniffing file": "is not a CSV whose delimiter, quotes and lines can be recognised",
    "unterminated quote": "has a quote that is never closed",
    "Maximum line size": "is longer than a line of a CSV can be; perhaps a quote is never closed",
    "Malformed JSON": "is not valid JSON",
    "JSON transform error": "has a value of another type than the lines before it",
    "magic bytes": "is not a Parquet file, or is cut off",
    "Footer length": "is not a Parquet file, or is cut off",
    "too small to be a Parquet file": "is not a Parquet file, or is cut off",
    "Out of buffer": "is damaged",
    "cannot take logarithm": "takes the logarithm of zero or a negative number",
    "cannot take square root": "takes the square root of a negative number",
    "out of range": "has a number that is too large for its type",
    "Out of Range": "has a number that is too large for its type",
    "Could not parse string": "has text that does not fit the format of a date or number in the query",
    "invalid date field": "has a value that is not a date",
    "invalid timestamp field": "has a value that is not a time",
    "More than one row returned by a subquery": "has a subquery with more than one row where one value is needed",
    "schema mismatch": "has other columns than the first file",
    "disabled through configuration": "reads something else than the table current; select from current alone",
    "disabled by configuration": "reads something else than the table current; select from current alone",
    "extract specifier": "names a part of a time that does not exist",
    "date part specifier": "names a part of a time that does not exist",
    "Unimplemented type for cast": "casts values to a type that they cannot have",
    "Out of Memory": "needs more memory than there is",
}  # fmt: skip


def explain(where: str, kind: str, text: str) -> str:
    """Return `where`, which names the file or the query, and what is wrong: `current: a.csv is damaged`.

    `kind` is the name of DuckDB's class of error, and `text` its message.
    """
    if kind in ABOUT_EXTENSIONS and (extension := EXTENSION.search(text)):
        missing = f"DuckDB's extension {extension[1]}, which is not installed"
        return f"{where}: needs {missing}; copy the data to a file first"
    if kind in ABOUT_THE_QUERY:
        return f"{where}: {say_query(text)}"
    if kind == "PermissionException":
        return f"{where} {_problem(kind, text)}"
    return f"{': '.join([where, *_places(where, text)])} {_problem(kind, text)}"


def _problem(kind: str, text: str) -> str:
    if fields := FIELDS.findall(text):
        expected, found = fields[-1]
        remedy = "; set read.comment to '#' if such lines are comments" if COMMENT.search(text) else ""
        return f"has {found} field{'s' if found != '1' else ''}, and {expected} were expected{remedy}"
    if (types := TYPE.findall(text)) and re.search(r"[Cc]ould not convert|can't be cast", text):
        return f"has a value that is not {_say_type(types[-1])}"
    if kind == "InvalidInputException" and REGULAR.search(text):
        return "has an invalid regular expression"
    problem = next((problem for part, problem in PROBLEMS.items() if part in text), None)
    return problem or f"cannot be read ({kind}); try it in DuckDB itself, which says more"


def _places(where: str, text: str) -> list[str]:
    """Return the file, the line and the column that the message names, as far as they are there."""
    file = next((name for names in FILE.findall(text) if (name := names[0] or names[1]) and _is_file(name)), "")
    late = "Malformed JSON" in text  # DuckDB 1.5 counts the broken line itself twice
    line, number = (match and int(match[1]) - late for match in (LINE.search(text), OBJECT.search(text)))
    column = next(filter(None, COLUMN.findall(text)[-1]), "") if COLUMN.search(text) else ""
    places = [shown(file) if file not in where else "", f"line {line}" if line else f"value {number}" if number else ""]
    return [place for place in (*places, f"column {one_line(column)}" if column else "") if place]


def _is_file(name: str) -> bool:
    return "://" in name or Path(name).is_file()


def _say_type(name: str) -> str:
    if name.startswith("TIMESTAMP"):
        return "a time"
    return TYPE_WORDS.get(name) or ("a whole number" if WHOLE.fullmatch(name) else "of the type that is asked for")
