"""`validate` says which settings of a params file have no effect."""

import datetime as dt

import pytest

from driftmonitor.config.params import read_monitor
from driftmonitor.config.without_effect import say_without_effect
from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters, notebook_parameters

DAY = dt.date(2026, 11, 24)
FILES = "source: files\nreference: a.csv\ncurrent: b.csv\n"
PARQUET = FILES.replace("csv", "parquet")
BUDGET = "monitor: {alert: {rule: budget}}\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("current_days: 7\ntimezone: Europe/Berlin", "timezone, current_days: no effect on a simulation."),
        ("read: {decimal: ','}", "read: no effect on a simulation."),
        (f"{FILES}timezone: Europe/Berlin", "timezone: no effect without time_column."),
        (f"{FILES}current_days: 30", "current_days: no effect on the rows without time_column."),
        (f"{FILES}{BUDGET}current_days: 30", ""),  # how many days the data covers also matters to the budget rule
        (f"{FILES}drift: {{age: {{scale: 2}}}}", "drift: no effect, because source is files and not simulate."),
        (f"{FILES}read: {{sheet: 2}}", "read.sheet: no effect on CSV files."),
        (f"{PARQUET}read: {{delimiter: ';', decimal: ','}}", "read.delimiter: no effect on Parquet files."),
        (f"{FILES}read: {{delimiter: ';', current: {{sheet: A}}}}", "read.current.sheet: no effect on CSV files."),
        ("source: sql\nreference: select 1\ncurrent: select 1\nread: {header: false}", "read.header: no effect on qu"),
        (f"{FILES}draw: [a]\nmax_figures: 0", "draw: no effect, because max_figures is 0."),
        ("dependence: false", "Under the share rule, no effect on alerts: dependence; use rule: budget."),
        (f"{BUDGET}drift_share: 0.2", "Under the budget rule, no effect on alerts: drift_share."),
        ("drift_share: 1", "drift_share is 1: no share is greater, so the monitor never alerts; use less."),
        (
            "min_distance: 1",
            "min_distance is 1: a column has drifted only if it shares no value with the reference; use",
        ),
        ("checks: {missing(a): '< 2'}", "checks.missing(a): < 2 holds for any data, so it never fails; for percent, "),
        ("checks: {rows: '>= 0', mean(a): '>= 0'}", "checks.rows: >= 0 holds for any data, so it never fails."),
        (
            "monitor: {alert: {for_runs: 400}}",
            "alert.for_runs is 400: an incident opens only after 400 drift days in a",
        ),
        ("monitor: {alert: {clear_runs: 90}}", "alert.clear_runs is 90: an incident closes only after 90 healthy runs"),
        ("monitor: {alert: {silence_until: 2026-11-25}}", "No messages: silenced until 2026-11-25."),
        ("monitor: {alert: {silence_until: 2026-11-24}}", ""),
        ("monitor: {alert: {silence_reason: x}}", "alert.silence_reason: no effect without silence_until."),
        ("monitor: {retrain: {webhook: true, event_type: x}}", "retrain.event_type: no effect without repository_disp"),
        ("monitor: {retrain: {webhook: true, when: harmful}}", "retrain.when is harmful, but no model is named, so no"),
        ("monitor: {timeout_seconds: 1}", "timeout_seconds is 1, too short for most runs; use 60 or more."),
        (f"{FILES}read: {{decimal: ','}}\nmonitor: {{alert: {{for_runs: 3}}}}", ""),
    ],
)
def test_a_setting_without_effect_is_said(tmp_path, text, sentence):
    (tmp_path / "shop.yaml").write_text(text)
    monitor = read_monitor(tmp_path / "shop.yaml", notebook_parameters)

    said = say_without_effect(monitor.parameters, effective_parameters(monitor), monitor.settings, DAY)

    assert [each[: len(sentence)] for each in said] == ([sentence] if sentence else [])
