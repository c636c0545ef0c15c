"""A run belongs to the day of its schedule, however late it starts; its monitors fit into GitHub's jobs."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.github.crons import Cron, date_by_hand, read_crons, scheduled_date
from driftmonitor.pipeline.github.schedule import Plan, parse_parameters, plan_run
from driftmonitor.pipeline.job import Job
from tests.servers import Answer, HangUp, Recorder

DAY = dt.date(2026, 11, 24)
DAILY, CATCH_UP = "0 9 * * *", "41 13 * * *"
CRONS = [Cron(DAILY), Cron(CATCH_UP)]


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
    assert scheduled_date("15 22 * * *", [Cron("15 22 * * *")], at("2026-11-25 03:00")) == DAY


@pytest.mark.parametrize(
    ("timezone", "daily", "moment", "day"),
    [
        ("Pacific/Auckland", "0 9 * * *", "2026-11-24 20:05", "2026-11-25"),  # 09:05 there, on the 25th
        ("Pacific/Auckland", "0 9 * * *", "2026-11-24 19:55", "2026-11-24"),  # 24 hours late
        ("America/New_York", "30 22 * * *", "2026-11-25 03:31", "2026-11-24"),  # 22:31 there, on the 24th
        ("America/New_York", "30 22 * * *", "2026-11-25 08:00", "2026-11-24"),
        ("Europe/Berlin", "30 2 * * *", "2026-03-29 01:00", "2026-03-29"),  # clocks skip 02:30; it starts at 03:00
        ("Europe/Berlin", "30 2 * * *", "2026-10-25 00:30", "2026-10-25"),  # 02:30 comes twice; this is the first
        ("Europe/Berlin", "30 2 * * *", "2026-10-25 00:29", "2026-10-24"),
    ],
)
def test_a_run_is_dated_by_the_calendar_of_its_crons_time_zone(timezone, daily, moment, day):
    crons = [Cron(daily, timezone), Cron("41 13 * * *")]

    assert f"{scheduled_date(daily, crons, at(moment))}" == day


def test_a_catch_up_in_utc_is_of_the_day_of_a_daily_cron_in_another_time_zone():
    crons = [Cron("0 9 * * *", "Pacific/Auckland"), Cron("0 23 * * *")]

    assert f"{scheduled_date('0 23 * * *', crons, at('2026-11-24 23:10'))}" == "2026-11-25"


def test_of_two_crons_with_the_same_times_the_one_that_was_due_last_is_meant():
    crons = [Cron(DAILY, "Asia/Tokyo"), Cron(DAILY, "America/Los_Angeles")]

    assert f"{scheduled_date(DAILY, crons, at('2026-11-25 00:10'))}" == "2026-11-25"  # 09:10 in Tokyo
    assert f"{scheduled_date(DAILY, crons, at('2026-11-25 17:10'))}" == "2026-11-25"  # 09:10 in Los Angeles


@pytest.mark.parametrize(("timezone", "day"), [("UTC", "2026-11-24"), ("Asia/Tokyo", "2026-11-25")])
def test_a_run_by_hand_is_of_today_in_the_daily_crons_time_zone(timezone, day):
    assert f"{date_by_hand([Cron(DAILY, timezone)], at('2026-11-24 23:30'))}" == day
    assert date_by_hand([], at("2026-11-24 23:30")) == DAY


@pytest.mark.parametrize("cron", ["*/5 * * * *", "0 9", "0 25 * * *", "at nine", ""])
def test_a_cron_with_no_one_time_of_day_is_refused(cron):
    with pytest.raises(DriftMonitorError, match="give one minute and one hour"):
        scheduled_date(cron, CRONS, at("2026-11-24 10:00"))


def test_the_workflow_runs_daily_at_nine_and_catches_up_at_odd_minutes():
    assert read_crons() == [Cron("0 9 * * *"), Cron("23 9 * * *"), Cron("41 13 * * *")]


def test_a_workflow_that_others_start_has_no_crons(tmp_path):
    path = tmp_path / "drift_check.yml"
    for text in ("on: {}", "on: [push]", "on: workflow_dispatch", "on: {schedule: []}", "on: {workflow_dispatch: {}}"):
        path.write_text(text)
        assert read_crons(path) == []


BERLIN = "on: {schedule: [{cron: 0 9 * * *, timezone: Europe/Berln}]}"


@pytest.mark.parametrize(
    ("text", "message"),
    [*[(text, "cannot be read") for text in ("", "[]", "on: {schedule: [{}]}", "on: {schedule: 5}", "\tx")],
     (BERLIN, "timezone 'Europe/Berln': no such time zone; use a name such as Europe/Berlin.")],
)  # fmt: skip
def test_a_schedule_that_cannot_be_read_is_refused(tmp_path, text, message):
    path = tmp_path / "drift_check.yml"
    path.write_text(text)

    with pytest.raises(DriftMonitorError, match=message):
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


@pytest.fixture
def job(tiny):
    """Give a job of two days after the run was created."""
    now = at("2026-11-26 10:00")
    return Job((), now.date(), {}, 1, False, tiny.folder / "params", tiny.state, tiny.site, Clock(lambda: now), now)


def plan(job, answer, attempt, fired=DAILY):
    """Plan on a GitHub that answers so when it is asked for the run; return the plan and the requests."""
    with Recorder(answer) as server:
        environ = {"GITHUB_API_URL": server.url, "GITHUB_REPOSITORY": "owner/repo", "GITHUB_TOKEN": "t",
                   "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": attempt}  # fmt: skip
        return plan_run(job, fired, "", environ), [request.path for request in server.requests]


CREATED = Answer(200, {"created_at": "2026-11-24T09:07:00Z", "run_started_at": "2026-11-26T10:00:00Z"})


@pytest.mark.parametrize("fired", [DAILY, ""])
def test_a_repeated_run_is_of_the_day_on_which_it_was_created(job, fired):
    assert plan(job, CREATED, "2", fired) == (Plan(("calm",), DAY, {}), ["/repos/owner/repo/actions/runs/7"])


@pytest.mark.parametrize("fired", [DAILY, ""])
def test_a_run_of_yesterday_is_of_the_day_before_it_was_created(job, fired):
    planned, _ = plan(replace(job, days_ago=1), CREATED, "2", fired)

    assert planned.run_date == dt.date(2026, 11, 23)


def test_a_date_that_was_given_is_the_runs_whoever_answers(job):
    given = replace(job, run_date=dt.date(2026, 3, 1), is_dated=True)

    assert plan(given, HangUp(), "2", "") == (Plan(("calm",), dt.date(2026, 3, 1), {}), [])


@pytest.mark.parametrize("answer", [HangUp(), Answer(403), Answer(404), Answer(500), Answer(200, {"created_at": 5})])
def test_a_first_attempt_takes_the_clock_if_github_does_not_answer_but_a_later_one_is_refused(job, capsys, answer):
    assert plan(job, answer, "1", "")[0].run_date == dt.date(2026, 11, 26)
    assert "The run is dated by the clock." in capsys.readouterr().err
    with pytest.raises(
        OutsideError, match=r"the day of this run is unknown: GitHub: .*start a run by hand with its date"
    ):
        plan(job, answer, "2", "")
