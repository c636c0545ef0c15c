"""What GitHub knows of the run that this command is part of: its attempt, and when it was created.

A run keeps its `created_at` when it is run again, and while it waits for others of its concurrency group; only
`run_started_at` changes (docs.github.com, "REST API endpoints for workflow runs").
"""

import datetime as dt
from collections.abc import Mapping

from driftmonitor import OutsideError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.channels import Refused, Unavailable, github


def is_repeated(environ: Mapping[str, str]) -> bool:
    """Return whether the run was started again, with all of its jobs or the failed ones."""
    return environ.get("GITHUB_RUN_ATTEMPT", "1") != "1"


def page(environ: Mapping[str, str]) -> str:
    """Return the address of the run's page, or nothing outside GitHub."""
    if not environ.get("GITHUB_RUN_ID"):
        return ""
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    return f"{server}/{environ.get('GITHUB_REPOSITORY')}/actions/runs/{environ['GITHUB_RUN_ID']}"


def created_at(environ: Mapping[str, str], now: dt.datetime) -> dt.datetime:
    """Return when the run was created; outside GitHub, now.

    If GitHub does not answer, a first attempt takes now, as most runs are created in that minute. A later attempt
    raises OutsideError: it may be days later.
    """
    if not environ.get("GITHUB_RUN_ID"):
        return now
    try:
        return _ask(environ)
    except (Refused, Unavailable) as error:
        if is_repeated(environ):
            raise OutsideError(
                f"the day of this run is unknown: {error} Re-run the jobs later, or start a run by hand with its date."
            ) from None
        console.complain(f"{error} The run is dated by the clock.")
        return now


def _ask(environ: Mapping[str, str]) -> dt.datetime:
    api = github.connect(environ, "the permission `actions: read`")
    answer = api.ask("GET", f"/actions/runs/{environ['GITHUB_RUN_ID']}").field("created_at")
    try:
        return dt.datetime.fromisoformat(str(answer)).astimezone(dt.UTC)
    except ValueError:
        raise Unavailable("GitHub: its answer could not be read.") from None
