"""The workflows' files pass the checkers, and follow rules that only reading them can check."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from workflow_expressions import Unknown, evaluate
from workflow_runner import read_workflow

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
BIN = Path(sys.executable).parent


@pytest.mark.slow
def test_no_checker_finds_anything():
    subprocess.run([BIN / "zizmor", "--offline", "--persona=auditor", "--no-progress", ROOT / ".github"], check=True)
    from check_jsonschema import main as check_jsonschema  # takes seconds, and only here

    files = {"vendor.github-workflows": WORKFLOWS, "vendor.dependabot": [ROOT / ".github/dependabot.yml"]}
    for schema, paths in files.items():
        assert check_jsonschema(["--builtin-schema", schema, *map(str, paths)], standalone_mode=False) == 0


def test_every_run_step_passes_shellcheck(tmp_path):
    scripts = [ROOT / f".github/{name}" for name in ("install_extras", "propose_locks", "release")]
    for workflow in WORKFLOWS:
        for name, job in read_workflow(workflow.read_text())["jobs"].items():
            for number, step in enumerate(step for step in job["steps"] if "run" in step):
                scripts.append(tmp_path / f"{workflow.stem}-{name}-{number}.sh")
                scripts[-1].write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{step['run']}")
                assert "${{" not in step["run"], name  # what it stands for would be run as code

    subprocess.run([BIN / "shellcheck", *scripts], check=True)
    assert len(scripts) > 20


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_step_is_run_by_a_bash_that_sees_a_failure_before_a_pipe(path):
    workflow = read_workflow(path.read_text())
    shells = [part.get("shell") for job in workflow["jobs"].values() for part in (*job["steps"], job)]

    assert workflow["defaults"] == {"run": {"shell": "bash"}}
    assert set(shells) == {None}
    assert not [name for name, job in workflow["jobs"].items() if "defaults" in job]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_their_version_beside(path):
    uses = [line.strip() for line in path.read_text().splitlines() if "uses:" in line]

    assert uses
    assert [
        line
        for line in uses
        if not re.fullmatch(r"(- )?uses: actions/[a-z-]+(/restore|/save)?@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_jobs_that_run_notebooks_or_tests_have_no_secret_and_may_only_read(path):
    for name, job in read_workflow(path.read_text())["jobs"].items():
        if path.stem == "tests" or name in ("plan", "execute", "compare"):
            assert "secrets." not in json.dumps(job), name
            assert job["permissions"] in ({"contents": "read"}, {"contents": "read", "actions": "read"}), name


def test_a_pull_request_sees_no_secret_and_starts_no_workflow_with_rights_that_its_author_lacks():
    for path in WORKFLOWS:
        triggers = read_workflow(path.read_text())["on"]
        assert not {"pull_request_target", "workflow_run"} & set([triggers] if isinstance(triggers, str) else triggers)
    check = (ROOT / ".github/workflows/check.yml").read_text()
    assert "secrets." not in check
    written = {name: job["permissions"] for name, job in read_workflow(check)["jobs"].items()}
    assert written == {"compare": {"contents": "read"}, "comment": {"contents": "read", "pull-requests": "write"}}


def test_only_alert_has_the_channels_secrets():
    jobs = read_workflow((ROOT / ".github/workflows/drift_check.yml").read_text())["jobs"]
    secrets = {name: set(re.findall(r"secrets\.(\w+)", json.dumps(job))) for name, job in jobs.items()}

    assert secrets["publish"] == {"DRIFT_DATABASE_URL"}
    assert {name for name, found in secrets.items() if found} == {"publish", "alert"}


def test_the_weekly_tests_try_the_packages_that_pyproject_bounds_for_a_reason():
    bounds = dict(
        re.findall(r'"([\w-]+)(?:\[\w+\])?[^"]*?(?:<|==)([\d.]+)"', (ROOT / "pyproject.toml").read_text().lower())
    )
    tests = read_workflow((ROOT / ".github/workflows/tests.yml").read_text())

    assert set(tests["jobs"]["beyond"]["strategy"]["matrix"]["package"]) <= set(bounds)


def test_dependabot_updates_the_actions_alone():
    """Locks that a user's repository changed would be in the way of the next version."""
    (update,) = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]

    assert update["package-ecosystem"] == "github-actions"


@pytest.mark.parametrize(("shell", "result"), [("", "success"), ("defaults: {run: {shell: bash}}\n", "failure")])
def test_the_runner_sees_a_failure_before_a_pipe_only_where_a_shell_is_named_as_on_github(github, shell, result):
    fork = github(calm="healthy")
    job = "{name: j, runs-on: ubuntu-latest, permissions: {}, steps: [{name: s, run: 'false | cat'}]}"
    (fork.source / ".github/workflows/pipe.yml").write_text(f"on: workflow_dispatch\n{shell}jobs: {{j: {job}}}\n")
    fork.write()

    assert fork.run("pipe").result("j") == result


def test_an_action_that_the_runner_does_not_know_is_an_error(github):
    fork = github(calm="healthy")
    job = "{name: j, runs-on: ubuntu-latest, permissions: {}, steps: [{name: s, uses: actions/configure-sites@v1}]}"
    (fork.source / ".github/workflows/sites.yml").write_text(f"on: workflow_dispatch\njobs: {{j: {job}}}\n")
    fork.write()

    with pytest.raises(Unknown, match="action actions/configure-sites"):
        fork.run("sites")


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
