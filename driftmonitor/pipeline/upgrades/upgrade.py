"""The command `upgrade`: merge a later version of the template, try it, and leave one commit on a branch."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from driftmonitor import ROOT, DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.github.git import Clone, scratch
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.upgrades import trees, trial
from driftmonitor.pipeline.upgrades.merge import Merged, merge, say_merged
from driftmonitor.pipeline.upgrades.newest import read_own_version
from driftmonitor.pipeline.upgrades.template import Template, find_address, find_base, read_template
from driftmonitor.pipeline.upgrades.versions import CHANGELOG, Version, changes_between

REFS = "drift-monitor"  # refs/drift-monitor/0.2.0: the new version's files, for `git diff`; no branch and no tag


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


class Upgrade(NamedTuple):
    """A merged version as a commit in a folder of its own; the repository has nothing of it yet."""

    store: Clone
    commit: str
    files: str  # a commit of the new version's files alone
    merged: Merged


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
    with scratch() as folder, _prepare(folder, repository, template, target) as prepared:
        _say_news(prepared, repository.own, target)
        works = _try(folder, repository, prepared, target, job)
        _keep(repository, prepared, target, branch)
    _say_next(repository, branch, target, bool(prepared.merged.kept))
    return works


@contextmanager
def _prepare(folder: Path, repository: Repository, template: Template, target: Version) -> Iterator[Upgrade]:
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
    yield Upgrade(store, commit, store.commit(store.tree(tags[target]), f"drift-monitor {target}"), merged)


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


def _say_news(prepared: Upgrade, own: Version, target: Version) -> None:
    changelog = trees.files(prepared.store, prepared.files).get(CHANGELOG)
    if changelog:
        text = trees.content(prepared.store, changelog.blob).decode("utf-8", "replace")
        for line in ["", *changes_between(text, own, target), ""]:
            console.say(line)
    for line in say_merged(prepared.merged):
        console.say(line)


def _try(folder: Path, repository: Repository, prepared: Upgrade, target: Version, job: Job) -> bool:
    """Run every monitor with both versions and say what changes; return whether nothing got worse."""
    files, environ = folder / "new", trial.clean_environment(os.environ)
    files.mkdir()
    trees.check_out(prepared.store, prepared.commit, files)
    trial.link_the_rest(repository.root, files)
    state = job.state_dir if repository.root == ROOT else repository.root / "state"
    arguments = [*(word for name in job.only for word in ("--monitor", name)), "--date", f"{job.run_date}"]
    verdicts = []
    for version, where in ((repository.own, repository.root), (target, files)):
        kept = folder / f"state-{version}"
        trial.copy_history(state, kept)
        python = _find_python(repository.root, where, folder, version, environ)
        if python is None:
            console.say(f"not tried: the packages of {version} cannot be installed; run `make` on the branch.")
            return False
        console.say(f"trying every monitor with {version}")
        verdicts.append(trial.Trial(where, kept, environ, arguments).run(python))
    for line in trial.say_changes(verdicts[0], verdicts[1], str(repository.own), str(target)):
        console.say(line)
    return not trial.is_worse(verdicts[0], verdicts[1])


def _find_python(root: Path, files: Path, folder: Path, version: Version, environ: Mapping[str, str]) -> str | None:
    lock = files / "requirements.txt"
    found = trial.find_python(root, lock.read_text(encoding="utf-8"), environ)
    if found is None:
        console.say(f"setting up the packages of {version} (a minute or two)")
    return found or trial.set_up_python(folder / f"packages-{version}", lock, environ)


def _keep(repository: Repository, prepared: Upgrade, target: Version, branch: str) -> None:
    """Give the repository the commit and its branch, in one step."""
    refs = {"refs/heads/upgrade": prepared.commit, "refs/heads/files": prepared.files}
    for ref, commit in refs.items():
        prepared.store.run("update-ref", ref, commit)
    repository.clone.run(
        *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--atomic", str(prepared.store.root)),
        *(f"refs/heads/upgrade:refs/heads/{branch}", f"+refs/heads/files:refs/{REFS}/{target}"),
    )


def _say_next(repository: Repository, branch: str, target: Version, has_conflicts: bool) -> None:
    console.say()
    console.say(f"One commit is on the branch {branch}. See it, then push it and open a pull request:")
    console.say(f"  git diff {repository.branch} {branch}")
    if has_conflicts:
        console.say(f"  git diff {branch} {REFS}/{target}    # what the new version has where your lines stay")
    console.say(f"  git push -u origin {branch}")
