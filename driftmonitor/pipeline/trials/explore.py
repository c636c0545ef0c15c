"""Explore a table that no monitor watches yet: compare its last year, and show what each alert rule would have done."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor, check_name, monitor_name, read_monitor
from driftmonitor.config.proposal import Proposal
from driftmonitor.config.proposal_text import write_params
from driftmonitor.facts.backtest import RuleReplay
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import console
from driftmonitor.pipeline.first_monitor import Propose, look_at, with_rule
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.notebook_file import notebook_parameters
from driftmonitor.pipeline.trials.backtests import Compared, gather, judge_in_turn
from driftmonitor.pipeline.trials.replay import parse_rule, replay

BUDGETS, SHARES, DISTANCES = ("2", "4", "12"), ("0", "0.1", "0.2", "0.3", "0.5"), ("0", "0.04", "0.1", "0.2", "0.3")
YEAR_DAYS = 365.25
MOST_DAYS = 366


@dataclass(frozen=True)
class Trial:
    """What a setting would have done: `rule` and `given` are how `init` takes it, and `alerts` how often it alerts."""

    rule: str
    given: tuple[str, str] | None
    result: RuleReplay

    @property
    def alerts(self) -> int:
        """The number of incidents that began, each of which is a message."""
        return len(self.result.incidents)


@dataclass(frozen=True)
class Exploration:
    """A year of a table: what is proposed, the days as its rule judges them, what other settings do, days left out."""

    name: str
    locations: Sequence[str]
    proposal: Proposal
    records: Sequence[RunRecord]
    rules: Sequence[Trial]
    distances: Sequence[Trial]
    gaps: Sequence[str]

    def a_year(self, trial: Trial) -> float:
        """Return how many alerts a setting gives in a year of such days."""
        return self.a_year_for(trial.alerts)

    def a_year_for(self, alerts: int) -> float:
        """Return what so many alerts are in a year of such days."""
        days = (self.records[-1].run_date - self.records[0].run_date).days + 1
        return alerts * YEAR_DAYS / days


def explore(job: Job, locations: Sequence[str], name: str, rule: str, propose: Propose) -> Exploration:
    """Compare the last year of one table with the days before it, by numbers, and try other rules and settings."""
    name = check_name(name) if name else monitor_name(locations[0])
    proposal = with_rule(look_at(job, locations, propose), rule)
    if not proposal.days:
        raise DriftMonitorError(f"{locations[0]}: explore needs one table with a column of dates; use init instead.")
    with tempfile.TemporaryDirectory() as folder:
        monitor = _as_monitor(Path(folder), name, proposal)
        compared, gaps = gather(monitor, proposal.days[-MOST_DAYS:], {}, None)
    if not compared:
        raise DriftMonitorError(f"{name}: no day can be compared: {gaps[0]}")
    trials = [f"budget:{each}" for each in BUDGETS] + [f"share:{each}" for each in SHARES]
    with console.progress(len(compared) * len(trials), "day") as progress:
        rules = [_try(monitor, text, None, compared, progress) for text in trials]
    far = [
        _try(monitor, "share:0.1", ("min_distance", each), _with_distance(compared, float(each))) for each in DISTANCES
    ]
    return Exploration(name, locations, proposal, judge_in_turn(monitor, compared), rules, far, gaps)


def _as_monitor(folder: Path, name: str, proposal: Proposal) -> Monitor:
    """Return the monitor that `init` would make."""
    path = folder / f"{name}.yaml"
    path.write_text(write_params(proposal, "explore"), encoding="utf-8")
    return read_monitor(path, notebook_parameters)


def _try(
    monitor: Monitor, text: str, given: tuple[str, str] | None, compared: Sequence[Compared], progress: Any = None
) -> Trial:
    alert = monitor.settings.alert
    rule, windows = parse_rule(text, alert, 0.1), (monitor.parameters.get("current_days", 1), "")
    on_day = progress.advance if progress else lambda: None
    return Trial(text, given, replay(rule, compared, {}, alert, *windows, compared[0][0].run_date, on_day))


def _with_distance(compared: Iterable[Compared], least: float) -> list[Compared]:
    """Return the records as another `min_distance` would have made them."""
    return [(_record_with_distance(record, least), reference) for record, reference in compared]


def _record_with_distance(record: RunRecord, least: float) -> RunRecord:
    columns = []
    for score in record.columns:
        p, limit, distance = score.p_value, score.threshold, score.distance
        if score.status != "not_testable" and p is not None and limit is not None and distance is not None:
            status = "drifted" if p < limit and distance >= least else "stable"
            columns.append(score.model_copy(update={"status": status}))
        else:
            columns.append(score)
    share = sum(score.status == "drifted" for score in columns) / len(columns)
    return record.model_copy(update={"columns": tuple(columns), "drift_share": share})
