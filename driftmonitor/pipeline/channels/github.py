"""GitHub's API for one repository: the token it is called with, and the remedies for its refusals."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from driftmonitor.pipeline.channels import Refused, Unavailable, http
from driftmonitor.pipeline.channels.address import read_address
from driftmonitor.pipeline.channels.retry_after import retry_after_seconds

API = "https://api.github.com"
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*")
PAGE = 100
MAX_PAGES = 10


@dataclass(frozen=True)
class GitHub:
    """One repository, the token for it, and the permission that the token needs."""

    api: str
    repository: str
    token: str = field(repr=False)
    needs: str

    def ask(self, method: str, path: str, content: Any = None, params: Mapping[str, Any] | None = None) -> http.Reply:
        """Make one call and return the reply if it is a success; else raise Refused or Unavailable."""
        return accept(self.call(method, path, content, params), self.needs)

    def call(self, method: str, path: str, content: Any = None, params: Mapping[str, Any] | None = None) -> http.Reply:
        """Make one call under the repository and return the reply, whatever its status."""
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "User-Agent": "drift-monitor",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        url = f"{self.api}/repos/{self.repository}{path}"
        return http.exchange("GitHub", method, url, json=content, params=params, headers=headers)

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield every item of a list; raise as `ask` does."""
        for page in range(1, MAX_PAGES + 1):
            reply = self.ask("GET", path, params=params | {"per_page": PAGE, "page": page})
            items = reply.json()
            if not isinstance(items, list):
                raise Unavailable("GitHub: its answer could not be read.")
            yield from (item for item in items if isinstance(item, dict))
            if len(items) < PAGE:
                return


def connect(
    environ: Mapping[str, str], needs: str, repository: str | None = None, setting: str = "GITHUB_TOKEN"
) -> GitHub:
    """Return the repository (GITHUB_REPOSITORY by default) with its token; raise Refused if either is invalid."""
    token = environ.get(setting, "")
    if not re.fullmatch(r"[!-~]+", token):
        raise Refused(f"{setting} is empty or contains spaces or line ends; set it again.")
    repository = repository or environ.get("GITHUB_REPOSITORY", "")
    if not REPOSITORY.fullmatch(repository):
        raise Refused("GITHUB_REPOSITORY is not of the form owner/name; set it to the repository on GitHub.")
    api = read_address(environ, "GITHUB_API_URL") if environ.get("GITHUB_API_URL") else API
    return GitHub(api.rstrip("/"), repository, token, needs)


def accept(reply: http.Reply, needs: str) -> http.Reply:
    """Return a reply that is a success; raise as `http.accept` does, by GitHub's own meanings of its statuses."""
    status, headers = reply.status, reply.headers
    if status in (403, 429) and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"):
        raise Unavailable("GitHub: too many requests.", retry_after_seconds(headers))
    remedies = {
        401: "the token is invalid; set it again",
        403: f"the token may not do this; give it {needs}",
        404: f"no such repository, or the token may not see it; give it {needs}",
        410: "issues are disabled in this repository; enable them in its settings",
    }
    if status in remedies:
        raise Refused(f"GitHub: answered {status}: {remedies[status]}.")
    return http.accept("GitHub", reply)
