"""Judge day after day whether a model lost more than is tolerated, by the labels of these days.

A day is harmful if its loss exceeds the tolerated one by more than chance explains within the yearly budget, or if the
losses of several days do so together. The second is found by a Shiryaev-Roberts sum of normal e-values (Shin, Ramdas
and Rinaldo 2023), which begins again after each alert; a mean since deployment would dilute what is new.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from driftmonitor.budget.harm.pooled import FIRST_SHARE, PAST, PRIOR_DAYS, Pooled, between_days, newest_window, pool
from driftmonitor.config.model_settings import OF_AUC, OF_MAE
from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Decisive, Harm, ModelKind, WhyUnknown

SOUGHT = np.array([1.0, 2.0, 4.0])  # losses beyond the tolerated one, in multiples of it, for which the sum is made
LARGEST_RATE, LARGEST = 3.0, 12.0  # standard errors: of what is sought, and of what is found
WINDOWS = (1, 3, 7, 14, 28)  # newest labelled days, one of which shows that a loss is over
WEEK = 7  # labelled days, and more if they say too little, that show whether there is a loss
ONE_SIDED = 1.644854  # standard errors below the tolerated loss, of days that are harmless: 95%
FEWEST_LOST = 10  # labelled days, on all of which the model was worse than on the reference
SHORT = 3  # days: so short a loss says how much days differ
OVER = 2.0  # standard errors below it, of days that show that a loss is over


@dataclass(frozen=True)
class Terms:
    """What is tolerated, and how often it may be said by chance that more was lost.

    `sign`: 1 where more is better, as of AUC; -1 for errors. Half of `alerts_per_year` is for single days, and half for
    sums.
    """

    tolerated_loss: float
    sign: int = 1
    alerts_per_year: float = 0.5
    runs_per_year: float = 365.0

    def limit(self, days: int) -> float:
        """Return the z of a harmful day, by Student's t: how much days differ is known from so many of them."""
        return float(-special.stdtrit(PRIOR_DAYS + days, self.alerts_per_year / 2 / self.runs_per_year))

    @property
    def sum_limit(self) -> float:
        """The sum of e-values of harmful days: the mean time to a false alert is at least so many days."""
        return self.runs_per_year / (self.alerts_per_year / 2)


def make_terms(
    kind: ModelKind, reference: Decisive | None, tolerated_loss: float | None = None, runs: float = 365.0
) -> Terms:
    """Return the terms of a kind of model with so many runs a year; without a tolerated loss, the default.

    For a regression, `tolerated_loss` is a share of the reference's mean absolute error.
    """
    if kind == "regression":
        share = OF_MAE if tolerated_loss is None else tolerated_loss
        return Terms(share * (reference.value if reference else 0.0), -1, runs_per_year=runs)
    return Terms(OF_AUC if tolerated_loss is None else tolerated_loss, runs_per_year=runs)


@dataclass(frozen=True)
class LabelledDay:
    """What is kept of a day's performance. Without `decisive` it is not known, and `unknown` says why."""

    decisive: Decisive | None
    unknown: WhyUnknown | None = None


def judge_days(
    days: Sequence[LabelledDay],
    reference: Decisive | None,
    terms: Terms,
    reference_days: Sequence[Decisive] = (),
) -> list[Harm]:
    """Return whether each of the days (oldest first) was harmful, by itself and those before it.

    Days are harmless if the last week is. `reference_days`: the reference's own, if it has any, which show how much
    days differ.
    """
    if reference is None or reference.variance is None:
        return [Harm(verdict="not_known_yet", unknown="no_reference") for _ in days]
    course = _Course(reference, terms, calm=list(reference_days))
    return [course.judge(day) for day in days]


def never_as_good(days: Sequence[LabelledDay], harms: Sequence[Harm], reference: Decisive | None, terms: Terms) -> bool:
    """Return whether the model lost more than is tolerated from the first labelled day on, and on the newest one.

    The reference then flatters it, as rows do that it was trained on, or it had lost before. `harms` are of the days.
    """
    known = [day.decisive for day in days if day.decisive is not None]
    verdicts = [harm.verdict for day, harm in zip(days, harms, strict=True) if day.decisive is not None]
    first = pool(known[:WEEK])
    if reference is None or first is None or len(known) < FEWEST_LOST:
        return False
    if verdicts[-1] != "harmful" or "harmless_so_far" in verdicts:
        return False
    error = (first.total((FIRST_SHARE * terms.tolerated_loss) ** 2) + (reference.variance or 0.0)) ** 0.5
    return terms.sign * (reference.value - first.value) - terms.tolerated_loss > ONE_SIDED * error


@dataclass
class _Course:
    """The days so far, the oldest first."""

    reference: Decisive
    terms: Terms
    known: list[Decisive] = field(default_factory=list)
    calm: list[Decisive] = field(default_factory=list)  # those that were not harmful
    harmful: list[Decisive] = field(default_factory=list)  # those since a loss began that lasts
    sums: np.ndarray = field(default_factory=lambda: np.zeros(len(SOUGHT)))

    def judge(self, day: LabelledDay) -> Harm:
        if day.decisive is None:
            return Harm(verdict="not_known_yet", unknown=day.unknown or "no_labels")
        self.known.append(day.decisive)
        between = between_days(self.calm, self.terms.tolerated_loss)
        found = self._find_harm(day.decisive, between)
        if found is None:
            if self.harmful:  # a loss is over
                self.sums = np.zeros(len(SOUGHT))
            if len(self.harmful) <= SHORT:
                self.calm.extend(self.harmful)
            self.harmful = []
            self.calm.append(day.decisive)
            return self._judge_calm(between)
        self.harmful.append(day.decisive)
        return found

    def _find_harm(self, today: Decisive, between: float) -> Harm | None:
        window = newest_window(self.known)
        if window is None:
            return None
        summed = self._add(replace(window, value=today.value, weight=today.weight, concentration=1.0), between)
        if self._z(window, between) >= self._limit:
            return self._say("harmful", window, between, by="day" if window.days == 1 else "window")
        if summed:
            return self._say("harmful", newest_window(self.known, WEEK) or window, between, by="sum")
        if self.harmful and not self._is_over([*self.harmful, today], between):
            return self._say("harmful", pool([*self.harmful, today][-WEEK:]) or window, between, by="lasting")
        return None

    def _is_over(self, since: Sequence[Decisive], between: float) -> bool:
        """Return whether some of the newest days since a loss began show that it is over; of four weeks, the mean."""
        windows = [(days, newest_window(since, days)) for days in WINDOWS if days <= len(since)]
        needed = {days: -OVER if days < WINDOWS[-1] else 0.0 for days in WINDOWS}
        return any(window and self._z(window, between) <= needed[days] for days, window in windows)

    def _add(self, today: Pooled, between: float) -> bool:
        """Add the day to the sums. Return whether they exceed the limit, after which they begin again."""
        rates = np.minimum(SOUGHT * self.terms.tolerated_loss / self._error(today, between), LARGEST_RATE)
        self.sums = (1 + self.sums) * np.exp(rates * min(self._z(today, between), LARGEST) - rates**2 / 2)
        exceeded = bool(self.sums.mean() >= self.terms.sum_limit)
        if exceeded:
            self.sums = np.zeros(len(SOUGHT))
        return exceeded

    def _judge_calm(self, between: float) -> Harm:
        week = newest_window(self.known, WEEK)
        if week is None:
            return Harm(verdict="not_known_yet", unknown="few_positives", days=len(self.known))
        longer = (newest_window(self.known, days) for days in WINDOWS if days > WEEK)
        for window in (week, *longer):
            if window and self._z(week, between) <= 0 and self._z(window, between) <= -ONE_SIDED:
                return self._say("harmless_so_far", window, between, by="window")
        return self._say("not_known_yet", week, between, unknown="loss_not_excluded")

    @property
    def _limit(self) -> float:
        return self.terms.limit(min(len(self.calm), PAST))

    def _loss(self, days: Pooled) -> float:
        return self.terms.sign * (self.reference.value - days.value)

    def _error(self, days: Pooled, between: float) -> float:
        return float((days.total(between) + (self.reference.variance or 0.0)) ** 0.5)

    def _z(self, days: Pooled, between: float) -> float:
        """Return by how many standard errors the loss exceeds the tolerated one."""
        error = self._error(days, between)
        excess = self._loss(days) - self.terms.tolerated_loss
        return excess / error if error else float(np.sign(excess)) * LARGEST

    def _say(
        self, verdict: str, days: Pooled, between: float, by: str | None = None, unknown: str | None = None
    ) -> Harm:
        numbers = {"loss": self._loss(days), "error": self._error(days, between), "z": self._z(days, between)}
        return Harm.model_validate(
            {name: rounded(number) for name, number in numbers.items()}
            | {"verdict": verdict, "by": by, "unknown": unknown, "limit": rounded(self._limit), "days": days.days}
        )
