"""A check: a number that an analyst watches, with a limit that it must keep or judged by its own past."""

import datetime as dt
from collections.abc import Iterable, Sequence

from pydantic import Field

from driftmonitor.facts.base import SparseFact

LONGEST_NAME = 120
MOST_CHECKS = 300
MODEL_CHECK = "model performance"  # of the product's own: fails if a model is harmed
CARRIED_DAYS = 30  # for which a check with a limit is missed


class Check(SparseFact):
    """One number of one day.

    `value`: None if it is not known, for a `reason`. `rows`: those that it was computed from. `must`: the limit that
    it must keep; a number without one is judged by the budget rule among its own earlier values. `holds`: whether it
    keeps the limit, None if there is none or the value is not known. `missing_since`: the first day on which the
    notebook did not compute it any more. `from_params`: whether the params file asks for it, not a cell. `words`: what
    to say of it, where its numbers alone do not; `must` is then no limit of one number.
    """

    name: str
    value: float | None = None
    rows: int | None = Field(None, ge=0)
    must: str | None = None
    holds: bool | None = None
    reason: str | None = None
    missing_since: dt.date | None = None
    from_params: bool | None = None
    words: str | None = None

    @property
    def fails(self) -> bool:
        """Whether it breaks its limit, or has one and was not computed."""
        return self.holds is False or self.missing_since is not None


def add_missing(checks: Sequence[Check], earlier: Iterable[Check], run_date: dt.date) -> tuple[Check, ...]:
    """Return the checks with those of the `earlier` day whose limit was not checked now, as missing for up to 30 days.

    Checks of the params file are not missed: whoever removes one there means it. Nor are those that were not known.
    """
    names = {check.name for check in checks}
    missed = [
        Check(name=each.name, must=each.must, missing_since=each.missing_since or run_date)
        for each in earlier
        if each.must is not None and not each.from_params and each.name not in names and _was_there(each)
    ]
    kept = [each for each in missed if each.missing_since and (run_date - each.missing_since).days < CARRIED_DAYS]
    return (*checks, *kept)


def _was_there(check: Check) -> bool:
    return check.value is not None or check.missing_since is not None
