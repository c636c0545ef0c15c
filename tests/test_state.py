"""If the state branch cannot be read, the run stops; what one run saves, no other can lose."""

import datetime as dt
import json
import os
import subprocess
import zipfile
from concurrent.futures import ProcessPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftmonitor import DriftMonitorError
from driftmonitor.facts.record import ColumnScore, Rows, RunRecord, failed
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.github import history_parts, job_reports, state_files, state_size
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.github.state import BRANCH, StateBranch, from_ranges, to_ranges
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.history.merge import merge_files
from tests.processes import CONTEXT

DAY = dt.date(2026, 11, 24)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
ROWS = Rows(reference=10, current=10, reference_total=10, current_total=10)


def found(monitor, day, share=0.0):
    drifted = share > 0.1
    column = ColumnScore(name="salary", kind="numerical", status="drifted" if drifted else "stable", distance=0.5)
    return RunRecord(monitor=monitor, run_date=day, status="drift" if drifted else "healthy", drift_share=share,
                     threshold=0.1, drifted=drifted, rows=ROWS, columns=(column,))  # fmt: skip


def put(state_dir, record, now=NOON, plan=None):
    """Record a run and leave its report, as execute and record do."""
    with open_history(state_dir / "history.db") as history:
        history.record(record, plan, now)
    folder = state_dir / "reports" / record.monitor / f"{record.run_date}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(record.to_json())


def days(state_dir):
    with open_history(state_dir / "history.db") as history:
        return {name: {run.run_date for run in history.runs(name)} for name in history.monitors()}


def save(branch, replace=False):
    return branch.save(lambda: days(branch.state_dir), replace)


def git(*arguments):
    return subprocess.run(["git", *map(str, arguments)], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def origin(tmp_path):
    """Give a bare origin with a main branch and no state yet."""
    path = tmp_path / "origin.git"
    git("init", "-q", "--bare", "-b", "main", path)
    git("clone", "-q", path, tmp_path / "first")
    git("-C", tmp_path / "first", "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q",
        "--allow-empty", "-m", "x")  # fmt: skip
    git("-C", tmp_path / "first", "push", "-q", "origin", "HEAD:main")
    return path


def clone_of(origin, name):
    root = origin.parent / name
    git("clone", "-q", origin, root)
    return StateBranch(root / "state", Clone(root, os.environ))


def test_a_fork_without_state_begins_one(origin):
    branch = clone_of(origin, "a")

    assert branch.recorded() == {}
    assert branch.load() is None
    put(branch.state_dir, found("m", DAY))
    commit = save(branch)

    assert branch.tip() == commit
    assert branch.recorded() == {"m": {DAY}}
    assert git("-C", origin, "ls-tree", "-r", "--name-only", "drift-state").splitlines() == [
        "history.db", "reports/m/2026-11-24/record.json", "state.json",
    ]  # fmt: skip


def test_each_save_replaces_the_one_commit_and_leaves_the_clone_alone(origin):
    for number in range(3):
        branch = clone_of(origin, f"run{number}")
        branch.load()
        put(branch.state_dir, found("m", DAY + dt.timedelta(days=number)))
        save(branch)

        assert git("-C", origin, "rev-list", "--count", "drift-state") == "1"
        assert git("-C", branch.clone.root, "status", "--porcelain", "--untracked-files=no") == ""
        assert git("-C", branch.clone.root, "branch", "--list") == "* main"

    assert clone_of(origin, "last").recorded() == {"m": {DAY + dt.timedelta(days=number) for number in range(3)}}


def test_a_history_that_is_too_long_for_one_file_is_saved_in_parts_and_loaded_whole(origin, monkeypatch):
    monkeypatch.setattr(history_parts, "PART_BYTES", 30_000)
    first, second, third = (clone_of(origin, name) for name in "abc")
    put(first.state_dir, found("m", DAY))
    save(first)
    second.load()
    put(second.state_dir, found("m", DAY + dt.timedelta(days=1)))
    put(first.state_dir, found("other", DAY))
    save(first)
    save(second)

    files = git("-C", origin, "ls-tree", "-rl", "drift-state").splitlines()
    parts = {line.split()[-1]: int(line.split()[3]) for line in files if "history" in line}
    assert list(parts) == [f"history.db.part{number + 1}" for number in range(len(parts))]
    assert len(parts) > 2
    assert max(parts.values()) == 30_000
    third.state_dir.mkdir()
    (third.state_dir / "history.db").write_bytes(b"an older one")
    third.load_history()
    everything = {"m": {DAY, DAY + dt.timedelta(days=1)}, "other": {DAY}}
    assert days(third.state_dir) == third.recorded() == days(second.state_dir) == everything
    assert [path.name for path in third.state_dir.iterdir() if "part" in path.name] == []


def test_a_part_that_is_gone_is_an_error_and_no_shorter_history(origin, monkeypatch):
    monkeypatch.setattr(history_parts, "PART_BYTES", 30_000)
    branch, other = clone_of(origin, "a"), clone_of(origin, "b")
    put(branch.state_dir, found("m", DAY))
    tip = save(branch)
    put(other.state_dir, found("m", DAY + dt.timedelta(days=1)))
    tree = git("-C", branch.clone.root, "ls-tree", tip).splitlines()
    without = "\n".join(line for line in tree if not line.endswith("part2"))
    tree = subprocess.run(["git", "-C", branch.clone.root, "mktree"], input=without, capture_output=True, text=True)
    assert branch.clone.push(branch.clone.commit(tree.stdout.strip(), "x"), BRANCH, tip)

    with pytest.raises(DriftMonitorError, match=r"(damaged|not a readable history).*restore"):
        save(other)
    assert days(other.state_dir) == {"m": {DAY + dt.timedelta(days=1)}}


@pytest.mark.parametrize("damage", [lambda content: content[:5000], lambda content: content[:4096] + b"x" * 9000])
def test_a_damaged_history_of_the_branch_is_refused_and_nothing_of_it_stays(origin, damage):
    branch, other = clone_of(origin, "a"), clone_of(origin, "b")
    put(branch.state_dir, found("m", DAY))
    tip = save(branch)
    changed = damage((branch.state_dir / "history.db").read_bytes())
    tree = branch.clone.change_tree(tip, [("history.db", changed)])
    assert branch.clone.push(branch.clone.commit(tree, "x"), BRANCH, tip)

    with pytest.raises(DriftMonitorError, match=r"its history.db is damaged; restore an earlier state"):
        other.load()
    assert not (other.state_dir / "history.db").exists()


def test_attributes_on_the_branch_do_not_change_its_files(origin):
    branch, other = clone_of(origin, "a"), clone_of(origin, "b")
    put(branch.state_dir, found("m", DAY))
    tip = save(branch)
    tree = branch.clone.change_tree(tip, [(".gitattributes", b"* text eol=crlf\n")])
    assert branch.clone.push(branch.clone.commit(tree, "x"), BRANCH, tip)

    other.load()

    assert (other.state_dir / "history.db").read_bytes() == (branch.state_dir / "history.db").read_bytes()


def test_a_state_that_is_becoming_too_large_is_said_long_before(origin, monkeypatch):
    branch = clone_of(origin, "a")
    assert branch.saved() is None
    put(branch.state_dir, found("m", DAY))
    save(branch)

    sizes = clone_of(origin, "b").saved().sizes
    assert sizes == state_size.measure(branch.state_dir, state_files.files(branch.state_dir))
    assert sizes["history"] == (branch.state_dir / "history.db").stat().st_size
    assert state_size.warning(sizes) == ""
    assert state_size.warning({"history": 480_000_000, "reports": 40_200_000}) == (
        "the state has 480 MB of history and 40 MB of reports; GitHub advises less than 1 GB; "
        "lower monitor.keep_reports_days, or move the history to PostgreSQL (docs/github.md)."
    )


def test_what_the_remote_says_of_a_file_that_is_too_large_is_shown(origin):
    said = "error: File reports/m/x.png is 123.45 MB; this exceeds GitHub's file size limit of 100.00 MB"
    (origin / "hooks/pre-receive").write_text(f'#!/bin/sh\necho "{said}"\nexit 1\n')
    (origin / "hooks/pre-receive").chmod(0o755)
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))

    with pytest.raises(
        DriftMonitorError, match=r"git push: failed \(error: File reports/m/x.png is 123.45 MB.*smaller"
    ):
        save(branch)


def test_a_state_that_did_not_change_is_not_pushed(origin):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))
    save(branch)

    assert save(branch) is None


def test_locks_and_leftovers_are_not_state(origin):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))
    (branch.state_dir / "reports/m/.2026-11-24.lock").touch()
    (branch.state_dir / "reports/m/.2026-11-25.new").mkdir()
    (branch.state_dir / "reports/m/.2026-11-25.new/record.json").touch()
    (branch.state_dir / "reports/m/2026-11-24/link").symlink_to("/etc/passwd")

    assert state_files.files(branch.state_dir) == ["history.db", "reports/m/2026-11-24/record.json"]


def test_rows_that_are_still_in_the_log_beside_the_database_are_saved(origin):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))
    with open_history(branch.state_dir / "history.db") as history:
        history.record(found("m", DAY + dt.timedelta(days=1)), None, NOON)
        assert (branch.state_dir / "history.db-wal").stat().st_size > 0
        save(branch)

    other = clone_of(origin, "b")
    other.load()
    assert days(other.state_dir) == {"m": {DAY, DAY + dt.timedelta(days=1)}}


def test_a_remote_that_cannot_be_reached_is_no_empty_state(origin):
    branch = clone_of(origin, "a")
    git("-C", branch.clone.root, "remote", "set-url", "origin", "file:///nowhere.git")

    for act in (branch.load, branch.recorded, lambda: save(branch)):
        with pytest.raises(DriftMonitorError, match="git ls-remote: failed"):
            act()


def test_a_remote_without_any_branch_is_no_empty_state(origin, tmp_path):
    git("init", "-q", "--bare", tmp_path / "empty.git")
    branch = clone_of(origin, "a")
    git("-C", branch.clone.root, "remote", "set-url", "origin", tmp_path / "empty.git")

    with pytest.raises(DriftMonitorError, match="has no branches"):
        branch.load()


def test_an_error_shows_no_address_and_no_token(origin):
    branch = clone_of(origin, "a")
    address = "http://user:hunter2@127.0.0.1:9/x.git"
    git("-C", branch.clone.root, "remote", "set-url", "origin", address)
    branch = StateBranch(branch.state_dir, Clone(branch.clone.root, {**os.environ, "GITHUB_TOKEN": "ghs_secret"}))

    with pytest.raises(DriftMonitorError) as error:
        branch.load()

    assert "hunter2" not in str(error.value)
    assert "ghs_secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_with_the_history_in_a_database_only_reports_are_saved(origin):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))
    save(branch)

    branch = StateBranch(branch.state_dir, branch.clone, history_elsewhere=True)
    with pytest.raises(DriftMonitorError, match=r"1 run of m that this history lacks, from 2026-11-24 on; .*import"):
        branch.save(dict)
    branch.save(lambda: {"m": {DAY}, "n": {DAY}})

    assert git("-C", origin, "ls-tree", "-r", "--name-only", "drift-state").splitlines() == [
        "reports/m/2026-11-24/record.json", "state.json",
    ]  # fmt: skip
    assert clone_of(origin, "b").recorded() == {"m": {DAY}, "n": {DAY}}


def test_loading_over_a_state_is_refused(origin):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))

    with pytest.raises(DriftMonitorError, match="already contains a state"):
        branch.load()


@pytest.mark.parametrize("loss", ["row", "monitor", "everything", "reports"])
def test_a_save_that_would_lose_something_is_refused_unless_it_is_meant(origin, loss):
    branch = clone_of(origin, "a")
    for name, day in (("m", DAY), ("m", DAY + dt.timedelta(days=1)), ("n", DAY)):
        put(branch.state_dir, found(name, day))
    tip = save(branch)

    (branch.state_dir / "history.db").unlink()
    kept = {"row": [("m", DAY), ("n", DAY)], "monitor": [("m", DAY), ("m", DAY + dt.timedelta(days=1))],
            "everything": [], "reports": [("m", DAY), ("m", DAY + dt.timedelta(days=1)), ("n", DAY)]}[loss]  # fmt: skip
    for name, day in kept:
        put(branch.state_dir, found(name, day))
    if loss == "reports":
        (branch.state_dir / "reports").rename(branch.state_dir / "elsewhere")
    with pytest.raises(DriftMonitorError, match=r"has reports|runs? of [mn] that"):
        save(branch)
    assert branch.tip() == tip

    assert save(branch, replace=True) != tip
    assert branch.recorded() == days(branch.state_dir)


def test_a_state_of_which_the_branch_knows_nothing_is_merged_not_lost(origin):
    one, other = clone_of(origin, "a"), clone_of(origin, "b")
    put(one.state_dir, found("m", DAY))
    save(one)
    put(other.state_dir, found("n", DAY))
    save(other)

    assert clone_of(origin, "c").recorded() == {"m": {DAY}, "n": {DAY}}
    assert (other.state_dir / "reports/m/2026-11-24/record.json").exists()


def test_of_a_day_that_two_runs_recorded_the_later_counts_with_its_report(origin):
    one, other = clone_of(origin, "a"), clone_of(origin, "b")
    put(one.state_dir, found("m", DAY, 0.5), NOON + dt.timedelta(hours=1))
    put(one.state_dir, found("n", DAY, 0.5), NOON)
    put(other.state_dir, found("m", DAY, 0.0), NOON)
    put(other.state_dir, found("n", DAY, 0.0), NOON + dt.timedelta(hours=1))
    save(one)
    save(other)

    branch = clone_of(origin, "c")
    branch.load()
    with open_history(branch.state_dir / "history.db") as history:
        assert [history.runs(name)[0].status for name in ("m", "n")] == ["drift", "healthy"]
        assert [score.status for score in history.scores(DAY)] == ["drifted", "stable"]
    reports = [json.loads((branch.state_dir / f"reports/{name}/2026-11-24/record.json").read_text()) for name in "mn"]
    assert [report["status"] for report in reports] == ["drift", "healthy"]


@pytest.mark.parametrize("sender", ["ours", "theirs"])
def test_a_message_that_one_run_sent_is_not_due_again_after_a_merge(tmp_path, sender):
    for name in ("ours", "theirs"):
        put(tmp_path / name, found("m", DAY, 0.5), plan=planner())
        with open_history(tmp_path / name / "history.db") as history:
            history.outbox.queue_new_events(["discord"], NOON, 7, lambda *_: True)
            if name == sender:
                history.outbox.mark_sent(history.outbox.lease(["discord"], NOON, 60), "1", NOON)
    put(tmp_path / "theirs", found("m", DAY + dt.timedelta(days=1), 0.5), plan=planner())

    merge_files(tmp_path / "ours/history.db", tmp_path / "theirs/history.db")

    with open_history(tmp_path / "ours/history.db") as history:
        assert history.outbox.pending() == []
        assert [told.state for told in history.messages("m")] == ["sent"]
        assert len(history.runs("m")) == 2


def test_a_merged_history_takes_new_runs_and_messages(tmp_path):
    put(tmp_path / "ours", found("m", DAY), plan=planner())
    put(tmp_path / "theirs", found("n", DAY, 0.5), plan=planner())
    merge_files(tmp_path / "ours/history.db", tmp_path / "theirs/history.db")

    with open_history(tmp_path / "ours/history.db") as history:
        history.record(found("n", DAY + dt.timedelta(days=1)), planner(), NOON)
        history.outbox.queue_new_events(["discord"], NOON, 7, lambda *_: True)

        assert [told.event for told in history.messages("n")] == ["drift_started", "drift_ended"]
        assert len(history.outbox.pending()) == 2


def race(origin, number):
    branch = clone_of(origin, f"racer{number}")
    branch.load()
    put(branch.state_dir, found(f"m{number}", DAY))
    save(branch)


@pytest.mark.slow
def test_eight_racing_runs_lose_no_row(origin):
    with ProcessPoolExecutor(8, mp_context=CONTEXT) as pool:
        list(pool.map(race, [origin] * 8, range(8)))

    branch = clone_of(origin, "after")
    branch.load()
    assert days(branch.state_dir) == {f"m{number}": {DAY} for number in range(8)}
    assert state_files.monitors(branch.state_dir) == [f"m{number}" for number in range(8)]
    assert git("-C", origin, "rev-list", "--count", "drift-state") == "1"


def test_a_push_that_is_forbidden_is_not_tried_again(origin):
    hook = origin / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))

    with pytest.raises(DriftMonitorError, match=r"git push: failed .*pre-receive hook declined"):
        save(branch)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"monitors": {"m": ["yesterday"]}}', '{"monitors": ["m"]}'])
def test_a_branch_that_is_not_ours_is_refused(origin, content):
    branch = clone_of(origin, "a")
    tree = branch.clone.write_tree(origin.parent, [], [("state.json", content.encode())])
    branch.clone.push(branch.clone.commit(tree, "x"), "drift-state", None)
    put(branch.state_dir, found("m", DAY))

    with pytest.raises(DriftMonitorError, match=r"its state\.json cannot be read"):
        branch.recorded()
    with pytest.raises(DriftMonitorError, match=r"its state\.json cannot be read"):
        save(branch)
    with pytest.raises(DriftMonitorError, match=r"its state\.json cannot be read"):
        clone_of(origin, "b").load()


def upload(folder, monitor, record, extra=()):
    """Leave a report as a job's artifact holds it."""
    report = folder / "reports" / monitor / f"{DAY}"
    report.mkdir(parents=True)
    (report / "record.json").write_text(record.to_json())
    for name, text in extra:
        (folder / "reports" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "reports" / name).write_text(text)


def status(reports_dir, monitor):
    return json.loads((reports_dir / monitor / f"{DAY}" / "record.json").read_text())["status"]


def test_reports_of_several_jobs_are_put_in_place_and_missing_ones_failed(tmp_path):
    upload(tmp_path / "in/reports-1-0", "a", found("a", DAY))
    upload(tmp_path / "in/reports-1-1", "b", found("b", DAY, 0.5))

    job_reports.collect(tmp_path / "in", tmp_path / "reports", [["a"], ["b", "c"]], DAY)

    assert [status(tmp_path / "reports", name) for name in "abc"] == ["healthy", "drift", "failed"]


def test_a_single_artifact_has_no_folder_of_its_own(tmp_path):
    upload(tmp_path / "in", "a", found("a", DAY))

    job_reports.collect(tmp_path / "in", tmp_path / "reports", [["a"]], DAY)

    assert status(tmp_path / "reports", "a") == "healthy"


def test_of_a_job_that_ran_again_the_last_attempt_counts(tmp_path):
    upload(tmp_path / "in/reports-10-0", "a", found("a", DAY))
    upload(tmp_path / "in/reports-9-0", "a", failed("a", DAY, "no"))

    job_reports.collect(tmp_path / "in", tmp_path / "reports", [["a"]], DAY)

    assert status(tmp_path / "reports", "a") == "healthy"


def test_a_failed_report_keeps_the_good_one_of_the_same_day(tmp_path):
    upload(tmp_path / "one", "a", found("a", DAY))
    job_reports.collect(tmp_path / "one", tmp_path / "reports", [["a"]], DAY)

    job_reports.collect(tmp_path / "nothing", tmp_path / "reports", [["a"]], DAY)

    assert status(tmp_path / "reports", "a") == "failed"
    assert (tmp_path / "reports/a/2026-11-24/last_good/record.json").exists()


def test_what_was_not_asked_for_stays_in_the_artifact(tmp_path):
    names = ("other/2026-11-24/record.json", "a/2026-11-23/record.json", "a/2026-11-24/.hidden", "assets/evil.js",
             "assets/evidently-0123456789abcdef.js")  # fmt: skip
    upload(tmp_path / "in", "a", found("a", DAY), [(name, "not what its name says") for name in names])
    (tmp_path / "in/reports/a/2026-11-24/link").symlink_to("/etc/passwd")

    job_reports.collect(tmp_path / "in", tmp_path / "reports", [["a"]], DAY)

    assert sorted(f"{p.relative_to(tmp_path / 'reports')}" for p in (tmp_path / "reports").rglob("*") if p.is_file()
                  and not p.name.endswith(".lock")) == ["a/2026-11-24/record.json"]  # fmt: skip


@pytest.mark.parametrize("content", ["", "{", "{}", "\udcff", found("b", DAY).to_json(), None])
def test_a_report_that_cannot_be_taken_fails_its_monitor_and_no_other(tmp_path, content):
    upload(tmp_path / "in", "a", found("a", DAY))
    upload(tmp_path / "in", "c", found("c", DAY))
    path = tmp_path / "in/reports/a/2026-11-24/record.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))

    job_reports.collect(tmp_path / "in", tmp_path / "reports", [["a", "c"]], DAY)

    assert [status(tmp_path / "reports", name) for name in "ac"] == ["failed", "healthy"]


def test_an_earlier_state_comes_back_from_its_archive(origin, tmp_path):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))
    save(branch)
    with zipfile.ZipFile(tmp_path / "state.zip", "w") as archive:
        for name in state_files.files(branch.state_dir):
            archive.write(branch.state_dir / name, name)
    put(branch.state_dir, found("m", DAY + dt.timedelta(days=1)))
    save(branch)

    other = clone_of(origin, "b")
    state_files.restore(tmp_path / "state.zip", other.state_dir)
    save(other, replace=True)

    assert clone_of(origin, "c").recorded() == {"m": {DAY}}


@pytest.mark.parametrize("name", ["../x", "reports/../../x", "/etc/x", "reports/.git/x", "history.db/x", "C:/x", "x"])
def test_an_archive_can_write_nothing_but_state(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "state.zip", "w") as archive:
        archive.writestr(name, "x")

    with pytest.raises(DriftMonitorError, match="contains no state"):
        state_files.restore(tmp_path / "state.zip", tmp_path / "state")


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_an_archive_that_is_none_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "state.zip").write_bytes(content)

    with pytest.raises(DriftMonitorError, match="cannot be read"):
        state_files.restore(tmp_path / "state.zip", tmp_path / "state")


@given(st.sets(st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 1))))
def test_days_survive_being_written_as_ranges(days):
    assert from_ranges(to_ranges(days)) == days


def test_a_year_of_days_is_one_range():
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365)]

    assert to_ranges(days) == ["2026-01-01/2026-12-31"]
    assert to_ranges([*days[:2], days[3]]) == ["2026-01-01/2026-01-02", "2026-01-04"]


def test_a_branch_without_a_manifest_is_refused(origin):
    branch = clone_of(origin, "a")
    git("-C", origin, "update-ref", "refs/heads/drift-state", "main")

    for act in (branch.recorded, branch.load):
        with pytest.raises(DriftMonitorError, match=r"its state\.json cannot be read; .*state restore"):
            act()


def push_tree(origin, *entries):
    """Make the state branch a commit with these entries of `git mktree`; each needs a blob."""
    clone = origin.parent / "hostile"
    git("clone", "-q", origin, clone)

    def blob(text):
        return subprocess.run(["git", "-C", clone, "hash-object", "-w", "--stdin"], input=text, check=True,
                              capture_output=True, text=True).stdout.strip()  # fmt: skip

    def tree(lines):
        return subprocess.run(["git", "-C", clone, "mktree", "--missing"], input="\n".join(lines) + "\n", check=True,
                              capture_output=True, text=True).stdout.strip()  # fmt: skip

    manifest = "100644 blob " + blob('{"format": 1, "monitors": {}}') + "\tstate.json"
    made = tree([manifest, *(entry(blob, tree) for entry in entries)])
    commit = git("-C", clone, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit-tree", made, "-m", "x")
    git(
        "-C",
        clone,
        "-c",
        "transfer.fsckObjects=false",
        "push",
        "-q",
        "-f",
        "origin",
        f"{commit}:refs/heads/drift-state",
    )


HOSTILE = {
    "a link": lambda blob, tree: f"120000 blob {blob('/proc/self/environ')}\tevidently.html",
    "a link that is the history": lambda blob, tree: f"120000 blob {blob('/etc/passwd')}\thistory.db",
    "a link below": lambda blob, tree: "040000 tree " + tree([f"120000 blob {blob('/')}\tlink"]) + "\treports",
    "a repository": lambda blob, tree: f"160000 commit {'1' * 40}\treports",
    "a .git": lambda blob, tree: "040000 tree " + tree([f"100644 blob {blob('x')}\tconfig"]) + "\t.git",
    "a .GIT below": lambda blob, tree: (
        "040000 tree " + tree(["040000 tree " + tree([f"100644 blob {blob('x')}\tconfig"]) + "\t.GIT"]) + "\treports"
    ),
    "..": lambda blob, tree: "040000 tree " + tree([f"100644 blob {blob('x')}\tx"]) + "\t..",
}


@pytest.mark.parametrize("entry", HOSTILE)
def test_a_branch_with_anything_but_plain_files_is_refused_before_any_is_written(origin, entry):
    branch = clone_of(origin, "a")
    push_tree(origin, HOSTILE[entry])
    refused = pytest.raises(
        DriftMonitorError, match=r"is (a link|another repository|no plain file), which no state has"
    )

    with refused:
        branch.load()
    with refused:
        branch.recorded()
    assert list(branch.state_dir.iterdir()) == []
    put(branch.state_dir, found("m", DAY))
    with refused:
        save(branch)


def test_links_and_pipes_among_the_reports_are_not_saved(origin, tmp_path):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))
    report = branch.state_dir / "reports/m" / f"{DAY}"
    (report / "evidently.html").symlink_to("/etc/hostname")
    os.mkfifo(report / "shift.png")
    (report / "a:b").write_text("x")
    (branch.state_dir / "reports/linked").symlink_to(tmp_path)
    (branch.state_dir / "reports/m/2026-11-23").symlink_to(report)

    save(branch)

    assert git("-C", branch.clone.root, "ls-tree", "-r", "--name-only", branch.tip()).split() == [
        "history.db", "reports/m/2026-11-24/record.json", "state.json"
    ]  # fmt: skip


def test_a_history_that_is_a_link_is_refused_and_not_left_out(origin):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", DAY))
    history = branch.state_dir / "history.db"
    history.rename(origin.parent / "elsewhere.db")
    history.symlink_to(origin.parent / "elsewhere.db")

    with pytest.raises(DriftMonitorError, match=r"history\.db: is a link"):
        save(branch)


def test_a_report_counts_only_if_its_own_job_left_it(tmp_path):
    upload(tmp_path / "in/reports-1-0", "a", found("a", DAY))
    upload(tmp_path / "in/reports-1-1", "b", found("b", DAY))
    upload(tmp_path / "in/reports-2-1", "a", found("a", DAY, 0.5))
    upload(tmp_path / "in/reports-2-7", "b", found("b", DAY, 0.5))

    job_reports.collect(tmp_path / "in", tmp_path / "reports", [["a"], ["b"]], DAY)

    assert [status(tmp_path / "reports", name) for name in "ab"] == ["healthy", "healthy"]


def test_the_only_artifact_of_several_jobs_is_that_of_the_job_with_most_reports(tmp_path):
    for name in "bcz":
        upload(tmp_path / "in", name, found(name, DAY))

    job_reports.collect(tmp_path / "in", tmp_path / "reports", [["z"], ["b", "c"]], DAY)

    assert [status(tmp_path / "reports", name) for name in "bcz"] == ["healthy", "healthy", "failed"]


@pytest.mark.parametrize("name", ["record.json", "evidently.html"])
def test_a_report_with_a_file_too_large_to_store_fails_its_monitor_alone(tmp_path, name):
    upload(tmp_path / "in", "a", found("a", DAY))
    upload(tmp_path / "in", "c", found("c", DAY))
    with (tmp_path / "in/reports/a/2026-11-24" / name).open("wb") as file:
        file.truncate(200_000_000)

    job_reports.collect(tmp_path / "in", tmp_path / "reports", [["a", "c"]], DAY)

    assert [status(tmp_path / "reports", name) for name in "ac"] == ["failed", "healthy"]


def test_an_archive_that_is_a_pipe_or_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.zip")
    with zipfile.ZipFile(tmp_path / "state.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("history.db", b"0" * 2_000_000)
    monkeypatch.setattr(state_files, "MOST_UNPACKED", 1_000_000)

    with pytest.raises(DriftMonitorError, match=r"pipe\.zip: cannot be read: is a named pipe"):
        state_files.restore(tmp_path / "pipe.zip", tmp_path / "state")
    with pytest.raises(DriftMonitorError, match=r"state\.zip: has more than"):
        state_files.restore(tmp_path / "state.zip", tmp_path / "state")
