"""What is and what isn't set up, and what would mend it. Looks and asks; changes nothing, and shows no secret."""

import importlib.metadata
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import channels
from driftmonitor.pipeline.channels import Refused, github
from driftmonitor.pipeline.github import doctor_github
from driftmonitor.pipeline.github.doctor_github import MISSING, OK, UNKNOWN, Finding
from driftmonitor.pipeline.github.state import BRANCH, ROOT, StateBranch, state_branch
from driftmonitor.pipeline.job import Job

PYTHONS = ((3, 11), (3, 15))  # from, and below
ADDRESS = re.compile(r"github\.com[:/]([^/]+/[^/]+?)(?:\.git)?/?$")
OTHER_SETTINGS = ("DRIFT_DATABASE_URL", "HEARTBEAT_URL")


def examine(job: Job, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """Return what was found, in the order in which one sets things up."""
    branch = state_branch(job.state_dir)
    findings = [_python(), _packages(), _params(job), _history(job, environ), _state(branch)]
    api = _connect(environ, branch)
    if isinstance(api, Finding):
        return [*findings, api, _channels(environ, None)]
    return [
        *findings,
        *doctor_github.examine(api, environ, job.now),
        _channels(environ, doctor_github.secret_names(api)),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]:
        return Finding(OK, "Python", version)
    return Finding(MISSING, "Python", f"{version}; install Python 3.11 to 3.14 and run `make` again.")


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


def _channels(environ: Mapping[str, str], secrets: set[str] | None) -> Finding:
    """Say which channels are configured: in this environment, or as secrets on GitHub."""
    found = {channel.NAME for channel in channels.all_channels() if channel.configured(environ) and _is_chosen(channel)}
    found |= (secrets or set()) & set(_settings())
    found |= {name for name in OTHER_SETTINGS if environ.get(name)}
    if found:
        return Finding(OK, "alerts", f"configured: {', '.join(sorted(found))}; try them with `alert --test`")
    if secrets is None:
        return Finding(UNKNOWN, "alerts", "no channel is set here; whether GitHub has a secret for one can't be seen")
    return Finding(MISSING, "alerts", "no channel; add a secret, such as DISCORD_WEBHOOK (docs/alerts.md).")


def _is_chosen(channel: Any) -> bool:
    return not getattr(channel, "OPENS_ISSUE", False)  # the token alone is there for other ends too


def _settings() -> Iterator[str]:
    for channel in channels.all_channels():
        if _is_chosen(channel):
            yield from re.findall(r"[A-Z][A-Z_]+", channel.SETTING)
    yield from OTHER_SETTINGS
