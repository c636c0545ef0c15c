"""What can be seen of the set-up on GitHub: Pages, the schedule and the names of secrets."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from driftmonitor.pipeline.channels import Refused, Unavailable, github
from driftmonitor.pipeline.github.schedule import WORKFLOW, read_crons
from driftmonitor.pipeline.github.state import ROOT

OK, MISSING, UNKNOWN = "ok", "missing", "unknown"
IDLE_DAYS, IDLE_WARNING_DAYS = 60, 45


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


def examine(api: github.GitHub, environ: Mapping[str, str], now: dt.datetime) -> list[Finding]:
    """Return what was found of the repository, Pages and the daily workflow."""
    workflow = f"/actions/workflows/{WORKFLOW.name}"
    seen = _ask(api, "repository", "", _read_repository)
    if seen.missing:  # to a token that may not see it, all in it would seem to be missing
        return [seen]
    site = _ask(api, "Pages", "/pages", _read_pages)
    return [
        seen,
        site,
        _site_url(environ, site),
        _ask(api, "schedule", workflow, _read_workflow),
        _ask(api, "last scheduled run", f"{workflow}/runs?event=schedule&per_page=1", _read_runs),
        _ask(api, "last commit", "/commits?per_page=1", partial(_read_commits, now.date())),
    ]


def secret_names(api: github.GitHub) -> set[str] | None:
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


def _ask(api: github.GitHub, subject: str, path: str, read: Callable[[int, Any], tuple[str, str]]) -> Finding:
    """Ask GitHub one thing; `read` turns status and answer into a verdict and its text."""
    try:
        reply = api.call("GET", path)
        if reply.status not in (200, 404):
            github.accept(reply, "read access to Actions, Pages and Secrets")
    except (Refused, Unavailable) as error:
        return Finding(UNKNOWN, subject, str(error))
    found = reply.json()
    found = found[0] if isinstance(found, list) and found else found
    verdict, text = read(reply.status, found if isinstance(found, dict) else {})
    return Finding(verdict, subject, text)


def _read_repository(status: int, found: dict[str, Any]) -> tuple[str, str]:
    if status == 404:
        return MISSING, "none of this name, or the token may not see it; give it access to this repository."
    kind = "private: its Pages and minutes depend on your plan" if found.get("private") else "public: it costs nothing"
    return OK, f"{found.get('full_name')}, {kind}"


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


def _read_commits(today: dt.date, _: int, found: dict[str, Any]) -> tuple[str, str]:
    """Say how long the schedule has before GitHub may turn it off for want of commits."""
    try:
        day = dt.date.fromisoformat(found["commit"]["committer"]["date"][:10])
    except (KeyError, TypeError, ValueError):
        return UNKNOWN, "GitHub does not say when it was"
    if (today - day).days < IDLE_WARNING_DAYS:
        return OK, f"{day}; GitHub may turn the schedule off {IDLE_DAYS} days after it"
    remedy = "push or merge something, or set the variable DRIFT_README to true (docs/github.md)"
    return MISSING, f"{day}; GitHub may turn the schedule off {IDLE_DAYS} days after it: {remedy}."


def _read_runs(_: int, found: dict[str, Any]) -> tuple[str, str]:
    runs = found.get("workflow_runs") or []
    if not runs:
        return UNKNOWN, "none yet; start one by hand in Actions, drift check, Run workflow"
    last = runs[0]
    outcome = last.get("conclusion") or last.get("status")
    said = f"{outcome}, {last.get('created_at')}, {last.get('html_url')}"
    return (OK, said) if outcome in ("success", "in_progress", "queued") else (MISSING, f"{said}; read its log.")
