"""What a first look counts of each column: in all rows, a few columns at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from driftmonitor.analysis.sources.overview import Overview
from driftmonitor.analysis.sources.rows import NUMBERS

AT_ONCE = 20  # columns: more would need more memory
FEW_LEVELS = 12  # so few different texts are categories, such as months, and may be shown
FEWEST_ROWS = 5  # of a category that may be shown
READ_AS = {"BOOLEAN": "true/false", "DATE": "dates", "VARCHAR": "text"}


@dataclass(frozen=True)
class Facts:
    """What is known of a column: `values` of its `rows` are not missing, of which `distinct` are different.

    `low` and `high` are the smallest and the largest number or time; the next ones within are `low_next` and
    `high_next`. `low_rows` and `high_rows` have the smallest and the largest. `levels` are the values of a category.
    """

    name: str
    column: str
    kind: str
    rows: int
    values: int
    distinct: int
    low: Any = None
    high: Any = None
    low_rows: int = 0
    high_rows: int = 0
    low_next: Any = None
    high_next: Any = None
    fractions: bool = False
    levels: tuple[str, ...] = ()

    @cached_property
    def is_number(self) -> bool:
        return bool(NUMBERS.fullmatch(self.kind))

    @property
    def is_time(self) -> bool:
        return self.kind.startswith(("DATE", "TIMESTAMP"))

    @property
    def is_text(self) -> bool:
        return not (self.is_number or self.is_time or self.kind == "BOOLEAN")

    @property
    def read_as(self) -> str:
        if self.is_number:
            return "numbers" if self.fractions else "whole numbers"
        return "times" if self.kind.startswith("TIMESTAMP") else READ_AS.get(self.kind, "text")

    @property
    def missing(self) -> float:
        """The share of rows without a value."""
        return 1 - self.values / self.rows if self.rows else 0.0


def collect(overview: Overview) -> list[Facts]:
    """Return the facts of all columns."""
    found = []
    for start in range(0, len(overview.names), AT_ONCE):
        some = range(start, min(start + AT_ONCE, len(overview.names)))
        kinds = [overview.kinds[i] for i in some]
        asked = [_questions(f"c{i}", kind) for i, kind in zip(some, kinds, strict=True)]
        query = f"SELECT count(*), {', '.join(part for parts in asked for part in parts)} FROM all_rows"  # noqa: S608
        rows, *answers = overview.ask(query)[0]
        for i, kind, counts in zip(some, kinds, _in_groups(answers, 5), strict=True):
            found.append(_look_closer(overview, Facts(overview.names[i], f"c{i}", kind, rows, *_answer(counts))))
    return found


def _answer(counts: Sequence[Any]) -> tuple[Any, ...]:
    values, distinct, low, high, fractions = counts
    return values, distinct, low, high, 0, 0, None, None, bool(fractions)


def _questions(column: str, kind: str) -> list[str]:
    is_number, is_time = NUMBERS.fullmatch(kind), kind.startswith(("DATE", "TIMESTAMP"))
    value = f"CAST({column} AS TIMESTAMP)" if is_time else column  # offsets are converted to UTC
    finite = f" FILTER (isfinite({value}))" if is_time or kind in ("DOUBLE", "FLOAT") else ""
    ends = [f"min({value}){finite}", f"max({value}){finite}"] if is_number or is_time else ["NULL", "NULL"]
    fractions = f"coalesce(bool_or({column} <> floor({column})), false)" if is_number else "false"
    return [f"count({column})", f"count(DISTINCT {column})", *ends, fractions]


def _in_groups(answers: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(answers), size):
        yield answers[start : start + size]


def _look_closer(overview: Overview, facts: Facts) -> Facts:
    """Add the values of a category, or what is next to the ends of numbers."""
    column = facts.column
    if facts.is_number and facts.low is not None and facts.low < facts.high:
        low, high = (f"CAST({_literal(end)} AS {facts.kind})" for end in (facts.low, facts.high))
        ends = f"count(*) FILTER ({column} = {low}), count(*) FILTER ({column} = {high})"
        nexts = f"min({column}) FILTER ({column} > {low}), max({column}) FILTER ({column} < {high})"
        low_rows, high_rows, low_next, high_next = overview.ask(f"SELECT {ends}, {nexts} FROM all_rows")[0]  # noqa: S608
        return replace(facts, low_rows=low_rows, high_rows=high_rows, low_next=low_next, high_next=high_next)
    if (facts.is_text or facts.kind == "BOOLEAN") and 0 < facts.distinct <= FEW_LEVELS:
        query = f"SELECT CAST({column} AS VARCHAR), count(*) AS n FROM all_rows WHERE {column} IS NOT NULL GROUP BY 1"  # noqa: S608
        counted = overview.ask(f"{query} HAVING n >= {FEWEST_ROWS} ORDER BY n DESC, 1")
        return replace(facts, levels=tuple(level for level, _ in counted))
    return facts


def _literal(value: Any) -> str:
    return f"'{value!r}'" if isinstance(value, float) else f"'{value}'"
