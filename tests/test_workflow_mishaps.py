"""The workflows' own steps, run here on days when something goes wrong: nothing that was recorded is lost."""

import datetime as dt
import subprocess
import sys

import pytest

from driftmonitor.facts.earlier_days import read_earlier_days
from driftmonitor.pipeline.history import open_history
from tests.servers import Port
from tests.workflow_fixtures import ALL_WELL, CATCH_UP, DAILY, DAY, emitted, heartbeats, messages, saved

NEXT_DAY = DAY + dt.timedelta(days=1)
STOPPED = ALL_WELL | dict.fromkeys(["execute", "publish", "deploy"], "skipped") | {"plan": "failure"}


@pytest.mark.slow
def test_a_state_that_cannot_be_read_stops_the_run_and_is_not_taken_for_none(github, service):
    fork = github(calm="healthy")
    fork.begin("calm", dt.date(2026, 3, 1))
    before = fork.tip

    def break_remote(clone):
        subprocess.run(["git", "-C", clone, "remote", "set-url", "origin", "file:///nowhere.git"], check=True)

    fork.before = {"publish": break_remote}
    run = fork.run("drift_check", date="2026-03-02")
    assert run.results == {**ALL_WELL, "publish": "failure", "deploy": "skipped"}, run.log
    assert "error: git ls-remote: failed" in run.log
    assert (fork.tip, messages(service), heartbeats(service)) == (before, [], ["/heartbeat-token/fail"])

    fork.before = {"plan": break_remote}
    run = fork.run("drift_check", schedule=DAILY)
    assert run.results == STOPPED
    assert (fork.tip, heartbeats(service)) == (before, ["/heartbeat-token/fail"] * 2)


@pytest.mark.slow
def test_a_remote_that_is_silent_holds_neither_the_plan_nor_the_alert(github, service):
    fork = github(hot="drift")

    with Port(lambda heard: []) as remote:

        def silence(clone):
            subprocess.run(["git", "-C", clone, "remote", "set-url", "origin", f"git://{remote.address}/x"], check=True)
            path = clone / "driftmonitor/pipeline/github/git.py"
            path.write_text(path.read_text().replace("ASK_SECONDS = 30.0", "ASK_SECONDS = 0.3"))

        fork.before = {"plan": silence, "alert": silence}
        run = fork.run("drift_check", schedule=DAILY)

    assert run.results == {**ALL_WELL, "alert": "failure"}, run.log
    assert "All monitors run, without the earlier days." in run.log
    assert saved(fork)[0] == {("hot", DAY): "drift"}
    assert len(messages(service)) == 1
    assert heartbeats(service) == ["/heartbeat-token/fail"]  # what was sent could not be saved on the branch


@pytest.mark.slow
def test_a_cancelled_run_saves_nothing_and_its_second_attempt_does_what_was_left(github, service):
    fork = github(calm="healthy")
    fork.cancel_before = ("publish", "Save the state")

    run = fork.run("drift_check", schedule=DAILY)
    assert run.results == {**ALL_WELL, "publish": "cancelled", "deploy": "skipped", "alert": "skipped"}, run.log
    assert fork.git("branch", "--list", "drift-state") == ""
    assert heartbeats(service) == []

    fork.cancel_before = None
    again = fork.rerun_failed(run)
    assert again.results == ALL_WELL, again.log
    assert again.legs["execute", 0] is run.legs["execute", 0]
    assert saved(fork) == ({("calm", DAY): "healthy"}, {("calm", DAY)})

    fork.at("2026-11-26T10:00")
    fork.lost = {("execute", 0), ("publish", 0)}
    plan = fork.rerun_all(again).outputs("plan")
    assert (plan["due"], plan["arguments"]) == ("true", '"--date\\n2026-11-24\\n--monitor\\ncalm"')


@pytest.mark.slow
def test_a_state_that_somebody_overwrote_stops_the_run_and_comes_back_from_a_kept_history(github, service):
    fork = github(hot="drift", old="healthy")
    first = fork.run("drift_check", schedule=DAILY)
    assert len(messages(service)) == 1
    assert emitted(fork, first, "hot").judgement is None
    assert not (fork.artifacts(first) / "pasts-1").exists()

    fork.git("update-ref", "refs/heads/drift-state", "main")
    fork.at("2026-11-25T09:07")
    run = fork.run("drift_check", schedule=DAILY)
    assert run.results == STOPPED, run.log
    assert "drift-state: its state.json cannot be read; restore an earlier state with `state restore`" in run.log
    assert fork.tip == fork.git("rev-parse", "main")
    assert heartbeats(service)[-1] == "/heartbeat-token/fail"
    assert (fork.pages / f"hot/{DAY}/index.html").exists()

    (kept,) = fork.git("branch", "--list", "drift-history-*", "--format=%(refname:short)").splitlines()
    clone = fork.folder / "clone"
    subprocess.run(["git", "clone", "-q", fork.origin, clone], check=True)
    for command in (["restore", kept], ["save", "--replace"]):
        subprocess.run([sys.executable, "runner.py", "state", *command], cwd=clone, check=True)
    fork.write(old=None, new="mode: healthy")
    run = fork.run("drift_check", schedule=DAILY)
    assert run.results == ALL_WELL, run.log
    assert saved(fork)[0] == {("hot", DAY): "drift", ("hot", NEXT_DAY): "drift", ("old", DAY): "healthy",
                              ("new", NEXT_DAY): "healthy"}  # fmt: skip
    assert (fork.pages / "old/index.html").exists()
    assert (fork.pages / f"hot/{NEXT_DAY}/index.html").exists()
    assert len(messages(service)) == 1
    assert [path.name for path in (fork.artifacts(run) / "pasts-1").iterdir()] == ["hot.json"]
    assert emitted(fork, run, "new").judgement is None
    judged = emitted(fork, run, "hot").judgement
    assert (judged.rule, judged.mode, judged.alarm) == ("share", "early", True)

    fork.lost = {("execute", 0), ("publish", 0)}
    two_days_on = NEXT_DAY + dt.timedelta(days=1)
    fork.at(f"{two_days_on}T09:07")
    plans = [fork.run("drift_check", monitor="hot", date=f"{day}", alerts=False) for day in (DAY, two_days_on)]
    handed_over = [sorted((fork.artifacts(run) / "pasts-1").glob("*")) for run in plans]
    assert (handed_over[0], [day.date for day in read_earlier_days(*handed_over[1]).days]) == ([], [DAY, NEXT_DAY])


@pytest.mark.slow
def test_with_postgresql_only_reports_are_on_the_branch_and_recording_judges(github, service, postgres_url):
    fork = github(hot="drift")
    fork.write(hot="mode: drift\nmonitor: {alert: {rule: budget}}")
    fork.secrets["DRIFT_DATABASE_URL"] = postgres_url

    run = fork.run("drift_check", schedule=DAILY)

    assert run.results == ALL_WELL, run.log
    assert postgres_url not in run.log
    with open_history(postgres_url) as history:
        assert [run.status for run in history.runs("hot")] == ["drift"]
        assert history.record_of("hot", DAY).judgement.decides
    assert emitted(fork, run, "hot").judgement is None
    assert "history.db" not in fork.git("ls-tree", "--name-only", "drift-state")
    assert fork.git("ls-tree", "-r", "--name-only", "drift-state", "reports/hot").startswith(f"reports/hot/{DAY}/")
    assert (fork.pages / f"hot/{DAY}/index.html").exists()
    assert len(messages(service)) == 1
    fork.at("2026-11-24T13:50")
    assert fork.run("drift_check", schedule=CATCH_UP).result("execute") == "skipped"
