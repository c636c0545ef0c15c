"""The workflows' own steps, run here in clean clones of a bare origin, on days when everything works."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.workflow_fixtures import ALL_WELL, CATCH_UP, DAILY, DAY, heartbeats, messages, saved


@pytest.mark.slow
def test_a_late_first_day_a_catch_up_and_a_past_day_whose_deployment_fails_and_heals(github, service):
    fork = github(hot="drift")
    fork.git("tag", "v99.0.1")
    fork.variables |= {"DRIFT_README": "true", "DRIFT_TEMPLATE": f"file://{fork.origin}"}
    day, past = DAY, DAY - dt.timedelta(days=40)

    fork.at("2026-11-25T01:55")
    first = fork.run("drift_check", schedule=DAILY)
    assert first.results == ALL_WELL, first.log
    assert saved(fork)[0] == {("hot", day): "drift"}
    assert "hot" in (fork.pages / "index.html").read_text()
    assert "Version 99.0.1 is available (checked on 25 Nov 2026)." in (fork.pages / "index.html").read_text()
    assert (fork.pages / f"hot/{day}/index.html").exists()
    assert len(messages(service)) == 1
    assert heartbeats(service) == ["/heartbeat-token"]
    assert f"| **DRIFT** | [hot](https://owner.github.io/repo/hot/{day}/index.html) | 1 of 1 column" in first.summary
    assert "| [hot](https://owner.github.io/repo/hot/index.html) | **drift**: salary | 24 Nov 2026 |" in fork.git(
        "show", "main:README.md"
    )
    assert fork.git("diff", "--name-only", "main~1", "main") == "README.md"

    before = fork.tip
    catch_up = fork.run("drift_check", schedule=CATCH_UP)
    assert catch_up.results == {**ALL_WELL, **dict.fromkeys(["execute", "publish", "deploy", "alert"], "skipped")}, (
        catch_up.log
    )
    assert fork.tip == before
    assert "Nothing to do: every monitor has a run for 24 Nov 2026." in catch_up.summary

    fork.deploying_works = False
    by_hand = fork.run("drift_check", monitor="hot", date=f"{past}", parameters='{"share": 0.5}', alerts=False)
    assert by_hand.results == {**ALL_WELL, "deploy": "failure", "alert": "skipped"}, by_hand.log
    runs, reports = saved(fork)
    assert runs == {("hot", day): "drift", ("hot", past): "drift"}
    assert reports == set(runs)
    assert (fork.pages / f"hot/{day}/index.html").exists()
    assert not (fork.pages / f"hot/{past}").exists()

    rebuilt = fork.run("rebuild")
    assert rebuilt.results == {"build": "success", "deploy": "failure"}, rebuilt.log
    fork.deploying_works = True
    rebuilt = fork.rerun_failed(rebuilt)
    assert rebuilt.results == {"build": "success", "deploy": "success"}, rebuilt.log
    assert "50%" in (fork.pages / f"hot/{past}/index.html").read_text()
    assert len(messages(service)) == 1
    assert "| **drift**: salary | 15 Oct 2026 |" in fork.git("show", "main:README.md")
    assert fork.git("rev-list", "--count", "main") == "3"

    log = first.log + catch_up.log + by_hand.log + rebuilt.log
    assert "discord-token" not in log
    assert "heartbeat-token" not in log
    for path in [*fork.pages.rglob("*"), *fork.folder.glob("artifacts-*/**/*")]:
        assert not path.is_file() or b"discord-token" not in path.read_bytes()


@pytest.mark.slow
def test_a_lost_machine_a_crash_and_a_wrong_params_file_hide_nobody_and_a_second_attempt_heals(github, service):
    fork = github(calm="healthy", rough="crash", steady="healthy")
    fork.write(wrong="mode: [")
    fork.lost = {("execute", 0)}
    day = DAY

    run = fork.run("drift_check", schedule=DAILY)
    assert run.results == {**ALL_WELL, "execute": "failure"}, run.log
    failed = {("rough", day): "failed", ("wrong", day): "failed"}
    assert saved(fork)[0] == {("calm", day): "failed", ("steady", day): "healthy", **failed}
    assert "its job left no report" in (fork.pages / f"calm/{day}/index.html").read_text()
    assert "params/wrong.yaml: line 1: invalid YAML" in (fork.pages / f"wrong/{day}/index.html").read_text()
    assert "boom" in (fork.pages / f"rough/{day}/index.html").read_text()
    assert heartbeats(service) == ["/heartbeat-token/fail"]

    fork.lost = set()
    again = fork.rerun_failed(run)
    assert again.legs["execute", 2] is run.legs["execute", 2]
    assert again.results == {**ALL_WELL, "execute": "failure"}, again.log
    assert saved(fork)[0] == {("calm", day): "healthy", ("steady", day): "healthy", **failed}
    assert "its job left no report" not in (fork.pages / f"calm/{day}/index.html").read_text()


@pytest.mark.slow
def test_two_runs_at_once_keep_both_days(github):
    fork = github(calm="healthy")
    days = [dt.date(2026, 3, 1), dt.date(2026, 3, 2)]

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda day: fork.run("drift_check", date=f"{day}"), days))

    assert [run.results for run in runs] == [ALL_WELL, ALL_WELL], [run.log for run in runs]
    assert saved(fork) == ({("calm", day): "healthy" for day in days}, {("calm", day) for day in days})


@pytest.mark.slow
def test_three_hundred_monitors_become_thirty_jobs(github):
    fork = github(monitors_per_job=10, **{f"m{n:03}": "healthy" for n in range(300)})
    shards = {("execute", shard) for shard in range(30)}
    fork.lost = shards | {("publish", 0)}

    run = fork.run("drift_check", schedule=DAILY)

    assert {leg for leg in run.legs if leg[0] == "execute"} == shards
    assert run.outputs("plan")["arguments"].count("--monitor") == 300
    assert run.results == ALL_WELL | {"execute": "failure", "publish": "failure", "deploy": "skipped"}


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"monitor": "$(touch pwned)`touch pwned`;'\""}, "no such monitor"),
        ({"date": "yesterday"}, "--date 'yesterday' is not a date"),
        ({"parameters": "rows: 5"}, "--parameters: not JSON"),
    ],
)
def test_inputs_by_hand_are_checked_before_anything_runs(github, service, inputs, message):
    fork = github(calm="healthy")

    run = fork.run("drift_check", **inputs)

    assert (run.result("plan"), run.result("execute"), run.result("alert")) == ("failure", "skipped", "skipped")
    assert message in run.log
    assert list(fork.folder.rglob("pwned")) == []


@pytest.mark.slow
def test_a_push_runs_lint_tests_and_the_main_job_and_a_week_looks_at_newer_versions(github):
    fork = github(calm="healthy")
    fork.one_leg_of_each = True
    own = fork.run("tests", on="push")
    assert set(own.results.values()) == {"skipped"}  # a user's repository is not where drift-monitor is tested
    fork.is_template = True

    pushed = fork.run("tests", on="push")
    assert pushed.results == {"test": "success", "spark": "success", "smoke": "success", "newest": "skipped",
                              "beyond": "skipped"}, pushed.log  # fmt: skip
    assert "All checks passed!" in pushed.log
    assert "2 passed" in pushed.legs["test", 0].log
    assert "1 passed" in pushed.legs["spark", 0].log
    assert "Page: site/index.html" in pushed.log

    weekly = fork.run("tests", schedule="23 5 * * 1")
    assert weekly.results == {"test": "skipped", "spark": "skipped", "smoke": "skipped", "newest": "success",
                              "beyond": "success"}, weekly.log  # fmt: skip
    assert "2 passed" in weekly.legs["newest", 0].log
    assert "healthy  calm" in weekly.legs["beyond", 0].log
