"""The only room that knows git: one clone and its remote, without touching the clone's own files or index."""

import base64
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from driftmonitor import DriftMonitorError

# What a push is told when another was faster; any other refusal stays one.
RACES = re.compile(r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value")
# What git says -> what mends it; for all else the last one.
REMEDIES = {
    r"not a git repository|does not appear to be a git repository|No such remote": (
        "clone the repository from GitHub, or name it with `git remote add origin https://github.com/OWNER/REPOSITORY.git`"
    ),
    r"could not read Username|Authentication failed": "set GITHUB_TOKEN, such as from `gh auth token`, and run again",
    r"protected branch|rule violations": "let GitHub Actions pass that branch's rules, and run again",
    r"": "check the network and the token's rights, and run again",
}
NAME = "drift-monitor"
MAIL = "41898282+github-actions[bot]@users.noreply.github.com"  # GitHub's own, so that commits are shown as a bot's


@dataclass(frozen=True)
class Clone:
    """A clone at `root`; GITHUB_TOKEN in `environ`, if there, opens its remote on GitHub."""

    root: Path
    environ: Mapping[str, str]
    remote: str = "origin"

    def tips(self) -> dict[str, str]:
        """Return the commit of every branch that the remote has."""
        lines = self.read("ls-remote", self.remote, "refs/heads/*").splitlines()
        found = (line.split("\t") for line in lines)
        return {ref.removeprefix("refs/heads/"): commit for commit, ref in found}

    def url(self) -> str:
        """Return the remote's address."""
        return self.read("remote", "get-url", self.remote)

    def fetch(self, commit: str, *options: str) -> None:
        """Bring a commit here, and all of its files unless `options` filter them."""
        self.run("fetch", "--quiet", "--no-tags", *options, self.remote, commit)

    def blob(self, commit: str, path: str) -> bytes:
        """Return a file's content as it is in a commit."""
        return self.run("cat-file", "blob", f"{commit}:{path}")

    def tree(self, commit: str) -> str:
        """Return the name of a commit's tree."""
        return self.read("rev-parse", f"{commit}^{{tree}}")

    def lists(self, commit: str, path: str) -> bool:
        """Return whether a commit has a file, or with a / at its end anything in a folder."""
        return bool(self.read("ls-tree", "--name-only", commit, path))

    def check_out(self, commit: str, folder: Path) -> None:
        """Write all files of a commit into a folder."""
        with _index() as index:
            self.run("read-tree", commit, **index)
            self.run("checkout-index", "--all", "--force", f"--prefix={folder.resolve().as_posix()}/", **index)

    def write_tree(self, folder: Path, names: Sequence[str], added: Mapping[str, bytes]) -> str:
        """Store the named files of a folder, and `added` ones by content; return the tree's name."""
        with _index() as index:
            work_tree = f"--work-tree={folder.resolve()}"
            self.run(work_tree, "update-index", "--add", "-z", "--stdin", sent="\0".join(names).encode(), **index)
            self._add(added, index)
            return self.read("write-tree", **index)

    def change_tree(self, commit: str, changed: Mapping[str, bytes]) -> str:
        """Store a commit's files with some of them changed; return the tree's name."""
        with _index() as index:
            self.run("read-tree", commit, **index)
            self._add(changed, index)
            return self.read("write-tree", **index)

    def _add(self, contents: Mapping[str, bytes], index: Mapping[str, str]) -> None:
        for name, content in contents.items():
            blob = self.read("hash-object", "-w", "--stdin", sent=content)
            self.run("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", **index)

    def commit(self, tree: str, message: str, *parents: str) -> str:
        """Store a commit and return its name."""
        author = {"GIT_AUTHOR_NAME": NAME, "GIT_AUTHOR_EMAIL": MAIL}
        committer = {"GIT_COMMITTER_NAME": NAME, "GIT_COMMITTER_EMAIL": MAIL}
        lineage = [word for parent in parents for word in ("-p", parent)]
        return self.read("commit-tree", "--no-gpg-sign", tree, *lineage, "-m", message, **author, **committer)

    def push(self, commit: str, branch: str, expected: str | None) -> bool:
        """Make `commit` the branch if the remote has it at `expected` (None: not at all); return whether it had."""
        ref = f"refs/heads/{branch}"
        lease = f"--force-with-lease={ref}:{expected or ''}"
        done = self._start("push", "--porcelain", lease, self.remote, f"{commit}:{ref}")
        if done.returncode == 0:
            return True
        refused = [line for line in done.stdout.decode().splitlines() if line.startswith("!")]
        if refused and RACES.search(refused[0] + done.stderr.decode("utf-8", "replace")):
            return False
        raise _error("push", refused[0] if refused else done.stderr.decode("utf-8", "replace"))

    def read(self, *arguments: str, sent: bytes | None = None, **environ: str) -> str:
        """Run a git command and return what it prints, as text."""
        return self.run(*arguments, sent=sent, **environ).decode("utf-8", "replace").strip()

    def run(self, *arguments: str, sent: bytes | None = None, **environ: str) -> bytes:
        """Run a git command and return what it prints; raise DriftMonitorError if it fails."""
        done = self._start(*arguments, sent=sent, **environ)
        if done.returncode:
            verb = next(word for word in arguments if not word.startswith("-"))
            raise _error(verb, done.stderr.decode("utf-8", "replace"))
        return done.stdout

    def _start(self, *arguments: str, sent: bytes | None = None, **environ: str) -> subprocess.CompletedProcess:
        command = ["git", "-C", str(self.root), "-c", "core.autocrlf=false", *arguments]
        environ = {**self.environ, **self._token, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **environ}
        try:
            return subprocess.run(command, input=sent, capture_output=True, env=environ, check=False)  # noqa: S603
        except FileNotFoundError:
            raise DriftMonitorError("git: not installed; install it to load and save the state.") from None

    @cached_property
    def _token(self) -> dict[str, str]:
        """Return git's settings that send the token to GitHub alone; no process list shows the environment."""
        token = self.environ.get("GITHUB_TOKEN")
        if not token:
            return {}
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        server = self.environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
        return {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{server}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {basic}",
        }


@contextmanager
def scratch() -> Iterator[Path]:
    """Give an empty folder, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="drift-monitor-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _index() -> Iterator[dict[str, str]]:
    with scratch() as folder:
        yield {"GIT_INDEX_FILE": str(folder / "index")}


def _error(verb: str, said: str) -> DriftMonitorError:
    lines = [line for line in said.splitlines() if line.strip()] or ["no reason given"]
    reason = next((line for line in lines if line.startswith("fatal")), lines[-1])
    reason = " ".join(re.sub(r"\S+://\S+", "the remote", reason).split())[:200].rstrip(".")
    remedy = next(remedy for pattern, remedy in REMEDIES.items() if re.search(pattern, said))
    return DriftMonitorError(f"git {verb}: failed ({reason}); nothing was changed: {remedy}.")
