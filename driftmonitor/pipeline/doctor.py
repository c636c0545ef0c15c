"""What is and what isn't set up, and what would mend it. Looks and asks; changes nothing, and shows no secret."""

import importlib.metadata
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import channels
from driftmonitor.pipeline.channels import Refused, Unavailable, github
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.schedule import WORKFLOW, read_crons
from driftmonitor.pipeline.state import BRANCH, ROOT, StateBranch, state_branch

PYTHONS = ((3, 11), (3, 14))  # from, and below
ADDRESS = re.compile(r"github\.com[:/]([^/]+/[^/]+?)(?:\.git)?/?$")
OK, MISSING, UNKNOWN = "ok", "missing", "unknown"
OTHER_SETTINGS = ("DRIFT_DATABASE_URL", "HEARTBEAT_URL")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: ok, missing, or unknown because it can't be seen from here."""

    verdict: str
    subject: str
    text: str

    @property
    def missing(self) -> bool:
        return self.verdict == MISSING

    @property
    def line(self) -> str:
        return f"{self.verdict:8}{self.subject}: {self.text}"


def examine(job: Job, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """Return what was found, in the order in which one sets things up."""
    branch = state_branch(job.state_dir)
    findings = [_python(), _packages(), _params(job), _history(job, environ), _state(branch)]
    api = _connect(environ, branch)
    if isinstance(api, Finding):
        return [*findings, api, _channels(environ, None)]
    site = _ask(api, "Pages", "/pages", _read_pages)
    return [
        *findings,
        site,
        _site_url(environ, site),
        _ask(api, "schedule", f"/actions/workflows/{WORKFLOW.name}", _read_workflow),
        _ask(
            api, "last scheduled run", f"/actions/workflows/{WORKFLOW.name}/runs?event=schedule&per_page=1", _read_runs
        ),
        _channels(environ, _secret_names(api)),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]:
        return Finding(OK, "Python", version)
    return Finding(MISSING, "Python", f"{version}; install Python 3.11, 3.12 or 3.13 and run `make` again.")


def _packages() -> Finding:
    """Compare what is installed with the lock; lines with a condition hold for other machines, and are passed over."""
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)\s*$", lock, re.MULTILINE)
    wrong = [f"{name} {_installed(name)}, not {pin}" for name, pin in pins if _installed(name) != pin]
    if not wrong:
        return Finding(OK, "packages", f"{len(pins)} as in requirements.txt")
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return Finding(MISSING, "packages", f"{'; '.join(wrong[:3])}{more}; run `pip install -r requirements.txt`.")


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def _params(job: Job) -> Finding:
    try:
        return Finding(OK, "params", f"{len(job.monitors())} monitors")
    except DriftMonitorError as error:
        return Finding(MISSING, "params", str(error))


def _history(job: Job, environ: Mapping[str, str]) -> Finding:
    """Open the history where it is; a file that isn't there yet is made by the first run, not by looking."""
    if not environ.get("DRIFT_DATABASE_URL"):
        return Finding(
            OK, "history", f"in {job.state_dir / 'history.db'}; DRIFT_DATABASE_URL would put it in PostgreSQL"
        )
    try:
        with job.open_history() as history:
            return Finding(OK, "history", f"in PostgreSQL: {len(history.monitors())} monitors have runs")
    except DriftMonitorError as error:
        return Finding(MISSING, "history", str(error))


def _state(branch: StateBranch) -> Finding:
    try:
        tip = branch.tip()
        found = branch.recorded()
    except DriftMonitorError as error:
        return Finding(MISSING, "state", str(error))
    if tip is None:
        return Finding(OK, "state", f"{branch.clone.remote} has no branch {BRANCH} yet; the first run makes it")
    last = max((day for days in found.values() for day in days), default="none")
    return Finding(OK, "state", f"{sum(map(len, found.values()))} runs of {len(found)} monitors, the last of {last}")


def _connect(environ: Mapping[str, str], branch: StateBranch) -> github.GitHub | Finding:
    """Return the repository on GitHub, or why it can't be asked."""
    how = "see docs/github.md for where to look, or run this with GITHUB_TOKEN set, such as from `gh auth token`"
    if not environ.get("GITHUB_TOKEN"):
        return Finding(UNKNOWN, "GitHub", f"Pages, schedule and secrets can't be seen without a token; {how}")
    try:
        repository = environ.get("GITHUB_REPOSITORY") or _repository(branch)
        return github.connect(environ, repository)
    except (Refused, DriftMonitorError) as error:
        return Finding(MISSING, "GitHub", str(error))


def _repository(branch: StateBranch) -> str:
    found = ADDRESS.search(branch.clone.url())
    if not found:
        raise DriftMonitorError(
            f"{branch.clone.remote}: not a repository on GitHub; set GITHUB_REPOSITORY to owner/name."
        )
    return found[1]


def _ask(api: github.GitHub, subject: str, path: str, read: Callable[[int, Any], tuple[str, str]]) -> Finding:
    """Ask GitHub one thing; `read` turns status and answer into a verdict and its text."""
    try:
        reply = api.call("GET", path)
        if reply.status not in (200, 404):
            github.accept(reply, "read access to Actions, Pages and Secrets")
    except (Refused, Unavailable) as error:
        return Finding(UNKNOWN, subject, str(error))
    found = reply.json()
    return Finding(*_after_verdict(subject, read(reply.status, found if isinstance(found, dict) else {})))


def _after_verdict(subject: str, read: tuple[str, str]) -> tuple[str, str, str]:
    return read[0], subject, read[1]


def _read_pages(status: int, found: dict[str, Any]) -> tuple[str, str]:
    remedy = "in Settings, Pages, set Source to GitHub Actions"
    if status == 404:
        return MISSING, f"not turned on; {remedy}."
    if found.get("build_type") != "workflow":
        return MISSING, f"deploys from a branch; {remedy}."
    return OK, str(found.get("html_url"))


def _site_url(environ: Mapping[str, str], site: Finding) -> Finding:
    """Say which address the links in alerts lead to."""
    if environ.get("SITE_URL"):
        return Finding(OK, "SITE_URL", environ["SITE_URL"])
    if site.verdict == OK:
        return Finding(OK, "SITE_URL", "not set; alerts link to the address of Pages")
    return Finding(MISSING, "SITE_URL", "not set, and no Pages; alerts have no links until one is there.")


def _read_workflow(status: int, found: dict[str, Any]) -> tuple[str, str]:
    if status == 404:
        return MISSING, f"{WORKFLOW} is not on the default branch; push it there."
    state = str(found.get("state"))
    if state == "active":
        return OK, f"on: {', '.join(read_crons(ROOT / WORKFLOW))} (UTC)"
    why = {
        "disabled_inactivity": "GitHub turned it off after 60 days without activity",
        "disabled_fork": "GitHub turns schedules off in a new fork",
        "disabled_manually": "somebody turned it off",
    }
    return MISSING, f"{why.get(state, state)}; in Actions choose drift check and Enable workflow."


def _read_runs(_: int, found: dict[str, Any]) -> tuple[str, str]:
    runs = found.get("workflow_runs") or []
    if not runs:
        return UNKNOWN, "none yet; start one by hand in Actions, drift check, Run workflow"
    last = runs[0]
    outcome = last.get("conclusion") or last.get("status")
    said = f"{outcome}, {last.get('created_at')}, {last.get('html_url')}"
    return (OK, said) if outcome in ("success", "in_progress", "queued") else (MISSING, f"{said}; read its log.")


def _secret_names(api: github.GitHub) -> set[str] | None:
    """Return the names of the repository's secrets and of the environment's, or None if the token may not see them."""
    names: set[str] = set()
    seen = False
    for path in ("/actions/secrets?per_page=100", "/environments/drift-monitor/secrets?per_page=100"):
        try:
            reply = api.call("GET", path)
        except Unavailable:
            continue
        if reply.status == 200:
            seen = True
            names |= {str(each.get("name")) for each in reply.field("secrets") or [] if isinstance(each, dict)}
    return names if seen else None


def _channels(environ: Mapping[str, str], secrets: set[str] | None) -> Finding:
    """Say which channels are configured: in this environment, or as secrets on GitHub."""
    found = {channel.NAME for channel in channels.all_channels() if channel.configured(environ) and _is_chosen(channel)}
    found |= {name for name in (secrets or set()) & set(_settings())}
    found |= {name for name in OTHER_SETTINGS if environ.get(name)}
    if found:
        return Finding(OK, "alerts", f"configured: {', '.join(sorted(found))}; try them with `alert --test`")
    if secrets is None:
        return Finding(UNKNOWN, "alerts", "no channel is set here, and GitHub's secrets can't be seen with this token")
    return Finding(MISSING, "alerts", "no channel; add a secret, such as DISCORD_WEBHOOK (docs/alerts.md).")


def _is_chosen(channel: Any) -> bool:
    return not getattr(channel, "OPENS_ISSUE", False)  # the token alone is there for other ends too


def _settings() -> Iterator[str]:
    for channel in channels.all_channels():
        if _is_chosen(channel):
            yield from re.findall(r"[A-Z][A-Z_]+", channel.SETTING)
    yield from OTHER_SETTINGS
