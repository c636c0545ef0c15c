"""`diff`: which monitors a change touches, what it is compared with, and what is said of it."""

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.facts.record import failed
from driftmonitor.pipeline.changes import compare, days, wording
from driftmonitor.pipeline.changes.before import changed_files, find_base, write_files
from driftmonitor.pipeline.changes.compare import Change, Comparison
from driftmonitor.pipeline.changes.dry_runs import unset_variables
from driftmonitor.pipeline.changes.touched import Tree, matches, touched
from driftmonitor.pipeline.github.git import Clone
from tests.samples import make_record

DAY = dt.date(2026, 11, 24)
FILES = {
    "params/orders.yaml": "source: files\nreference: data/orders/*.csv\ncurrent: ./data/orders/{date}.csv\n",
    "params/prices.yaml": "# like data/orders/a.csv\nsource: sql\nreference: SELECT * FROM 'data/prices.csv' -- all\n"
    "monitor: {notebook: notebooks/prices.ipynb}\n",
    "params/stock.yaml": "source: sql\nreference: queries/stock.sql\nlabels: data/labels\n",
    "params/broken.yaml": "mode: 'data/broken.csv\n",
    "notebooks/drift_report.ipynb": '{"cells": [{"source": ["# driftmonitor/, in params/<name>.yaml\\n'
    'x = read(\\"../data/extra.csv\\")"]}]}',
    "notebooks/prices.ipynb": "{}",
    "queries/stock.sql": "select a from read_csv('data/stock/part-1.csv')",
}


@pytest.fixture
def root(tmp_path):
    """A folder with the files of four monitors."""
    root = tmp_path / "repository"
    for name, text in {**FILES, ".gitignore": "/private/\n__pycache__/\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def clone(root):
    """The same as a repository whose main branch is one commit."""
    git(root, "init", "-q", "-b", "main")
    commit(root)
    return Clone(root, os.environ)


def git(root, *arguments):
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    return subprocess.run(["git", "-C", root, *who, *arguments], check=True, capture_output=True, text=True).stdout


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Change")


@pytest.mark.parametrize(
    ("changed", "monitors"),
    [
        ("params/orders.yaml", ["orders"]),
        ("data/orders/2026-11-24.csv", ["orders"]),
        ("data/prices.csv", ["prices"]),
        ("notebooks/prices.ipynb", ["prices"]),
        ("queries/stock.sql", ["stock"]),
        ("data/stock/part-1.csv", ["stock"]),
        ("data/labels/november.csv", ["stock"]),
        ("data/broken.csv", ["broken"]),
        ("notebooks/drift_report.ipynb", ["broken", "orders", "stock"]),
        ("data/extra.csv", ["broken", "orders", "stock"]),
        ("helpers/cleaning.py", ["broken", "orders", "prices", "stock"]),
        ("driftmonitor/words/verdicts.py", ["broken", "orders", "prices", "stock"]),
        ("data/nobodys.csv", []),
        ("README.md", []),
        ("tests/test_drift.py", []),
    ],
)
def test_a_monitor_is_touched_by_what_its_params_notebook_and_queries_name(root, changed, monitors):
    assert sorted(touched(Tree(root, Path("params")), [changed])) == monitors


def test_all_code_is_named_once(root):
    changed = ["driftmonitor/words/verdicts.py", "driftmonitor/pipeline/pages/style.css", "data/extra.csv"]

    assert touched(Tree(root, Path("params")), changed)["orders"] == ("the code", "data/extra.csv")


@pytest.mark.parametrize(
    ("name", "path", "found"),
    [
        ("data/{date}.csv", "data/2026-11-24.csv", True), ("data", "data/x.csv", True), ("dat", "data/x.csv", False),
        ("data/**/*.parquet", "data/a/b.parquet", True), ("*", "data/x.csv", False), ("../..", "data/x.csv", False),
        ("data/[1].csv", "data/[1].csv", True),
    ],
)  # fmt: skip
def test_names_may_have_wildcards_and_may_be_those_of_folders(name, path, found):
    assert matches(name, path) == found


def test_what_is_changed_added_and_removed_counts_committed_or_not_and_what_git_ignores_is_on_both_sides(clone):
    root = clone.root
    (root / "private").mkdir()
    (root / "private/rows.csv").write_text("secret")
    (root / "params/prices.yaml").unlink()
    commit(root)
    (root / "params/orders.yaml").write_text("mode: drift\n")
    (root / "params/new name.yaml").write_text("{}\n")

    base = find_base(clone, "HEAD^1")
    (folder := root.parent / "before").mkdir()
    write_files(clone, base, folder)

    assert changed_files(clone, base) == ["params/new name.yaml", "params/orders.yaml", "params/prices.yaml"]
    assert (folder / "params/orders.yaml").read_text() == FILES["params/orders.yaml"]
    assert (folder / "params/prices.yaml").exists() and not (folder / "params/new name.yaml").exists()
    assert (folder / "private/rows.csv").read_text() == "secret"


def test_a_branch_is_compared_with_where_it_began(clone):
    began = git(clone.root, "rev-parse", "HEAD").strip()
    git(clone.root, "switch", "-q", "-c", "idea")
    (clone.root / "params/orders.yaml").write_text("mode: drift\n")
    commit(clone.root)
    git(clone.root, "switch", "-q", "main")
    (clone.root / "params/stock.yaml").unlink()
    commit(clone.root)
    git(clone.root, "switch", "-q", "idea")

    assert find_base(clone, "main") == began
    assert changed_files(clone, began) == ["params/orders.yaml"]
    assert find_base(clone, "") == git(clone.root, "rev-parse", "HEAD").strip()  # without a remote
    assert find_base(clone, "0" * 40) is None
    with pytest.raises(DriftMonitorError, match=r"^--help: no such commit; name a branch or a commit"):
        find_base(clone, "--help")


def test_before_a_branchs_first_push_there_was_nothing(clone):
    (folder := clone.root.parent / "before").mkdir()
    write_files(clone, None, folder)

    assert changed_files(clone, None) == sorted([*FILES, ".gitignore"])
    assert Tree(folder, Path("params")).monitors() == {}


class DryRuns:
    """Runs of a monitor that has no data of today, and what each was asked for."""

    def __init__(self, status):
        self.status, self.asked, self.tree = status, [], Tree(Path("/nowhere"), Path("params"))

    def run(self, days):
        self.asked += days.items()
        missing = failed("orders", DAY, "no rows of that day", error_kind="data_missing")
        found = make_record(0, self.status, monitor="orders")
        return {name: found if day < DAY else missing for name, day in days.items()}

    def last_days(self, monitors):
        return {name: DAY - dt.timedelta(1) for name in monitors}


def test_without_data_of_the_run_date_both_sides_are_run_for_the_last_recorded_day(monkeypatch):
    before, after = DryRuns("healthy"), DryRuns("drift")
    monkeypatch.setattr(Tree, "monitors", lambda tree: {"orders": "params/orders.yaml"})

    (change,) = compare.run_both([Change("orders", ("data/x.csv",), DAY)], before, after)

    yesterday = ("orders", DAY - dt.timedelta(1))
    assert (before.asked, after.asked) == ([yesterday], [("orders", DAY), yesterday])
    assert (change.before.status, change.after.status) == ("healthy", "drift")
    assert ("day", "1 Mar 2026, the last one recorded with data") in wording.say_details(change, DAY)


@pytest.mark.parametrize(
    ("name", "path", "day"),
    [
        ("data/{date}.csv", "data/2026-11-20.csv", "2026-11-20"),
        ("data/**/orders-{date:%Y%m%d}.*", "data/a/orders-20261120.csv", "2026-11-20"),
        ("data/{date:%Y}/{date:%m}/{date:%d}.csv", "data/2026/11/20.csv", "2026-11-20"),
        ("data/{date}.csv", "data/2026-13-20.csv", None),
        ("data/{date:%Y}.csv", "data/2026.csv", None),
        ("data/{date}.csv", "other/2026-11-20.csv", None),
        ("data/*.csv", "data/2026-11-20.csv", None),
    ],
)
def test_a_daily_file_is_of_the_day_in_its_name(name, path, day):
    assert days.day_of(name, path) == (day and dt.date.fromisoformat(day))


def test_a_change_of_daily_files_is_run_for_the_last_of_their_days_that_has_come():
    changed = ["params/x.yaml", *(f"data/2026-11-{day}.csv" for day in (19, 21, 30))]

    assert days.last_day(["other.csv", "data/{date}.csv"], changed, DAY) == dt.date(2026, 11, 21)
    assert days.last_day(["data/*.csv"], changed, DAY) is None


def test_a_monitor_that_needs_a_secret_is_not_run_where_there_is_none():
    assert unset_variables({"a": ("KEY", "OTHER"), "b": ("KEY",), "c": ()}, {"KEY": "1"}) == {"a": "OTHER"}


def test_names_from_a_strangers_pull_request_are_no_markup():
    hostile = "data/<!-- /x --> @team [a](https://evil.example) | `b` <img src=x>.csv"
    change = Change(
        "orders", (hostile,), DAY, failed("orders", DAY, hostile), make_record(0, "healthy", monitor="orders")
    )

    text = "\n".join(wording.markdown(Comparison("a" * 40, DAY, 1, [change])))

    assert "<!--" not in text.replace(r"\<\!--", "")
    assert "@team" not in text
    assert "](https://evil" not in text
    assert r"\`b\` \<img src=x\>" in text
    assert "| orders | **FAILED** | healthy |" in text


def test_three_hundred_monitors_fit_into_a_comment():
    changes = [Change(f"m{n}", ("data/x.csv",), DAY, None, failed(f"m{n}", DAY, "why " * 60)) for n in range(300)]

    text = "\n".join(wording.markdown(Comparison(None, DAY, 300, changes)))

    assert text.startswith("### 300 of 300 monitors are touched, with nothing to compare with.")
    assert 55_000 < len(text) < 65_000
    assert text.endswith("More is in the log.")
