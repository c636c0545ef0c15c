"""Count, in all rows of a side, what the texts of each column can be read as, in one or two streaming passes."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources.column_types import POINT, Marks, Profile, is_number
from driftmonitor.analysis.sources.rows import NUMBERS as TYPED_NUMBERS
from driftmonitor.analysis.sources.rows import Rows
from driftmonitor.analysis.sources.value_tests import NUMBERS, QUESTIONS, SIGHT, is_formatted

AT_ONCE = 100  # columns: to plan a query takes DuckDB the square of them
FEW_ROWS = 20_000  # of which a query takes less time to run than to plan


@dataclass(frozen=True)
class Asked:
    """A column to count, how its numbers are written, and the format that its dates are said to have.

    `may_be_blank`: words such as NA may mean a missing value.
    """

    name: str
    marks: Marks = POINT
    date_format: str = ""
    may_be_blank: bool = True


def count_values(backend: Backend, rows: Rows, asked: Sequence[Asked]) -> dict[str, Profile]:
    """Return how many values of each column are numbers, true or false, or something to look at again."""
    count = _count_below if _are_few(backend, rows) else _count_beside
    some = (count(backend, rows, asked[i : i + AT_ONCE]) for i in range(0, len(asked), AT_ONCE))
    return {name: profile for counts in some for name, profile in counts.items()}


def _are_few(backend: Backend, rows: Rows) -> bool:
    if not rows.in_memory:
        return False
    (number,) = backend.con.execute(f"SELECT count(*) FROM {rows.sql}").fetchone()  # noqa: S608
    return bool(number < FEW_ROWS)


def _count_beside(backend: Backend, rows: Rows, asked: Sequence[Asked]) -> dict[str, Profile]:
    """Count the values of columns that are beside one another, each by expressions of its own."""
    numbers = ", ".join(
        f"{_number_sql(rows.text_of(each.name), each.marks)} AS {_number_of(rows, each)}" for each in asked
    )
    source = f"(SELECT *, {numbers} FROM {rows.sql})"  # noqa: S608
    counts = ", ".join(
        f"count(*) FILTER ({rows.is_quoted(each.name)}), histogram({sight})"
        for each in asked
        for sight in [
            _sight_sql(rows.text_of(each.name), _number_of(rows, each), each.marks, _may_be_blank(rows, each))
        ]
    )
    every, *found = backend.con.execute(f"SELECT count(*), {counts} FROM {source}").fetchone()  # noqa: S608
    answers = zip(asked, found[::2], found[1::2], strict=True)
    return {each.name: _name_sights(every, quoted, sights) for each, quoted, sights in answers}


def _count_below(backend: Backend, rows: Rows, asked: Sequence[Asked]) -> dict[str, Profile]:
    """Count the values of columns that are put one below another, so that the same expressions serve all."""
    alike: dict[tuple[Marks, bool], list[Asked]] = {}
    for each in asked:
        alike.setdefault((each.marks, _may_be_blank(rows, each)), []).append(each)
    found: dict[str, Profile] = {}
    for (marks, may_be_blank), some in alike.items():
        values = ", ".join(rows.text_of(each.name) for each in some)
        quoted = ", ".join(rows.is_quoted(each.name) for each in some)
        listed = (
            f"SELECT unnest(range({len(some)})) AS i, unnest([{values}]) AS v, unnest([{quoted}]) AS q FROM {rows.sql}"  # noqa: S608
        )
        query = (
            f"SELECT i, count(*), count(*) FILTER (q), histogram({_sight_sql('v', 'x', marks, may_be_blank)}) "  # noqa: S608
            f"FROM (SELECT *, {_number_sql('v', marks)} AS x FROM ({listed})) GROUP BY i"
        )
        counts = {i: own for i, *own in backend.con.execute(query).fetchall()}
        found |= {each.name: _name_sights(*counts.get(i, (0, 0, None))) for i, each in enumerate(some)}
    return {each.name: found[each.name] for each in asked}


def _name_sights(every: int, quoted: int, sights: Mapping[int, int] | None) -> Profile:
    """Return the counts by the names of what the values are at first sight."""
    own = {sort: (sights or {}).get(at, 0) for at, sort in enumerate(SIGHT)}
    return _sum_up(Counter(rows=every, quoted=quoted, **own))


def _sum_up(sights: Profile) -> Profile:
    """Return the counts of all values and of all numbers with the others."""
    every, numbers = sum(sights[sort] for sort in SIGHT), sum(sights[sort] for sort in NUMBERS)
    return sights + Counter(n=every, numbers=numbers, digits=numbers)


def _number_of(rows: Rows, asked: Asked) -> str:
    return f"x{rows.column(asked.name)[1:]}"


def _may_be_blank(rows: Rows, asked: Asked) -> bool:
    return asked.may_be_blank and rows.is_quoted(asked.name) != "false"


def _number_sql(value: str, marks: Marks) -> str:
    """Return SQL for a value as a number, NULL if it is none."""
    number = marks.sql(value)
    return f"CASE WHEN NOT contains({number}, '_') THEN TRY_CAST({number} AS DOUBLE) END"


def _sight_sql(value: str, number: str, marks: Marks, may_be_blank: bool) -> str:
    """Return SQL for what a value is at first sight, by position."""
    tests = SIGHT if may_be_blank else {**SIGHT, "blanks": "false"}
    branches = " ".join(f"WHEN {test} THEN {at}" for at, test in enumerate(tests.values()))
    filled = {"{x}": number, "{m}": marks.sql(value), "{v}": value}
    return f"CASE {_fill(branches, filled)} END::UTINYINT"


def answer(questions: Mapping[str, Sequence[str]]) -> Callable[..., dict[str, Profile]]:
    """Return what counts the answers to the questions that are open for each column, by name."""

    def count(backend: Backend, rows: Rows, asked: Sequence[Asked]) -> dict[str, Profile]:
        return count_tests(backend, rows.sql, asked, [_tests_of(rows, each, questions[each.name]) for each in asked])

    return count


def _tests_of(rows: Rows, asked: Asked, questions: Sequence[str]) -> dict[str, str]:
    value = rows.text_of(asked.name)
    values = {"{m}": asked.marks.sql(value), "{v}": value}
    tests = {sort: _fill(test, values) for each in questions for sort, test in QUESTIONS[each].items()}
    if asked.date_format and "dates" in questions:
        tests["formatted"] = _fill(is_formatted(asked.date_format), values)
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


@dataclass(frozen=True)
class Spellings:
    """How many different numbers a column has, and as how many different texts they are written.

    `apart`: no side writes a number in two ways, and yet the sides write the same number in different ways.
    `uneven`: a side has both 1.10 and 1.1 or 1.2, as no program writes numbers: they may be versions.
    """

    numbers: int = 0
    texts: int = 0
    apart: bool = False
    uneven: bool = False


def count_spellings(backend: Backend, rows: Sequence[Rows], asked: Asked) -> Spellings:
    """Return in how many ways the numbers of a column are written, on all sides together and on each."""
    sides = [f"SELECT {i} AS side, {each.text_of(asked.name)} AS v FROM {each.sql}" for i, each in enumerate(rows)]  # noqa: S608
    written = asked.marks.sql("v")
    decimals = f"length(split_part({written}, '.', 2))"
    is_uneven = f"bool_or(regexp_matches({written}, '[.][0-9]+0$')) AND min({decimals}) < max({decimals})"
    query = (
        f"SELECT count(DISTINCT CAST({written} AS DOUBLE)), count(DISTINCT v), {is_uneven} "  # noqa: S608
        f"FROM ({' UNION ALL '.join(sides)}) WHERE {is_number(written)} "
        "GROUP BY GROUPING SETS ((), (side)) ORDER BY grouping(side) DESC"
    )
    (numbers, texts, _), *own = backend.con.execute(query).fetchall()
    apart = texts > numbers and all(each == own_texts for each, own_texts, _ in own)
    return Spellings(numbers, texts, apart, any(uneven for *_, uneven in own))


def are_whole(backend: Backend, rows: Rows, name: str) -> bool | None:
    """Return whether all numbers of a column with a type of its own are whole, None if they are no numbers."""
    kind, column = str(rows.kind_of(name)), rows.column(name)
    if not TYPED_NUMBERS.fullmatch(kind):
        return None
    query = f"SELECT bool_and({column} = trunc({column})) FROM {rows.sql} WHERE isfinite(CAST({column} AS DOUBLE))"  # noqa: S608
    return "INT" in kind or backend.con.execute(query).fetchone() == (True,)
