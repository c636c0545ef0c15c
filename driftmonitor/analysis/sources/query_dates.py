"""Check the dates in the CSV files of a query: DuckDB guesses the order of day and month, and may drop an offset.

It does so without a word: 01/02/2026 becomes a day in February, and 05:00-05:00 becomes 05:00 if most times have none.
"""

from ibis.backends.duckdb import Backend

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.column_types import Profile
from driftmonitor.analysis.sources.date_types import DATES
from driftmonitor.analysis.sources.profiles import Asked, count_tests
from driftmonitor.analysis.sources.rows import text
from driftmonitor.analysis.sources.value_tests import QUESTIONS
from driftmonitor.formats import one_line

TESTS = {"n": "{v} IS NOT NULL", "iso": "{v} LIKE '____-__-__%'", "zoned": QUESTIONS["dates"]["zoned"]}
TESTS |= {written: f"({kind.sql}) IS NOT NULL" for written, kind in DATES.items()}


def find_zoned(backend: Backend, side: str, call: str) -> list[str]:
    """Return the columns in which times have offsets; DriftMonitorError for dates that fit two orders.

    `call` is a call of read_csv without its last bracket.
    """
    described = backend.con.execute(f"DESCRIBE SELECT * FROM {call})").fetchall()  # noqa: S608  of the user's own query
    names = [name for name, kind, *_ in described if kind in ("DATE", "TIMESTAMP")]
    if not names:
        return []
    columns = {name: f"c{position}" for position, (name, *_) in enumerate(described)}
    types = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
    source = f"(SELECT * FROM {call}, types={{{types}}})) AS data({', '.join(columns.values())})"  # noqa: S608
    tests = [{sort: test.replace("{v}", columns[name]) for sort, test in TESTS.items()} for name in names]
    counts = count_tests(backend, source, [Asked(name) for name in names], tests)
    return [name for name in names if _has_offsets(side, name, counts[name])]


def _has_offsets(side: str, name: str, counts: Profile) -> bool:
    fitting = [written for written in DATES if counts[written] == counts["n"]]
    if counts["n"] and len(fitting) > 1:
        problem = f"has dates that fit {' and '.join(fitting)}"
        raise DriftMonitorError(f"{side}: column {one_line(name)} of a file {problem}; set dateformat in read_csv.")
    return counts["iso"] == counts["n"] and counts["zoned"] > 0
