"""Run this repository's workflows here, as far as they use GitHub Actions; anything unknown is an error.

Each job gets a clean clone of a bare origin and an environment of its own. Each `run:` step is run by bash as GitHub
does it: without `shell:` a failure before a pipe is not seen. The official actions are short fakes that behave as their
sources say.
"""

import os
import re
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from workflow_actions import ACTIONS, CRASHED
from workflow_expressions import Unknown, evaluate, fill, truthy

STEP_KEYS = {"name", "id", "if", "uses", "with", "env", "run", "continue-on-error", "shell"}
JOB_KEYS = {"name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "outputs", "steps", "strategy", "env",
            "environment", "defaults"}  # fmt: skip
# How GitHub calls each shell; none is what a step gets that names none.
SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}


class Loader(yaml.SafeLoader):
    """YAML 1.2's booleans: `on` is a word."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def read_workflow(text: str) -> dict[str, Any]:
    return yaml.load(text, Loader)


@dataclass
class JobRun:
    """One job, or one leg of its matrix, and how it ended."""

    result: str
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""


@dataclass
class Run:
    """One run of a workflow: its attempt, its jobs' legs by (job, index), its artifacts."""

    workflow: str
    event: dict[str, Any]
    number: int
    attempt: int = 1
    legs: dict[tuple[str, int], JobRun] = field(default_factory=dict)
    cancelled: bool = False

    def result(self, job: str) -> str:
        results = [leg.result for (name, _), leg in self.legs.items() if name == job]
        return next((r for r in ("failure", "cancelled", "skipped") if r in results), "success")

    def outputs(self, job: str) -> dict[str, str]:
        return {k: v for (name, _), leg in sorted(self.legs.items()) if name == job for k, v in leg.outputs.items()}

    @property
    def results(self) -> dict[str, str]:
        return {name: self.result(name) for name, _ in self.legs}

    @property
    def log(self) -> str:
        return "\n".join(leg.log for leg in self.legs.values())


class GitHub:
    """A repository on GitHub: a bare origin, its settings, its artifacts, cache and Pages."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder, self.origin = folder, folder / "origin.git"
        subprocess.run(["git", "clone", "-q", "--bare", source, self.origin], check=True)
        self.secrets: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self.pages: Path | None = folder / "pages"
        self.deploying_works = True
        self.lost: set[tuple[str, int]] = set()  # legs whose machine dies at once
        self.cancel_before: tuple[str, str] | None = None  # the job and step at which somebody cancels the run
        self.one_leg_of_each = False  # of a matrix that is written down, run the last leg alone
        self.before: dict[str, Callable[[Path], None]] = {}  # what befalls a job's clone before its first step
        self._runs, self._lock = 0, threading.Lock()

    def run(self, workflow: str, schedule: str | None = None, on: str = "", **inputs: Any) -> Run:
        """Run a workflow to its end: by schedule, by hand, or on another event."""
        name = "schedule" if schedule else on or "workflow_dispatch"
        triggers = read_workflow(self._text(workflow))["on"]
        triggers = triggers if isinstance(triggers, dict) else {triggers: None}
        if name not in triggers:
            raise Unknown(f"{workflow} on {name}")
        declared = (triggers[name] or {}).get("inputs", {}) if name == "workflow_dispatch" else {}
        if set(inputs) - set(declared):
            raise Unknown(f"inputs {sorted(set(inputs) - set(declared))}")
        given = {name: inputs.get(name, spec["default"]) for name, spec in declared.items()}
        event = {"name": name, "schedule": schedule, "inputs": given}
        with self._lock:
            self._runs += 1
            run = Run(workflow, event, self._runs)
        return self._attempt(run)

    def rerun_failed(self, run: Run) -> Run:
        """Run a run's failed jobs again, and those that need them."""
        jobs = read_workflow(self._text(run.workflow))["jobs"]
        again = {key for key, leg in run.legs.items() if leg.result in ("failure", "cancelled")}
        names = {name for name, _ in again}
        for name, job in jobs.items():
            if names & set(needs(job)):
                names.add(name)
                again |= {key for key in run.legs if key[0] == name}
        kept = {key: leg for key, leg in run.legs.items() if key not in again}
        return self._attempt(Run(run.workflow, run.event, run.number, run.attempt + 1, kept))

    def rerun_all(self, run: Run) -> Run:
        """Run all of a run's jobs again."""
        return self._attempt(Run(run.workflow, run.event, run.number, run.attempt + 1))

    def _text(self, workflow: str) -> str:
        """Return the workflow as the origin's main branch has it."""
        shown = ["git", "-C", self.origin, "show", f"main:.github/workflows/{workflow}.yml"]
        return subprocess.run(shown, check=True, capture_output=True, text=True).stdout

    def _attempt(self, run: Run) -> Run:
        document = read_workflow(self._text(run.workflow))
        kept = set(run.legs)
        for name, job in document["jobs"].items():
            if set(job) - JOB_KEYS:
                raise Unknown(f"{name}: {sorted(set(job) - JOB_KEYS)}")
            if {key for key in kept if key[0] == name} and not _has_matrix(job):
                continue
            self._run_legs(run, name, document, kept)
        return run

    def _run_legs(self, run: Run, name: str, document: dict[str, Any], kept: set) -> None:
        jobs, job = document["jobs"], document["jobs"][name]
        shell = default_shell(job) or default_shell(document)
        context = self._context(run, job, jobs)
        if not self._wanted(run, job, context):
            run.legs[name, 0] = JobRun("skipped")
            return
        legs = [{}]
        if _has_matrix(job):
            matrix = job["strategy"]["matrix"]
            written = isinstance(matrix, dict)
            (key, values), *others = (matrix if written else evaluate(matrix[3:-2], context)).items()
            if others or not values:
                raise Unknown(f"{name}: a matrix of {matrix}; an empty one is an error")
            legs = [{key: value} for value in (values[-1:] if written and self.one_leg_of_each else values)]
        for index, matrix in enumerate(legs):
            if (name, index) in kept:
                continue
            if (name, index) in self.lost or run.cancelled:
                run.legs[name, index] = JobRun("cancelled" if run.cancelled else "failure")
                continue
            run.legs[name, index] = Job(self, run, name, job, context | {"matrix": matrix}, index, shell).run()

    def _wanted(self, run: Run, job: dict[str, Any], context: dict[str, Any]) -> bool:
        fine = all(run.result(name) == "success" for name in needs(job)) and not run.cancelled
        return condition(job.get("if"), context, "success" if fine else "failure")

    def _context(self, run: Run, job: dict[str, Any], jobs: dict[str, Any]) -> dict[str, Any]:
        def outputs(name: str) -> dict[str, str]:
            return dict.fromkeys(jobs[name].get("outputs", {}), "") | run.outputs(name)

        return {
            "github": {
                "event": {"schedule": run.event["schedule"]}, "event_name": run.event["name"], "run_id": run.number,
                "run_attempt": run.attempt, "token": "the-token", "repository": "owner/repo", "ref_name": "main",
            },
            "needs": {name: {"result": run.result(name), "outputs": outputs(name)} for name in needs(job)},
            "inputs": run.event["inputs"] if run.event["name"] == "workflow_dispatch" else None,
            "secrets": self.secrets, "vars": self.variables, "runner": {"os": "Linux"}, "cancelled": run.cancelled,
        }  # fmt: skip

    def artifacts(self, run: Run) -> Path:
        return self.folder / f"artifacts-{run.number}"


def needs(job: dict[str, Any]) -> list[str]:
    found = job.get("needs", [])
    return [found] if isinstance(found, str) else found


def default_shell(part: dict[str, Any]) -> str | None:
    """Return the shell that a workflow or a job sets for its steps, if it does."""
    return part.get("defaults", {}).get("run", {}).get("shell")


def condition(text: Any, context: dict[str, Any], status: str) -> bool:
    """Evaluate an `if:`; without a status function it asks for success too."""
    text = "true" if text is None else str(text).strip()
    text = text[3:-2] if text.startswith("${{") else text
    asks = any(f"{name}()" in text for name in ("always", "cancelled", "failure", "success"))
    value = truthy(evaluate(text, context | {"status": status}))
    return value and (asks or status == "success")


def _has_matrix(job: dict[str, Any]) -> bool:
    return "matrix" in job.get("strategy", {})


@dataclass
class Job:
    """One leg of one job while it runs."""

    github: GitHub
    run_: Run
    name: str
    job: dict[str, Any]
    context: dict[str, Any]
    index: int
    shell: str | None
    status: str = "success"
    log: str = ""

    def run(self) -> JobRun:
        self.home = self.github.folder / f"{self.run_.number}-{self.run_.attempt}-{self.name}-{self.index}"
        self.clone, self.tools = self.home / "work", self.home / "tools"
        self.clone.mkdir(parents=True)
        self.permissions = self.job["permissions"]
        fill(self.job["name"], self.context)
        self.context |= {"steps": {}, "job": {"status": "success"}, "workspace": self.clone, "env": {}}
        for step in self.job["steps"]:
            self._step(step)
        outputs = {name: fill(text, self.context) for name, text in self.job.get("outputs", {}).items()}
        return JobRun(self.status, outputs, self.log)

    def _step(self, step: dict[str, Any]) -> None:
        if set(step) - STEP_KEYS:
            raise Unknown(f"{step['name']}: {sorted(set(step) - STEP_KEYS)}")
        shell = step.get("shell", self.shell)
        if shell not in SHELLS:
            raise Unknown(f"{step['name']}: shell {shell}")
        if self.github.cancel_before == (self.name, step["name"]) and self.status == "success":
            self.status, self.run_.cancelled = "cancelled", True
        self.context |= {"job": {"status": self.status}, "cancelled": self.run_.cancelled}
        found = {"outcome": "skipped", "outputs": {}}
        if condition(step.get("if"), self.context, self.status):
            environ = {**self.job.get("env", {}), **step.get("env", {})}
            environ = {name: fill(text, self.context) for name, text in environ.items()}
            self.log += f"\n== {self.name} {self.index}: {step['name']}\n"
            done, outputs = self._act(step, environ) if "uses" in step else self._bash(shell, step["run"], environ)
            found = {"outcome": "success" if done else "failure", "outputs": outputs}
            if not done and not step.get("continue-on-error", False):
                self.status = "failure"
        if "id" in step:
            self.context["steps"][step["id"]] = found

    def _bash(self, shell: str | None, script: str, environ: dict[str, str]) -> tuple[bool, dict[str, str]]:
        if "${{" in script:
            raise Unknown(f"an expression inside run: {script}")
        path = self.home / "step.sh"
        path.write_text(script, encoding="utf-8")
        files = {name: self.home / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        environ = {
            "PATH": f"{self.tools}:{os.environ['PATH']}", "HOME": str(self.home), "LANG": "C.UTF-8", "CI": "true",
            "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "owner/repo",
            **{name: str(file) for name, file in files.items()}, **environ,
        }  # fmt: skip
        done = subprocess.run(
            [*SHELLS[shell], path], cwd=self.clone, env=environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        self.log += done.stdout
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        return done.returncode == 0, dict(line.split("=", 1) for line in lines)

    def _act(self, step: dict[str, Any], environ: dict[str, str]) -> tuple[bool, dict[str, str]]:
        name = step["uses"].split("@")[0]
        if name not in ACTIONS:
            raise Unknown(f"action {name}")
        inputs = {key: fill(str(value), self.context) for key, value in step.get("with", {}).items()}
        outputs = ACTIONS[name](self, inputs)
        return outputs is not CRASHED, {} if outputs is CRASHED else outputs or {}
