"""Read a run's earlier days from the history, write them for its notebook, or judge a run whose notebook had none."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.budget.policy import may_be_baseline_day, wanted_days
from driftmonitor.budget.reference_days import have_alike
from driftmonitor.budget.special_days import kind_of
from driftmonitor.config.params import Monitor
from driftmonitor.facts import earlier_days as files
from driftmonitor.facts.checks import add_missing
from driftmonitor.facts.model import ModelDay
from driftmonitor.facts.reading import EarlierReading
from driftmonitor.facts.record import RunRecord, parse
from driftmonitor.facts.stored_evidence import join_days
from driftmonitor.pipeline.drift_since import find_drift_since
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.recorded_days import (
    DamagedRecord,
    Known,
    ReadRun,
    Recorded,
    RecordedDay,
    choose_days,
    find_days,
    read_known_days,
)
from driftmonitor.pipeline.unsearched import as_unsearched
from driftmonitor.regular_files import parse_json
from driftmonitor.words.days_before import with_days_before
from driftmonitor.words.reading_changes import with_reading_changes
from driftmonitor.words.vanished import with_vanished

if TYPE_CHECKING:
    from driftmonitor.budget.judge import Judge
    from driftmonitor.pipeline.history import History
    from driftmonitor.pipeline.history.store import Earlier

MODEL_DAYS = 400  # whose performance a run knows


def write_files(job: Job, monitors: Sequence[Monitor], folder: Path) -> dict[str, Path]:
    """Write each monitor's earlier days for the job's run date to `folder`; return the files by monitor.

    If the history cannot be reached, there are none: the record stage reports that, and judges the run when it can.
    """
    paths: dict[str, Path] = {}
    try:
        with job.open_history() if job.has_history() else nullcontext() as history:
            for monitor in monitors:
                if path := write_file(history, monitor, job.run_date, _file(folder, monitor), job.reports_dir):
                    paths[monitor.name] = path
    except OutsideError:
        return {}
    return paths


def write_incomplete_files(
    history: "History", monitors: Sequence[Monitor], folder: Path, run_date: dt.date = dt.date.max
) -> dict[str, Path]:
    """Write for each monitor with a time column a file that lacks its days: each is judged when it is recorded.

    From it a notebook knows which days of the reference the history has, and leaves others if there are.
    """
    paths = {}
    for monitor in monitors:
        if monitor.parameters.get("time_column") or has_model(monitor):
            reference = parse_reference_days(history.reference_days(monitor.name))
            known = {"reference": reference} if reference else {}
            known |= _model_days(history, monitor, run_date)
            paths[monitor.name] = _file(folder, monitor)
            files.write_earlier_days(paths[monitor.name], {**rule_of(monitor), "complete": False, **known})
    return paths


def write_file(
    history: "History | None", monitor: Monitor, run_date: dt.date, path: Path, reports_dir: Path
) -> Path | None:
    """Write the earlier days of one run to a file and return it; None if there are none that can affect the run."""
    earlier_days = _try_to_read(history, monitor, run_date, reports_dir)
    if not earlier_days or not can_affect_run(earlier_days):
        return None
    files.write_earlier_days(path, earlier_days)
    return path


def _try_to_read(
    history: "History | None", monitor: Monitor, run_date: dt.date, reports_dir: Path
) -> dict[str, Any] | None:
    """Return a monitor's earlier days; None if one is damaged, which the record stage reports."""
    try:
        return earlier_days_of(history, monitor, run_date, reports_dir)
    except OutsideError:
        raise
    except DriftMonitorError:
        return None


def find_files(folder: Path, monitors: Sequence[Monitor]) -> dict[str, Path]:
    """Return the files that `write_files` left in a folder, by monitor; a run without one is judged later.

    The folder is missing if the history could not be read when the run was planned.
    """
    return {monitor.name: path for monitor in monitors if (path := _file(folder, monitor)).is_file()}


def _file(folder: Path, monitor: Monitor) -> Path:
    return folder / f"{monitor.name}.json"


def earlier_days_of(
    history: "History | None", monitor: Monitor, run_date: dt.date, reports_dir: Path | None = None
) -> dict[str, Any]:
    """Return the rule and the days before `run_date` that can affect its verdict, oldest first, as JSON types.

    What the monitor's newest report in `reports_dir` knows of a day is not read from the history again.
    """
    if history is None:
        return _select((), monitor, run_date, None)
    reference = parse_reference_days(history.reference_days(monitor.name))
    known = read_known_days(reports_dir / monitor.name) if reports_dir else {}
    try:
        selected = _select(history.stored_runs_before(monitor.name, run_date), monitor, run_date, reference, known)
    except DamagedRecord:
        list(history.records_before(monitor.name, run_date))  # raises an error that names the oldest one
        raise
    return {**selected, **_model_days(history, monitor, run_date)}


def _model_days(history: "History", monitor: Monitor, run_date: dt.date) -> dict[str, Any]:
    """Return what is known of a model's earlier days, and of a drift that lasted, as far as there are any."""
    if not has_model(monitor):
        return {}
    days, since = model_days_of(history, monitor, run_date), find_drift_since(history, monitor, run_date)
    return ({"model": days} if days else {}) | ({"drift_since": f"{since}"} if since else {})


def model_days_of(history: "History", monitor: Monitor, run_date: dt.date) -> list[dict[str, Any]]:
    """Return what runs before `run_date` know of a monitor's model, a ModelDay in JSON's types for each day."""
    if not has_model(monitor):
        return []
    return [day for day in history.model_days(monitor.name, run_date, MODEL_DAYS) if _is_model_day(day)]


def has_model(monitor: Monitor) -> bool:
    """Return whether a monitor watches a model."""
    return bool(monitor.parameters.get("label") or monitor.parameters.get("labels"))


def _is_model_day(day: dict[str, Any]) -> bool:
    try:
        ModelDay.model_validate(day)
    except ValueError:
        return False
    return True


def parse_reference_days(text: str | None) -> dict[str, Any] | None:
    """Return the days of a reference as the history keeps them, in JSON's types; None if they are damaged."""
    try:
        days: dict[str, Any] | None = parse_json(text) if text else None
        if days is not None:
            files.ReferenceDays.model_validate(days)
    except ValueError:
        return None  # a run leaves them anew
    return days


def _select(
    runs: Iterable[Recorded],
    monitor: Monitor,
    run_date: dt.date,
    reference: dict[str, Any] | None,
    known: Known | None = None,
) -> dict[str, Any]:
    """Return the rule and those earlier `runs`, newest first, that can affect the verdict of `run_date`, oldest first.

    With them comes `reference`, the days of the reference, while there may be too few others. What is `known` of a
    record is not read from it.
    """
    newest: dict[str, Any] = {}
    budget, kind = monitor.settings.alert.false_alarms_per_year, _kind_of(monitor)
    days = choose_days(find_days(monitor.name, runs, known or {}, newest), run_date, budget, kind)[::-1]
    few = reference and _count_alike(days, reference, run_date, kind) < wanted_days(budget)
    joined = join_days([day.content for day in days if day.content]) if days else {"days": []}
    more = {**newest, "reference": reference if few else None}
    return {**rule_of(monitor), **joined, **{name: value for name, value in more.items() if value}}


def rule_of(monitor: Monitor) -> dict[str, Any]:
    """Return the rule by which a monitor's days are judged, as the fields of an EarlierDays."""
    alert, holidays = monitor.settings.alert, monitor.parameters.get("holidays")
    rule = {"rule": alert.rule, "false_alarms_per_year": alert.false_alarms_per_year}
    named = [name for name, kind in (monitor.parameters.get("columns") or {}).items() if kind != "ignore"]
    more = {"holidays": holidays, "label": monitor.parameters.get("label"), "named": named}
    return rule | {name: value for name, value in more.items() if value}


def _kind_of(monitor: Monitor) -> Callable[[dt.date], int]:
    return kind_of(monitor.parameters.get("holidays") or "", monitor.parameters.get("current_days", 1))


def _count_alike(
    days: Sequence[RecordedDay], reference: dict[str, Any], run_date: dt.date, kind: Callable[[dt.date], int]
) -> int:
    """Return how many days may be baseline days and were compared with this reference in at least one column."""
    last = reference["days"][-1]["evidence"]["columns"] if reference.get("days") else []
    known = {column["name"]: column["reference"] for column in last}
    counted = (day for day in days if may_be_baseline_day(run_date, *day.describe(), kind))
    return sum(have_alike(known, day.references) for day in counted)


def can_affect_run(earlier_days: dict[str, Any]) -> bool:
    """Return whether earlier days can affect a run: always under the budget rule, otherwise only if there are any."""
    known = any(name in earlier_days for name in ("reading", "checks", "model"))
    return earlier_days["rule"] == "budget" or bool(earlier_days["days"]) or known


class DaysInTurn:
    """Judges a monitor's records in turn, by the days before the first one and then by each other.

    `earlier_days`: those of `earlier_days_of` the first one. Each verdict is that of `judge_recorded`, if each record
    were in the history before the next is judged.
    """

    def __init__(self, monitor: Monitor, earlier_days: dict[str, Any]) -> None:
        self._monitor, self._earlier = monitor, _check(monitor, earlier_days)
        self._reading, self._can_judge = self._earlier.reading, self._earlier.can_judge
        self._checks, self._before = self._earlier.checks, self._earlier.newest
        self._added: list[tuple[RunRecord, str]] = []  # days that the judge does not know yet

    @cached_property
    def _judge(self) -> "Judge":
        from driftmonitor.budget.judge import Judge  # with scipy: a run without earlier days does without it

        return Judge(self._earlier, self._monitor.parameters.get("current_days", 1))

    def use_reference(self, days: files.ReferenceDays | None) -> None:
        """Compare the next days with these days of the reference, as long as there are too few others."""
        self._judge.use_reference(days)

    def judge(self, record: RunRecord, label: str = "") -> RunRecord:
        """Return the record with what earlier days say of it, unchanged if they say nothing; `label`: its review."""
        quality = with_reading_changes(record.quality, record.reading, self._reading)
        quality = with_days_before(quality, record.evidence, self._before, record.run_date)
        if quality != record.quality:
            record = record.model_copy(update={"quality": quality})
        computed = [check for check in record.checks if check.missing_since is None]
        if record.rows:
            before = self._before, self._checks, self._earlier.label
            computed = with_vanished(
                computed, record.columns, record.rows.current, *before, record.evidence, self._earlier.named
            )
        checks = add_missing(computed, self._checks, record.run_date)
        if checks != record.checks:
            record = record.model_copy(update={"checks": checks})
        if not self._can_judge:
            self.add(record, label)
            return record
        while self._added:
            self._judge.add(*self._added.pop(0))
        judged = self._judge.judge(record, label)
        self._note(judged)
        return as_unsearched(judged) if record.status != "drift" else judged

    def add(self, record: RunRecord, label: str = "") -> None:
        """Make a record that has its verdict an earlier day of the next ones."""
        if record.evidence is not None:
            self._added.append((record, label))
            self._can_judge = True
        self._note(record)

    def _note(self, record: RunRecord) -> None:
        """Note what the next day is compared with: the reading, the checks and the data."""
        self._checks = record.checks
        if record.evidence is not None:
            self._before = [*self._before, (record.run_date, record.evidence)][-files.NEWEST :]
        if record.reading is not None:
            self._reading = EarlierReading(date=record.run_date, reading=record.reading)


def _check(monitor: Monitor, earlier_days: dict[str, Any]) -> files.EarlierDays:
    try:
        return files.EarlierDays.model_validate(earlier_days)
    except ValueError:
        raise DriftMonitorError(f"the history's evidence of {monitor.name}: damaged; run its days again.") from None


def judge_recorded(history: "History", monitor: Monitor, record: RunRecord) -> RunRecord:
    """Return the record judged by the history, if its notebook left something to judge but had no earlier days."""
    if not (record.evidence or record.reading or record.checks) or record.judgement is not None:
        return record
    return DaysInTurn(monitor, earlier_days_of(history, monitor, record.run_date)).judge(record)


def judge_anew(
    monitor: Monitor | None, first: dt.date, reference: dict[str, Any] | None, records: Sequence["Earlier"]
) -> list[RunRecord]:
    """Return the records from the day `first` on whose judgement changes; `records` are left, the newest first.

    `reference` are the days of the reference. Without a `monitor`, whose params file is gone, nothing is judged.
    """
    later = [each for each in reversed(records) if each[0] >= first]
    if monitor is None or not later:
        return []
    before = [ReadRun(*each) for each in records[len(later) :]]
    turn = DaysInTurn(monitor, _select(before, monitor, first, reference))
    changed = []
    for _, label, stored in later:
        if not (stored.get("evidence") or stored.get("reading") or stored.get("checks")):
            continue
        old = parse(stored, "the history")
        record = turn.judge(old, label)
        changed += [record] if record != old else []
    return changed
