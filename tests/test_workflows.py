"""The workflows' own steps, run here in clean clones of a bare origin; and what checkers say of the files."""

import datetime as dt
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from servers import Answer, Recorder
from workflow_expressions import Unknown, evaluate
from workflow_repository import make_repository
from workflow_runner import GitHub, read_workflow

from driftmonitor.pipeline.github.schedule import read_crons, scheduled_date
from driftmonitor.pipeline.history import open_history

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
BIN = Path(sys.executable).parent
DAILY, CATCH_UP = read_crons(ROOT / ".github/workflows/drift_check.yml")
ALL_WELL = dict.fromkeys(["plan", "execute", "publish", "deploy", "alert"], "success")


@pytest.fixture
def service():
    """Give a server that takes messages as Discord does, and heartbeats."""
    with Recorder(Answer(200, {"id": "1"})) as server:
        yield server


@pytest.fixture
def github(tmp_path, service):
    def make(monitors_per_job=1, **modes):
        made = GitHub(tmp_path, make_repository(tmp_path / "source", modes, monitors_per_job))
        made.secrets["DISCORD_WEBHOOK"] = f"{service.url}/api/webhooks/1/discord-token"
        made.secrets["HEARTBEAT_URL"] = f"{service.url}/heartbeat-token"
        return made

    return make


def today():
    """Return the day that a schedule which fires now belongs to."""
    return scheduled_date(DAILY, [DAILY], dt.datetime.now(dt.UTC))


def catch_up_of(day):
    """Return the cron that catches up `day` now: until its time has come, GitHub can only fire the daily one again."""
    due = scheduled_date(CATCH_UP, [DAILY], dt.datetime.now(dt.UTC))
    return CATCH_UP if due == day else DAILY


def saved(github):
    """Return the state branch's days of each monitor with their status, and the days with a report."""
    folder = github.folder / f"saved-{len(list(github.folder.glob('saved-*')))}"
    clone = ["git", "clone", "-q", "--branch", "drift-state", f"file://{github.origin}", folder]
    subprocess.run(clone, check=True, capture_output=True)
    with open_history(folder / "history.db") as history:
        runs = {(name, run.run_date): run.status for name in history.monitors() for run in history.runs(name)}
    commits = subprocess.run(["git", "-C", folder, "rev-list", "--count", "HEAD"], capture_output=True, text=True)
    assert commits.stdout == "1\n"
    reports = {
        (p.parent.parent.name, dt.date.fromisoformat(p.parent.name)) for p in folder.glob("reports/*/*/record.json")
    }
    return runs, reports


def tip(github):
    return subprocess.run(
        ["git", "-C", github.origin, "rev-parse", "drift-state"], capture_output=True, text=True
    ).stdout


def messages(service):
    return [request.path for request in service.requests if "webhooks" in request.path]


def heartbeats(service):
    return [request.path for request in service.requests if "heartbeat" in request.path]


def test_a_first_day_a_catch_up_and_a_past_day_whose_deployment_fails_and_heals(github, service):
    fork = github(hot="drift")
    day, past = today(), today() - dt.timedelta(days=40)

    first = fork.run("drift_check", schedule=DAILY)
    assert first.results == ALL_WELL, first.log
    assert saved(fork)[0] == {("hot", day): "drift"}
    assert "hot" in (fork.pages / "index.html").read_text()
    assert (fork.pages / f"hot/{day}/index.html").exists()
    assert len(messages(service)) == 1
    assert heartbeats(service) == ["/heartbeat-token"]

    before = tip(fork)
    catch_up = fork.run("drift_check", schedule=catch_up_of(day))
    assert catch_up.results == {**ALL_WELL, **dict.fromkeys(["execute", "publish", "deploy", "alert"], "skipped")}, (
        catch_up.log
    )
    assert tip(fork) == before

    fork.deploying_works = False
    by_hand = fork.run("drift_check", monitor="hot", date=f"{past}", parameters='{"share": 0.5}', alerts=False)
    assert by_hand.results == {**ALL_WELL, "deploy": "failure", "alert": "skipped"}, by_hand.log
    runs, reports = saved(fork)
    assert runs == {("hot", day): "drift", ("hot", past): "drift"}
    assert reports == set(runs)
    assert (fork.pages / f"hot/{day}/index.html").exists()
    assert not (fork.pages / f"hot/{past}").exists()

    fork.deploying_works = True
    rebuilt = fork.run("rebuild")
    assert rebuilt.results == {"build": "success", "deploy": "success"}, rebuilt.log
    assert "50 %" in (fork.pages / f"hot/{past}/index.html").read_text()
    assert len(messages(service)) == 1

    log = first.log + catch_up.log + by_hand.log + rebuilt.log
    assert "discord-token" not in log
    assert "heartbeat-token" not in log
    for path in [*fork.pages.rglob("*"), *fork.folder.glob("artifacts-*/**/*")]:
        assert not path.is_file() or b"discord-token" not in path.read_bytes()


def test_a_lost_machine_and_a_crash_hide_nobody_and_a_second_attempt_heals(github, service):
    fork = github(calm="healthy", rough="crash", steady="healthy")
    fork.lost = {("execute", 0)}
    day = today()

    run = fork.run("drift_check", schedule=DAILY)
    assert run.results == {**ALL_WELL, "execute": "failure"}, run.log
    assert saved(fork)[0] == {("calm", day): "failed", ("rough", day): "failed", ("steady", day): "healthy"}
    assert "its job left no report" in (fork.pages / f"calm/{day}/index.html").read_text()
    assert "boom" in (fork.pages / f"rough/{day}/index.html").read_text()
    assert heartbeats(service) == ["/heartbeat-token/fail"]

    fork.lost = set()
    again = fork.rerun_failed(run)
    assert again.legs["execute", 2] is run.legs["execute", 2]
    assert again.results == {**ALL_WELL, "execute": "failure"}, again.log
    assert saved(fork)[0] == {("calm", day): "healthy", ("rough", day): "failed", ("steady", day): "healthy"}
    assert "its job left no report" not in (fork.pages / f"calm/{day}/index.html").read_text()


def test_two_runs_at_once_keep_both_days(github):
    fork = github(calm="healthy")
    days = [dt.date(2026, 3, 1), dt.date(2026, 3, 2)]

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda day: fork.run("drift_check", date=f"{day}"), days))

    assert [run.results for run in runs] == [ALL_WELL, ALL_WELL], [run.log for run in runs]
    assert saved(fork) == ({("calm", day): "healthy" for day in days}, {("calm", day) for day in days})


def test_a_state_that_cannot_be_read_stops_the_run_and_is_not_taken_for_none(github, service):
    fork = github(calm="healthy")
    run = fork.run("drift_check", date="2026-03-01", alerts=False)
    assert run.results == {**ALL_WELL, "alert": "skipped"}, run.log
    before = tip(fork)

    def break_remote(clone):
        subprocess.run(["git", "-C", clone, "remote", "set-url", "origin", "file:///nowhere.git"], check=True)

    fork.before = {"publish": break_remote}
    run = fork.run("drift_check", date="2026-03-02")
    assert run.results == {**ALL_WELL, "publish": "failure", "deploy": "skipped"}, run.log
    assert "error: git ls-remote: failed" in run.log
    assert (tip(fork), messages(service), heartbeats(service)) == (before, [], ["/heartbeat-token/fail"])

    fork.before = {"plan": break_remote}
    run = fork.run("drift_check", schedule=DAILY)
    assert run.results == {"plan": "failure", "execute": "skipped", "publish": "skipped", "deploy": "skipped",
                           "alert": "success"}  # fmt: skip
    assert (tip(fork), heartbeats(service)) == (before, ["/heartbeat-token/fail"] * 2)


def test_three_hundred_monitors_become_thirty_jobs(github):
    fork = github(monitors_per_job=10, **{f"m{n:03}": "healthy" for n in range(300)})
    shards = {("execute", shard) for shard in range(30)}
    fork.lost = shards | {("publish", 0)}

    run = fork.run("drift_check", schedule=DAILY)

    assert {leg for leg in run.legs if leg[0] == "execute"} == shards
    assert run.outputs("plan")["arguments"].count("--monitor") == 300
    assert run.results == {"plan": "success", "execute": "failure", "publish": "failure", "deploy": "skipped",
                           "alert": "success"}  # fmt: skip


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


def test_no_checker_finds_anything():
    subprocess.run([BIN / "zizmor", "--offline", "--persona=auditor", "--no-progress", ROOT / ".github"], check=True)
    schema = [BIN / "check-jsonschema", "--builtin-schema"]
    subprocess.run([*schema, "vendor.github-workflows", *WORKFLOWS], check=True)
    subprocess.run([*schema, "vendor.dependabot", ROOT / ".github/dependabot.yml"], check=True)


def test_every_run_step_passes_shellcheck(tmp_path):
    scripts = [ROOT / ".github/install_extras"]
    for workflow in WORKFLOWS:
        for name, job in read_workflow(workflow.read_text())["jobs"].items():
            for number, step in enumerate(step for step in job["steps"] if "run" in step):
                scripts.append(tmp_path / f"{workflow.stem}-{name}-{number}.sh")
                scripts[-1].write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{step['run']}")

    subprocess.run([BIN / "shellcheck", *scripts], check=True)
    assert len(scripts) > 20


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_their_version_beside(path):
    uses = [line.strip() for line in path.read_text().splitlines() if "uses:" in line]

    assert uses
    assert [
        line for line in uses if not re.fullmatch(r"(- )?uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_jobs_that_run_notebooks_or_tests_have_no_secret_and_may_only_read(path):
    for name, job in read_workflow(path.read_text())["jobs"].items():
        if path.stem == "tests" or name in ("plan", "execute"):
            assert "secrets." not in json.dumps(job), name
            assert job["permissions"] == {"contents": "read"}, name


def test_only_alert_has_the_channels_secrets():
    jobs = read_workflow((ROOT / ".github/workflows/drift_check.yml").read_text())["jobs"]
    secrets = {name: set(re.findall(r"secrets\.(\w+)", json.dumps(job))) for name, job in jobs.items()}

    assert secrets["publish"] == {"DRIFT_DATABASE_URL"}
    assert {name for name, found in secrets.items() if found} == {"publish", "alert"}


def test_the_weekly_bounds_are_those_of_pyproject():
    text = (ROOT / "pyproject.toml").read_text()
    packages = read_workflow((ROOT / ".github/workflows/tests.yml").read_text())["jobs"]["beyond"]["strategy"][
        "matrix"
    ]["package"]

    assert [name for name in packages if not re.search(rf'"{name}(\[\w+\])?[^"]*[<=]', text, re.IGNORECASE)] == []


@pytest.mark.parametrize(
    "text", ["github.evnt", "needs.plan.outputs.typo", "contains('a', 'b')", "inputs.typo", "steps.x.outcome", "a +"]
)
def test_an_expression_that_the_runner_does_not_know_is_an_error(text):
    context = {
        "github": {"event": {}},
        "needs": {"plan": {"outputs": {"due": ""}}},
        "inputs": {"date": ""},
        "steps": {},
    }

    with pytest.raises(Unknown):
        evaluate(text, context)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s' == 'IT''S'", True), ("null == ''", True), ("true && 'a' || 'b'", "a"), ("'' || 'b'", "b"),
        ("!(1 == 2) && !false", True), ("inputs.a", None), ("join(needs.*.result, ' ')", "success failure"),
        ("secrets.NONE != ''", False), ("true == 1", True), ("'x' == 0", False),
    ],
)  # fmt: skip
def test_expressions_have_githubs_values(text, value):
    context = {"needs": {"a": {"result": "success"}, "b": {"result": "failure"}}, "secrets": {}, "inputs": None}

    assert evaluate(text, context) == value
