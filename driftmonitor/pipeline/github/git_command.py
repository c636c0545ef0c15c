"""Start git so that it cannot hang, ask, or run a program that a repository names, such as a hook or a filter."""

import base64
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.pipeline import processes

TOTAL_SECONDS = 600.0  # for all commands on one clone; the workflows' jobs leave room for it
MOST_BYTES = 1_000_000_000
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
# A token's variable, the user that it is sent for, and the variable and default of the only server that gets it.
TOKENS = (
    ("GITHUB_TOKEN", "x-access-token", "GITHUB_SERVER_URL", "https://github.com"),
    ("GITLAB_TOKEN", "oauth2", "CI_SERVER_URL", "https://gitlab.com"),
)
SETTINGS = {
    "core.autocrlf": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "http.lowSpeedLimit": "1000",  # bytes a second, over the time in seconds
    "http.lowSpeedTime": "60",
    "maintenance.auto": "false",
    "protocol.ext.allow": "never",
    "push.recurseSubmodules": "no",
}
# There is no terminal to ask on; with these nothing opens a window either.
NO_QUESTIONS = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
}


class Silent(OutsideError):  # noqa: N818  it reads as a sentence
    """A git command was ended because its time was up."""


@dataclass(frozen=True)
class Git:
    """Git in a clone at `root`; GITHUB_TOKEN or GITLAB_TOKEN in `environ` is sent to that server and to no other."""

    root: Path
    environ: Mapping[str, str]
    _spent: list[float] = field(default_factory=list, repr=False, compare=False)  # the seconds of each command

    def start(
        self,
        *arguments: str,
        sent: bytes | None = None,
        environ: Mapping[str, str] = NO_VARIABLES,
        seconds: float | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> processes.Ended:
        """Run a git command on the input `sent` and return how it ended; raise Silent if its time is up.

        It has `seconds`, if given, and at most what is left of the clone's time.
        """
        left = max(1.0, TOTAL_SECONDS - sum(self._spent))
        limit = left if seconds is None else min(seconds, left)
        began = time.monotonic()
        try:
            return self._run(arguments, {**self._variables, **environ}, limit, sent or b"", most_bytes)
        except processes.OutOfTime:
            raise _silent(verb(arguments), limit) from None
        except processes.TooMuchOutput:
            raise DriftMonitorError(
                f"git {verb(arguments)}: printed too much and was stopped; check the address of the remote."
            ) from None
        finally:
            self._spent.append(time.monotonic() - began)

    def _run(
        self, arguments: tuple[str, ...], variables: Mapping[str, str], limit: float, sent: bytes, most_bytes: int
    ) -> processes.Ended:
        environ = {**self.environ, **NO_QUESTIONS, "LC_ALL": "C", **variables}
        try:
            return processes.run(["git", "-C", str(self.root), *arguments], environ, limit, sent, most_bytes)
        except FileNotFoundError:
            raise DriftMonitorError("git: not installed; install it to load and save the state.") from None

    @cached_property
    def _variables(self) -> dict[str, str]:
        """Return git's settings as variables, which no process list shows."""
        names = self._configured(r"^filter\.|^core\.sshcommand$")
        pairs = [*SETTINGS.items(), *_without_filters(names), *self._tokens()]
        keys = {f"GIT_CONFIG_KEY_{n}": key for n, (key, _) in enumerate(pairs)}
        values = {f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(pairs)}
        has_own_ssh = "core.sshcommand" in names or self.environ.keys() & {"GIT_SSH", "GIT_SSH_COMMAND"}
        ssh = {} if has_own_ssh else {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}
        return {**keys, **values, **ssh, "GIT_CONFIG_COUNT": str(len(pairs))}

    def _configured(self, pattern: str) -> list[str]:
        """Return the names of the settings, of the user or of the repository, that match a pattern."""
        arguments = ("config", "--null", "--name-only", "--get-regexp", pattern)
        found = self._run(arguments, NO_VARIABLES, TOTAL_SECONDS, b"", MOST_BYTES).output
        return [name for name in found.decode("utf-8", "surrogateescape").split("\0") if name]

    def _tokens(self) -> list[tuple[str, str]]:
        """Return settings with which git sends each token to its server only, also if that names another address."""
        settings = []
        for variable, user, server_variable, usual in TOKENS:
            if token := self.environ.get(variable):
                basic = base64.b64encode(f"{user}:{token}".encode()).decode()
                server = self.environ.get(server_variable, usual).rstrip("/")
                settings.append((f"http.{server}/.extraheader", f"AUTHORIZATION: basic {basic}"))
        return [*settings, ("http.followRedirects", "false")] if settings else []


def _without_filters(names: list[str]) -> list[tuple[str, str]]:
    """Return settings that switch filters off: a `.gitattributes` on a branch could choose one for its files."""
    filters = {name.rpartition(".")[0] for name in names if name.startswith("filter.")}
    off = {"clean": "", "smudge": "", "process": "", "required": "false"}
    return [(f"{each}.{key}", value) for each in sorted(filters) for key, value in off.items()]


def verb(arguments: tuple[str, ...]) -> str:
    """Return the name of a git command."""
    return next(word for word in arguments if not word.startswith("-"))


def _silent(what: str, seconds: float) -> Silent:
    outcome = "the branch may have changed" if what == "push" else "nothing was changed"
    return Silent(
        f"git {what}: stopped after {seconds:.0f} s without a result, {outcome}; "
        "check the network and the remote, and run again."
    )
