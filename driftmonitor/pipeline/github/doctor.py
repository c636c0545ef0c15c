"""Check what is set up and what is not, with the remedy. Changes nothing, and shows no secret."""

import os
import re
from collections.abc import Iterator, Mapping

from driftmonitor import ROOT, DriftMonitorError
from driftmonitor.formats import counted
from driftmonitor.pipeline import channels
from driftmonitor.pipeline.channels import Refused, github
from driftmonitor.pipeline.github import doctor_github, doctor_python, state_size
from driftmonitor.pipeline.github.doctor_github import MISSING, OK, UNKNOWN, Check
from driftmonitor.pipeline.github.state import BRANCH, StateBranch, state_branch
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.upgrades import newest

ADDRESS = re.compile(r"github\.com[:/]([^/]+/[^/]+?)(?:\.git)?/?$")
WORKBOOK = re.compile(r"\.xls[xm]\b", re.IGNORECASE)
OTHER_SETTINGS = ("DRIFT_DATABASE_URL", "HEARTBEAT_URL")


def examine(job: Job, environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Return the checks, in the order of setting things up."""
    branch = state_branch(job.state_dir)
    checks = [*doctor_python.examine(job.now.date()), _version(job, environ), _params(job), _history(job, environ)]
    checks.append(_state(branch))
    api = _connect(environ, branch)
    if isinstance(api, Check):
        return [*checks, api, _channels(environ, None)]
    return [
        *checks,
        *doctor_github.examine(api, environ, job.now),
        _channels(environ, doctor_github.secret_names(api)),
    ]


def _version(job: Job, environ: Mapping[str, str]) -> Check:
    """Ask the template for a newer version; an older one still works."""
    try:
        return Check(OK, "version", newest.check(job, ROOT, environ))
    except DriftMonitorError as error:
        return Check(UNKNOWN, "version", str(error))


def _params(job: Job) -> Check:
    try:
        monitors = job.monitors()
    except DriftMonitorError as error:
        return Check(MISSING, "params", str(error))
    reads = {monitor.name for monitor in monitors if WORKBOOK.search(f"{[*monitor.parameters.values()]}")}
    if reads and doctor_python.installed("openpyxl") == "absent":
        return Check(MISSING, "params", f"{min(reads)} reads an Excel workbook; run `pip install '.[excel]'`.")
    return Check(OK, "params", counted(len(monitors), "monitor"))


def _history(job: Job, environ: Mapping[str, str]) -> Check:
    """Open the history in PostgreSQL. A file is not opened: the first run creates it, not this check."""
    if not environ.get("DRIFT_DATABASE_URL"):
        return Check(OK, "history", f"in {job.state_dir / 'history.db'}; to use PostgreSQL, set DRIFT_DATABASE_URL")
    try:
        with job.open_history() as history:
            return Check(OK, "history", f"in PostgreSQL, with runs of {counted(len(history.monitors()), 'monitor')}")
    except DriftMonitorError as error:
        return Check(MISSING, "history", str(error))


def _state(branch: StateBranch) -> Check:
    try:
        saved = branch.saved()
    except DriftMonitorError as error:
        return Check(MISSING, "state", str(error))
    if saved is None:
        return Check(OK, "state", f"{branch.clone.remote} has no branch {BRANCH} yet; the first run creates it")
    if too_large := state_size.warning(saved.sizes):
        return Check(MISSING, "state", too_large)
    days = sorted(day for days_of_monitor in saved.recorded.values() for day in days_of_monitor)
    last = f", the last of {days[-1]}" if days else ""
    size = f"; {state_size.say_bytes(sum(saved.sizes.values()))}" if saved.sizes else ""
    return Check(OK, "state", f"{counted(len(days), 'run')} of {counted(len(saved.recorded), 'monitor')}{last}{size}")


def _connect(environ: Mapping[str, str], branch: StateBranch) -> github.GitHub | Check:
    """Return the repository on GitHub, or why it cannot be checked."""
    how = "see docs/github.md for where to look, or set GITHUB_TOKEN, such as from `gh auth token`, and run again"
    if not environ.get("GITHUB_TOKEN"):
        return Check(UNKNOWN, "GitHub", f"Pages, schedule and secrets cannot be checked without a token; {how}")
    try:
        repository = environ.get("GITHUB_REPOSITORY") or _repository(branch)
        return github.connect(environ, doctor_github.NEEDS, repository)
    except (Refused, DriftMonitorError) as error:
        return Check(MISSING, "GitHub", str(error))


def _repository(branch: StateBranch) -> str:
    address = ADDRESS.search(branch.clone.url())
    if not address:
        raise DriftMonitorError(
            f"{branch.clone.remote}: not a repository on GitHub; set GITHUB_REPOSITORY to owner/name."
        )
    return address[1]


def _channels(environ: Mapping[str, str], secrets: set[str] | None) -> Check:
    """Check which channels are configured: in this environment, or as secrets on GitHub."""
    configured = {channel.NAME for channel in channels.all_channels() if channel.configured(environ)}
    configured -= {channel.NAME for channel in channels.all_channels() if channels.opens_issue(channel)}
    configured |= (secrets or set()) & set(_settings())
    configured |= {name for name in OTHER_SETTINGS if environ.get(name)}
    if configured:
        return Check(OK, "alerts", f"configured: {', '.join(sorted(configured))}; test them with `alert --test`")
    if secrets is None:
        return Check(UNKNOWN, "alerts", "no channel is set here; GitHub's secrets cannot be checked without a token")
    return Check(MISSING, "alerts", "no channel; add a secret, such as DISCORD_WEBHOOK (docs/alerts.md).")


def _settings() -> Iterator[str]:
    """Yield the environment variables that configure a channel; GITHUB_TOKEN is also set for other purposes."""
    for channel in channels.all_channels():
        if not channels.opens_issue(channel):
            yield from re.findall(r"[A-Z][A-Z_]+", channel.SETTING)
    yield from OTHER_SETTINGS
