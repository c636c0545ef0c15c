"""GitHub issues: one for each incident. Opened on drift, commented on change, closed on recovery.

Markers in HTML comments, which readers don't see, say which incident an issue is and which events were told in it; so
an attempt whose answer was lost is not told twice.
"""

from collections.abc import Mapping
from typing import Any

from driftmonitor import formats
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import github, text, time_limits

NAME = "github_issue"
PURPOSE = "alert"
SETTING = "GITHUB_TOKEN and GITHUB_REPOSITORY"
ENVIRONMENT = ("GITHUB_TOKEN", "GITHUB_REPOSITORY")
OPENS_ISSUE = True

LABEL = "drift-monitor"
NEEDS = "`permissions: issues: write`"
TITLE, BODY = 250, 20_000


def configured(environ: Mapping[str, str]) -> bool:
    """Say whether a token and a repository are set."""
    return bool(environ.get("GITHUB_TOKEN") and environ.get("GITHUB_REPOSITORY"))


@time_limits.bounded
def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> str | None:
    """Open an issue, or tell the event in the incident's issue and open or close that; return the issue's number.

    The end of an incident that has no issue is not told: there is nothing to close.
    """
    repository = github.connect(environ, NEEDS)
    issue = _issue(repository, receipt) or _find(repository, message)
    if issue is None:
        return None if message.kind in text.ENDINGS else _open(repository, message)
    return _tell(repository, issue, message)


def _issue(repository: github.GitHub, receipt: str | None) -> dict[str, Any] | None:
    """Return the issue that `receipt` names, or None if it was deleted or moved away."""
    if not receipt or not receipt.isdigit():
        return None
    reply = repository.call("GET", f"/issues/{receipt}")
    if reply.status in (301, 404, 410):
        return None
    found = github.accept(reply, NEEDS).json()
    return found if _is_issue(found) else None


def _find(repository: github.GitHub, message: Message) -> dict[str, Any] | None:
    """Return the open issue of the message's incident, known by its marker."""
    issues = repository.pages("/issues", labels=LABEL, state="open")
    return next((found for found in issues if _is_issue(found) and incident_marker(message) in _body(found)), None)


def _is_issue(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("number"), int) and "pull_request" not in found


def _body(told: dict[str, Any]) -> str:
    return str(told.get("body") or "")


def _open(repository: github.GitHub, message: Message) -> str | None:
    told = {"title": title(message), "body": body(message), "labels": [LABEL]}
    reply = repository.ask("POST", "/issues", told)
    number = str(reply.field("number") or "")
    return number if number.isdigit() else None


def _tell(repository: github.GitHub, issue: dict[str, Any], message: Message) -> str:
    """Say the event in the issue, unless it stands there, and bring the issue's state in line."""
    path = f"/issues/{issue['number']}"
    told = [_body(issue), *(_body(comment) for comment in repository.pages(f"{path}/comments"))]
    if not any(event_marker(message) in said for said in told):
        repository.ask("POST", f"{path}/comments", {"body": body(message)})
    state = "closed" if message.kind in text.ENDINGS else "open"
    reminds = message.kind == "drift_continues" and not message.correction  # a person may have closed it
    if issue.get("state") != state and not reminds:
        repository.ask("PATCH", path, {"state": state})
    return str(issue["number"])


def incident_marker(message: Message) -> str:
    """Return the hidden note that says whose incident an issue is: one drifts, another cannot be checked."""
    return f"<!-- drift-monitor incident {message.monitor} {_family(message)} -->"


def _family(message: Message) -> str:
    return "failure" if message.kind in text.FAILURES else "drift"


def event_marker(message: Message) -> str:
    """Return the hidden note that says which event was told."""
    correction = " correction" if message.correction else ""
    return f"<!-- drift-monitor event {message.event_id.replace('>', '')}{correction} -->"


def title(message: Message) -> str:
    """Return the issue's title."""
    subject = {"failure": "cannot be checked", "drift": "drifts"}[_family(message)]
    return text.clip(f"{formats.one_line(text.full_name(message), 180)} {subject}", TITLE, text.defuse)


def body(message: Message) -> str:
    """Return the text of the issue or comment in GitHub's Markdown, with the markers at its end."""
    lines = [f"- {text.escape_markdown(line)}" for line in text.column_lines(message) + text.quality_lines(message)]
    paragraphs = [
        text.escape_markdown(text.headline(message)),
        *text.notes(message),
        text.fit(lines, BODY),
        " · ".join(f"[{label}]({url})" for label, url in text.links(message)),
        f"{incident_marker(message)}\n{event_marker(message)}",
    ]
    return "\n\n".join(part for part in paragraphs if part)
