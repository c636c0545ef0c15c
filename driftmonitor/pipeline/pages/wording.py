"""What a state, a run and a column say in words on the pages. Pure functions."""

import datetime as dt

from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.judgement import Cause
from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import number, one_line, p_value, say_day
from driftmonitor.pipeline.alerts.incidents import Run, State
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.run_page import Column
from driftmonitor.pipeline.pages.timeline import some
from driftmonitor.words.judgements import say_rank
from driftmonitor.words.verdicts import say_effect, say_test, say_verdict

COLUMN_WORDS = {"stable": "Stable", "drifted": "Drifted", "not_testable": "Not testable"}


def state_key(view: MonitorView) -> str:
    """Return the name under which icons and colours know a monitor's state: a failing monitor is that first."""
    state = view.state
    if state.failing:
        return "failed"
    if view.late_days and state.name != "drifting":
        return "overdue"
    return {"drifting": "drift", "no runs": "none"}.get(state.name, state.name)


def say_state(view: MonitorView) -> str:
    """Return a monitor's state in words, with since when and for how long, and whether a run is missing."""
    words = _say_state(view.state, view.settings)
    if not view.late_days:
        return words
    days = f"{view.late_days} day{'' if view.late_days == 1 else 's'}"
    return f"Overdue: nothing recorded for {days}; before that: {words[:1].lower()}{words[1:]}"


def _say_state(state: State, settings: AlertSettings) -> str:
    since = f"since {say_day(state.since)}" if state.since else ""
    if state.failing:
        before = f"; drifting before that, {since}" if state.name in ("drifting", "recovering") else ""
        return f"Failing {_since(state.failing, state.last_run)}{before}"
    if state.name == "pending":
        return f"Drifted {since}; counts after {settings.for_runs} runs in a row"
    if state.name == "recovering":
        return f"Recovering {since}; over after {settings.clear_runs} healthy runs in a row"
    return f"{state.name.capitalize()} {_since(state.since, state.last_run)}"


def _since(first: dt.date | None, last: dt.date | None) -> str:
    if first is None or last is None:
        return ""
    days = (last - first).days + 1
    return f"since {say_day(first)}" + (f", {days} days" if days > 1 else "")


def say_headline(record: RunRecord) -> str:
    """Return a run's verdict for a page that shows the status beside it already."""
    if record.status == "failed":
        return record.error or "The run left no record."
    words = say_verdict(record).removeprefix("Drift: ").removeprefix("Healthy: ")
    return words[:1].upper() + words[1:]


def say_count(record: RunRecord) -> str:
    """Return a good run's verdict without its columns, for a page that shows them below; a failed run's error."""
    head, told, _ = say_headline(record).partition("): ")
    return f"{head})." if told and record.status != "failed" else say_headline(record)


def make_column(score: ColumnScore) -> Column:
    """Return one column's verdict; what happened to it stands without its name in front."""
    name = one_line(score.name)
    effect = say_effect(score).removeprefix(name).removeprefix(":").strip()
    return Column(name, score.status, COLUMN_WORDS[score.status], effect, say_test(score))


def name_columns(record: RunRecord) -> list[Column]:
    """Return the verdicts of the columns that the deciding rule names, the first first."""
    if record.budgeted:
        return [make_cause(cause) for cause in record.judgement.causes]
    return [make_column(score) for score in record.drifted_columns]


def make_cause(cause: Cause) -> Column:
    """Return one cause of an alarm as a column's verdict; what happened stands without the name in front."""
    name = " and ".join(one_line(column) for column in cause.columns)
    effect = cause.words.removeprefix(name).removeprefix(":").strip()
    far = "" if cause.z is None else f"{number(cause.z)} standard deviations from its usual value"
    return Column(name, "drifted", COLUMN_WORDS["drifted"], effect, far or f"{p_value(cause.p)} by chance")


def say_strange(record: RunRecord) -> str:
    """Return how strange a day was where that only informs: the deciding budget says it in the headline."""
    if record.judgement is None or record.judgement.decides or record.judgement.mode != "pool":
        return ""
    return f"How strange: {say_rank(record.judgement)}."


def say_label(run: Run) -> str:
    """Return what an analyst said of a run, "" for nothing."""
    if not run.label:
        return ""
    counts = ", so the day counts as healthy" if run.label == "dismissed" and run.status == "drift" else ""
    return f"{run.label.capitalize()} by an analyst{counts}: {run.reason}"


def say_notes(record: RunRecord) -> list[str]:
    """Return a card's findings: the columns that could not be tested, and what is wrong with the data itself."""
    untested = [one_line(score.name) for score in record.columns if score.status == "not_testable"]
    notes = [f"Not testable: {some(untested)}"] if untested else []
    messages = [one_line(finding.message, 200) for finding in record.quality]
    if len(messages) > 2:
        messages = [messages[0], f"{len(messages) - 1} more findings on the data’s quality"]
    return notes + messages


def say_rows(record: RunRecord) -> str:
    """Return how many rows were compared, and of how many if they were sampled."""
    if record.rows is None:
        return ""
    rows = record.rows
    sides = [(rows.current, rows.current_total, "current"), (rows.reference, rows.reference_total, "reference")]
    told = [f"{n:,} {side} rows" + (f" (of {total:,})" if total > n else "") for n, total, side in sides]
    return f"{told[0]} compared with {told[1]}."
