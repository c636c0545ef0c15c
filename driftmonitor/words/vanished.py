"""Watch for columns that have lost all their values: a check fails until they are back, whatever the alert rule.

Such a column cannot be tested, so no rule sees it. The notebook and the history call the same function, as for
`reading_changes`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from driftmonitor.facts.checks import LONGEST_NAME, Check
from driftmonitor.facts.earlier_days import NEWEST
from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import counted, one_line, say_day

PREFIX, MUST = "values of ", "> 0"
MOST = 20  # columns
BY_CHANCE = 1e-6  # the most that a day without a value may be probable, by the share of missing values before


def with_vanished(
    checks: Iterable[Check],
    columns: Sequence[ColumnScore],
    rows: int,
    earlier: Sequence[tuple[dt.date, Evidence]],
    earlier_checks: Iterable[Check],
    label: str = "",
) -> list[Check]:
    """Return a day's checks, with one for each column that had values on all days before and has none today.

    It is there until the column has values again or is no longer watched. A column that often is not there is not
    missed, and a model's `label` may come later.
    """
    others = [check for check in checks if not is_own(check)]
    failing = {check.name: check for check in earlier_checks if is_own(check) and check.holds is False}
    taken = {check.name for check in others}
    found = _find([score for score in columns if score.name != label], rows, earlier[-NEWEST:], failing)
    return [*others, *[check for check in found if check.name not in taken][:MOST]]


def is_own(check: Check) -> bool:
    """Return whether a check is of this module, and not an analyst's of the same name."""
    return check.name.startswith(PREFIX) and bool(check.from_params) and check.words is not None


def _find(
    columns: Iterable[ColumnScore], rows: int, earlier: Sequence[tuple[dt.date, Evidence]], failing: dict[str, Check]
) -> Iterator[Check]:
    lost = {score.name for score in columns if _has_none(score)}
    day, newest = earlier[-1] if earlier else (dt.date.min, None)
    before = {column.name: column for column in newest.columns} if newest and lost else {}
    always = {name for name in before if all(name in evidence.references for _, evidence in earlier)}
    for score in columns:
        name = f"{PREFIX}{one_line(score.name, LONGEST_NAME - len(PREFIX))}"
        if score.name not in lost:
            if name in failing:
                yield _make(name, _count(score, rows), f"{one_line(score.name)} has values again")
        elif name in failing:
            yield _make(name, 0, failing[name].words or "")
        elif score.name in always and _is_unexpected(before[score.name], rows):
            had = f"on {say_day(day)}, {counted(before[score.name].rows[1], 'row')} had one"
            yield _make(name, 0, f"{one_line(score.name)} has no value any more ({score.reason}); {had}")


def _make(name: str, value: int, words: str) -> Check:
    return Check(name=name, value=value, must=MUST, holds=value > 0, from_params=True, words=words)


def _has_none(score: ColumnScore) -> bool:
    shares = score.missing_share
    return score.status == "not_testable" and (shares is None or shares.current >= 1)


def _count(score: ColumnScore, rows: int) -> int:
    return max(1, round(rows * (1 - (score.missing_share.current if score.missing_share else 0))))


def _is_unexpected(before: ColumnEvidence, rows: int) -> bool:
    """Return whether a column had so many values that a day without one is not to be expected."""
    if not before.rows[1]:
        return False
    without, every = (before.missing[2], before.missing[3]) if before.missing else (0, before.rows[1])
    return (without / every) ** rows < BY_CHANCE
