"""Check the set-up on GitHub: the repository, Pages, the schedule and the names of secrets."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from driftmonitor import ROOT
from driftmonitor.pipeline.channels import Refused, Unavailable, github
from driftmonitor.pipeline.github.crons import WORKFLOW, read_crons

OK, MISSING, UNKNOWN = "ok", "missing", "unknown"
NEEDS = "read access to Actions, Pages, Secrets and Variables"
IDLE_DAYS, IDLE_WARNING_DAYS = 60, 45
LATE_DAYS = 2  # GitHub may drop a day; two are no accident
# Docs.github.com, "Events that trigger workflows" (`schedule`) and "GitHub Actions billing", know no other cause.
WHY_NONE = (
    "Actions are off in Settings, the free minutes are used up, or the account that last changed the cron is "
    "suspended; push a change of the cron from your account"
)


@dataclass(frozen=True)
class Check:
    """The result of one check: ok, missing, or unknown because it cannot be checked from here."""

    verdict: str
    subject: str
    text: str
    answer: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)  # of GitHub

    @property
    def missing(self) -> bool:
        return self.verdict == MISSING

    @property
    def line(self) -> str:
        return f"{self.verdict:8}{self.subject}: {self.text}"


def examine(api: github.GitHub, environ: Mapping[str, str], now: dt.datetime) -> list[Check]:
    """Return the checks of the repository, Pages and the daily workflow."""
    workflow = f"/actions/workflows/{WORKFLOW.name}"
    repository = _ask(api, "repository", "", _read_repository)
    if repository.missing:  # without access to it, everything in it would seem to be missing
        return [repository]
    setting = str(_ask(api, "DRIFT_PAGES", "/actions/variables/DRIFT_PAGES", _read_nothing).answer.get("value", ""))
    site = _ask(api, "Pages", "/pages", partial(_read_pages, bool(repository.answer.get("private")), setting))
    return [
        repository,
        site,
        _site_url(environ, site, setting),
        _ask(api, "schedule", workflow, _read_workflow),
        _ask(api, "last scheduled run", f"{workflow}/runs?event=schedule&per_page=1", partial(_read_runs, now)),
        _ask(api, "last commit", "/commits?per_page=1", partial(_read_commits, now.date())),
    ]


def secret_names(api: github.GitHub) -> set[str] | None:
    """Return the names of the repository's and the environment's secrets, or None if the token may not list them."""
    names: set[str] = set()
    is_allowed = False
    for path in ("/actions/secrets?per_page=100", "/environments/drift-monitor/secrets?per_page=100"):
        try:
            reply = api.call("GET", path)
        except Unavailable:
            continue
        if reply.status == 200:
            is_allowed = True
            names |= {str(each.get("name")) for each in reply.field("secrets") or [] if isinstance(each, dict)}
    return names if is_allowed else None


def _ask(api: github.GitHub, subject: str, path: str, read: Callable[[int, Any], tuple[str, str]]) -> Check:
    """Make one check on GitHub; `read` turns status and answer into a verdict and its text."""
    try:
        reply = api.call("GET", path)
        if reply.status not in (200, 404):
            github.accept(reply, NEEDS)
    except (Refused, Unavailable) as error:
        return Check(UNKNOWN, subject, str(error))
    answer = reply.json()
    answer = answer[0] if isinstance(answer, list) and answer else answer
    answer = answer if isinstance(answer, dict) and reply.status == 200 else {}
    verdict, text = read(reply.status, answer)
    return Check(verdict, subject, text, answer)


def _read_nothing(_: int, __: dict[str, Any]) -> tuple[str, str]:
    return OK, ""


def _read_repository(status: int, answer: dict[str, Any]) -> tuple[str, str]:
    if status == 404:
        return MISSING, "not found, or the token may not see it; give the token access to this repository."
    if answer.get("archived"):
        return MISSING, f"{answer.get('full_name')} is archived, so nothing runs; unarchive it in its settings."
    kind = "private: Pages and minutes depend on your plan" if answer.get("private") else "public: free of charge"
    return OK, f"{answer.get('full_name')}, {kind}"


def _read_pages(is_private: bool, setting: str, status: int, answer: dict[str, Any]) -> tuple[str, str]:
    """Check that there is a site if one is wanted, and that a private repository has no public one unless it is wanted.

    On most plans everybody can read the site of a private repository (docs.github.com, "What is GitHub Pages?").
    """
    remedy = "in Settings, Pages, set Source to GitHub Actions"
    url = answer.get("html_url")
    if setting == "false" and status == 404:
        return OK, "not used, as DRIFT_PAGES is false; each run keeps the site as an artifact"
    if setting == "false":
        return MISSING, f"DRIFT_PAGES is false, but {url} still shows the last site; unpublish it in Settings, Pages."
    if status == 404:
        return MISSING, f"not enabled; {remedy}{', or set the variable DRIFT_PAGES to false' if is_private else ''}."
    if answer.get("build_type") != "workflow":
        return MISSING, f"deploys from a branch; {remedy}."
    if is_private and answer.get("public", True) and setting != "true":
        choice = "set the variable DRIFT_PAGES to false, or to true if everybody may"
        return MISSING, f"the repository is private, but everybody can read {url}; {choice}."
    return OK, str(url)


def _site_url(environ: Mapping[str, str], site: Check, setting: str) -> Check:
    """Check which address the links in alerts lead to."""
    if environ.get("SITE_URL"):
        return Check(OK, "SITE_URL", environ["SITE_URL"])
    if setting == "false":
        return Check(OK, "SITE_URL", "not set, and DRIFT_PAGES is false, so alerts have no links")
    if site.answer.get("html_url"):
        return Check(OK, "SITE_URL", "not set; alerts link to the address of Pages")
    return Check(MISSING, "SITE_URL", "not set, and no Pages, so alerts have no links; enable Pages, or set SITE_URL.")


def _read_workflow(status: int, answer: dict[str, Any]) -> tuple[str, str]:
    if status == 404:
        return MISSING, f"{WORKFLOW} is not on the default branch; push it there."
    state = str(answer.get("state"))
    if state == "active":
        crons = ", ".join(map(str, read_crons(ROOT / WORKFLOW)))
        return OK, f"on: {crons}" if crons else "none: runs start by hand, or from outside"
    why = {
        "disabled_inactivity": "GitHub disabled it after 60 days without activity",
        "disabled_fork": "GitHub disables schedules in a new fork",
        "disabled_manually": "someone disabled it",
    }
    return MISSING, f"{why.get(state, state)}; in Actions choose drift check and Enable workflow."


def _read_commits(today: dt.date, _: int, answer: dict[str, Any]) -> tuple[str, str]:
    """Check whether GitHub may soon disable the schedule for want of commits."""
    try:
        day = dt.date.fromisoformat(answer["commit"]["committer"]["date"][:10])
    except (KeyError, TypeError, ValueError):
        return UNKNOWN, "GitHub does not give its date"
    if (today - day).days < IDLE_WARNING_DAYS:
        return OK, f"{day}; GitHub may disable the schedule {IDLE_DAYS} days after it"
    remedy = "push or merge something, or set the variable DRIFT_README to true (docs/github.md)"
    return MISSING, f"{day}; GitHub may disable the schedule {IDLE_DAYS} days after it: {remedy}."


def _read_runs(now: dt.datetime, _: int, answer: dict[str, Any]) -> tuple[str, str]:
    runs = answer.get("workflow_runs") or []
    if not runs:
        return UNKNOWN, "none yet; start one by hand in Actions, drift check, Run workflow"
    last = runs[0]
    outcome = last.get("conclusion") or last.get("status")
    run = f"{outcome}, {last.get('created_at')}, {last.get('html_url')}"
    if _is_late(str(last.get("created_at")), now):
        return MISSING, f"{run}; GitHub starts none since: {WHY_NONE}."
    return (OK, run) if outcome in ("success", "in_progress", "queued") else (MISSING, f"{run}; read its log.")


def _is_late(created_at: str, now: dt.datetime) -> bool:
    """Return whether a daily schedule has missed days since then."""
    is_daily = all(cron.cron.endswith(" * * *") for cron in read_crons(ROOT / WORKFLOW)[:1])
    try:
        return is_daily and now - dt.datetime.fromisoformat(created_at).astimezone(dt.UTC) > dt.timedelta(LATE_DAYS)
    except ValueError:
        return False
