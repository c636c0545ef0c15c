"""Which version of a package or of an action is used. Dependabot changes these lines in every repository, each month.

So both sides change them, and the new version's are taken: they were tested together. What the user added stays.
"""

import re
from fnmatch import fnmatch

LOCKS, WORKFLOWS = ("requirements*.txt", ".github/uv.txt"), ".github/workflows/*"
HASH = b"--hash="
PACKAGE = re.compile(rb"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]\n]*\])?==[^\n]*\n?(?:[ \t]+[^\n]*\n?)*", re.MULTILINE)
ACTION = re.compile(rb"^(?P<start>[ -]*uses: (?P<name>[\w./-]+)@)(?P<version>[^\n]*)$", re.MULTILINE)


def is_lock(path: str) -> bool:
    """Return whether a file has the versions of all packages."""
    return any(fnmatch(path, pattern) for pattern in LOCKS)


def merge_locks(base: bytes, ours: bytes, theirs: bytes) -> tuple[bytes, list[str]]:
    """Return the new version's lock with the packages that we added, and which of these lack a hash that it needs."""
    known = {found["name"].lower() for text in (base, theirs) for found in PACKAGE.finditer(text)}
    added = {found["name"].decode(): found[0].rstrip() + b"\n" for found in PACKAGE.finditer(ours)
             if found["name"].lower() not in known}  # fmt: skip
    lacking = [name for name, lines in added.items() if HASH in theirs and HASH not in lines]
    return theirs + b"".join(added.values()), lacking


def undo_pins(path: str, base: bytes, ours: bytes) -> bytes:
    """Return our workflow with the versions that the base has of the same actions; any other file as it is."""
    before = {found["name"]: found["version"] for found in ACTION.finditer(base)}

    def undo(found: re.Match[bytes]) -> bytes:
        return found["start"] + before.get(found["name"], found["version"])

    return ACTION.sub(undo, ours) if fnmatch(path, WORKFLOWS) else ours
