"""As much of GitHub's API as a run needs: its own entry, GET /repos/owner/repo/actions/runs/NUMBER, and comments.

The repository is a private one, where a job's token needs the permission `actions: read` for it (docs.github.com, "REST
API endpoints for workflow runs", "Get a workflow run"). `created_at` is that of the first attempt; only
`run_started_at` changes with a later one.
"""

import re
from collections.abc import Mapping
from typing import Any

from tests.servers import Answer, Recorder, Request

# The permission that each needs, and the status of success.
POSTS = {"/pulls": ("pull-requests", 201), "/actions/workflows/tests.yml/dispatches": ("actions", 204)}


class Api:
    """A server on loopback that knows when each run was created, until it is closed."""

    def __init__(self) -> None:
        self.runs: dict[int, str] = {}
        self.comments: list[dict[str, Any]] = []  # of all pull requests
        self.posts: list[tuple[str, Any]] = []  # pull requests and runs that were asked for
        self.is_down = False
        self._permissions: dict[str, Mapping[str, str]] = {}
        self._server = Recorder(self._answer).__enter__()
        self.url = self._server.url

    def close(self) -> None:
        self._server.__exit__()

    def give_token(self, permissions: Mapping[str, str]) -> str:
        """Return a token that may do no more."""
        token = f"the-token-{len(self._permissions)}"
        self._permissions[token] = permissions
        return token

    def _answer(self, request: Request) -> Answer:
        asked = re.fullmatch(r"/repos/owner/repo/actions/runs/(\d+)", request.path)
        comments = re.fullmatch(r"/repos/owner/repo/issues/(?:(\d+)/comments|comments/(\d+))", request.path)
        permissions = self._permissions.get(request.headers.get("authorization", "").removeprefix("Bearer "), {})
        if self.is_down:
            return Answer(503)
        if (wanted := POSTS.get(request.path.removeprefix("/repos/owner/repo"))) and request.method == "POST":
            scope, status = wanted
            if permissions.get(scope) != "write":
                return Answer(403, {"message": "Resource not accessible by integration"})
            self.posts.append((request.path.removeprefix("/repos/owner/repo/"), request.json()))
            return Answer(status)
        if comments:
            return self._answer_about_comments(request, permissions, comments[1], comments[2])
        if permissions.get("actions") != "read":
            return Answer(403, {"message": "Resource not accessible by integration"})
        if request.method != "GET" or not asked or int(asked[1]) not in self.runs:
            return Answer(404, {"message": "Not Found"})
        number = int(asked[1])
        return Answer(200, {"id": number, "created_at": self.runs[number], "run_started_at": "2030-01-01T00:00:00Z"})

    def _answer_about_comments(
        self, request: Request, permissions: Mapping[str, str], pull_request: str | None, comment: str | None
    ) -> Answer:
        """List, add or change comments; only a token with `pull-requests: write` may write them."""
        if request.method == "GET":
            return Answer(200, [each for each in self.comments if each["pull_request"] == int(pull_request or 0)])
        if permissions.get("pull-requests") != "write":
            return Answer(403, {"message": "Resource not accessible by integration"})
        if request.method == "PATCH":
            (known,) = (each for each in self.comments if each["id"] == int(comment or 0))
            known["body"] = request.json()["body"]
            return Answer(200, known)
        new = {"id": len(self.comments) + 1, "pull_request": int(pull_request or 0), "user": {"type": "Bot"}}
        self.comments.append(new | {"body": request.json()["body"]})
        return Answer(201, new)
