"""The template that the repository was made from: its address, its released versions, and the one to merge from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from driftmonitor import ROOT, DriftMonitorError, OutsideError
from driftmonitor.formats import some_names
from driftmonitor.pipeline.github.git import ASK_SECONDS, Clone
from driftmonitor.pipeline.github.git_command import Silent
from driftmonitor.pipeline.upgrades.versions import Version, parse, tagged

VARIABLE = "DRIFT_TEMPLATE"
WHERE = f"--template, {VARIABLE} or template in pyproject.toml"


@dataclass(frozen=True)
class Template:
    """The template at an address, and the tag of each released version."""

    address: str
    tags: Mapping[Version, str]

    @property
    def newest(self) -> Version:
        return max(self.tags)

    def choose(self, own: Version, wanted: str) -> Version | None:
        """Return the version to upgrade to, by default the newest; None if the repository has it already."""
        version = parse(wanted) if wanted else max(self.newest, own)
        if version == own:
            return None
        if version is None or version not in self.tags:
            there = some_names(map(str, sorted(self.tags, reverse=True)))
            raise DriftMonitorError(f"{wanted}: the template has no such version; choose one of: {there}.")
        if version < own:
            raise DriftMonitorError(
                f"{version} is older than this repository's {own}; to go back, revert the commit of the upgrade."
            )
        return version


def find_address(given: str, root: Path, environ: Mapping[str, str]) -> str:
    """Return the template's address: the given one, the variable's, that in pyproject.toml or, in a clone, its own."""
    named = given or environ.get(VARIABLE, "") or _read_setting(root / "pyproject.toml")
    if not named and root != ROOT:
        named = Clone(ROOT, environ).url()  # this is the template itself, which upgrades another repository
    if not named:
        raise DriftMonitorError(f"the template's address is not known; set {WHERE}.")
    if named.startswith("-"):
        raise DriftMonitorError(f"the template's address is invalid; fix it in {WHERE}.")
    return named


def _read_setting(path: Path) -> str:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        return str(settings["tool"]["drift-monitor"]["template"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def read_template(address: str, root: Path, environ: Mapping[str, str]) -> Template:
    """Ask the template for its versions; OutsideError if it cannot be reached. Its address may hold a password."""
    try:
        listed = Clone(root, environ).read("ls-remote", "--tags", "--", address, seconds=ASK_SECONDS)
    except Silent:
        raise OutsideError("the template did not answer; check the network, and run again.") from None
    except DriftMonitorError as error:
        why = str(error).partition("(")[2].partition("), nothing")[0] or "no reason given"
        raise OutsideError(f"the template cannot be read ({why}); check the network, and {WHERE}.") from None
    tags = tagged(line.partition("\t")[2] for line in listed.splitlines())
    if not tags:
        raise DriftMonitorError(f"the template has no version, which is a tag such as v0.1.0; check {WHERE}.")
    return Template(address, tags)


def find_base(clone: Clone, head: str, target: str, tag: str | None) -> str | None:
    """Return the template's commit that the repository's files began as; the clone has both.

    That is the tag of its own version, or a later commit if the repository was made from one between two versions, or
    has the template's history. A repository made from a template has a commit with exactly the template's files.
    """
    candidates = [tag] if tag else []
    shared = clone.start("merge-base", head, target)
    candidates += shared.output.decode().split() if shared.code == 0 else []
    candidates += _find_equal_files(clone, head, target)
    newest = clone.read("merge-base", "--independent", *candidates).split() if candidates else []
    return newest[0] if newest else None


def _find_equal_files(clone: Clone, head: str, target: str) -> list[str]:
    """Return the template's commit whose files the repository had last."""
    ours = clone.read("log", "--format=%T", head).split()
    lines = (line.partition(" ") for line in clone.read("log", "--format=%T %H", target).splitlines())
    theirs = {tree: commit for tree, _, commit in lines}
    return [theirs[tree] for tree in ours if tree in theirs][:1]
