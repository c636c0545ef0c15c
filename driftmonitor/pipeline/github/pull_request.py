"""The one comment in a pull request that says what its change does; a hidden mark finds it again, to renew it."""

from collections.abc import Mapping
from pathlib import Path

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.pipeline.changes.wording import NOTHING
from driftmonitor.pipeline.channels import Refused, Unavailable, github
from driftmonitor.pipeline.channels.text import clip
from driftmonitor.regular_files import read_file

MARK = "<!-- drift-monitor diff -->"
NEEDS = "the permission `pull-requests: write`"
MOST_TEXT = 65_000  # GitHub refuses a comment of over 65,536 characters
MOST_BYTES = 1_000_000


def renew_comment(environ: Mapping[str, str], number: int, file: Path) -> str:
    """Write the file's text into the comment, or into a new one if there is none, and return what was done.

    A change that touches no monitor is worth no new comment. The token of a pull request of Dependabot's may not write.
    That is no failure: the run's page has the text.
    """
    try:
        text = clip(read_file(file, MOST_BYTES).decode("utf-8", "replace"), MOST_TEXT)
    except OSError as error:
        raise DriftMonitorError(f"{file}: cannot be read: {error.strerror}; run `diff --markdown` first.") from None
    try:
        return _renew(github.connect(environ, NEEDS), number, f"{MARK}\n{text}")
    except Refused as error:
        return f"pull request {number}: no comment; the run's page has the text. {error}"
    except Unavailable as error:
        raise OutsideError(f"{error} Run the job again.") from None


def _renew(repository: github.GitHub, number: int, body: str) -> str:
    known = next((each for each in repository.pages(f"/issues/{number}/comments") if _is_ours(each)), None)
    if known:
        repository.ask("PATCH", f"/issues/comments/{known['id']}", {"body": body})
        return f"pull request {number}: comment renewed"
    if f"\n### {NOTHING}" in body:
        return f"pull request {number}: touches no monitor, so there is no comment"
    repository.ask("POST", f"/issues/{number}/comments", {"body": body})
    return f"pull request {number}: commented"


def _is_ours(comment: Mapping[str, object]) -> bool:
    """Return whether a workflow wrote the comment: anybody can write the mark."""
    user = comment.get("user")
    is_bot = isinstance(user, dict) and user.get("type") == "Bot"
    return is_bot and isinstance(comment.get("id"), int) and str(comment.get("body") or "").startswith(MARK)
