"""Where a column's change comes from, as the record keeps it: slices of the rows, and shares that changed."""

from typing import Literal

from driftmonitor.facts.base import SparseFact

Changed = Literal["level", "spread", "missing", "category", "above", "below", "same"]
Verdict = Literal["slice", "mix", "everywhere", "unequal", "unclear", "too_few", "segment"]


class Condition(SparseFact):
    """What the rows of a slice have in common in one column: a level, no value, or a number in a range.

    `level` is cut to 40 characters. A number is over `above` and at most `up_to`; one without a limit lacks it.
    """

    column: str
    level: str | None = None
    missing: bool | None = None
    above: float | None = None
    up_to: float | None = None


class Slice(SparseFact):
    """Some of the rows, and how they contribute to a column's change.

    `rows`: their shares of the rows with a value, of the reference and of the current data. `contribution`: their part
    of the change, 1 being all of it, and `error` its standard error. `elsewhere`: what the other rows did.
    """

    conditions: tuple[Condition, ...]
    rows: tuple[float, float]
    contribution: float
    error: float
    elsewhere: Literal["unchanged", "less", "opposite"]


class Mix(SparseFact):
    """The part of a change that goes with the shares of a column's values, not with a change within these values.

    `contribution` as of a slice; `error`: how exactly the change of these rows is split. `value`: the value whose share
    changed the column most, and `rows` its shares of the reference and of the current data. `within`: what the column
    did in rows with the same value, compared with the whole change. `some_missing`: if other rows have no value of the
    column, and are not counted.
    """

    column: str
    contribution: float
    error: float
    value: Condition
    rows: tuple[float, float]
    within: Literal["unchanged", "same", "opposite"] | None = None
    some_missing: bool | None = None


class Where(SparseFact):
    """Where the change of one column comes from, compared with the reference.

    `changed`: what of the column changed: its level or spread (of ranks), its missing values, the share of a `level`,
    of values beyond the reference's 99th or 1st percentile, or of the most frequent value. `rose`: in which direction.
    `verdict`: "slice" or "mix" if one was found, and both may be there; "everywhere" if the change is the same in all
    slices, "unequal" if they all have it, but not to the same extent; "unclear" if some lack it, but no slice has most
    of it; "too_few" rows to tell; "segment" if the budget rule found it in one of the monitor's own segments, whose
    `medians` in the reference and in the current data show it.
    """

    column: str
    changed: Changed
    level: str | None = None
    rose: bool
    verdict: Verdict
    slice: Slice | None = None
    mix: Mix | None = None
    segment: str | None = None
    medians: tuple[float, float] | None = None
