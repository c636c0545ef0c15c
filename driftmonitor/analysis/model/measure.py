"""Measure a model on one day: by its labels, estimated before they come, again on earlier days, and what harms it."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.model.column_parts import weigh_columns
from driftmonitor.analysis.model.days_of_reference import number_days, rows_by_day
from driftmonitor.analysis.model.estimating import Estimator, learn_reference
from driftmonitor.analysis.model.late import differ_by_day, find_late_labels
from driftmonitor.analysis.model.looking_again import counts, days_to_look_at, is_complete
from driftmonitor.analysis.model.of_rows import measure_rows
from driftmonitor.analysis.model.performance_check import make_check
from driftmonitor.analysis.model.problems import (
    OVERDUE_DAYS,
    Looked,
    check_scores,
    count_unusable,
    find_flattering,
    find_one_class,
    find_overdue,
    find_problems,
    find_reversed,
    find_too_good,
    find_unmatched,
)
from driftmonitor.analysis.model.roles import Outputs, Roles, features_of
from driftmonitor.analysis.sources import Data, Memory, load_day
from driftmonitor.budget.harm.realised import LabelledDay, judge_days, make_terms, never_as_good
from driftmonitor.budget.harm.verdict import judge_drift, judge_estimate
from driftmonitor.budget.policy import runs_a_year
from driftmonitor.facts.model import Importance, ModelDay, ModelRecord
from driftmonitor.facts.performance import Decisive, Estimate, Harm, Performance


def measure(
    comparison: Comparison,
    data: Data,
    roles: Roles,
    earlier: Sequence[ModelDay],
    run_date: dt.date,
    memory: Memory | None = None,
    importance: Importance | None = None,
) -> Comparison:
    """Return the comparison with its `model`, a check of it, and findings about labels.

    `earlier`: what is known of earlier days; `importance`: what the newest one found of the columns. `memory`, for
    several days in turn with the same parameters, keeps what is learnt from the reference.
    """
    alike = [day for day in earlier if day.date < run_date and day.performance.kind == roles.kind]
    known = sorted(alike, key=lambda day: day.date)
    memory, now = memory or Memory(), roles.read(data.current)
    check_scores(roles, now)
    of_reference = cache(lambda: roles.read(data.reference))  # read once, if at all
    reference, reference_days = _measure_reference(data, roles, of_reference, memory)
    looked = _look_again(data, roles, known, run_date, memory)
    days = [looked.days.get(day.date, day) for day in known]
    performance = measure_rows(roles, now)
    complete = is_complete(performance)
    estimate = None if complete else _estimate(comparison, data, roles, now, of_reference, days, memory)
    days.append(ModelDay(date=run_date, performance=performance, estimate=estimate))
    record = _judge(roles, reference, reference_days, days, run_date)
    parts = weigh_columns(comparison, data, roles, importance, memory)
    record = record.model_copy(update={"days": (days[-1], *looked.days.values()), "importance": parts})
    findings = (
        *(roles.late.findings if roles.late else ()),
        *find_reversed(roles, reference),
        *find_flattering(roles, record),
        *find_too_good(roles, reference, days),
        *find_problems(data, roles, now, looked),
        *(() if looked.unusable or count_unusable(roles, now) else find_one_class(roles, reference, days, run_date)),
        *(find_overdue(roles, days, run_date) or find_unmatched(roles, looked, run_date)),
    )
    measured = replace(comparison, model=record, quality=(*comparison.quality, *findings))
    check = make_check(record, {day.date: day for day in days}, run_date)
    return measured.with_checks([check]) if check else measured


def _measure_reference(
    data: Data, roles: Roles, of_reference: Callable[[], Outputs], memory: Memory
) -> tuple[Performance, Sequence[Decisive]]:
    """Return the performance on the reference, and what decides harm on each of its days, if its rows have a time."""

    def measure_reference() -> tuple[Performance, Sequence[Decisive]]:
        rows, day = of_reference(), number_days(data)
        of_days = () if day is None else (measure_rows(roles, rows.take(own)) for own in rows_by_day(day, 1))
        return measure_rows(roles, rows), [each.decisive for each in of_days if each.decisive]

    return memory.recall("model on the reference", _about_reference(data, roles), measure_reference)


def _about_reference(data: Data, roles: Roles) -> tuple[object, ...]:
    """Return what a model's performance on the reference depends on; late labels only if they are joined to it."""
    joined = roles.late if roles.settings.key in data.reference else None
    return data.reference_read, roles.classes, joined


def _estimate(
    comparison: Comparison,
    data: Data,
    roles: Roles,
    now: Outputs,
    of_reference: Callable[[], Outputs],
    days: Sequence[ModelDay],
    memory: Memory,
) -> Estimate:
    """Return the estimate of the day, from what was learnt from the reference."""
    gone = {score.name for score in comparison.columns if score.kind and score.name not in data.current}
    known = [each.name for each in comparison.columns if each.status != "not_testable" or each.name in gone]
    columns = tuple(features_of(roles.settings, known))

    def learn() -> Estimator:
        return learn_reference(roles, of_reference(), data.reference, columns, number_days(data))

    return memory.recall("estimator", (*_about_reference(data, roles), columns), learn).estimate(
        now, data.current, days
    )


def _look_again(data: Data, roles: Roles, known: Sequence[ModelDay], run_date: dt.date, memory: Memory) -> Looked:
    """Return the days that were looked at again, changed or not.

    A run that is repeated then leaves the same record.
    """
    by_date, found, unread, unusable = {day.date: day for day in known}, {}, 0, 0
    for date in days_to_look_at(known, run_date, roles.settings.label_delay_days):
        try:
            rows = _read_again(data, roles, date, memory)
        except DriftMonitorError:
            unread += 1
            continue
        unusable += count_unusable(roles, rows)
        found[date] = by_date[date].model_copy(update={"performance": measure_rows(roles, rows)})
    return Looked(found, unread, unusable)


def _read_again(data: Data, roles: Roles, date: dt.date, memory: Memory) -> Outputs:
    again = load_day(data, date, memory if memory.is_for_many_days else None)
    late = find_late_labels(data, roles.settings, date) if differ_by_day(roles.settings) else roles.late
    missing = [name for name in roles.settings.outputs if name not in again.current]
    if missing or (late and roles.settings.key not in again.current):
        raise DriftMonitorError(f"current: a column of the model is missing on {date}.")
    return roles.read(again.current, late)


def _judge(
    roles: Roles,
    reference: Performance,
    reference_days: Sequence[Decisive],
    days: Sequence[ModelDay],
    run_date: dt.date,
) -> ModelRecord:
    """Return the record without its days: what is tolerated, and whether the drift harms."""
    settings, today = roles.settings, days[-1]
    runs = runs_a_year([day.date.toordinal() for day in days])
    terms = make_terms(roles.kind, reference.decisive, settings.tolerated_loss, runs)
    tolerated = terms.tolerated_loss
    labelled = [_as_labelled(day, run_date, settings.label_delay_days) for day in days]
    harms = judge_days(labelled, reference.decisive, terms, reference_days)
    flatters = never_as_good(labelled, harms, reference.decisive, terms)
    newest = next((place for place in reversed(range(len(days))) if labelled[place].decisive), None)
    realised = None if newest is None else harms[newest]
    harm = judge_drift(realised, today.estimate, tolerated)
    harm_day = days[newest].date if newest is not None and harm is realised else run_date if harm.by else None
    if harm.verdict == "not_known_yet" and harm.loss is None and today.estimate is None and newest is None:
        harm = Harm(verdict="not_known_yet", unknown=labelled[-1].unknown or harm.unknown)
    unlabelled = [day.date for day in days[0 if newest is None else newest :] if not day.performance.labelled]
    overdue = any((run_date - day).days > settings.label_delay_days + OVERDUE_DAYS for day in unlabelled)
    if harm.verdict != "harmful" and overdue:
        harm, harm_day = Harm(verdict="not_known_yet", unknown="labels_overdue"), None
    waits = not is_complete(today.performance) and settings.label_delay_days > 0
    return ModelRecord(
        kind=roles.kind,
        metric="mae" if roles.kind == "regression" else "auc",
        tolerated_loss=float(f"{tolerated:.4g}"),
        reference=reference,
        reference_flatters=flatters or None,
        harm=harm,
        estimated=judge_estimate(today.estimate, tolerated) if today.estimate else None,
        harm_day=harm_day,
        harm_from=_first_day(days, labelled, newest, harm) if harm is realised else None,
        labels_due=run_date + dt.timedelta(days=settings.label_delay_days) if waits else None,
    )


def _first_day(
    days: Sequence[ModelDay], labelled: Sequence[LabelledDay], newest: int | None, harm: Harm
) -> dt.date | None:
    """Return the first of the days by whose labels a verdict is."""
    known = [day.date for day, own in zip(days, labelled, strict=True) if own.decisive]
    return known[-min(harm.days, len(known))] if newest is not None and harm.days else None


def _as_labelled(day: ModelDay, today: dt.date, delay: int) -> LabelledDay:
    if counts(day, today, delay):
        return LabelledDay(day.performance.decisive, day.performance.unknown)
    return LabelledDay(None, "labels_incomplete" if day.performance.labelled else "no_labels")
