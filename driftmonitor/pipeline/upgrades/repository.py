"""The repository that is upgraded: what it is, why it may not be upgraded, and the branch that it gets at last."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.upgrades.newest import read_own_version
from driftmonitor.pipeline.upgrades.versions import Version


@dataclass(frozen=True)
class Repository:
    """A repository made from the template: its commit, its branch, and the version that it has."""

    clone: Clone
    head: str
    branch: str
    own: Version

    @property
    def root(self) -> Path:
        return self.clone.root


def open_repository(root: Path, environ: Mapping[str, str]) -> Repository:
    """Return the repository in a folder; DriftMonitorError says why it cannot be upgraded."""
    clone = Clone(root, environ)
    if not (root / ".git").exists():
        raise DriftMonitorError(
            f"{root}: not the folder of a git repository; run upgrade in a clone, or `git init` and commit."
        )
    if clone.start("rev-parse", "-q", "--verify", "HEAD^{commit}").code:
        raise DriftMonitorError(f"{root}: has no commit yet; commit your files, and run again.")
    if clone.read("status", "--porcelain", "--untracked-files=no"):
        raise DriftMonitorError(f"{root}: has changes that are not committed; commit or stash them, and run again.")
    branch = clone.start("symbolic-ref", "-q", "--short", "HEAD").output.decode().strip()
    if not branch:
        raise DriftMonitorError(f"{root}: no branch is checked out; run `git switch main`, and run again.")
    return Repository(clone, clone.read("rev-parse", "HEAD"), branch, read_own_version(root))
