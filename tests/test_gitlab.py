"""GitLab's pipeline, run here in clean clones of a bare origin; its file passes GitLab's schema and shellcheck."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from gitlab_runner import GLOBAL, GitLab, Secret, holds, merged
from workflow_expressions import Unknown

from driftmonitor import DriftMonitorError
from tests.servers import Answer, Recorder
from tests.test_git import clone, origin  # noqa: F401  fixtures
from tests.workflow_fixtures import heartbeats, messages, saved
from tests.workflow_repository import commit, make_repository

ROOT = Path(__file__).parents[1]
FILE = ROOT / ".gitlab-ci.yml"
BIN = Path(sys.executable).parent


@pytest.fixture
def gitlab(tmp_path):
    """Give a project with a monitor that drifts, and a service for its messages."""
    source = make_repository(tmp_path / "source", {"hot": "drift"})
    shutil.copy(FILE, source)
    commit(source, "GitLab")
    project = GitLab(tmp_path, source)
    project.source = source
    with Recorder(Answer(200, {"id": "1"})) as service:
        project.service = service
        addresses = {"DISCORD_WEBHOOK": "api/webhooks/1/discord-token", "HEARTBEAT_URL": "heartbeat-token"}
        secrets = {"GITLAB_TOKEN": "glpat-1"} | {k: f"{service.url}/{path}" for k, path in addresses.items()}
        project.secrets = {name: Secret(value, "drift-monitor") for name, value in secrets.items()}
        yield project


@pytest.mark.slow
def test_a_day_is_published_and_a_run_without_notebooks_is_red_records_nothing_and_keeps_the_state(gitlab):
    first = gitlab.run()
    assert first.results == dict.fromkeys(["execute", "pages", "alert", "heartbeat"], "success"), first.log
    assert "hot" in (gitlab.pages / "hot/2026-11-24/index.html").read_text()
    assert len(messages(gitlab.service)) == 1
    assert b"https://group.gitlab.example/project/hot" in gitlab.service.requests[0].body
    assert heartbeats(gitlab.service) == ["/heartbeat-token"]
    assert gitlab.git("log", "-1", "--format=%ce", "drift-state") == "drift-monitor@noreply.gitlab.example"
    assert {(name, f"{day}") for name, day in saved(gitlab)[0]} == {("hot", "2026-11-24")}

    tip = gitlab.git("rev-parse", "drift-state")
    second = gitlab.run("web", DRIFT_MONITOR="cold", DRIFT_DATE="2026-11-23")
    red = {"execute": "failed", "pages": "failed", "alert": "success", "heartbeat of a failure": "success"}
    assert second.results == red, second.log
    assert "cold" in second.log
    assert f"loaded {tip}" in second.log
    assert gitlab.git("rev-parse", "drift-state") == tip
    assert (gitlab.pages / "hot/2026-11-24/index.html").exists()
    assert len(messages(gitlab.service)) == 1
    assert heartbeats(gitlab.service)[1:] == ["/heartbeat-token/fail"]

    printed = first.log + second.log
    assert "discord-token" not in printed
    assert "glpat-1" not in printed


@pytest.mark.slow
def test_a_merge_request_is_checked_and_an_invalid_params_file_is_red(gitlab):
    gitlab.git("branch", "calmer", "main")
    (gitlab.source / "params/hot.yaml").write_text("mode: healthy\nshar: 1\n")
    commit(gitlab.source, "Calmer")
    gitlab.git("fetch", "-q", str(gitlab.source), "main:calmer")

    run = gitlab.run("merge_request_event", "calmer")

    assert run.results == {"check": "failed"}
    assert "params/hot.yaml: shar: no such parameter in the notebook; did you mean share?" in run.log
    assert gitlab.git("branch", "--format=%(refname:short)").split() == ["calmer", "main"]


def test_a_push_starts_no_pipeline_and_a_run_by_hand_is_of_the_default_branch():
    rules = [rule["if"] for rule in yaml.safe_load(FILE.read_text())["workflow"]["rules"]]

    def starts(source, branch="main"):
        known = {"CI_PIPELINE_SOURCE": source, "CI_COMMIT_BRANCH": branch, "CI_DEFAULT_BRANCH": "main"}
        return any(holds(rule, known) for rule in rules)

    assert all(starts(source) for source in ("schedule", "web", "merge_request_event"))
    assert not starts("push")
    assert not starts("web", "other")
    with pytest.raises(Unknown):
        holds("$CI_COMMIT_BRANCH =~ /main/", {})


def test_the_job_that_runs_notebooks_has_no_environment_and_saves_no_cache():
    document = yaml.safe_load(FILE.read_text())
    jobs = {name: merged(document, name) for name in document if name not in GLOBAL}

    assert "environment" not in jobs["execute"]
    assert "environment" not in jobs["check"]
    assert document["default"]["cache"]["policy"] == "pull"
    assert [name for name, job in jobs.items() if "cache" in job] == ["pages"]


def test_gitlabs_schema_and_shellcheck_find_nothing(tmp_path):
    from check_jsonschema import main as check_jsonschema

    options = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    assert check_jsonschema([*options, str(FILE)], standalone_mode=False) == 0

    document = yaml.safe_load(FILE.read_text())
    for name, job in document.items():
        if "script" in job:
            lines = ["#!/usr/bin/env bash", "set -eo pipefail", *document["default"]["before_script"], *job["script"]]
            (tmp_path / f"{name}.sh").write_text("\n".join([*lines, ""]))
    subprocess.run([BIN / "shellcheck", *tmp_path.glob("*.sh")], check=True)


def test_the_token_of_gitlab_goes_to_gitlab_alone_before_that_of_the_clones_address(clone):  # noqa: F811
    with Recorder(Answer(404)) as server, Recorder(Answer(404)) as other:
        token = {"GITLAB_TOKEN": "t", "CI_SERVER_URL": server.url}
        for address in (server.url.replace("//", "//gitlab-ci-token:job@"), other.url):
            with pytest.raises(DriftMonitorError):
                clone(f"{address}/x.git", **token).tips()

    assert server.requests[0].headers["authorization"] == "basic b2F1dGgyOnQ="
    assert [request.headers.get("authorization") for request in other.requests] == [None]


def test_a_push_that_gitlab_refuses_says_why_and_what_to_do(clone, origin):  # noqa: F811
    hook = origin / ".git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'GitLab: You are not allowed to force push code to a protected branch.'\nexit 1\n")
    hook.chmod(0o755)
    made = clone(f"file://{origin}")

    with pytest.raises(DriftMonitorError) as caught:
        made.push(made.read("rev-parse", "HEAD"), "drift-state", None)

    assert str(caught.value) == (
        "git push: failed (GitLab: You are not allowed to force push code to a protected branch), nothing was changed; "
        "let the token push to that branch, and run again (docs/elsewhere.md)."
    )
