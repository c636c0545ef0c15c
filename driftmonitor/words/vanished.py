"""Watch for columns that can be compared no more: a check fails until they can, whatever the alert rule.

No rule sees a column that lost its values or came as another type: it is not tested, or no day before can be compared
with it. The notebook and the history call the same function, as for `reading_changes`.
"""

import datetime as dt
import math
from collections.abc import Collection, Iterable, Iterator, Sequence

from driftmonitor.facts.checks import LONGEST_NAME, Check
from driftmonitor.facts.earlier_days import NEWEST
from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.facts.record import FEWEST_VALUES, ColumnScore
from driftmonitor.formats import counted, one_line, say_day

PREFIX, MUST = "values of ", "> 0"
MOST = 20  # columns
BY_CHANCE = 1e-6  # the most that a day with so few values may be probable, by the share of missing values before
Days = Sequence[tuple[dt.date, Evidence]]


def with_vanished(
    checks: Iterable[Check],
    columns: Sequence[ColumnScore],
    rows: int,
    earlier: Days,
    earlier_checks: Iterable[Check],
    label: str = "",
    evidence: Evidence | None = None,
    named: Collection[str] = (),
) -> list[Check]:
    """Return a day's checks, with one for each column that was compared on all days before and cannot be today.

    It is there until the column can be compared again or is no longer watched. A column that often is not there is not
    missed, and a model's `label` may come later. `evidence`: the day's. `named`: columns of which the params file says
    the kind: such a change of kind is wanted.
    """
    others = [check for check in checks if not is_own(check)]
    failing = {check.name: check for check in earlier_checks if is_own(check) and check.holds is False}
    taken = {check.name for check in others}
    watched = [score for score in columns if score.name != label]
    now = {column.name: column for column in evidence.columns if column.name not in named} if evidence else {}
    found = _find(watched, rows, now, earlier[-NEWEST:], failing)
    return [*others, *[check for check in found if check.name not in taken][:MOST]]


def is_own(check: Check) -> bool:
    """Return whether a check is of this module, and not an analyst's of the same name."""
    return check.name.startswith(PREFIX) and bool(check.from_params) and check.words is not None


def _find(
    columns: Iterable[ColumnScore],
    rows: int,
    now: dict[str, ColumnEvidence],
    earlier: Days,
    failing: dict[str, Check],
) -> Iterator[Check]:
    newest = {column.name: column for column in earlier[-1][1].columns} if earlier else {}
    for score in columns:
        name, today = f"{PREFIX}{one_line(score.name, LONGEST_NAME - len(PREFIX))}", now.get(score.name)
        last = newest.get(score.name)
        if name in failing:
            lasts = _is_lost(score) or _are_other_kinds(today, _days_of(score.name, earlier[:1]))
            again = f"{one_line(score.name)} can be compared again"
            yield _make(name, 0, failing[name].words or "") if lasts else _make(name, _count(score, rows) or 1, again)
        elif last and (_is_lost(score) or _are_other_kinds(today, [last])):
            was = _days_of(score.name, earlier)
            if len(was) < len(earlier):
                continue
            if _is_lost(score) and _is_unexpected(score, last, rows):
                yield _make(name, 0, _say_lost(score, rows, earlier[-1][0], last))
            elif _are_other_kinds(today, was):
                yield _make(name, 0, _say_other_kind(score, earlier[-1][0], last))


def _days_of(name: str, days: Days) -> list[ColumnEvidence]:
    return [column for _, evidence in days for column in evidence.columns if column.name == name]


def _say_other_kind(score: ColumnScore, day: dt.date, before: ColumnEvidence) -> str:
    was, now = ("numbers", "categories") if before.tail else ("categories", "numbers")
    return f"{one_line(score.name)} is compared as {now}; on {say_day(day)} and before as {was}"


def _say_lost(score: ColumnScore, rows: int, day: dt.date, before: ColumnEvidence) -> str:
    what, one = ("cannot be tested any more", "a value") if _count(score, rows) else ("has no value any more", "one")
    had = f"on {say_day(day)}, {counted(before.rows[1], 'row')} had {one}"
    return f"{one_line(score.name)} {what} ({score.reason}); {had}"


def _make(name: str, value: int, words: str) -> Check:
    return Check(name=name, value=value, must=MUST, holds=value > 0, from_params=True, words=words)


def _is_lost(score: ColumnScore) -> bool:
    return score.status == "not_testable"


def _count(score: ColumnScore, rows: int) -> int:
    """Return how many rows have a value, about."""
    return round(rows * (1 - score.missing_share.current)) if score.missing_share else 0


def _are_other_kinds(now: ColumnEvidence | None, was: Sequence[ColumnEvidence]) -> bool:
    """Return whether a column of numbers has become one of categories, or the other way round, on all these days."""
    changed = (each.reference != now.reference and (each.tail is None) != (now.tail is None) for each in was if now)
    return now is not None and bool(was) and all(changed)


def _is_unexpected(score: ColumnScore, before: ColumnEvidence, rows: int) -> bool:
    """Return whether a column had so many values that so few, or none, are not to be expected (a binomial's tail)."""
    if not before.rows[1]:
        return False
    count = _count(score, rows)
    if count >= FEWEST_VALUES:
        return True  # they are of another type
    without, every = (before.missing[2], before.missing[3]) if before.missing else (0, before.rows[1])
    missing = without / every
    few = (math.comb(rows, i) * (1 - missing) ** i * missing ** (rows - i) for i in range(min(count, rows) + 1))
    return sum(few) < BY_CHANCE
