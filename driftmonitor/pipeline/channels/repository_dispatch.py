"""Retraining set off by a GitHub `repository_dispatch` event, in this repository or another.

GitHub allows ten fields at the top of `client_payload`, and 64 KB in all.
"""

from collections.abc import Mapping

from driftmonitor.pipeline.alerts import Message
from driftmonitor.pipeline.channels import Refused, github, payload

NAME = "repository_dispatch"
PURPOSE = "retrain"
SETTING = "RETRAIN_GITHUB_TOKEN or GITHUB_TOKEN"
LIMIT_BYTES = 60_000


def configured(environ: Mapping[str, str]) -> bool:
    """Say whether a token is set."""
    return bool(environ.get("RETRAIN_GITHUB_TOKEN") or environ.get("GITHUB_TOKEN"))


def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Send the event with its record and links to the repository that the monitor names."""
    if message.retrain is None:
        raise Refused("repository_dispatch: the monitor names no repository; set monitor.retrain in its params file.")
    named = message.retrain.repository_dispatch
    token = "RETRAIN_GITHUB_TOKEN" if environ.get("RETRAIN_GITHUB_TOKEN") else "GITHUB_TOKEN"
    repository = github.connect(environ, None if named == "this" else named, token)
    told = {"event_type": message.retrain.event_type, "client_payload": payload.retraining(message, LIMIT_BYTES)}
    github.accept(repository.call("POST", "/dispatches", told), "`contents: write` on that repository")
