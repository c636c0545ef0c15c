"""Read the key `checks` of a params file: which numbers of the current data are watched, and their limits."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import describe, nearest
from driftmonitor.facts.checks import LONGEST_NAME, MODEL_CHECK, MOST_CHECKS
from driftmonitor.facts.limits import read_limit
from driftmonitor.formats import one_line

OF_ALL_ROWS = ("rows", "duplicates")
OF_A_COLUMN = ("missing", "mean", "median", "min", "max", "sum", "std", "distinct")
CALL = re.compile(r"([a-z]+)\s*\((.+)\)", re.DOTALL)
SQL = re.compile(r"sql\s*:\s*(.+)", re.DOTALL | re.IGNORECASE)
ANY = (-math.inf, math.inf)
RANGES = {  # of the numbers that cannot have any value
    "missing": (0.0, 1.0), **dict.fromkeys(("rows", "duplicates", "distinct", "std"), (0.0, math.inf)),
}  # fmt: skip
KEYS = ("must", "budget", "sql")
REMEDY = 'write a limit such as "> 500", or {budget: true} to judge it by its own past'


@dataclass(frozen=True)
class Measure:
    """How a number is computed: a function of all rows or of one column, or an SQL query."""

    function: str
    column: str = ""
    sql: str = ""


@dataclass(frozen=True)
class Watched:
    """One number to watch. `must` is its limit; without one it is judged by its own past."""

    name: str
    measure: Measure
    must: str = ""

    @property
    def always_holds(self) -> bool:
        """Whether any number that can come keeps the limit."""
        return all(read_limit(self.must).tried(*RANGES.get(self.measure.function, ANY)))


def parse_checks(checks: Mapping[str, Any], where: str = "") -> tuple[Watched, ...]:
    """Return the numbers to watch; DriftMonitorError, which begins with `where`, for the first that is invalid."""
    if len(checks) > MOST_CHECKS:
        raise DriftMonitorError(f"{where}checks has {len(checks):,} lines; use at most {MOST_CHECKS}.")
    found = tuple(_parse_check(name, value, f"{where}checks.{one_line(str(name))}") for name, value in checks.items())
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise DriftMonitorError(f"{where}checks.{name}: there are two checks of this name; rename one.")
    return found


def _parse_check(name: Any, value: Any, where: str) -> Watched:
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        raise DriftMonitorError(
            f"{where}: the name has to be a text of at most {LONGEST_NAME} characters; for a longer query give it a "
            'name and write {sql: "select ...", must: "== 0"}.'
        )
    if one_line(name, LONGEST_NAME) == MODEL_CHECK:
        raise DriftMonitorError(f"{where}: this name has another meaning; choose another.")
    settings = {"must": value} if isinstance(value, str) else value
    if not isinstance(settings, dict) or not settings:
        raise DriftMonitorError(f"{where} is {describe(value)}; {REMEDY}.")
    for key in settings:
        if key not in KEYS:
            raise DriftMonitorError(f"{where}.{one_line(str(key))}: no such setting{nearest(str(key), KEYS)}")
    measure = _parse_measure(name, settings, where)
    return Watched(one_line(name, LONGEST_NAME), measure, _parse_must(settings, measure, where))


def _parse_must(settings: Mapping[str, Any], measure: Measure, where: str) -> str:
    must, budget = settings.get("must", ""), settings.get("budget", False)
    if not isinstance(budget, bool):
        raise DriftMonitorError(f"{where}.budget is {describe(budget)}; write true.")
    if bool(must) == budget:
        raise DriftMonitorError(f"{where}: give either a limit or budget; {REMEDY}.")
    if not must:
        return ""
    try:
        read_limit(must, *RANGES.get(measure.function, ANY))
    except ValueError as error:
        raise DriftMonitorError(f"{where}: {one_line(str(must))!r} is {error}.") from None
    return str(must)


def _parse_measure(name: str, settings: Mapping[str, Any], where: str) -> Measure:
    if "sql" in settings:
        if not isinstance(settings["sql"], str) or not settings["sql"].strip():
            raise DriftMonitorError(f"{where}.sql is {describe(settings['sql'])}; write one SELECT from current.")
        return Measure("sql", sql=settings["sql"])
    text = name.strip()
    if match := SQL.fullmatch(text):
        return Measure("sql", sql=match[1])
    if text in OF_ALL_ROWS:
        return Measure(text)
    match = CALL.fullmatch(text)
    if match and match[1] in OF_A_COLUMN:
        return Measure(match[1], match[2].strip())
    known = [*OF_ALL_ROWS, *(f"{function}(column)" for function in OF_A_COLUMN), "sql: select ..."]
    raise DriftMonitorError(f"{where}: no such number; use one of {', '.join(known)}.")
