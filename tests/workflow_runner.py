"""Run this repository's workflows here, as far as they use GitHub Actions; anything unknown is an error.

Each job gets a clean clone of a bare origin and an environment of its own. Each `run:` step is run by bash as GitHub
does it: without `shell:` a failure before a pipe is not seen. The official actions are short fakes that behave as their
sources say.
"""

import re
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from workflow_api import Api
from workflow_expressions import Unknown, evaluate
from workflow_job import Job, JobRun, condition
from workflow_refusals import refuse_large_files

JOB_KEYS = {"name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "outputs", "steps", "strategy", "env",
            "environment", "defaults"}  # fmt: skip
# The environments that only the default branch may use: GitHub makes the first so, the docs advise it for the second.
PROTECTED = ("github-pages", "drift-monitor")


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
class Run:
    """One run of a workflow: its attempt, its jobs' legs by (job, index), and the attempt whose artifacts it sees."""

    workflow: str
    event: dict[str, Any]
    number: int
    branch: str
    commit: str
    created_at: str
    attempt: int = 1
    sees_from: int = 1
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
    def conclusion(self) -> str:
        """Return the colour of the run: only success is green."""
        results = self.results.values()
        return next((result for result in ("failure", "cancelled") if result in results), "success")

    @property
    def log(self) -> str:
        return "\n".join(leg.log for leg in self.legs.values())

    @property
    def summary(self) -> str:
        """Return what the run's page shows under its jobs."""
        return "\n".join(leg.summary for leg in self.legs.values() if leg.summary)


class GitHub:
    """A repository on GitHub: a bare origin, its settings, its artifacts, cache and Pages."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder, self.origin = folder, folder / "origin.git"
        subprocess.run(["git", "clone", "-q", "--bare", source, self.origin], check=True)
        refuse_large_files(self.origin)
        self.api = Api()
        self.secrets: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self.pages: Path | None = folder / "pages"
        self.deploying_works = True
        self.lost: set[tuple[str, int]] = set()  # legs whose machine dies at once
        self.cancel_before: tuple[str, str] | None = None  # the job and step at which somebody cancels the run
        self.cancel_while_queued = False  # another run of its concurrency group takes its place
        self.time_out_at: tuple[str, str] | None = None  # the job and step at which timeout-minutes have passed
        self.quota_is_used_up = False
        self.is_template = False  # only the product's own repository is one
        self.one_leg_of_each = False  # of a matrix that is written down, run the last leg alone
        self.before: dict[str, Callable[[Path], None]] = {}  # what befalls a job's clone before its first step
        self.fetching = threading.Lock()
        self._runs, self._lock = 0, threading.Lock()

    def run(self, workflow: str, schedule: str | None = None, on: str = "", branch: str = "main", **inputs: Any) -> Run:
        """Run a workflow to its end: by schedule, by hand, or on another event."""
        name = "schedule" if schedule else on or "workflow_dispatch"
        payload = inputs.pop("payload", {})
        commit = self._git("rev-parse", inputs.pop("commit", branch)).strip()
        triggers = read_workflow(self._text(workflow, commit))["on"]
        triggers = triggers if isinstance(triggers, dict) else {triggers: None}
        if name not in triggers:
            raise Unknown(f"{workflow} on {name}")
        declared = (triggers[name] or {}).get("inputs", {}) if name == "workflow_dispatch" else {}
        if set(inputs) - set(declared):
            raise Unknown(f"inputs {sorted(set(inputs) - set(declared))}")
        given = {name: inputs.get(name, spec["default"]) for name, spec in declared.items()}
        event = {"name": name, "schedule": schedule, "inputs": given, "payload": payload}
        with self._lock:
            self._runs += 1
            run = Run(workflow, event, self._runs, branch, commit, self.now())
        return self._attempt(run)

    def push(self, workflow: str, before: str) -> Run:
        """Run a workflow as the push that moved the main branch on from the commit `before` starts it."""
        return self.run(workflow, on="push", payload={"before": self._git("rev-parse", before).strip()})

    def propose(self, workflow: str, branch: str, number: int = 1, repository: str = "owner/repo") -> Run:
        """Run a workflow as a pull request from a branch starts it: on the commit that merging it would give.

        One from the fork `repository` has a token that may only read, and no secrets (docs.github.com, "Events that
        trigger workflows", "Workflows in forked repositories").
        """
        tree = self._git("merge-tree", "--write-tree", "main", branch).split()[0]
        who = ["-c", "user.name=GitHub", "-c", "user.email=noreply@github.com"]
        merged = self._git(*who, "commit-tree", tree, "-p", "main", "-p", branch, "-m", "Merge").strip()
        self._git("update-ref", f"refs/pull/{number}/merge", merged)
        payload = {"pull_request": {"number": number, "head": {"repo": {"full_name": repository}}}}
        return self.run(workflow, on="pull_request", branch=f"{number}/merge", commit=merged, payload=payload)

    def now(self) -> str:
        return "2026-11-24T09:07:00Z"

    def rerun_failed(self, run: Run) -> Run:
        """Run a run's failed jobs again, and those that need them."""
        jobs = read_workflow(self._text(run.workflow, run.commit))["jobs"]
        again = {key for key, leg in run.legs.items() if leg.result in ("failure", "cancelled")}
        names = {name for name, _ in again}
        for name, job in jobs.items():
            if names & set(needs(job)):
                names.add(name)
                again |= {key for key in run.legs if key[0] == name}
        kept = {key: leg for key, leg in run.legs.items() if key not in again}
        return self._attempt(replace(run, attempt=run.attempt + 1, legs=kept, cancelled=False))

    def rerun_all(self, run: Run) -> Run:
        """Run all of a run's jobs again."""
        attempt = run.attempt + 1
        return self._attempt(replace(run, attempt=attempt, sees_from=attempt, legs={}, cancelled=False))

    def _text(self, workflow: str, commit: str) -> str:
        """Return the workflow as a commit of the origin has it."""
        return self._git("show", f"{commit}:.github/workflows/{workflow}.yml")

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", self.origin, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _attempt(self, run: Run) -> Run:
        document = read_workflow(self._text(run.workflow, run.commit))
        if self.cancel_while_queued:  # before any job begins
            run.cancelled, run.legs = True, {(name, 0): JobRun("cancelled") for name in document["jobs"]}
            return run
        self.api.runs[run.number] = run.created_at
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
        if _environment(job) in PROTECTED and run.branch != "main":
            said = f"Branch {run.branch!r} is not allowed to deploy to {_environment(job)}.\n"
            run.legs[name, 0] = JobRun("failure", log=said)
            return
        if _has_matrix(job):
            matrix = job["strategy"]["matrix"]
            written = isinstance(matrix, dict)
            try:
                (key, values), *others = (matrix if written else evaluate(matrix[3:-2], context)).items()
            except ValueError as error:  # such as fromJSON of an output that was not passed on
                run.legs[name, 0] = JobRun(
                    "failure", log=f"Error when evaluating 'strategy' for job '{name}': {error}\n"
                )
                return
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

        event = {"before": None, "pull_request": None, **run.event["payload"]}
        repository = {"default_branch": "main", "is_template": self.is_template}
        is_foreign = event["pull_request"] and event["pull_request"]["head"]["repo"]["full_name"] != "owner/repo"
        permissions = dict.fromkeys(job["permissions"], "read") if is_foreign else job["permissions"]
        return {
            "github": {
                "event": {"schedule": run.event["schedule"], "repository": repository, **event},
                "event_name": run.event["name"], "run_id": run.number, "run_attempt": run.attempt,
                "token": self.api.give_token(permissions), "repository": "owner/repo", "ref_name": run.branch,
            },
            "needs": {name: {"result": run.result(name), "outputs": outputs(name)} for name in needs(job)},
            "inputs": run.event["inputs"] if run.event["name"] == "workflow_dispatch" else None,
            "secrets": {} if is_foreign else self.secrets,
            "vars": self.variables, "runner": {"os": "Linux"}, "cancelled": run.cancelled,
        }  # fmt: skip

    def artifacts(self, run: Run) -> Path:
        """Return the folder of the artifacts that an attempt sees: its own, and those of attempts that it continues."""
        return self.folder / f"artifacts-{run.number}{f'-{run.sees_from}' if run.sees_from > 1 else ''}"


def needs(job: dict[str, Any]) -> list[str]:
    found = job.get("needs", [])
    return [found] if isinstance(found, str) else found


def default_shell(part: dict[str, Any]) -> str | None:
    """Return the shell that a workflow or a job sets for its steps, if it does."""
    return part.get("defaults", {}).get("run", {}).get("shell")


def _has_matrix(job: dict[str, Any]) -> bool:
    return "matrix" in job.get("strategy", {})


def _environment(job: dict[str, Any]) -> str | None:
    named = job.get("environment")
    return named["name"] if isinstance(named, dict) else named
