"""The commit that a change is compared with, the files that differ from it, and a folder with its files."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.github.git import Clone

NO_COMMIT = re.compile("0{40,}")  # what GitHub gives as the commit before a branch's first push
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
DEFAULTS = ("origin/HEAD", "origin/main", "origin/master", "HEAD")
OWN = re.compile(r"(\.venv|state|site)/|(.*/)?(\.[a-z]+_cache|__pycache__|\.ipynb_checkpoints)/")


def find_base(clone: Clone, wanted: str) -> str | None:
    """Return the commit to compare with: where the change left the branch or commit `wanted`, or that commit itself.

    None if there was nothing before. A commit that the clone lacks is fetched. Without `wanted`, the remote's main
    branch is taken.
    """
    if NO_COMMIT.fullmatch(wanted):
        return None
    found = _commit(clone, wanted) if wanted else next(filter(None, (_commit(clone, name) for name in DEFAULTS)), None)
    if found is None and re.fullmatch("[0-9a-f]{40,64}", wanted):
        clone.fetch(wanted, "--depth=1")
        found = _commit(clone, wanted)
    if found is None:
        raise DriftMonitorError(f"{wanted or 'HEAD'}: no such commit; name a branch or a commit, such as origin/main.")
    with suppress(DriftMonitorError):  # the part of the past that a workflow fetches may not reach back to it
        return clone.read("merge-base", found, "HEAD")
    return found


def _commit(clone: Clone, name: str) -> str | None:
    with suppress(DriftMonitorError):
        return clone.read("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return None


def changed_files(clone: Clone, base: str | None) -> list[str]:
    """Return the files of the working tree that differ from a commit, new and removed ones included."""
    plain = ("--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "-z")
    differing = clone.run("diff", *plain, base or EMPTY_TREE, "--")
    return sorted({*_names(differing), *_names(clone.run("ls-files", "--others", "--exclude-standard", "-z"))})


def write_files(clone: Clone, base: str | None, folder: Path) -> None:
    """Write a commit's files into a folder, and link what git ignores, such as private data: no commit changes that."""
    if base:
        clone.check_out_as_usual(base, folder)
    link_others(clone, folder)


def link_others(clone: Clone, folder: Path, untracked: bool = False) -> None:
    """Link in a folder of files what git ignores in the working tree and, if wanted, what it does not know yet."""
    for name in _others(clone, untracked):
        link = folder / name
        if not link.exists() and link.parent.is_dir():
            with suppress(OSError):  # Windows allows it only to some users
                link.symlink_to(clone.root / name, target_is_directory=name.endswith("/"))


def _others(clone: Clone, untracked: bool) -> Iterator[str]:
    arguments = ("--others", "--exclude-standard", "--directory", "-z")
    found = _names(clone.run("ls-files", "--ignored", *arguments))
    found += _names(clone.run("ls-files", *arguments)) if untracked else []
    return (name for name in found if not OWN.match(name))


def _names(listed: bytes) -> list[str]:
    return listed.decode("utf-8", "surrogateescape").split("\0")[:-1]
