"""Read and change branches of one clone's remote, without touching the clone's own files."""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.formats import one_line
from driftmonitor.pipeline.github.git_command import Git, Silent, verb
from driftmonitor.pipeline.processes import Ended

ASK_SECONDS = 30.0  # for the list of branches, which is short
ASK_TIMES = 3
SHORT_BYTES = 10_000_000
# What git reports if another push was faster; any other refusal is an error.
RACES = re.compile(r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value")
# What git reports -> what to do; the last one is for everything else.
REMEDIES = {
    r"not a git repository|does not appear to be a git repository|No such remote": (
        "clone the repository from GitHub, or add its address with `git remote add origin https://github.com/OWNER/REPOSITORY.git`"
    ),
    r"could not read Username|Authentication failed": (
        "set GITHUB_TOKEN, such as from `gh auth token`, or on GitLab GITLAB_TOKEN, and run again"
    ),
    r"error: 30[12378]": "the repository moved; set its new address with `git remote set-url origin ADDRESS`",
    r"file size limit": "make that file smaller, such as by fewer figures in its notebook, and run that monitor again",
    r"GitLab: .*(protected branch|allowed to push)": (
        "let the token push to that branch, and run again (docs/elsewhere.md)"
    ),
    r"protected branch|rule violations": "allow GitHub Actions to bypass that branch's rules, and run again",
    r"": "check the network and the token's rights, and run again",
}
# With this address GitHub shows the commits as a bot's.
IDENTITY = {"NAME": "drift-monitor", "EMAIL": "41898282+github-actions[bot]@users.noreply.github.com"}
LEADS_OUT = re.compile(r"\.git|git~\d|\.\.?|", re.IGNORECASE)


@dataclass(frozen=True)
class Clone:
    """A clone at `root`; GITHUB_TOKEN or GITLAB_TOKEN in `environ`, if set, gives access to its remote there."""

    root: Path
    environ: Mapping[str, str]
    remote: str = "origin"

    def tips(self) -> dict[str, str]:
        """Return the commit of each branch of the remote, by the branch's name."""
        pairs = (line.split("\t") for line in self._list_branches().splitlines())
        return {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}

    def _list_branches(self) -> str:
        """Ask the remote; if it is silent, ask again, because another connection may be answered at once."""
        for _ in range(ASK_TIMES - 1):
            with suppress(Silent):
                return self.read("ls-remote", self.remote, "refs/heads/*", seconds=ASK_SECONDS)
        return self.read("ls-remote", self.remote, "refs/heads/*", seconds=ASK_SECONDS)

    def url(self) -> str:
        """Return the remote's address."""
        return self.read("remote", "get-url", self.remote)

    def fetch(self, commit: str, *options: str) -> None:
        """Fetch a commit, with all of its files unless `options` filter them."""
        self.run("fetch", "--quiet", "--no-tags", *options, self.remote, commit)

    def blob(self, commit: str, path: str) -> bytes:
        """Return a file's content as it is in a commit."""
        return self.run("cat-file", "blob", f"{commit}:{path}")

    def tree(self, commit: str) -> str:
        """Return the hash of a commit's tree."""
        return self.read("rev-parse", f"{commit}^{{tree}}")

    def has(self, commit: str, path: str) -> bool:
        """Return whether a commit has a file or, if `path` ends with /, a folder with any files."""
        return bool(self.read("ls-tree", "--name-only", commit, path))

    def check_out(self, commit: str, folder: Path) -> None:
        """Write all files of a commit into a folder, byte for byte: its `.gitattributes` would change line ends."""
        attributes = [name for name in self.check_tree(commit) if name.rpartition("/")[2].lower() == ".gitattributes"]
        with _index() as index:
            self.run("read-tree", commit, environ=index)
            if attributes:
                names = "\0".join(attributes).encode("utf-8", "surrogateescape")
                self.run("update-index", "-z", "--force-remove", "--stdin", sent=names, environ=index)
            prefix = f"--prefix={folder.resolve().as_posix()}/"
            self.run("checkout-index", "--all", "--force", prefix, environ=index)

    def check_out_as_usual(self, commit: str, folder: Path) -> None:
        """Write all files of a commit of the repository itself into a folder, links included, with its line ends."""
        with _index() as index:
            self.run("read-tree", commit, environ=index)
            self.run("checkout-index", "--all", "--force", f"--prefix={folder.resolve().as_posix()}/", environ=index)

    def write_tree(self, folder: Path, names: Sequence[str], added: Iterable[tuple[str, bytes]]) -> str:
        """Store the named files of a folder, and `added` names with their content; return the tree's hash."""
        with _index() as index:
            work_tree = f"--work-tree={folder.resolve()}"
            paths = "\0".join(names).encode()
            self.run(work_tree, "update-index", "--add", "-z", "--stdin", sent=paths, environ=index)
            self._add(added, index)
            tree = self.read("write-tree", environ=index)
        self.check_tree(tree)
        return tree

    def check_tree(self, tree: str) -> list[str]:
        """Return a tree's names; refuse anything but plain files: links, other repositories, names that lead out."""
        found = self.run("ls-tree", "-r", "-z", "--full-tree", tree).decode("utf-8", "surrogateescape")
        lines = [line.split("\t", 1) for line in found.split("\0")[:-1]]
        for kind, name in lines:
            plain = kind[:6] in ("100644", "100755") and not any(map(LEADS_OUT.fullmatch, name.split("/")))
            if not plain:
                what = {"120000": "a link", "160000": "another repository"}.get(kind[:6], "no plain file")
                raise DriftMonitorError(
                    f"{one_line(name)}: is {what}, which no state has; nothing was changed; restore an earlier state."
                )
        return [name for _, name in lines]

    def change_tree(self, commit: str, changed: Iterable[tuple[str, bytes]]) -> str:
        """Store a commit's files with some of them changed; return the tree's hash."""
        with _index() as index:
            self.run("read-tree", commit, environ=index)
            self._add(changed, index)
            return self.read("write-tree", environ=index)

    def _add(self, contents: Iterable[tuple[str, bytes]], index: Mapping[str, str]) -> None:
        for name, content in contents:
            blob = self.read("hash-object", "-w", "--stdin", sent=content)
            self.run("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", environ=index)

    def commit(self, tree: str, message: str, *parents: str) -> str:
        """Store a commit and return its hash."""
        who = {f"GIT_{role}_{key}": text for role in ("AUTHOR", "COMMITTER") for key, text in IDENTITY.items()}
        who |= {name: self.environ[name] for name in who if name in self.environ}
        lineage = [word for parent in parents for word in ("-p", parent)]
        return self.read("commit-tree", "--no-gpg-sign", tree, *lineage, "-m", message, environ=who)

    def push(self, commit: str, branch: str, expected: str | None) -> bool:
        """Set the branch to `commit` if the remote has it at `expected` (None: not at all); return whether it had."""
        ref = f"refs/heads/{branch}"
        lease = f"--force-with-lease={ref}:{expected or ''}"
        done = self.start("push", "--porcelain", lease, self.remote, f"{commit}:{ref}")
        if done.code == 0:
            return True
        output, errors = (text.decode("utf-8", "replace") for text in (done.output, done.errors))
        refused = [line for line in output.splitlines() if line.startswith("!")]
        if refused and RACES.search(refused[0] + errors):
            return False
        told = ("remote: error", "remote: GitLab")
        reasons = [line.removeprefix("remote: ") for line in errors.splitlines() if line.startswith(told)]
        raise _error("push", _telling(reasons + refused) or errors)

    def read(self, *arguments: str, **more: Any) -> str:
        """Run a git command and return its output as text; `more` is as for Git.start."""
        return self.run(*arguments, **more, most_bytes=SHORT_BYTES).decode("utf-8", "replace").strip()

    def run(self, *arguments: str, **more: Any) -> bytes:
        """Run a git command and return its output; raise DriftMonitorError if it fails. `more` is as for Git.start."""
        done = self.start(*arguments, **more)
        if done.code:
            raise _error(verb(arguments), done.errors.decode("utf-8", "replace"))
        return done.output

    def start(self, *arguments: str, **more: Any) -> Ended:
        """Run a git command and return how it ended, also if it failed; `more` is as for Git.start."""
        return self._git.start(*arguments, **more)

    @cached_property
    def _git(self) -> Git:
        return Git(self.root, self.environ)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield an empty folder, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="drift-monitor-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _index() -> Iterator[dict[str, str]]:
    with scratch() as folder:
        yield {"GIT_INDEX_FILE": str(folder / "index")}


def _telling(lines: Sequence[str]) -> str:
    """Return the line whose remedy is known, or the first: GitHub's begin with the number of a trace."""
    known = [line for line in lines if any(pattern and re.search(pattern, line) for pattern in REMEDIES)]
    return (*known, *lines, "")[0]


def _error(verb: str, output: str) -> DriftMonitorError:
    lines = [line for line in output.splitlines() if line.strip()] or ["no reason given"]
    reason = next((line for line in lines if line.startswith("fatal")), lines[-1])
    reason = " ".join(re.sub(r"\S+://\S+", "the remote", reason).split())[:200].rstrip(".")
    remedy = next(remedy for pattern, remedy in REMEDIES.items() if re.search(pattern, output))
    return DriftMonitorError(f"git {verb}: failed ({reason}), nothing was changed; {remedy}.")
