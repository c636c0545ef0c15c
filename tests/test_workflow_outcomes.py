"""The workflows' own steps, run here when nothing may be recorded or deployed: the run's colour tells the truth."""

import datetime as dt

import pytest

from tests.workflow_fixtures import ALL_WELL, DAILY, DAY, heartbeats, messages, saved


@pytest.mark.slow
def test_a_day_on_which_no_notebook_ran_is_red_and_stays_open(github, service):
    fork = github(calm="healthy")
    fork.time_out_at = ("plan", "Hand over the earlier days")  # after the plan itself, whose outputs are there

    run = fork.run("drift_check", schedule=DAILY)
    skipped = dict.fromkeys(["execute", "publish", "deploy"], "skipped")
    assert run.results == {**ALL_WELL, **skipped, "plan": "cancelled", "alert": "failure"}, run.log
    assert run.outputs("plan")["due"] == "true"

    fork.time_out_at, fork.secrets["LOGIN"] = None, "calm"  # a monitor's name is part of a secret
    run = fork.run("drift_check", schedule=DAILY)
    assert (run.conclusion, run.result("execute"), run.result("publish")) == ("failure", "failure", "skipped"), run.log
    assert "Skip output 'matrix' since it may contain secret." in run.log

    fork.secrets["LOGIN"] = "true"
    fork.lost = {("execute", 0), ("publish", 0)}
    run = fork.run("drift_check", schedule=DAILY)
    assert (run.outputs("plan").get("due"), run.result("execute")) == (None, "failure"), run.log  # not skipped

    assert fork.git("branch", "--list", "drift-state") == ""
    assert heartbeats(service) == ["/heartbeat-token/fail"] * 3
    assert "Run date 24 Nov 2026: 1 monitor in 1 job." in run.summary

    del fork.secrets["LOGIN"]
    fork.begin("calm", DAY - dt.timedelta(days=1))
    fork.lost, fork.quota_is_used_up = {("execute", 0)}, True
    run = fork.run("drift_check", schedule=DAILY)
    failed = dict.fromkeys(["execute", "publish"], "failure")
    assert run.results == {**ALL_WELL, **failed, "deploy": "skipped"}, run.log
    assert run.log.count("Artifact storage quota has been hit") == 2  # earlier days, site
    assert saved(fork)[0][("calm", DAY)] == "failed"
    assert len(messages(service)) == 1


@pytest.mark.slow
def test_another_branch_is_only_previewed_and_a_site_that_stays_private_is_kept_as_an_artifact(github, service):
    fork = github(hot="drift", rough="crash")
    fork.branch("idea")
    fork.secrets["DRIFT_DATABASE_URL"] = "postgresql://user:hunter2@127.0.0.1:1/history"  # nobody answers there

    run = fork.run("drift_check", branch="idea")
    skipped = dict.fromkeys(["publish", "deploy", "alert"], "skipped")
    assert run.results == {**ALL_WELL, **skipped, "execute": "failure", "preview": "success"}, run.log
    assert (fork.artifacts(run) / f"site-1/hot/{DAY}/index.html").is_file()
    assert "Preview of another branch: nothing is saved, deployed or sent." in run.summary
    assert "### 2 runs of 24 Nov 2026: 1 drifting, 1 failed" in run.summary
    assert "| **FAILED** | rough | " in run.summary
    assert fork.git("branch", "--list", "drift-state") == ""
    assert (messages(service), heartbeats(service)) == ([], [])

    del fork.secrets["DRIFT_DATABASE_URL"]
    fork.write(rough=None)
    fork.variables["DRIFT_PAGES"], fork.pages = "false", None
    run = fork.run("drift_check", schedule=DAILY)
    assert (run.conclusion, run.result("deploy"), run.result("preview")) == ("success", "skipped", "skipped"), run.log
    assert saved(fork)[0] == {("hot", DAY): "drift"}
    assert (fork.artifacts(run) / f"site-1/hot/{DAY}/index.html").is_file()
    assert (len(messages(service)), heartbeats(service)) == (1, ["/heartbeat-token"])
    assert "| **DRIFT** | hot | 1 of 1 column drifted" in run.summary
