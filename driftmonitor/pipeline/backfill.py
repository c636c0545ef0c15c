"""Run and record past days: by numbers, then with notebooks where a page is worth it; silent unless asked otherwise."""

import contextlib
import datetime as dt
import itertools
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftmonitor.config.params import Monitor
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import counted
from driftmonitor.pipeline import console, earlier_days, stages
from driftmonitor.pipeline.by_numbers import Compared, compare_days
from driftmonitor.pipeline.drift_since import date_by_history
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.notebooks.forks import forking
from driftmonitor.pipeline.notebooks.notebook_file import computes_as_shipped
from driftmonitor.pipeline.notebooks.preload import early_imports
from driftmonitor.pipeline.notebooks.run_notebook import fail_by_hand
from driftmonitor.pipeline.notebooks.task import Task
from driftmonitor.pipeline.origins import explain_by_numbers, explain_with_notebooks
from driftmonitor.pipeline.unfinished_backfill import noted_as_unfinished
from driftmonitor.pipeline.unsearched import as_unsearched
from driftmonitor.pipeline.worth_a_page import make_pages

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

STATUSES = {
    "healthy": "healthy", "changed": "changed", "check_failed": "with a failing check", "drift": "with drift",
    "failed": "failed",
}  # fmt: skip
MOST_PRINTED = 31  # of more runs only drift, failures and failing checks are printed, and the others counted
Left = tuple[Monitor, dt.date]


def backfill(
    history: "History", job: Job, days: Sequence[dt.date], silent: bool, pages: str = "alerts"
) -> list[RunRecord]:
    """Run every day that has no successful run yet, and save each as soon as the days before it are saved.

    Days are compared by numbers. Notebooks run for `pages`, and for all days of a monitor whose notebook was edited. If
    it is stopped, saved days stay, and the next backfill does the rest.
    """
    job.check_folders()
    noting = noted_as_unfinished(job, days) if silent else contextlib.nullcontext()
    records: list[RunRecord] = []
    with noting:
        left: list[Left] = []
        for monitor in job.monitors():
            missing = _missing(history, monitor, days)
            if missing and pages != "all" and _goes_by_numbers(job, monitor):
                records += _save_by_numbers(history, job, monitor, missing, silent, left)
            else:
                left += [(monitor, day) for day in missing]
        records += _save_with_notebooks(history, job, sorted(left, key=lambda each: each[1]), silent)
        without_page = make_pages(history, job, days, silent) if pages == "alerts" else []
        without_page += explain_with_notebooks(history, job, records, silent)
        explained = {_key(record): record for record in explain_by_numbers(history, job, days, silent)}
    records = [explained.get(_key(record), record) for record in records]
    _print(records, days)
    for record in without_page:
        console.complain(f"{record.monitor} {record.run_date}: its verdict is kept, but has no page: {record.error}")
    return [*records, *without_page]


def _key(record: RunRecord) -> tuple[str, dt.date]:
    return record.monitor, record.run_date


def _missing(history: "History", monitor: Monitor, days: Sequence[dt.date]) -> list[dt.date]:
    """Return the days that have no run, or one that failed."""
    done = {run.run_date for run in history.runs(monitor.name) if run.status != "failed"}
    return [day for day in days if day not in done]


def _goes_by_numbers(job: Job, monitor: Monitor) -> bool:
    if monitor.problem or job.scheduler:
        return False
    if computes_as_shipped(monitor.settings.notebook):
        return True
    console.say(f"{monitor.name}: {monitor.settings.notebook} was edited, so it runs for each day")
    return False


def _save_by_numbers(
    history: "History", job: Job, monitor: Monitor, days: Sequence[dt.date], silent: bool, left: list[Left]
) -> Iterator[RunRecord]:
    """Yield the records of a monitor's days, each once it is in the history; `left` takes those for its notebook."""
    if not days:
        return
    known, turn = (
        earlier_days.parse_reference_days(history.reference_days(monitor.name)),
        _Turn(history, monitor, days[0]),
    )
    with (
        console.progress(len(days), "day") as progress,
        contextlib.closing(
            compare_days(monitor, days, known, earlier_days.model_days_of(history, monitor, days[0]))
        ) as all_,
    ):
        progress.say(f"comparing {counted(len(days), 'day')} of {monitor.name}", monitor.name)
        for compared in all_:
            record = _record_of(job, monitor, compared)
            if record is None:
                left.append((monitor, compared.day))
                continue
            if compared.reference_days and compared.reference_days.days:
                turn.days.use_reference(compared.reference_days)
                found = compared.reference_days.model_dump(mode="json")
                history.keep_reference_days(monitor.name, json.dumps(found), job.now)
            judged = as_unsearched(date_by_history(history, monitor, turn.judge(record)))
            stages.record.save_run(history, replace(job, run_date=compared.day), monitor, judged, silent)
            yield judged
            progress.advance()


class _Turn:
    """Judges the records of a backfill in turn, by all days before them; some the history may have already."""

    def __init__(self, history: "History", monitor: Monitor, first: dt.date) -> None:
        labels = {run.run_date: run.label for run in history.runs(monitor.name)}
        known = [record for record in history.records(monitor.name, first) if record.status != "failed"]
        self._known = [(record, labels.get(record.run_date, "")) for record in known]
        self.days = earlier_days.DaysInTurn(monitor, earlier_days.earlier_days_of(history, monitor, first))

    def judge(self, record: RunRecord) -> RunRecord:
        while self._known and self._known[0][0].run_date < record.run_date:
            self.days.add(*self._known.pop(0))
        return record if record.status == "failed" else self.days.judge(record)


def _record_of(job: Job, monitor: Monitor, compared: Compared) -> RunRecord | None:
    """Return the record that the notebook would give; None if only the notebook can tell."""
    if compared.record is not None:
        return compared.record
    if compared.text is None:
        return None
    return fail_by_hand(monitor, compared.day, compared.error, compared.text, job.reports_dir)


def _save_with_notebooks(history: "History", job: Job, left: Sequence[Left], silent: bool) -> Iterator[RunRecord]:
    """Yield the records of notebooks, `--jobs` at a time, each day's once it is in the history."""
    if not left:
        return
    with forking(early_imports(job, len(left))), tempfile.TemporaryDirectory() as folder:
        with_model = sorted((each for each in left if earlier_days.has_model(each[0])), key=lambda each: each[1])
        others = [each for each in left if not earlier_days.has_model(each[0])]
        alone = {monitor.name: monitor for monitor, _ in others}
        files = earlier_days.write_incomplete_files(history, list(alone.values()), Path(folder))
        tasks = [Task(monitor, day, files.get(monitor.name)) for monitor, day in others]
        yield from _run_and_save(history, job, tasks, silent)
        for day, of_day in itertools.groupby(with_model, key=lambda each: each[1]):  # each knows what the last one did
            monitors = [monitor for monitor, _ in of_day]
            files = earlier_days.write_incomplete_files(history, monitors, Path(folder), day)
            tasks = [Task(monitor, day, files.get(monitor.name)) for monitor in monitors]
            yield from _run_and_save(history, job, tasks, silent)


def _run_and_save(history: "History", job: Job, tasks: Sequence[Task], silent: bool) -> Iterator[RunRecord]:
    by_name = {task.monitor.name: task.monitor for task in tasks}
    with contextlib.closing(stages.execute.run_tasks(job, tasks, publishes=True)) as executed:
        for day, records_of_day in itertools.groupby(executed, lambda record: record.run_date):
            monitors = [by_name[record.monitor] for record in records_of_day]
            saved = stages.record.save_runs(history, replace(job, run_date=day), monitors, silent)
            yield from (record for record in saved.records if record.run_date == day)


def _print(records: Sequence[RunRecord], days: Sequence[dt.date]) -> None:
    few = len(records) <= MOST_PRINTED
    for record in records:
        if few or record.shown_status not in ("healthy", "changed"):
            console.print_run(record, dated=True)
    for name, own in itertools.groupby(sorted(records, key=lambda each: each.monitor), lambda each: each.monitor):
        of_name = list(own)
        found = Counter(record.shown_status for record in of_name)
        console.say(
            f"{name}: {', '.join(f'{found[status]} {words}' for status, words in STATUSES.items() if found[status])}"
        )
        console.print_issues(of_name)
    console.say(f"{counted(len(records), 'run')} recorded, {counted(len(days), 'day')} checked")


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return every day from `first` to `last`, both included."""
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
