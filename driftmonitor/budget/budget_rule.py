"""Say what the budget rule does: how often it raises false alarms, and the smallest changes that it detects."""

import math
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from driftmonitor.budget.policy import POOL
from driftmonitor.facts.judgement import SmallestChange
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import number, one_line, some_names
from driftmonitor.words.judgements import say_expected

SD_QUARTILES = 1.349  # the interquartile range of a normal distribution in its standard deviations
ALIKE = 2.0  # times the median: columns whose smallest change is larger are named
NAMED = 3


class Detected(NamedTuple):
    """The smallest change of a column that is detected on its first day and within a week, in words."""

    column: str
    first_day: str
    week: str


def say_budget_rule(false_alarms_per_year: float, record: RunRecord | None, holidays: str = "") -> list[str]:
    """Return what the rule does, in sentences, by the last successful run; `holidays` is the monitor's setting."""
    judgement = record.budget_judgement if record else None
    rate = say_expected(false_alarms_per_year, record.judgement if record else None)
    special = [f"Public holidays ({holidays}) are compared with earlier ones."] if holidays else []
    if record is None or judgement is None:
        return [rate, *special]
    often = f"That is about one in {judgement.pool_needed / POOL:,.0f} runs."
    return [f"{rate} {often}" if judgement.mode == "pool" else rate, *special, *_say_smallest(record)]


def list_detected(record: RunRecord) -> list[Detected]:
    """Return the smallest change of each column in words; none without a judgement of the budget rule."""
    columns = _columns(record)
    return [Detected(each.name, each.say(each.change.first_day), each.say(each.change.week)) for each in columns]


class _Column(NamedTuple):
    """A column's smallest change; of numbers, `sd` is the reference's standard deviation, None if it is not known."""

    name: str
    categorical: bool
    change: SmallestChange
    sd: float | None

    @property
    def week(self) -> float:
        """The smallest change that is detected within a week; infinity if none is."""
        return math.inf if self.change.week is None else self.change.week

    def say(self, change: float | None, unit: bool = True) -> str:
        """Return a change in words, such as `0.2 SD (2,000)`, or `3 points`."""
        if change is None:
            return "none"
        if self.categorical:
            return f"{number(100 * change)} points"
        return f"{number(change)} SD" + (f" ({number(change * self.sd)})" if unit and self.sd else "")


def _columns(record: RunRecord) -> list[_Column]:
    """Return the columns whose smallest change is known; a standard deviation of 0 says nothing of a shift."""
    judgement, kinds = record.budget_judgement, {score.name: score.kind for score in record.columns}
    quartiles = {each.name: each.reference_quartiles for each in record.evidence.columns} if record.evidence else {}
    columns = []
    for change in judgement.smallest if judgement else ():
        known = quartiles.get(change.column)
        sd = (known[2] - known[0]) / SD_QUARTILES if known else None
        if sd != 0:
            columns.append(_Column(change.column, kinds.get(change.column) == "categorical", change, sd))
    return columns


def _say_smallest(record: RunRecord) -> Iterator[str]:
    columns = _columns(record)
    detects = "With 95% probability, it detects a {what} of {change} within 7 days in {of} of {kind}."
    for categorical, what, kind in ((False, "shift", "numbers"), (True, "change", "categories")):
        alike = [each for each in columns if each.categorical == categorical]
        most = ALIKE * median(each.week for each in alike) if alike else 0.0
        usual = [each for each in alike if each.week <= most and each.week < math.inf]
        if usual:
            largest = max(usual, key=lambda each: each.week)
            of = "each column" if len(usual) == len(alike) else f"{len(usual)} of {len(alike)} columns"
            yield detects.format(what=what, change=largest.say(largest.week, unit=False), of=of, kind=kind)
        others = sorted((each for each in alike if each not in usual), key=lambda each: -each.week)
        larger = [each for each in others if each.week < math.inf]
        if larger:
            names = (f"{one_line(each.name, 40)} ({each.say(each.change.week, unit=False)})" for each in larger)
            yield f"Only larger {what}s are detected in {some_names(names, NAMED, 60)}."
        if len(larger) < len(others):
            names = (one_line(each.name, 40) for each in others if each not in larger)
            yield f"No {what} is as sure to be detected in {some_names(names, NAMED, 60)}."
