"""Replay an alert rule over the records of past days: the drift days and incidents that it would have given. Pure."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from driftmonitor import DriftMonitorError
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.backtest import DriftDay, ReplayedIncident, RuleReplay
from driftmonitor.facts.earlier_days import EarlierDays, ReferenceDays
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import number, percent
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.alerts.state import fold

HIGHEST_BUDGET = 50
NAMED = 5  # columns of a drift day or an incident


@dataclass(frozen=True)
class Rule:
    """An alert rule and its number: the drift share to exceed, or the false alarms a year."""

    name: str
    value: float

    @property
    def text(self) -> str:
        """The rule as people write it."""
        if self.name == "share":
            return f"share > {percent(self.value)}"
        return f"budget of {number(self.value)} a year"


@dataclass(frozen=True)
class Verdict:
    """A rule's verdict on one day: whether it is a drift day, by which columns, and whether the warm-up was over."""

    drift: bool
    columns: tuple[str, ...]
    warmed_up: bool = True


def parse_rule(text: str, alert: AlertSettings, threshold: float) -> Rule:
    """Return the rule in `share`, `share:0.2`, `budget` or `budget:4`; without a number the monitor's own."""
    name, _, value = text.partition(":")
    own = {"share": threshold, "budget": alert.false_alarms_per_year}
    try:
        given = float(value) if value else own[name]
    except (KeyError, ValueError):
        raise DriftMonitorError(f"--rule {text!r}: no such rule; write share, share:0.2, budget or budget:4.") from None
    if name == "share" and not 0 <= given <= 1:
        raise DriftMonitorError(f"--rule {text}: not a share from 0 to 1; write one such as share:0.2.")
    if name == "budget" and not 0 < given <= HIGHEST_BUDGET:
        raise DriftMonitorError(
            f"--rule {text}: not a budget above 0 and up to {HIGHEST_BUDGET}; write one such as budget:4."
        )
    return Rule(name, given)


def replay(
    rule: Rule,
    compared: Sequence[tuple[RunRecord, ReferenceDays | None]],
    labels: Mapping[dt.date, str],
    alert: AlertSettings,
    current_days: int,
    holidays: str,
    first: dt.date,
    on_day: Callable[[], None] = lambda: None,
) -> RuleReplay:
    """Return the result of a rule on records, in date order, each judged by those before it, from the day `first` on.

    With each record come the days of its reference, which serve as long as there are too few others. `labels` are an
    analyst's reviews; the monitor's `alert` says how many days open and close an incident.
    """
    if rule.name == "share":
        verdicts = _by_share(rule, [record for record, _ in compared])
    else:
        verdicts = _by_budget(rule, compared, labels, current_days, holidays)
    runs, drift_days, waiting = [], [], 0
    for (record, _), verdict in zip(compared, verdicts, strict=True):
        status = "drift" if verdict.drift else "healthy"
        run = Run(record.monitor, record.run_date, status, drifted_columns=verdict.columns)
        runs.append(replace(run, label=labels.get(record.run_date, "")))
        if record.run_date >= first:
            drift_days += [DriftDay(date=record.run_date, columns=verdict.columns[:NAMED])] if verdict.drift else []
            waiting += not verdict.warmed_up
        on_day()
    state = fold(runs, _settings(rule, alert))
    incidents = tuple(
        ReplayedIncident(opened=each.opened, end=each.end, columns=each.columns[:NAMED])
        for each in state.drift_incidents
        if each.end is None or each.end >= first
    )
    return RuleReplay(rule=rule.text, alarms=tuple(drift_days), incidents=incidents, waiting=waiting)


def _settings(rule: Rule, alert: AlertSettings) -> AlertSettings:
    """Return the monitor's alert settings for a rule; `clear_runs` is its own only if the rule is its own."""
    others = {"clear_runs"} if rule.name != alert.rule else set()
    own = alert.model_dump(exclude=others if rule.name == "budget" else {*others, "false_alarms_per_year"})
    return AlertSettings.model_validate({**own, "rule": rule.name})


def _by_share(rule: Rule, records: Sequence[RunRecord]) -> Iterator[Verdict]:
    for record in records:
        drifted = [score.name for score in record.worst_columns if score.status == "drifted"]
        yield Verdict((record.drift_share or 0.0) > rule.value, tuple(drifted))


def _by_budget(
    rule: Rule,
    compared: Iterable[tuple[RunRecord, ReferenceDays | None]],
    labels: Mapping[dt.date, str],
    current_days: int,
    holidays: str,
) -> Iterator[Verdict]:
    from driftmonitor.budget.judge import Judge

    judge = Judge(EarlierDays(rule="budget", false_alarms_per_year=rule.value, holidays=holidays), current_days)
    for record, reference in compared:
        judge.use_reference(reference)
        judgement = judge.judge(record, labels.get(record.run_date, "")).judgement
        if judgement is None or record.evidence is None:
            raise ValueError(f"{record.run_date}: a record without evidence cannot be replayed")
        yield Verdict(judgement.alarm, judgement.columns, judgement.mode == "pool")
