"""What is wrong with a model's rows: without a key or a score, with labels that cannot be used, or a reversed score."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.model.labels import say_problems
from driftmonitor.analysis.model.late import differ_by_day
from driftmonitor.analysis.model.looking_again import LAST
from driftmonitor.analysis.model.roles import Outputs, Roles, count_improbable
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.model import ModelDay, ModelRecord
from driftmonitor.facts.performance import Performance
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, number, one_line, say_day

OVERDUE_DAYS = 14  # after which labels that were due are missed
BY_CHANCE = 1e-6  # the most that labels of one class alone may be probable
FEWER_ERRORS, SURELY, ENOUGH_ROWS = 4, 5, 20  # times; standard errors; rows of the rarest class
PATIENCE_DAYS = 2  # after which it is said why there are none


@dataclass(frozen=True)
class Looked:
    """The earlier days that were looked at again, by date; how many were not readable, and labels not usable."""

    days: Mapping[dt.date, ModelDay]
    unread: int = 0
    unusable: int = 0


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


def count_unusable(roles: Roles, rows: Outputs) -> int:
    """Return how many labels of rows are none of a class that the reference has, or no number."""
    return int((rows.known & ~(rows.label >= (0 if roles.kind != "regression" else -float("inf")))).sum())


def say_unusable(roles: Roles, labels: int) -> str:
    """Return that so many labels cannot be used: `600 labels of no class that the reference has; ...`."""
    if roles.kind == "regression":
        return f"{counted(labels, 'label')} that are no number; write numbers"
    return f"{counted(labels, 'label')} of no class that the reference has; write them as it does"


def find_problems(data: Data, roles: Roles, now: Outputs, looked: Looked) -> list[Finding]:
    """Return findings for rows without a key or a score, and for labels that cannot be used, in counts."""
    settings, unusable = roles.settings, count_unusable(roles, now) + looked.unusable
    score = now.score if now.score.ndim == 1 else now.score.sum(axis=1)
    unscored = int((score != score).sum())
    keys = data.current[settings.key] if _uses_key(data, roles) else pd.Series(dtype=object)
    without_key = int(keys.isna().sum())
    repeated = int((keys.duplicated(keep=False) & keys.notna()).sum()) if roles.late else 0
    shared = f"{counted(repeated, 'row')} that share their key with others; each takes its label"
    output, outside = settings.outputs[0], count_improbable(settings, data.current)
    if outside and count_improbable(settings, data.reference):
        outside = 0  # the model says it of every day
    improbable = f"{counted(outside, 'score')} outside 0 to 1, where the reference has none; the AUC alone is known"
    return [
        *say_problems("current", settings.key, {f"{counted(without_key, 'row')} without a key": without_key}),
        *say_problems("current", settings.key, {shared: repeated}),
        *say_problems("current", output, {improbable: outside}),
        *say_problems("current", output, {f"{counted(unscored, 'row')} without a usable score": unscored}),
        *say_problems("labels" if roles.late else "current", settings.label, {say_unusable(roles, unusable): unusable}),
        *say_problems(
            "labels", settings.label, {f"{counted(looked.unread, 'earlier day')} not readable again": looked.unread}
        ),
    ]


def _uses_key(data: Data, roles: Roles) -> bool:
    """Return whether every row should have a key: labels come later, or every row of the reference has one."""
    key = roles.settings.key
    return key in data.current and (
        bool(roles.late) or (key in data.reference and bool(data.reference[key].notna().all()))
    )


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


def find_one_class(
    roles: Roles, reference: Performance, days: Sequence[ModelDay], run_date: dt.date
) -> tuple[Finding, ...]:
    """Return a finding if all labels of the newest day with labels that were due are of one class, not by chance."""
    delay = roles.settings.label_delay_days + (PATIENCE_DAYS if roles.late else 0)
    due = [day for day in days if (run_date - day.date).days >= delay and day.performance.labelled]
    if not due or not reference.labelled or reference.positives is None:
        return ()
    labels, positives = due[-1].performance.labelled, due[-1].performance.positives
    share = reference.positives / reference.labelled
    one = positives in (0, labels) and (share if positives else 1 - share) ** labels < BY_CHANCE
    of = "the positive" if positives else "the negative"
    said = f"all {labels:,} of {say_day(due[-1].date)} are of {of} class, so the AUC is not known; check labels"
    return say_problems("labels" if roles.late else "current", roles.settings.label, {said: int(one)})


def find_too_good(roles: Roles, reference: Performance, days: Sequence[ModelDay]) -> tuple[Finding, ...]:
    """Return a finding if the newest labelled day has a quarter of the reference's errors, which is not chance."""
    known = [day for day in days if day.performance.decisive]
    if not known or reference.decisive is None:
        return ()
    was, now = reference.decisive, known[-1].performance.decisive or reference.decisive
    name, best = ("mean absolute error", 0) if roles.kind == "regression" else ("AUC", 1)
    error = ((was.variance or 0) + (now.variance or 0)) ** 0.5
    better = (
        abs(best - was.value) > FEWER_ERRORS * abs(best - now.value) and abs(now.value - was.value) > SURELY * error
    )
    said = (
        f"the {name} of {say_day(known[-1].date)} is {number(now.value)}, far better than the reference's "
        f"{number(was.value)}; check whether the {'prediction' if best == 0 else 'score'} knew the label"
    )
    is_said = better and min(was.weight, now.weight) >= ENOUGH_ROWS
    return say_problems("labels" if roles.late else "current", roles.settings.label, {said: int(is_said)})


def find_unmatched(roles: Roles, looked: Looked, run_date: dt.date) -> tuple[Finding, ...]:
    """Return a finding if days whose labels were due some days ago have none: why there are none, or no key fits."""
    late, delay = roles.late, roles.settings.label_delay_days + PATIENCE_DAYS
    due = [day for date, day in looked.days.items() if (run_date - date).days >= delay]
    labelled = any(day.performance.labelled for day in looked.days.values()) or looked.unusable
    if late is None or not due or labelled or differ_by_day(roles.settings):
        return ()
    days = counted(len(due), "day")
    why = f"there are none yet{late.absent and f' ({late.absent})'}, although those of {days} were due"
    if len(late.places):
        labels = counted(len(late.places), "label")
        why = f"no key of {labels} is that of a row of {days} whose labels are due; check key"
    return say_problems("labels", roles.settings.label, {why: len(due)})
