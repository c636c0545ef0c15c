"""The command `upgrade`: merge a later version of the template, try it, and leave one commit on a branch."""

import os
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.github.git import scratch
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.upgrades import trees
from driftmonitor.pipeline.upgrades.merge import say_merged
from driftmonitor.pipeline.upgrades.prepare import REFS, Upgrade, keep, prepare
from driftmonitor.pipeline.upgrades.repository import Repository, open_repository
from driftmonitor.pipeline.upgrades.template import find_address, read_template
from driftmonitor.pipeline.upgrades.trial import try_both
from driftmonitor.pipeline.upgrades.versions import CHANGELOG, Version, changes_between


def upgrade(job: Job, root: Path, wanted: str, address: str) -> bool:
    """Upgrade the repository in `root` to the wanted version, or the newest; return whether nothing got worse."""
    repository = open_repository(root, os.environ)
    template = read_template(find_address(address, root, os.environ), root, os.environ)
    target = template.choose(repository.own, wanted)
    if target is None:
        console.say(f"drift-monitor {repository.own}: up to date")
        return True
    branch = f"upgrade-{target}"
    if repository.clone.start("rev-parse", "-q", "--verify", f"refs/heads/{branch}").code == 0:
        raise DriftMonitorError(f"{branch}: this branch exists; merge it, or run `git branch -D {branch}`.")
    console.say(f"upgrading from {repository.own} to {target}; nothing in your folder changes")
    with scratch() as folder:
        prepared = prepare(folder, repository, template, target)
        _say_news(prepared, repository.own, target)
        works = _try(folder, repository, prepared, target, job)
        keep(repository, prepared, target, branch)
    _say_next(repository, branch, target, bool(prepared.merged.kept))
    return works


def _say_news(prepared: Upgrade, own: Version, target: Version) -> None:
    """Print the changelog between both versions, and what a person must know about the merge."""
    changelog = trees.files(prepared.store, prepared.files).get(CHANGELOG)
    text = trees.content(prepared.store, changelog.blob).decode("utf-8", "replace") if changelog else ""
    changes = changes_between(text, own, target)
    for line in [*(["", *changes, ""] if changes else []), *say_merged(prepared.merged)]:
        console.say(line)


def _try(folder: Path, repository: Repository, prepared: Upgrade, target: Version, job: Job) -> bool:
    """Run the monitors with both versions and say what changes; return whether nothing got worse."""
    files = folder / "new"
    files.mkdir()
    prepared.store.check_out_as_usual(prepared.commit, files)
    return try_both(repository.clone, files, (f"{repository.own}", f"{target}"), job)


def _say_next(repository: Repository, branch: str, target: Version, has_conflicts: bool) -> None:
    console.say()
    console.say(f"One commit is on the branch {branch}. See it, then push it and open a pull request:")
    console.say(f"  git diff {repository.branch} {branch}")
    if has_conflicts:
        console.say(f"  git diff {branch} {REFS}/{target}    # what the new version has where your lines stay")
    console.say(f"  git push -u origin {branch}")
