"""What a run's record keeps of a model: its performance day by day as labels come, an estimate before, and harm."""

import datetime as dt

from driftmonitor.facts.base import SparseFact
from driftmonitor.facts.performance import Estimate, Harm, ModelKind, Performance

LEAST_EXPLAINED = 0.5  # of the score


class ModelDay(SparseFact):
    """One day's performance by the labels that are known now.

    `estimate`: what was estimated before they were known.
    """

    date: dt.date
    performance: Performance
    estimate: Estimate | None = None


class Importance(SparseFact):
    """What columns do to the score: the part of each, 0 to 1, which add up to 1, the largest first.

    `explained`: how much of the score is explained by all, None if the params file gave the parts. `reference`: the
    fingerprint of what it was computed from: as long as that stays, so does this.
    """

    parts: dict[str, float]
    explained: float | None = None
    reference: str = ""

    @property
    def tells(self) -> bool:
        """Whether the columns explain enough: otherwise the score depends on something that is not in the table."""
        return self.explained is None or self.explained >= LEAST_EXPLAINED


class ModelRecord(SparseFact):
    """A model as a run sees it: `days` are its own and those earlier ones whose labels it looked at again.

    `metric`: the one that decides harm, auc or mae. `reference`: performance on the reference; `reference_flatters`
    if the model was on no labelled day as good as there, as if it was trained on these rows. `harm`: of the newest day
    that can be judged, `harm_day`; `harm_from` is the first of the days by whose labels it is. `estimated`: what the
    estimate of the run's own day alone says. `labels_due`: when the labels of that day are expected. `importance`: of
    columns, None if not known. `drift_since`: of a drift day, the first day of its drift.
    """

    kind: ModelKind
    metric: str
    tolerated_loss: float
    reference: Performance | None = None
    reference_flatters: bool | None = None
    days: tuple[ModelDay, ...] = ()
    harm: Harm
    estimated: Harm | None = None
    harm_day: dt.date | None = None
    harm_from: dt.date | None = None
    labels_due: dt.date | None = None
    drift_since: dt.date | None = None
    importance: Importance | None = None
