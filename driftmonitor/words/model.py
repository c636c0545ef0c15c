"""The sentences about a model: what its columns are, how it performs, and whether a drift harms it."""

import datetime as dt

from driftmonitor.facts.model import ModelDay, ModelRecord
from driftmonitor.facts.performance import Harm, Metric
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import number, one_line, percent, say_day

METRICS = {
    "auc": "AUC", "log_loss": "log loss", "brier": "Brier score", "accuracy": "accuracy", "f1": "F1",
    "calibration_error": "calibration error", "mae": "mean absolute error", "rmse": "RMSE", "bias": "bias",
}  # fmt: skip
LEAST_NAMED = 0.01  # of the score
LOSSES = {"auc": "a loss of at most {} of AUC", "mae": "a mean absolute error that is at most {} larger"}
WHY_UNKNOWN = {
    "no_labels": "no row of the day has a label yet",
    "labels_overdue": "labels that were due are missing; check labels and key",
    "labels_incomplete": "more labels of the day are expected",
    "one_class": "the labels of the day do not have every class",
    "few_positives": "the days together have too few rows of the rarest class",
    "no_reference": "the reference has no labels of every class to compare with",
    "estimates_differ": "the estimates with and without reweighting differ by more than chance",
    "few_effective_rows": "too few rows of the reference resemble the day's",
    "outside_reference": "too many rows have values that the reference does not have",
    "estimates_missed": "on labelled days the estimates missed by more than chance",
    "few_rows": "the day has too few rows to estimate from",
    "loss_not_excluded": "a loss beyond what is tolerated can be neither shown nor excluded",
}


def verdict_of(record: ModelRecord, run_date: dt.date, drifts: bool) -> str:
    """Return the verdict on harm that is shown; labels of days before a drift do not say that it is harmless."""
    first = record.harm_from or record.harm_day
    is_older = first is not None and first < (record.drift_since or run_date)
    return "not_known_yet" if record.harm.verdict == "harmless_so_far" and drifts and is_older else record.harm.verdict


def say_harm(record: ModelRecord, run_date: dt.date, drifts: bool = False) -> str:
    """Return in one or two sentences whether the day's drift harms the model, and by what that is known.

    `drifts`: whether the day is a drift day.
    """
    harm, when = record.harm, say_day(record.harm_day or run_date)
    if harm.verdict == "harmful":
        by = "Estimated without labels" if harm.by == "estimate" else _say_days(harm, when)
        return f"Harmful: {say_loss(record)}. {by}."
    if harm.verdict == "harmless_so_far":
        loss = f"{say_loss(record)}. {_say_days(harm, when)}."
        if verdict_of(record, run_date, drifts) == harm.verdict:
            return f"Harmless so far: {loss}"
        return f"{_say_expected(record)} Until {when}, {say_loss(record).replace(' is ', ' was ', 1)}."
    if harm.expects_no_loss:
        return _say_expected(record)
    if harm.unknown == "loss_not_excluded" and record.estimated and record.estimated.expects_no_loss:
        return f"{_say_expected(record)} {_say_days(harm, when)}, {WHY_UNKNOWN[harm.unknown]}."
    why = WHY_UNKNOWN[harm.unknown or "loss_not_excluded"]
    if harm.unknown == "labels_overdue":
        return f"Not known whether it harms: {why}."
    later = f" Labels of {say_day(run_date)} are expected by {say_day(record.labels_due)}." if record.labels_due else ""
    return f"Not known yet whether it harms: {why}.{later}"


def say_model(record: RunRecord) -> str:
    """Return whether a run's drift harms its model, and what the columns that drifted do to the score; or ""."""
    if record.model is None:
        return ""
    drifts = record.status == "drift"
    part = say_part(record) if drifts else ""
    return f"{say_harm(record.model, record.run_date, drifts)}{part and f' {part}'}"


def say_part(record: RunRecord) -> str:
    """Return what the columns that drifted do to the score: `origin accounts for less than 1% of the score.`; or ""."""
    drifted = [score.name for score in record.drifted_columns if score.name in record.parts]
    if not drifted:
        return ""
    which = "unusual columns" if record.budgeted else "columns that drifted"
    name = f"{one_line(drifted[0])} accounts" if len(drifted) == 1 else f"The {which} account"
    total = sum(record.parts[each] for each in drifted)
    return f"{name} for {percent(total) if total >= LEAST_NAMED else 'less than 1%'} of the score."


def _say_expected(record: ModelRecord) -> str:
    """Return what the estimate of the run's own day expects, and when labels will say more."""
    due = f"is known on {say_day(record.labels_due)}" if record.labels_due else "is known when the labels come"
    estimated = record.estimated or record.harm
    if estimated.expects_no_loss:
        return f"No loss is expected from the change of the columns; whether labels changed their meaning {due}."
    return f"Whether this day's drift harms {due}."


def say_loss(record: ModelRecord) -> str:
    """Return the loss and what is tolerated: `the AUC is 0.1 below the reference's (a loss of 0.02 is tolerated)`."""
    loss = record.harm.loss or 0.0
    worse = loss if record.metric == "mae" else -loss
    return f"the {METRICS[record.metric]} is {_say_apart(record, worse)} ({_say_tolerated(record)})"


def _say_tolerated(record: ModelRecord) -> str:
    return f"a loss of {number(record.tolerated_loss)} is tolerated"


def _say_apart(record: ModelRecord, apart: float, reference: str = "") -> str:
    """Return how far a metric is from the reference's, to a hundredth of what is tolerated."""
    if abs(apart) <= record.tolerated_loss / 100:
        return f"that of the reference{reference and f', {reference}'}"
    where = "below" if apart < 0 else "above"
    size = number(abs(apart))
    size = f"{abs(apart):.2g}" if "e-" in size else size  # 0.00054
    return f"{size} {where} the reference's{reference and f' {reference}'}"


def _value(value: float) -> str:
    return f"{value:,.3g}"


def say_must(record: ModelRecord) -> str:
    """Return what the decisive metric must keep: `a loss of at most 0.02 of AUC`."""
    return LOSSES[record.metric].format(number(record.tolerated_loss))


def say_check(record: ModelRecord, value: float, day: dt.date, reference: float) -> str:
    """Return the day's decisive metric beside the reference's, and the verdict, without a full stop.

    `AUC of 10 Nov 2026 was 0.84, 0.1 below the reference's 0.94 (a loss of 0.02 is tolerated): harmful`. If several
    days decide, it is theirs: `AUC of 7 days up to 10 Nov 2026 was 0.1 below ... harmful (0.92 on the last one)`.
    """
    harm, estimated = record.harm, record.harm.by == "estimate"
    loss = harm.loss if not estimated and (harm.days or 0) > 1 else None  # of several days together
    apart = value - reference if loss is None else loss if record.metric == "mae" else -loss
    name = METRICS[record.metric]
    first = f"{name[:1].upper()}{name[1:]}" if name != "AUC" else name
    verb = "is estimated to be" if estimated else "was"
    where = _say_apart(record, apart, _value(reference))
    verdict = {
        "harmful": "harmful",
        "harmless_so_far": "harmless so far",
        "not_known_yet": "not known yet whether it harms",
    }
    tolerated = f"({_say_tolerated(record)}): {verdict[harm.verdict]}"
    if loss is not None:
        on_last = f"({_value(value)} on the last one)"
        return f"{first} of {harm.days} days up to {say_day(day)} {verb} {where} {tolerated} {on_last}"
    return f"{first} of {say_day(day)} {verb} {_value(value)}, {where} {tolerated}"


def say_metric(metric: Metric | None) -> str:
    """Return a number with its 95% interval: `0.94 (0.92 to 0.96)`."""
    if metric is None or metric.value is None:
        return "not known"
    if metric.low is None or metric.high is None:
        return f"{metric.value:.3g}"
    return f"{metric.value:.3g} ({metric.low:.3g} to {metric.high:.3g})"


def performance_table(record: ModelRecord) -> dict[str, dict[str, str]]:
    """Return by metric, in words: its value on the reference, by labels, as it was estimated, and by newer labels."""
    today = max(record.days, key=lambda day: day.date)
    sides = {"reference": record.reference} | {
        f"labels of {say_day(day.date)}": day.performance for day in (today, *_looked_at(record, today))
    }
    names = [name for name in METRICS if any(side and name in side.metrics for side in sides.values())]
    found = {
        METRICS[name]: {title: say_metric(side.metrics.get(name) if side else None) for title, side in sides.items()}
        for name in names
    }
    estimated = today.estimate.metrics if today.estimate else {}
    for name, metric in estimated.items():
        found[METRICS[name]]["estimated without labels"] = say_metric(
            Metric(value=metric.value, low=metric.low, high=metric.high)
        )
    return found


def _looked_at(record: ModelRecord, today: ModelDay) -> list[ModelDay]:
    return sorted((day for day in record.days if day is not today), key=lambda day: day.date)


def _say_days(harm: Harm, when: str) -> str:
    if harm.days and harm.days > 1:
        return f"By the labels of {harm.days} days up to {when}"
    return f"By the labels of {when}"
