"""GitHub issues: one for each incident. Opened when it opens, commented when it changes, closed when it ends.

Markers in HTML comments, which readers do not see, name the incident of an issue and the events that were posted in it.
So an attempt whose answer was lost is not posted twice.
"""

from collections.abc import Mapping
from typing import Any

from driftmonitor import formats
from driftmonitor.pipeline.alerts.incidents import family_of
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
    """Return whether a token and a repository are set."""
    return bool(environ.get("GITHUB_TOKEN") and environ.get("GITHUB_REPOSITORY"))


@time_limits.bounded
def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> str | None:
    """Open an issue, or comment on the incident's issue and open or close it; return the issue's number.

    The end of an incident that has no issue is not posted, because there is nothing to close.
    """
    repository = github.connect(environ, NEEDS)
    issue = _issue(repository, receipt) or _find(repository, message)
    if issue is None:
        return None if message.kind in text.ENDINGS else _open(repository, message)
    return _comment(repository, issue, message)


def _issue(repository: github.GitHub, receipt: str | None) -> dict[str, Any] | None:
    """Return the issue that `receipt` names, or None if it was deleted or transferred."""
    if not receipt or not receipt.isdigit():
        return None
    reply = repository.call("GET", f"/issues/{receipt}")
    if reply.status in (301, 404, 410):
        return None
    issue = github.accept(reply, NEEDS).json()
    return issue if _is_issue(issue) else None


def _find(repository: github.GitHub, message: Message) -> dict[str, Any] | None:
    """Return the open issue of the message's incident, known by its marker."""
    issues = repository.pages("/issues", labels=LABEL, state="open")
    return next((issue for issue in issues if _is_issue(issue) and incident_marker(message) in _body(issue)), None)


def _is_issue(answer: Any) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get("number"), int) and "pull_request" not in answer


def _body(post: dict[str, Any]) -> str:
    return str(post.get("body") or "")


def _open(repository: github.GitHub, message: Message) -> str | None:
    issue = {"title": title(message), "body": body(message), "labels": [LABEL]}
    reply = repository.ask("POST", "/issues", issue)
    number = str(reply.field("number") or "")
    return number if number.isdigit() else None


def _comment(repository: github.GitHub, issue: dict[str, Any], message: Message) -> str:
    """Post the event in the issue, unless it was posted before, and open or close the issue."""
    path = f"/issues/{issue['number']}"
    posts = [_body(issue), *(_body(comment) for comment in repository.pages(f"{path}/comments"))]
    if not any(event_marker(message) in post for post in posts):
        repository.ask("POST", f"{path}/comments", {"body": body(message)})
    state = "closed" if message.kind in text.ENDINGS else "open"
    is_reminder = message.kind == "drift_continues" and not message.correction  # a person may have closed the issue
    if issue.get("state") != state and not is_reminder:
        repository.ask("PATCH", path, {"state": state})
    return str(issue["number"])


def incident_marker(message: Message) -> str:
    """Return the hidden marker that names the incident of an issue: a monitor's drift, failed runs, or checks."""
    return f"<!-- drift-monitor incident {message.monitor} {family_of(message.kind)} -->"


def event_marker(message: Message) -> str:
    """Return the hidden marker that names the event of a post."""
    correction = " correction" if message.correction else ""
    return f"<!-- drift-monitor event {message.event_id.replace('>', '')}{correction} -->"


def title(message: Message) -> str:
    """Return the issue's title."""
    subject = {"failure": "runs fail", "drift": "data drifts", "check": "checks fail"}[family_of(message.kind)]
    return text.clip(f"{formats.one_line(text.full_name(message), 180)}: {subject}", TITLE, text.defuse)


def body(message: Message) -> str:
    """Return the text of the issue or comment in GitHub's Markdown, with the markers at the end."""
    lines = [f"- {text.escape_markdown(line)}" for line in text.column_lines(message) + text.quality_lines(message)]
    paragraphs = [
        text.escape_markdown(text.headline(message)),
        *map(text.escape_markdown, text.notes(message)),
        text.fit(lines, BODY),
        " · ".join(f"[{label}]({url})" for label, url in text.links(message)),
        f"{incident_marker(message)}\n{event_marker(message)}",
    ]
    return "\n\n".join(part for part in paragraphs if part)
