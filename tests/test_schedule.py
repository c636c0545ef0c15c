"""A run belongs to the day of its schedule, however late it starts; its monitors fit into GitHub's jobs."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftmonitor import DriftMonitorError
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.github.schedule import Plan, parse_parameters, plan_run, read_crons, scheduled_date
from driftmonitor.pipeline.job import Job

DAY = dt.date(2026, 11, 24)
DAILY, CATCH_UP = "0 9 * * *", "41 13 * * *"
CRONS = [DAILY, CATCH_UP]


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("fired", "moment", "day"),
    [
        (DAILY, "2026-11-24 09:00", "2026-11-24"),
        (DAILY, "2026-11-24 11:37", "2026-11-24"),
        (DAILY, "2026-11-25 02:10", "2026-11-24"),
        (DAILY, "2026-11-25 08:59", "2026-11-24"),
        (DAILY, "2027-01-01 00:01", "2026-12-31"),
        (CATCH_UP, "2026-11-24 13:41", "2026-11-24"),
        (CATCH_UP, "2026-11-25 12:00", "2026-11-24"),
        ("30 2 * * *", "2026-11-25 02:30", "2026-11-24"),
        ("30 2 * * *", "2026-11-25 09:30", "2026-11-24"),
    ],
)
def test_a_late_run_keeps_the_day_of_its_schedule(fired, moment, day):
    assert scheduled_date(fired, CRONS, at(moment)) == dt.date.fromisoformat(day)


def test_a_daily_cron_moved_to_the_evening_dates_by_that_hour():
    assert scheduled_date("15 22 * * *", ["15 22 * * *"], at("2026-11-25 03:00")) == DAY


@pytest.mark.parametrize("cron", ["*/5 * * * *", "0 9", "0 25 * * *", "at nine", ""])
def test_a_cron_with_no_one_time_of_day_is_refused(cron):
    with pytest.raises(DriftMonitorError, match="give one minute and one hour"):
        scheduled_date(cron, CRONS, at("2026-11-24 10:00"))


def test_the_workflow_runs_daily_at_nine_and_catches_up_at_an_odd_minute():
    daily, catch_up = read_crons()

    assert daily == "0 9 * * *"
    assert catch_up == "41 13 * * *"


@pytest.mark.parametrize("text", ["", "on: {}", "on: [push]", "on: {schedule: []}", "on: {schedule: [{}]}", "\tx"])
def test_a_workflow_without_a_schedule_is_refused(tmp_path, text):
    path = tmp_path / "drift_check.yml"
    path.write_text(text)

    with pytest.raises(DriftMonitorError, match="schedule"):
        read_crons(path)


@pytest.mark.parametrize(
    ("count", "jobs", "largest"),
    [(1, 1, 1), (10, 1, 10), (11, 2, 10), (300, 30, 10), (2560, 256, 10), (2561, 233, 11), (10_000, 250, 40)],
)
def test_monitors_are_planned_into_at_most_256_jobs(count, jobs, largest):
    names = tuple(f"m{n}" for n in range(count))

    shards = Plan(names, DAY, {}).shards

    assert [name for shard in shards for name in shard] == list(names)
    assert (len(shards), max(map(len, shards))) == (jobs, largest)


def test_the_outputs_carry_the_runners_own_arguments_one_a_line():
    outputs = Plan(
        ("a", "b"), DAY, {"rows": 500, "reference": "x\n--site /", "drift": {"salary": {"scale": 2.0}}}
    ).to_outputs()

    assert outputs["due"] is True
    assert outputs["run_date"] == "2026-11-24"
    assert outputs["arguments"].split("\n") == [
        "--date", "2026-11-24", "--monitor", "a", "--monitor", "b", "-p", "rows", "500",
        "-p", "reference", '"x\\n--site /"', "-p", "drift", '{"salary": {"scale": 2.0}}',
    ]  # fmt: skip
    assert outputs["matrix"] == {"shard": [{"index": 0, "arguments": outputs["arguments"]}]}


def test_nothing_due_gives_an_empty_matrix_and_says_so():
    outputs = Plan((), DAY, {}).to_outputs()

    assert outputs["due"] is False
    assert outputs["matrix"] == {"shard": []}


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
))  # fmt: skip
def test_every_value_of_a_parameter_stays_on_its_line(value):
    lines = Plan((), DAY, {"reference": value}).to_outputs()["arguments"].split("\n")

    assert lines[:4] == ["--date", "2026-11-24", "-p", "reference"]
    assert [json.loads(line) for line in lines[4:]] == [value]


def test_a_value_is_read_by_the_runners_option_as_it_was_given():
    line = Plan((), DAY, {"columns": {"a: b": "ignore", "c#": "categorical"}}).to_outputs()["arguments"].split("\n")[-1]

    assert read_yaml(line, "-p") == {"a: b": "ignore", "c#": "categorical"}


@pytest.mark.parametrize("text", ["[1]", "{", "null", '"x"', "{'a': 1}", '{"a": NaN}', '{"a": Infinity}', "[" * 10_000])
def test_parameters_that_are_no_json_object_are_refused(text):
    with pytest.raises(DriftMonitorError, match="--parameters: not"):
        parse_parameters(text)


@pytest.mark.parametrize(("text", "parameters"), [("", {}), ("  ", {}), ("{}", {}), ('{"rows": 5}', {"rows": 5})])
def test_parameters_are_json(text, parameters):
    assert parse_parameters(text) == parameters


def test_another_attempt_is_of_the_day_that_the_first_one_planned(tmp_path, tiny):
    now = at("2026-11-26 10:00")
    job = Job((), DAY, {}, 1, False, tiny.folder / "params", tiny.state, tiny.site, Clock(lambda: now), now)
    for attempt, day in ((1, DAY), (2, DAY)):
        (tmp_path / f"plan-{attempt}").mkdir()
        outputs = [f"{name}={json.dumps(value)}" for name, value in Plan(("calm",), day, {}).to_outputs().items()]
        (tmp_path / f"plan-{attempt}/outputs").write_text("\n".join(outputs))

    assert plan_run(job, DAILY, "", tmp_path) == Plan(("calm",), DAY, {})
    assert plan_run(job, "", "", tmp_path / "no-such-folder") == Plan(("calm",), DAY, {})
