"""Count, in all rows of a side, what the texts of each column can be read as, in one or two streaming passes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources.column_types import DATES, IS_CLOCK, NO, POINT, YES, Marks, Profile, is_number
from driftmonitor.analysis.sources.rows import Rows, one_of, text

AT_ONCE = 100  # columns: to plan a query takes DuckDB the square of them
# What a value is at first sight: the first test that holds. Each costs time, and is asked only of what is left.
FRACTION = "{x} <> trunc({x}) OR isinf({x}) OR (abs({x}) > 9e15 AND regexp_matches({m}, '[.eE]'))"
SIGHT = {
    "points": f"{{x}} IS NOT NULL AND ({FRACTION})",
    "long": "{x} IS NOT NULL AND length({v}) > 18",  # perhaps more digits than a BIGINT has
    "zeros": "{x} IS NOT NULL AND {v} >= '00' AND {v} < '0:'",  # a zero and another digit
    "plain": "{x} IS NOT NULL",
    "booleans": one_of(("true", "false", "True", "False", "TRUE", "FALSE")),
    "digits": "{v} >= '+' AND {v} < ':'",  # a digit or a sign comes first, and yet it is no number
    "words": "{v} IS NOT NULL",
}
NUMBERS = ("points", "long", "zeros", "plain")
GROUPED_BY_COMMA = r"[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?"
GROUPED_BY_POINT = r"[-+]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?"
AGAIN = {
    "bigint": "TRY_CAST({m} AS BIGINT) IS NOT NULL",
    "ubigint": "TRY_CAST({m} AS UBIGINT) IS NOT NULL",
    "dates": "{v} LIKE '____-__-__' AND TRY_CAST({v} AS DATE) IS NOT NULL",
    "times": "{v} LIKE '____-__-__%:%' AND TRY_CAST({v} AS TIMESTAMPTZ) IS NOT NULL",
    "zoned": "{v} LIKE '____-__-__%:%' AND regexp_matches(substr({v}, 11), '[-+Z]')",
    **{written: f"({kind.sql}) IS NOT NULL" for written, kind in DATES.items()},
    "commas": "contains({v}, ',')",
    "comma_groups": f"regexp_full_match({{v}}, {text(GROUPED_BY_COMMA)})",
    "comma_decimals": f"regexp_full_match({{v}}, {text(GROUPED_BY_POINT)})",
    "flags": one_of((*YES, *NO), "lower({v})"),
    "clocks": f"{IS_CLOCK} AND TRY_CAST({{v}} AS TIME) IS NOT NULL",
}


@dataclass(frozen=True)
class Asked:
    """A column to count, how its numbers are written, and the format that its dates are said to have."""

    name: str
    marks: Marks = POINT
    date_format: str = ""


def count_values(backend: Backend, rows: Rows, asked: Sequence[Asked]) -> dict[str, Profile]:
    """Return how many values of each column are numbers, true or false, or something to look at again."""
    some = (_count_values(backend, rows, asked[i : i + AT_ONCE]) for i in range(0, len(asked), AT_ONCE))
    return {name: profile for counts in some for name, profile in counts.items()}


def _count_values(backend: Backend, rows: Rows, asked: Sequence[Asked]) -> dict[str, Profile]:
    columns = [rows.column(each.name)[1:] for each in asked]
    numbers = ", ".join(f"{_number_sql(rows, each)} AS x{i}" for i, each in zip(columns, asked, strict=True))
    sights = ", ".join(f"{_sight_sql(rows, each)} AS s{i}" for i, each in zip(columns, asked, strict=True))
    source = f"(SELECT *, {sights} FROM (SELECT *, {numbers} FROM {rows.sql}))"  # noqa: S608
    quoted = {i: f"q{i} AND c{i} IS NOT NULL" if rows.quoted else "false" for i in columns}
    tests = [
        {"rows": "true", "quoted": quoted[i], **{sort: f"s{i} = {at}" for at, sort in enumerate(SIGHT)}}
        for i in columns
    ]
    return {name: _sum_up(profile) for name, profile in count_tests(backend, source, asked, tests).items()}


def _sum_up(sights: Profile) -> Profile:
    """Return the counts of all values and of all numbers with the others; text of JSON is no number."""
    every, numbers = sum(sights[sort] for sort in SIGHT), sum(sights[sort] for sort in NUMBERS)
    if sights["quoted"] == every:
        return Counter(rows=sights["rows"], n=every, quoted=every, digits=sights["digits"] + numbers)
    return sights + Counter(n=every, numbers=numbers, digits=numbers)


def _number_sql(rows: Rows, asked: Asked) -> str:
    """Return SQL for a value as a number, NULL if it is none."""
    number = asked.marks.sql(rows.column(asked.name))
    return f"CASE WHEN NOT contains({number}, '_') THEN TRY_CAST({number} AS DOUBLE) END"


def _sight_sql(rows: Rows, asked: Asked) -> str:
    column = rows.column(asked.name)
    branches = " ".join(f"WHEN {test} THEN {at}" for at, test in enumerate(SIGHT.values()))
    filled = {"{x}": f"x{column[1:]}", "{m}": asked.marks.sql(column), "{v}": column}
    return f"CASE {_fill(branches, filled)} END::UTINYINT"


def count_again(backend: Backend, rows: Rows, asked: Sequence[Asked]) -> dict[str, Profile]:
    """Return how many values of each column are dates, numbers with commas and the like."""
    return count_tests(backend, rows.sql, asked, [_tests_of(rows, each) for each in asked])


def _tests_of(rows: Rows, asked: Asked) -> dict[str, str]:
    column = rows.column(asked.name)
    tests = {sort: _fill(test, {"{m}": asked.marks.sql(column), "{v}": column}) for sort, test in AGAIN.items()}
    if asked.date_format:
        tests["formatted"] = f"TRY_STRPTIME({column}, {text(asked.date_format)}) IS NOT NULL"
    return tests


def count_tests(
    backend: Backend, source: str, asked: Sequence[Asked], tests: Sequence[Mapping[str, str]]
) -> dict[str, Profile]:
    """Return how many rows of a relation pass each test of each column."""
    if not asked:
        return {}
    counts = ", ".join(f"count(*) FILTER ({test})" for own in tests for test in own.values())
    values = iter(backend.con.execute(f"SELECT {counts} FROM {source}").fetchone())  # noqa: S608
    return {each.name: Counter(dict(zip(own, values, strict=False))) for each, own in zip(asked, tests, strict=True)}


def _fill(test: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        test = test.replace(place, value)
    return test


def count_spellings(backend: Backend, rows: Sequence[Rows], asked: Asked) -> tuple[int, int]:
    """Return how many different numbers a column has on all sides, and how many different texts they are written as."""
    sides = " UNION ALL ".join(f"SELECT {each.column(asked.name)} AS v FROM {each.sql}" for each in rows)  # noqa: S608
    value = asked.marks.sql("v")
    query = f"SELECT count(DISTINCT CAST({value} AS DOUBLE)), count(DISTINCT v) FROM ({sides}) WHERE {is_number(value)}"  # noqa: S608
    numbers, texts = backend.con.execute(query).fetchone()
    return numbers, texts
