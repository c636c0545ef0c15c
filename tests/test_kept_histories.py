"""Each week's last history stays on a branch of its own, and can be restored with the reports that are left."""

import datetime as dt
import os

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.github import kept_histories
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.github.state import BRANCH, StateBranch
from tests.test_state import DAY, clone_of, days, found, git, origin, put, save  # noqa: F401  a fixture

MONDAYS = [dt.date(2026, 11, 2) + dt.timedelta(weeks=n) for n in range(6)]


def at(branch, moment):
    """Return the branch as git's clock would have it then."""
    return StateBranch(branch.state_dir, Clone(branch.clone.root, os.environ | {"GIT_COMMITTER_DATE": moment}))


def kept(place):
    return git("-C", place, "branch", "--list", f"{kept_histories.PREFIX}*", "--format=%(refname:short)").split()


def history_of(place, name):
    return git("-C", place, "ls-tree", "-r", "--name-only", name).splitlines()


def test_the_last_history_of_five_weeks_is_kept_without_reports_and_comes_back_with_those_that_are_left(origin):  # noqa: F811
    branch = clone_of(origin, "a")
    for day in (each + dt.timedelta(days=n) for each in MONDAYS for n in (0, 6)):
        put(branch.state_dir, found("m", day))
        save(at(branch, f"{day}T23:30:00Z"))

    assert kept(origin) == [f"drift-history-2026-W{week}" for week in (46, 47, 48, 49, 50)]
    assert history_of(origin, "drift-history-2026-W49") == ["history.db", "state.json"]
    assert git("-C", origin, "rev-list", "--count", "drift-history-2026-W49") == "1"

    state_dir = origin.parent / "b"
    kept_histories.restore(branch.clone, "drift-history-2026-W49", BRANCH, state_dir)
    until = {each + dt.timedelta(days=n) for each in MONDAYS[:5] for n in (0, 6)}
    assert days(state_dir) == {"m": until}
    assert len(list(state_dir.glob("reports/m/*/record.json"))) == 12

    git("-C", origin, "update-ref", f"refs/heads/{BRANCH}", "main")  # somebody overwrote it
    kept_histories.restore(branch.clone, "drift-history-2026-W50", BRANCH, origin.parent / "c")
    assert len(days(origin.parent / "c")["m"]) == 12
    restored = StateBranch(origin.parent / "c", branch.clone)
    save(restored, replace=True)
    assert clone_of(origin, "d").recorded() == days(origin.parent / "c")

    with pytest.raises(DriftMonitorError, match="not empty; move it away"):
        kept_histories.restore(branch.clone, "drift-history-2026-W50", BRANCH, origin.parent / "c")
    with pytest.raises(DriftMonitorError, match="W03: no such branch; choose one of: drift-history-2026-W46, "):
        kept_histories.restore(branch.clone, "drift-history-2026-W03", BRANCH, origin.parent / "e")


def test_a_history_that_cannot_be_kept_is_said_and_the_state_is_saved(origin, capsys):  # noqa: F811
    hook = origin / "hooks/update"
    hook.write_text('#!/bin/sh\ncase "$1" in *drift-history*) exit 1 ;; esac\n')
    hook.chmod(0o755)
    branch = clone_of(origin, "a")

    for n in range(2):
        put(branch.state_dir, found("m", DAY + dt.timedelta(days=n)))
        save(branch)

    assert ": not kept: git push: failed" in capsys.readouterr().err
    assert len(clone_of(origin, "b").recorded()["m"]) == 2
    assert kept(origin) == []
