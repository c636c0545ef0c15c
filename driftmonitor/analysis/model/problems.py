"""What is wrong with a model's rows: without a key or a score, with labels that cannot be used, or a reversed score."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.model.labels import say_problems
from driftmonitor.analysis.model.looking_again import LAST
from driftmonitor.analysis.model.roles import Outputs, Roles
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.model import ModelDay, ModelRecord
from driftmonitor.facts.performance import Performance
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line

OVERDUE_DAYS = 14  # after which labels that were due are missed


def find_reversed(roles: Roles, reference: Performance) -> tuple[Finding, ...]:
    """Return a finding if the score is surely higher for the negative label on the reference."""
    auc = reference.metrics.get("auc")
    reversed_ = auc is not None and auc.high is not None and auc.high < 0.5
    said = "the score is lower for the positive label; check positive, or name the score of the other class"
    return say_problems("reference", roles.settings.outputs[0], {said: int(reversed_)})


def find_flattering(roles: Roles, record: ModelRecord) -> tuple[Finding, ...]:
    """Return a finding if the model was on no labelled day as good as on the reference."""
    said = (
        "the model was never as good as here since labels are known; if it was trained on these rows, name others, "
        "and if not, it had lost before"
    )
    return say_problems("reference", roles.settings.label, {said: int(bool(record.reference_flatters))})


def find_problems(data: Data, roles: Roles, now: Outputs, unread: int) -> list[Finding]:
    """Return findings for rows without a key or a score, and for labels that cannot be used, in counts."""
    settings, known = roles.settings, now.known
    unusable = known & ~(now.label >= (0 if roles.kind != "regression" else -float("inf")))
    score = now.score if now.score.ndim == 1 else now.score.sum(axis=1)
    unscored = int((score != score).sum())
    without_key = int(data.current[settings.key].isna().sum()) if settings.key in data.current and roles.late else 0
    output = settings.outputs[0]
    classless = f"{counted(int(unusable.sum()), 'label')} of no class that the reference has; write them as it does"
    return [
        *say_problems("current", settings.key, {f"{counted(without_key, 'row')} without a key": without_key}),
        *say_problems("current", output, {f"{counted(unscored, 'row')} without a usable score": unscored}),
        *say_problems("labels" if roles.late else "current", settings.label, {classless: int(unusable.sum())}),
        *say_problems("labels", settings.label, {f"{counted(unread, 'earlier day')} not readable again": unread}),
    ]


def check_scores(roles: Roles, now: Outputs) -> None:
    """Refuse a day on which no row has a usable score: nothing is known of the model."""
    score = now.score if now.score.ndim == 1 else now.score.sum(axis=1)
    if len(score) and not np.isfinite(score).any():
        raise DriftMonitorError(
            f"current: {one_line(roles.settings.outputs[0])}: no row has a usable score; check the data."
        )


def find_overdue(roles: Roles, days: Sequence[ModelDay], run_date: dt.date) -> tuple[Finding, ...]:
    """Return a finding if days have no label long after they should: labels are late, or their keys match no row."""
    due = run_date - dt.timedelta(days=roles.settings.label_delay_days + OVERDUE_DAYS)
    first = due - dt.timedelta(days=LAST)
    overdue = [day.date for day in days if first < day.date <= due and not day.performance.labelled]
    said = f"{counted(len(overdue), 'day')} without any label, long after they were due; check labels and key"
    return say_problems("labels", roles.settings.label, {said: len(overdue)})
