"""Run one job on a machine of its own: its steps in order, their outputs, its summary and how it ends."""

import os
import subprocess
from dataclasses import dataclass, field
from typing import Any

from workflow_actions import ACTIONS, CRASHED
from workflow_expressions import Unknown, evaluate, fill, truthy
from workflow_refusals import pass_on, show_summary

STEP_KEYS = {"name", "id", "if", "uses", "with", "env", "run", "continue-on-error", "shell"}
# How GitHub calls each shell; none is what a step gets that names none.
SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}


@dataclass
class JobRun:
    """One job, or one leg of its matrix, and how it ended."""

    result: str
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""
    summary: str = ""


def condition(text: Any, context: dict[str, Any], status: str) -> bool:
    """Evaluate an `if:`; without a status function it asks for success too."""
    text = "true" if text is None else str(text).strip()
    text = text[3:-2] if text.startswith("${{") else text
    asks = any(f"{name}()" in text for name in ("always", "cancelled", "failure", "success"))
    value = truthy(evaluate(text, context | {"status": status}))
    return value and (asks or status == "success")


@dataclass
class Job:
    """One leg of one job while it runs."""

    github: Any
    run_: Any
    name: str
    job: dict[str, Any]
    context: dict[str, Any]
    index: int
    shell: str | None
    status: str = "success"
    log: str = ""
    summary: str = ""

    def run(self) -> JobRun:
        self.home = self.github.folder / f"{self.run_.number}-{self.run_.attempt}-{self.name}-{self.index}"
        self.clone, self.tools = self.home / "work", self.home / "tools"
        self.clone.mkdir(parents=True)
        self.permissions = self.job["permissions"]
        fill(self.job["name"], self.context)
        self.context |= {"steps": {}, "job": {"status": "success"}, "workspace": self.clone}
        self.context["env"] = {name: fill(text, self.context) for name, text in self.job.get("env", {}).items()}
        for step in self.job["steps"]:
            self._step(step)
        outputs = {name: fill(text, self.context) for name, text in self.job.get("outputs", {}).items()}
        outputs, said = pass_on(outputs, [*self.github.secrets.values(), self.context["github"]["token"]])
        return JobRun(self.status, outputs, self.log + said, self.summary)

    def _step(self, step: dict[str, Any]) -> None:
        if set(step) - STEP_KEYS:
            raise Unknown(f"{step['name']}: {sorted(set(step) - STEP_KEYS)}")
        shell = step.get("shell", self.shell)
        if shell not in SHELLS:
            raise Unknown(f"{step['name']}: shell {shell}")
        if self.github.cancel_before == (self.name, step["name"]) and self.status == "success":
            self.status, self.run_.cancelled = "cancelled", True
        self.context |= {"job": {"status": self.status}, "cancelled": self.status == "cancelled"}
        found = {"outcome": "skipped", "outputs": {}}
        if self.github.time_out_at == (self.name, step["name"]):
            self.status = "cancelled"  # as GitHub calls it (ROCm/TheRock#8372, solvcon/solvcon#772); the run goes on
            self.log += "##[error]The job has exceeded the maximum execution time.\n"
        elif condition(step.get("if"), self.context, self.status):
            self.log += f"\n== {self.name} {self.index}: {step['name']}\n"
            done, outputs = self._do(step, shell)
            found = {"outcome": "success" if done else "failure", "outputs": outputs}
            if not done and not step.get("continue-on-error", False):
                self.status = "failure"
        if "id" in step:
            self.context["steps"][step["id"]] = found

    def _do(self, step: dict[str, Any], shell: str | None) -> tuple[bool, dict[str, str]]:
        try:
            environ = {**self.job.get("env", {}), **step.get("env", {})}
            environ = {name: fill(text, self.context) for name, text in environ.items()}
        except ValueError as error:
            self.log += f"##[error]The template is not valid: {error}\n"
            return False, {}
        return self._act(step, environ) if "uses" in step else self._bash(shell, step["run"], environ)

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
            "ImageOS": "ubuntu24",
            "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": self.github.api.url,
            "GITHUB_RUN_ID": str(self.run_.number), "GITHUB_RUN_ATTEMPT": str(self.run_.attempt),
            "GITHUB_EVENT_NAME": self.run_.event["name"], "GITHUB_REF_NAME": self.run_.branch,
            **{name: str(file) for name, file in files.items()}, **environ,
        }  # fmt: skip
        done = subprocess.run(
            [*SHELLS[shell], path], cwd=self.clone, env=environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        self.log += done.stdout
        shown, said = show_summary(files["GITHUB_STEP_SUMMARY"])
        self.summary, self.log = self.summary + shown, self.log + said
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        return done.returncode == 0, dict(line.split("=", 1) for line in lines)

    def _act(self, step: dict[str, Any], environ: dict[str, str]) -> tuple[bool, dict[str, str]]:
        name = step["uses"].split("@")[0]
        if name not in ACTIONS:
            raise Unknown(f"action {name}")
        inputs = {key: fill(str(value), self.context) for key, value in step.get("with", {}).items()}
        outputs = ACTIONS[name](self, inputs)
        return outputs is not CRASHED, {} if outputs is CRASHED else outputs or {}
