"""Start retraining with a GitHub `repository_dispatch` event, in this repository or another.

GitHub allows ten top-level fields in `client_payload`, and 64 KB in all.
"""

from collections.abc import Mapping

from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import Refused, github, payload

NAME = "repository_dispatch"
PURPOSE = "retrain"
SETTING = "RETRAIN_GITHUB_TOKEN or GITHUB_TOKEN"
ENVIRONMENT = ("RETRAIN_GITHUB_TOKEN", "GITHUB_TOKEN", "GITHUB_REPOSITORY")
NEEDS = "`contents: write` on that repository"
LIMIT_BYTES = 60_000


def configured(environ: Mapping[str, str]) -> bool:
    """Return True: if a monitor names a repository, a missing setting must be reported."""
    return True


def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Send the event with its record and links to the repository that the monitor names."""
    if message.retrain is None:
        raise Refused("repository_dispatch: no repository is named; set monitor.retrain in the params file.")
    named = message.retrain.repository_dispatch
    own = environ.get("RETRAIN_GITHUB_TOKEN") or not environ.get("GITHUB_TOKEN")
    token = "RETRAIN_GITHUB_TOKEN" if own else "GITHUB_TOKEN"
    repository = github.connect(environ, NEEDS, None if named == "this" else named, token)
    event = {"event_type": message.retrain.event_type, "client_payload": payload.retraining(message, LIMIT_BYTES)}
    repository.ask("POST", "/dispatches", event)
