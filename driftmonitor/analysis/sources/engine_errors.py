"""Say in words of our own what an error of a user's engine means: PostgreSQL, Spark, Trino and others quote rows.

The engine's code for the error is shown. Its text is shown only if that is about the query, which is published.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.foreign_errors import may_be_told
from driftmonitor.formats import first_line
from driftmonitor.postgres_errors import UNKNOWN_OPTION, explain_state, explain_unreachable

# The packages whose errors are about a server, a password or a query; any other error is a bug of ours.
OUTSIDE = {
    "ibis", "sqlglot", "psycopg", "pyspark", "py4j", "trino", "google", "snowflake", "clickhouse_connect", "requests",
    "urllib3",
}  # fmt: skip
# Raised before a row is read: their texts are about names and grammar.
ABOUT_THE_QUERY = {("sqlglot", "ParseError"), ("sqlglot", "TokenError"), ("pyspark", "AnalysisException"),
                   ("pyspark", "ParseException")}  # fmt: skip
CODES = ("sqlstate", "error_name", "errno", "code")  # where PostgreSQL, Trino, Snowflake and BigQuery have theirs
CLICKHOUSE_CODE = re.compile(r"\bCode: (\d{1,4})\b", re.IGNORECASE)
SPARK_CODE = re.compile(r"^\[([A-Z][A-Z0-9_.]*)\]")


@contextmanager
def explain_errors(where: str, label: str, query: str, remedy: str, always: bool = False) -> Iterator[None]:
    """Raise an engine's error as one line that begins with `where`; with `always`, any other error too."""
    try:
        yield
    except (DriftMonitorError, ImportError):
        raise
    except Exception as error:
        is_outside = _package(error) in OUTSIDE or isinstance(error, OSError)
        if not is_outside and not always:
            raise
        if "JAVA_GATEWAY_EXITED" in str(error) or "JAVA_HOME" in str(error):
            raise DriftMonitorError(
                f"{where}: Spark needs Java 17; install it, or name JAVA_HOME in monitor.pass_env."
            ) from None
        problem = _of_postgres(error) or f"{_describe(error, query) if is_outside else 'invalid address'}; {remedy}"
        raise DriftMonitorError(f"{where}: {label}: {problem}.") from None


def _of_postgres(error: Exception) -> str | None:
    """Return what an error of PostgreSQL's server or driver means and what to do; None for one of the query."""
    if _package(error) != "psycopg":
        return None
    if state := getattr(error, "sqlstate", None):
        return explain_state(state)
    if type(error).__name__ == "DataError":  # of the driver: the server's own have a state
        return "a value is outside of what its driver can read; cast the column to text in the query"
    return UNKNOWN_OPTION if type(error).__name__ == "ProgrammingError" else explain_unreachable(str(error))


def _describe(error: Exception, query: str) -> str:
    kind, text = type(error).__name__, getattr(getattr(error, "diag", None), "message_primary", None)
    text = text or _of_parser(error) or first_line(error)
    if (_package(error), kind) in ABOUT_THE_QUERY or may_be_told(kind, text, query):
        return text
    code = _code(error)
    return f"{_words(kind)}{f' ({code})' if code else ''}"


def _of_parser(error: Any) -> str | None:
    """Return what sqlglot's parser says without the query, in which it marks the place for a terminal."""
    found = next(iter(getattr(error, "errors", None) or ()), None)
    if _package(error) != "sqlglot" or not found:
        return None
    return f"{found['description']} (line {found['line']}, column {found['col']})"


def _code(error: Any) -> str:
    """Return the engine's own code for an error, which never holds a value; "" if there is none."""
    given = next((code for name in CODES if isinstance(code := getattr(error, name, None), str | int)), "")
    found = next((match[1] for pattern in (SPARK_CODE, CLICKHOUSE_CODE) if (match := pattern.search(str(error)))), "")
    return str(int(given) if isinstance(given, int) else given or found)


def _words(kind: str) -> str:
    """Return a class's name in words: `invalid text representation`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.removesuffix("Exception")).lower() or kind


def _package(error: Exception) -> str:
    return type(error).__module__.split(".")[0]
