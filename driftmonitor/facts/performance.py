"""What is kept of a model's performance on one day: from its labels, and estimated before they come. Small numbers."""

from typing import Literal

from pydantic import Field

from driftmonitor.facts.base import SparseFact

ModelKind = Literal["binary", "multiclass", "regression"]
WhyUnknown = Literal[
    "no_labels",  # no row of the day has a label yet
    "labels_overdue",  # no labels have come for long, although they were due
    "labels_incomplete",  # more labels of the day are expected
    "one_class",  # all labels are of one class, or a class is missing
    "few_positives",  # too few rows of the rarer class in the longest window
    "no_reference",  # the reference has no labels, or none of a class
    "estimates_differ",  # with and without reweighting, by more than chance
    "few_effective_rows",  # too few rows of the reference resemble the day's
    "outside_reference",  # too many rows have values that the reference does not have
    "estimates_missed",  # on labelled days the estimates missed by more than chance: the relation changed
    "few_rows",  # too few rows to estimate from
]


class Metric(SparseFact):
    """One number, with its 95% interval. `value` is None if it is not known; by_chance: its value without any error."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    by_chance: float | None = None


class CurvePoint(SparseFact):
    """Rows of similar score: their mean score, and the share of them whose label is positive."""

    score: float
    observed: float
    rows: int


class Decisive(SparseFact):
    """The number that decides harm: a day's AUC, or MAE for regression.

    `variance`: its sampling variance, None if the day alone cannot tell. `weight`: rows of the rarest class; for
    regression, labelled rows.
    """

    value: float
    variance: float | None = None
    weight: int


class Performance(SparseFact):
    """A day's performance by its labels. `rows` have a score, and `labelled` of them a label."""

    kind: ModelKind
    rows: int
    labelled: int
    positives: int | None = None
    metrics: dict[str, Metric]
    curve: tuple[CurvePoint, ...] = ()
    decisive: Decisive | None = None
    unknown: WhyUnknown | None = None


class Estimated(SparseFact):
    """A metric that was estimated without labels.

    `low` and `high` are the interval of the value that the labels will give. `claimed` is its coverage: 0.95, or None
    while too few labelled days are known to claim it; then the interval has no part for how days differ.
    `plain` is the estimate without reweighting. `label_variance` and `calibration_variance` are parts of the interval.
    """

    value: float
    low: float | None = None
    high: float | None = None
    claimed: float | None = None
    plain: float | None = None
    label_variance: float
    calibration_variance: float


class Loss(SparseFact):
    """How much worse than on the reference a day is estimated to be, and the standard error of that."""

    value: float
    error: float


class Estimate(SparseFact):
    """A day's performance before its labels come. The first metric decides harm.

    `loss` is of the published estimate, `plain_loss` of the one without reweighting. `effective_rows`: to how many rows
    of the reference its reweighted rows amount. `outside`: the share of rows with values that the reference does not
    have, most in `outside_columns`. `unknown` says why nothing can be concluded; the numbers are then only shown.
    """

    kind: ModelKind
    rows: int
    metrics: dict[str, Estimated] = Field(default_factory=dict)
    loss: Loss | None = None
    plain_loss: Loss | None = None
    effective_rows: float | None = None
    outside: float | None = None
    outside_columns: tuple[str, ...] = ()
    unknown: WhyUnknown | None = None


class Harm(SparseFact):
    """Whether a drift harms, and by what that is known.

    `by`: `day`, its labels; `sum`, losses added up over several days; `lasting`, a loss that began earlier; `estimate`,
    no labels. `loss` is against the reference, with its `error`, over `days`. `expects_no_loss`: the columns' change
    costs no more than is tolerated, but whether labels changed their meaning is known only when they come.
    """

    verdict: Literal["harmful", "harmless_so_far", "not_known_yet"]
    by: Literal["day", "sum", "lasting", "window", "estimate"] | None = None
    unknown: WhyUnknown | Literal["loss_not_excluded"] | None = None
    expects_no_loss: bool | None = None
    loss: float | None = None
    error: float | None = None
    z: float | None = None
    limit: float | None = None
    days: int | None = None
