"""A replay: the records of past days under any alert rule, with the states that each would have led to."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from driftmonitor import DriftMonitorError
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.backtest import DriftDay, ReplayedIncident, RuleReplay
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import number, percent
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.alerts.state import fold

MOST_BUDGET = 50


@dataclass(frozen=True)
class Rule:
    """An alert rule by its name and number: the share that may drift, or the false alarms a year."""

    name: str
    value: float

    @property
    def words(self) -> str:
        """The rule as people write it."""
        if self.name == "share":
            return f"share > {percent(self.value)}"
        return f"budget of {number(self.value)} a year"


def parse_rule(text: str, alert: AlertSettings, threshold: float) -> Rule:
    """Return the rule that `share`, `share:0.2`, `budget` or `budget:4` names; without a number the monitor's own."""
    name, _, value = text.partition(":")
    own = {"share": threshold, "budget": alert.false_alarms_per_year}
    try:
        given = float(value) if value else own[name]
    except (KeyError, ValueError):
        raise DriftMonitorError(f"--rule {text!r}: no such rule; write share, share:0.2, budget or budget:4.") from None
    if name == "share" and not 0 <= given <= 1:
        raise DriftMonitorError(f"--rule {text}: the share lies between 0 and 1; write share:0.2.")
    if name == "budget" and not 0 < given <= MOST_BUDGET:
        raise DriftMonitorError(f"--rule {text}: false alarms a year are more than 0 and at most {MOST_BUDGET}.")
    return Rule(name, given)


def replay(
    rule: Rule,
    records: Sequence[RunRecord],
    labels: Mapping[dt.date, str],
    alert: AlertSettings,
    single_days: bool,
    on_day: Callable[[], None] = lambda: None,
) -> RuleReplay:
    """Return what a rule would have said of the `records`, in date order, each judged by those before it.

    `labels` are what an analyst said of days; the monitor's `alert` says how many days open and close an incident.
    """
    verdicts = _share(rule, records) if rule.name == "share" else _budget(rule, records, labels, single_days)
    runs, alarms, waiting = [], [], 0
    for record, (alarm, columns, full) in zip(records, verdicts, strict=True):
        run = Run(record.monitor, record.run_date, "drift" if alarm else "healthy", drifted_columns=columns)
        runs.append(replace(run, label=labels.get(record.run_date, "")))
        alarms += [DriftDay(date=record.run_date, columns=columns[:5])] if alarm else []
        waiting += not full
        on_day()
    state = fold(runs, _settings(rule, alert))
    incidents = tuple(
        ReplayedIncident(opened=s.opened, end=s.end, columns=s.columns[:5]) for s in state.drift_incidents
    )
    return RuleReplay(rule=rule.words, alarms=tuple(alarms), incidents=incidents, waiting=waiting)


def _settings(rule: Rule, alert: AlertSettings) -> AlertSettings:
    """Return how the rule's alarms open and close incidents: as the monitor says, where it says so for this rule."""
    own = alert.model_dump(exclude={"clear_runs"} if rule.name != alert.rule else None)
    return AlertSettings.model_validate({**own, "rule": rule.name})


Verdict = tuple[bool, tuple[str, ...], bool]  # alarm, its columns, whether the pool was full


def _share(rule: Rule, records: Sequence[RunRecord]) -> Iterator[Verdict]:
    for record in records:
        drifted = [score.name for score in record.worst_columns if score.status == "drifted"]
        yield (record.drift_share or 0.0) > rule.value, tuple(drifted), True


def _budget(
    rule: Rule, records: Sequence[RunRecord], labels: Mapping[dt.date, str], single_days: bool
) -> Iterator[Verdict]:
    from driftmonitor.budget.judge import judge_record
    from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays

    days: list[EarlierDay] = []
    for record in records:
        past = EarlierDays(rule="budget", false_alarms_per_year=rule.value, days=tuple(days))
        judged = judge_record(record, past, single_days)
        judgement = judged.judgement
        label = labels.get(record.run_date, "")
        days.append(EarlierDay(date=record.run_date, alarm=judgement.alarm, label=label, evidence=judged.evidence))
        yield judgement.alarm, judgement.columns, judgement.mode == "pool"
