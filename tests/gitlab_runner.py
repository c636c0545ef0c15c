"""Run `.gitlab-ci.yml` here, as far as it uses GitLab's keywords; anything unknown is an error.

Each job gets a clean clone of a bare origin. As with GitLab Runner, `before_script` and `script` are run by one bash
with `errexit` and `pipefail` (gitlab-runner, shells/bash.go). A variable that is limited to an environment reaches only
the jobs of that environment, and a protected one only the default branch (docs.gitlab.com, "CI/CD variables").
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from workflow_actions import keep_compiled, make_ready
from workflow_expressions import Unknown

GLOBAL = {"stages", "workflow", "variables", "default"}
KEYS = {"extends", "stage", "rules", "timeout", "variables", "script", "before_script", "artifacts", "environment",
        "resource_group", "cache", "dependencies", "image"}  # fmt: skip
TOKEN = re.compile(r'\s*(?:\$(?P<name>\w+)|"(?P<text>[^"$]*)"|(?P<sign>==|!=|&&|\|\||\(|\)))')
SIGNS = {"&&": " and ", "||": " or "}


@dataclass(frozen=True)
class Secret:
    """A protected CI/CD variable of the project, limited to one environment."""

    value: str
    environment: str


@dataclass
class Pipeline:
    """How the jobs of a pipeline ended, what they printed, and the artifacts that each left."""

    folder: Path
    results: dict[str, str] = field(default_factory=dict)
    log: str = ""


def holds(rule: str, variables: dict[str, str]) -> bool:
    """Evaluate the `if` of a rule; a variable that is not set is null."""
    python, end = "", 0
    while rule[end:].strip():
        token = TOKEN.match(rule, end)
        if not token:
            raise Unknown(f"rule {rule}")
        end = token.end()
        name, text, sign = token["name"], token["text"], token["sign"]
        python += SIGNS.get(sign, sign) if sign else repr(variables.get(name) if name else text)
    return bool(eval(python, {"__builtins__": {}}))


def expand(text: str, variables: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: variables.get(found[1], ""), text)


class GitLab:
    """A project on GitLab: a bare origin, its CI/CD variables and its Pages."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder, self.origin, self.pages = folder, folder / "origin.git", folder / "pages"
        subprocess.run(["git", "clone", "-q", "--bare", source, self.origin], check=True)
        self.secrets: dict[str, Secret] = {}
        self.created_at = "2026-11-24T09:00:07Z"
        self._pipelines = 0

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", self.origin, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def run(self, started_by: str = "schedule", branch: str = "main", **by_hand: str) -> Pipeline:
        """Run a pipeline of a branch: by `schedule`, from the `web`, or for a merge request into the main branch."""
        document = yaml.safe_load(self.git("show", f"{branch}:.gitlab-ci.yml"))
        self._pipelines += 1
        pipeline = Pipeline(self.folder / f"pipeline-{self._pipelines}")
        variables = self._variables(document, started_by, branch) | by_hand
        if not any(holds(rule["if"], variables) for rule in document["workflow"]["rules"]):
            return pipeline
        jobs = [name for name in document if name not in GLOBAL and not name.startswith(".")]
        for stage in [*document["stages"], ".post"]:
            so_far = "failed" if "failed" in pipeline.results.values() else "success"
            for name in jobs:
                job = merged(document, name)
                if job["stage"] == stage and wanted(job, variables, so_far):
                    pipeline.results[name] = self._job(pipeline, name, job, document["default"], variables, branch)
        return pipeline

    def _variables(self, document: dict[str, Any], started_by: str, branch: str) -> dict[str, str]:
        known = {
            "CI": "true", "GITLAB_CI": "true", "CI_PIPELINE_SOURCE": started_by, "CI_DEFAULT_BRANCH": "main",
            "CI_PIPELINE_CREATED_AT": self.created_at, "CI_SERVER_HOST": "gitlab.example",
            "CI_SERVER_URL": "https://gitlab.example", "CI_PAGES_URL": "https://group.gitlab.example/project",
        }  # fmt: skip
        if started_by == "merge_request_event":  # and no CI_COMMIT_BRANCH
            known["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = self.git("merge-base", "main", branch)
        else:
            known["CI_COMMIT_BRANCH"] = branch
        for name, value in document["variables"].items():
            known[name] = expand(value["value"] if isinstance(value, dict) else value, known)
        return known

    def _job(
        self, pipeline: Pipeline, name: str, job: dict[str, Any], default: dict[str, Any], variables: dict, branch: str
    ) -> str:
        clone = pipeline.folder / name / "work"
        environment = job.get("environment", {}).get("name")
        secrets = {k: s.value for k, s in self.secrets.items() if s.environment == environment and branch == "main"}
        environ = variables | secrets | {k: expand(v, variables) for k, v in job.get("variables", {}).items()}
        self._check_out(clone, branch, environ)
        for other in job.get("dependencies", [other for other in pipeline.results if other != name]):
            shutil.copytree(pipeline.folder / other / "artifacts", clone, dirs_exist_ok=True)
        script = clone.with_name("script.sh")
        lines = job.get("before_script", default["before_script"]) + job["script"]
        script.write_text("set -o errexit\nset -o pipefail\n" + "\n".join(lines) + "\n")
        environ |= {"PATH": os.environ["PATH"], "HOME": str(clone.parent), "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["bash", script], cwd=clone, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        pipeline.log += f"\n== {name}\n{done.stdout}"
        result = "failed" if done.returncode else "success"
        self._keep(job.get("artifacts", {}), clone, result)
        if name == "pages" and result == "success":
            shutil.rmtree(self.pages, ignore_errors=True)
            shutil.copytree(clone / "public", self.pages)
        return result

    def _check_out(self, clone: Path, branch: str, environ: dict[str, str]) -> None:
        """Clone as deep as GIT_DEPTH says, detached; without a token of its own, the job may not push."""
        depth = environ.get("GIT_DEPTH", "20")
        depths = [f"--depth={depth}"] if depth != "0" else []
        subprocess.run(["git", "clone", "-q", *depths, "--branch", branch, f"file://{self.origin}", clone], check=True)
        subprocess.run(["git", "-C", clone, "checkout", "-q", "--detach"], check=True)
        if "GITLAB_TOKEN" not in environ:
            subprocess.run(["git", "-C", clone, "config", "remote.origin.pushurl", "/the/token/may/not"], check=True)
        keep_compiled(clone)
        make_ready(clone)

    def _keep(self, artifacts: dict[str, Any], clone: Path, result: str) -> None:
        kept = clone.with_name("artifacts")
        kept.mkdir()
        if result == "failed" and artifacts.get("when") != "always":
            return
        for path in artifacts.get("paths", []):
            source, target = clone / path, kept / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            elif source.exists():
                shutil.copy(source, target)


def merged(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a job with what it extends."""
    job = document[name]
    if set(job) - KEYS:
        raise Unknown(f"{name}: {sorted(set(job) - KEYS)}")
    return merged(document, job["extends"]) | job if "extends" in job else job


def wanted(job: dict[str, Any], variables: dict[str, str], so_far: str) -> bool:
    """Return whether a job runs, after jobs of earlier stages of which one failed or none."""
    rule = next((rule for rule in job["rules"] if holds(rule["if"], variables)), None)
    if rule is None:
        return False
    when = rule.get("when", "on_success")
    return when == "always" or when == {"success": "on_success", "failed": "on_failure"}[so_far]
