"""Describe states, runs and columns in words, as the pages show them. Pure functions."""

import datetime as dt

from driftmonitor.facts.judgement import Cause
from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import counted, number, one_line, p_value, say_day
from driftmonitor.pipeline.alerts.incidents import HARMLESS, Run
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.run_page import ColumnView
from driftmonitor.pipeline.pages.timeline import list_names
from driftmonitor.words.causes import name_cause
from driftmonitor.words.checks import say_count as say_count_failing
from driftmonitor.words.judgements import say_rank, say_unheard
from driftmonitor.words.lasting import begins_with_name, say_difference, say_lasting
from driftmonitor.words.verdicts import say_effect, say_test, say_verdict

COLUMN_WORDS = {
    "stable": "Stable", "drifted": "Drifted", "not_testable": "Not testable", "similar": "Similar",
    "differs": "Differs", "unusual": "Unusual",
}  # fmt: skip
BUDGET_STATES = {"stable": "similar", "drifted": "differs"}  # a column's own test, where it does not decide


def state_key(view: MonitorView) -> str:
    """Return the name of a monitor's icon and colour: failing comes before every other state."""
    state = view.state
    if state.failing or view.problem:
        return "failed"
    if view.overdue_days and state.name != "drifting":
        return "overdue"
    if state.checks and state.name not in ("drifting", "pending"):
        return "check_failed"
    return {"drifting": "drift", "no runs": "none"}.get(state.name, state.name)


def choose_look(view: MonitorView) -> str:
    """Return the same, but a healthy monitor that still learns what is usual has a look of its own."""
    return "warm_up" if view.warm_up and state_key(view) == "healthy" else state_key(view)


def say_state(view: MonitorView) -> str:
    """Return a monitor's state in words: since when, for how long, and whether a run is overdue."""
    words = _say_state(view)
    if view.warm_up and view.state.name == "healthy":
        words = f"{say_warm_up(*view.warm_up)}; {words[:1].lower()}{words[1:]}"
    if checks := _say_checks(view):
        words = f"{checks}; no drift" if view.state.name == "healthy" else f"{words}; {checks[:1].lower()}{checks[1:]}"
    if view.problem and not view.state.failing:
        words = f"Failing: its params file is invalid; before that, {words[:1].lower()}{words[1:]}"
    if not view.overdue_days:
        return words
    days = counted(view.overdue_days, "day")
    return f"Unknown: last checked {days} ago; before that, {words[:1].lower()}{words[1:]}"


def say_warm_up(days: int, needed: int) -> str:
    """Return how far the warm-up is."""
    return f"Warm-up: {days} of {needed} baseline days"


def _say_checks(view: MonitorView) -> str:
    """Return how many checks fail since when; "" if none does, or if nothing is known because runs fail."""
    state = view.state
    if not state.checks or state.failing:
        return ""
    since = _say_since(view, state.checks_since)
    return f"{say_count_failing(len(state.checks))}{since and f', {since}'}"


def _say_state(view: MonitorView) -> str:
    state, settings = view.state, view.settings
    since = f"since {say_day(state.since)}" if state.since else ""
    if state.failing:
        before = f"; {state.name} before that, {since}" if state.name in ("drifting", "recovering") else ""
        return f"Failing {_say_since(view, state.failing)}{before}"
    if state.name == "pending":
        return f"Drift {since}; an incident opens after {settings.for_runs} drift days in a row"
    if state.name == "recovering":
        return f"Recovering {since}; the incident closes after {settings.clear_runs} healthy runs in a row"
    if state.name == "changed":
        was_new = any(incident.start == state.since for incident in state.drift_incidents)
        if was_new:
            return f"Changed {since}, accepted by time"
        return f"Differs from the reference {since}, the first run with it"
    return f"{state.name.capitalize()} {_say_since(view, state.good_since if state.name == 'healthy' else state.since)}"


def _say_since(view: MonitorView, first: dt.date | None) -> str:
    last = view.state.last_run
    if first is None or last is None:
        return ""
    return f"since {say_day(first)}" + (f" ({view.count_runs(first, last)})" if last > first else "")


def say_headline(record: RunRecord, dated: bool = True) -> str:
    """Return a run's verdict without its status, which the page shows above it.

    Unless `dated`, nor does it say since when a difference lasts.
    """
    if record.status == "failed":
        return record.error or "The run left no record."
    words = say_verdict(record)
    if record.changed and not dated:
        words = words.replace(say_lasting(record.changed), say_difference(record.changed), 1)
    words = words.removeprefix("Drift: ").removeprefix("Healthy: ").removeprefix("Changed: ")
    words = words.removeprefix("Check failed: ")
    return words if record.changed and begins_with_name(record.changed) else words[:1].upper() + words[1:]


def say_count(record: RunRecord, dated: bool = True) -> str:
    """Return a successful run's verdict without its columns, which the page lists below; or a failed run's error."""
    headline = say_headline(record, dated)
    return f"{headline.partition('). ')[0]})." if record.drifted_columns else headline


def list_columns(record: RunRecord) -> list[ColumnView]:
    """Return every column's result, the most severe first.

    If the budget rule decided, a column's own test says whether it differs, and only the rule makes it unusual.
    """
    unusual = {score.name for score in record.drifted_columns} if record.budgeted else set()
    return [
        make_column(score, _choose_state(score, unusual) if record.budgeted else score.status)
        for score in record.worst_columns
    ]


def _choose_state(score: ColumnScore, unusual: set[str]) -> str:
    return "unusual" if score.name in unusual else BUDGET_STATES.get(score.status, score.status)


def make_column(score: ColumnScore, state: str) -> ColumnView:
    """Return one column's result; its effect is given without its name."""
    name = one_line(score.name)
    effect = say_effect(score).removeprefix(name).removeprefix(":").strip()
    return ColumnView(name, state, COLUMN_WORDS[state], effect, say_test(score))


def name_columns(record: RunRecord) -> list[ColumnView]:
    """Return the columns that the deciding rule names, the most severe first."""
    if judgement := record.budget_judgement:
        return [make_cause(cause) for cause in judgement.causes]
    return [make_column(score, score.status) for score in record.drifted_columns]


def make_cause(cause: Cause) -> ColumnView:
    """Return one contributing signal as the result of its columns; its words are given without their names."""
    name = name_cause(cause)
    words = cause.words.removeprefix(name).removeprefix(":").strip()
    test = "" if cause.p is None else p_value(cause.p)
    if cause.z is not None:
        test = f"{number(cause.z)} SD from its baseline mean"
    return ColumnView(name, "unusual", COLUMN_WORDS["unusual"], words, test)


def say_anomaly(record: RunRecord) -> str:
    """Return how unusual a day was where that is for information only; the budget rule's verdict says it itself."""
    if words := say_unheard(record):
        return f"For information: {words}."
    if record.judgement is None or record.judgement.decides or record.judgement.mode != "pool":
        return ""
    return f"For information: {say_rank(record.judgement)}."


def say_review(run: Run) -> str:
    """Return an analyst's review of a run, "" if there is none."""
    if not run.label:
        return ""
    effect = ", so the day counts as healthy" if run.label in HARMLESS and run.status == "drift" else ""
    return f"{run.label.capitalize()} by an analyst{effect}: {run.reason}"


def say_notes(record: RunRecord) -> list[str]:
    """Return a card's notes: the columns that are not testable, and the data-quality issues."""
    untestable = [one_line(score.name) for score in record.columns if score.status == "not_testable"]
    notes = [f"Not testable: {list_names(untestable)}"] if untestable else []
    messages = [one_line(finding.message, 200) for finding in record.quality]
    if len(messages) > 2:
        messages = [messages[0], f"{len(messages) - 1} more data-quality issues"]
    return notes + messages


def say_rows(record: RunRecord) -> str:
    """Return how many rows were compared, and from how many they were sampled."""
    if record.rows is None:
        return ""
    rows = record.rows
    current = _say_side("current", rows.current, rows.current_total)
    return f"{current} compared with {_say_side('reference', rows.reference, rows.reference_total)}."


def _say_side(side: str, compared: int, total: int) -> str:
    return f"{compared:,} {side} rows" + (f" (sampled from {total:,})" if total > compared else "")
