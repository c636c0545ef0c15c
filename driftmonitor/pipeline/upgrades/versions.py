"""Versions and their names: the template's tag v0.2.0, the package's `__version__`, a section of CHANGELOG.md."""

import re
from collections.abc import Iterable
from typing import NamedTuple

PACKAGE = "driftmonitor/__init__.py"
CHANGELOG = "CHANGELOG.md"
NAME = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")
ASSIGNMENT = re.compile(rb'^__version__ = "([^"\n]{1,40})"', re.MULTILINE)
HEADING = re.compile(r"^## (\S+)(?: - \d{4}-\d\d-\d\d)?$", re.MULTILINE)


class Version(NamedTuple):
    """A released version; it is later than another if it is greater."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def parse(name: str) -> Version | None:
    """Return the version that `0.2.0`, `v0.2.0` or `v0.2` names; None if it names none."""
    found = NAME.fullmatch(name)
    return Version(*(int(part or 0) for part in found.groups())) if found else None


def version_of(package: bytes) -> Version | None:
    """Return the version that the text of driftmonitor/__init__.py assigns."""
    found = ASSIGNMENT.search(package)
    return parse(found[1].decode("utf-8", "replace")) if found else None


def tagged(refs: Iterable[str]) -> dict[Version, str]:
    """Return the tag of each version; `v0.2.0` is preferred to `v0.2`."""
    tags = sorted(ref.removeprefix("refs/tags/") for ref in refs if ref.startswith("refs/tags/v"))
    return {version: tag for tag in tags if (version := parse(tag))}


def changes_between(changelog: str, own: Version, target: Version) -> list[str]:
    """Return the lines of a changelog on the versions after `own`, up to `target`."""
    starts = list(HEADING.finditer(changelog))
    ends = [*(start.start() for start in starts[1:]), len(changelog)]
    wanted = [
        changelog[start.start() : end].strip()
        for start, end in zip(starts, ends, strict=True)
        if (version := parse(start[1])) and own < version <= target
    ]
    return "\n\n".join(wanted).splitlines()
