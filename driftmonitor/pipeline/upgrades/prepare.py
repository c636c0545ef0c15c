"""Merge a version in a folder that is removed afterwards, so that a command that is killed leaves nothing behind."""

import shutil
from pathlib import Path
from typing import NamedTuple

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.upgrades.merge import Merged, merge, say_merged
from driftmonitor.pipeline.upgrades.repository import Repository
from driftmonitor.pipeline.upgrades.template import Template, find_base
from driftmonitor.pipeline.upgrades.versions import Version

REFS = "drift-monitor"  # refs/drift-monitor/0.2.0: the new version's files, for `git diff`; no branch and no tag


class Upgrade(NamedTuple):
    """A merged version as a commit in a folder of its own; the repository has nothing of it yet."""

    store: Clone
    commit: str
    files: str  # a commit of the new version's files alone
    merged: Merged


def prepare(folder: Path, repository: Repository, template: Template, target: Version) -> Upgrade:
    """Merge in a folder that is removed afterwards, so that a command that is killed leaves nothing behind."""
    store = open_store(folder / "store", repository, template.address)
    tags = {version: f"refs/tags/{template.tags[version]}" for version in {repository.own, target} & {*template.tags}}
    store.run("fetch", "--quiet", "--no-tags", "--", store.remote, *(f"{tag}:{tag}" for tag in tags.values()))
    base = find_base(store, repository.head, tags[target], tags.get(repository.own))
    if base is None:
        raise DriftMonitorError(
            f"the template has no tag of {repository.own}, the version of this repository; choose another template."
        )
    merged = merge(store, store.tree(base), store.tree(repository.head), store.tree(tags[target]))
    message = f"Upgrade drift-monitor from {repository.own} to {target}\n\n" + "\n".join(say_merged(merged))
    commit = store.commit(merged.tree, message.strip(), repository.head)
    return Upgrade(store, commit, store.commit(store.tree(tags[target]), f"drift-monitor {target}"), merged)


def open_store(path: Path, repository: Repository, address: str) -> Clone:
    """Make an empty repository that sees what the user's has, and whose remote is the template."""
    clone = repository.clone
    clone.run("init", "--quiet", "--template=", str(path))
    objects, shallow = (
        repository.root / clone.read("rev-parse", "--git-path", name) for name in ("objects", "shallow")
    )
    alternates = path / ".git/objects/info/alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(f"{objects.resolve()}\n", encoding="utf-8")
    if shallow.exists():
        shutil.copy2(shallow, path / ".git/shallow")
    return Clone(path, clone.environ, address)


def keep(repository: Repository, prepared: Upgrade, target: Version, branch: str) -> None:
    """Give the repository the commit and its branch, in one step."""
    refs = {"refs/heads/upgrade": prepared.commit, "refs/heads/files": prepared.files}
    for ref, commit in refs.items():
        prepared.store.run("update-ref", ref, commit)
    repository.clone.run(
        *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--atomic", str(prepared.store.root)),
        *(f"refs/heads/upgrade:refs/heads/{branch}", f"+refs/heads/files:refs/{REFS}/{target}"),
    )
