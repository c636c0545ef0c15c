"""Run every monitor with the version that a repository has and with the merged one; nothing is kept or sent."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from driftmonitor import ROOT
from driftmonitor.formats import one_line
from driftmonitor.pipeline import console, processes
from driftmonitor.pipeline.changes.before import link_others
from driftmonitor.pipeline.changes.compare import Change, run_both
from driftmonitor.pipeline.changes.dry_runs import DryRuns, clean_environment
from driftmonitor.pipeline.changes.touched import Tree
from driftmonitor.pipeline.changes.wording import say_change, say_details
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.upgrades.interpreters import get_python

CHECK_SECONDS = 600.0
PARAMS = Path("params")


def try_both(clone: Clone, files: Path, versions: Sequence[str], job: Job) -> bool:
    """Run the monitors with the repository's files and with the merged ones, and say what changes.

    Return whether nothing got worse.
    """
    link_others(clone, files, untracked=True)
    pythons = _find_pythons(clone.root, files, versions)
    if pythons is None:
        return False
    job = replace(job, state_dir=job.state_dir if clone.root == ROOT else clone.root / "state")
    old, new = (
        DryRuns(Tree(root, PARAMS), files.parent / name, job, python)
        for root, name, python in zip((clone.root, files), ("before", "after"), pythons, strict=True)
    )
    problem = _validate(new)
    if problem:
        console.say(f"params are invalid with {versions[1]}: {problem}")
    names = [name for name in new.tree.monitors() if not job.only or name in job.only]
    changes = run_both([Change(name, (), job.run_date) for name in names], old, new)
    for line in say_changes(changes, job):
        console.say(line)
    return not any(change.breaks for change in changes) and (not problem or bool(_validate(old)))


def _find_pythons(root: Path, files: Path, versions: Sequence[str]) -> tuple[str, str] | None:
    """Return an interpreter for each version; None if the new one's packages cannot be installed."""
    own, target = versions
    console.say(f"trying {own} and {target}")
    old, new = (
        get_python(root, where, version, files.parent, clean_environment())
        for where, version in ((root, own), (files, target))
    )
    if new is None:
        console.say(f"the packages of {target} cannot be installed, so no monitor was run; run `make` on the branch.")
        return None
    if old is None:
        console.say(f"the packages of {own} cannot be installed; those of {target} are used for both.")
    return old or new, new


def _validate(runs: DryRuns) -> str:
    """Return what is wrong with the params files, in a line; nothing if they are valid."""
    command = [runs.python, str(runs.tree.root / "runner.py"), "validate", "--state", str(runs.state_dir)]
    ended = processes.run(command, clean_environment(), CHECK_SECONDS, folder=runs.tree.root)
    lines = ended.errors.decode("utf-8", "replace").replace(f"{runs.tree.root}/", "").splitlines()
    return one_line(lines[-1].removeprefix("error: "), 300) if ended.code and lines else ""


def say_changes(changes: Sequence[Change], job: Job) -> Iterator[str]:
    """Yield the monitors with another verdict, or that failed, and how many have the same one."""
    said = [(change, *say_change(change)) for change in changes]
    same = [change for change, before, after in said if before == after != "FAILED"]
    for change, before, after in said:
        if change not in same:
            yield f"{change.monitor}: {before} → {after}"
            details = [each for each in say_details(change, job.run_date) if each[0] != "touched by"]
            yield from (f"    {label}: {text}" for label, text in details)
    yield f"the same verdict with both versions: {len(same)} of {len(changes)} monitors"
