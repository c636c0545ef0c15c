"""The README's table of monitors changes only if there is news, and its commit changes nothing else."""

import datetime as dt
import json
import os
import subprocess

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.github import readme
from driftmonitor.pipeline.github.git import Clone

DAY = dt.date(2026, 11, 24)
README = b"# Ours\n\n<!-- monitors -->\n<!-- /monitors -->\n\nThe end\n"


def monitor(title="Salary", state="healthy", **more):
    return {"title": title, "state": state, "since": "2026-11-03", "failing_since": None, "drifted_columns": [],
            "page": f"https://owner.github.io/repo/{title}/index.html", "retired": False} | more  # fmt: skip


def test_the_table_is_between_its_marks():
    monitors = [
        monitor(),
        monitor("Clicks", "drift", drifted_columns=["d", "c", "b", "a"], page="../clicks/index.html"),
        monitor("Broken", "failed", failing_since="2026-11-23"),
        monitor("New", "none", since=None),
    ]

    text = readme.refresh(README, monitors, DAY).decode()

    assert text.split("\n") == [
        "# Ours", "", "<!-- monitors -->",
        "| monitor | state | since |",
        "|---|---|---|",
        "| [Salary](https://owner.github.io/repo/Salary/index.html) | healthy | 3 Nov 2026 |",
        "| Clicks | **drift**: a, b, c and 1 more | 3 Nov 2026 |",
        "| [Broken](https://owner.github.io/repo/Broken/index.html) | failed | 23 Nov 2026 |",
        "| [New](https://owner.github.io/repo/New/index.html) | no runs |  |",
        "", "As of 2026-11-24.", "<!-- /monitors -->", "", "The end", "",
    ]  # fmt: skip


@pytest.mark.parametrize(("days", "renewed"), [(0, False), (1, False), (29, False), (30, True)])
def test_a_table_that_says_nothing_new_is_left_alone_for_a_month(days, renewed):
    first = readme.refresh(README, [monitor()], DAY)

    again = readme.refresh(first, [monitor()], DAY + dt.timedelta(days))

    assert (again != first) == renewed


def test_a_new_state_is_said_at_once():
    first = readme.refresh(README, [monitor()], DAY)

    assert b"**drift**: salary" in readme.refresh(first, [monitor(state="drift", drifted_columns=["salary"])], DAY)


def test_names_from_the_data_are_no_markup():
    hostile = ["a|b", "<img src=x>", "[x](https://evil.example)", "<!-- /monitors -->", "two\nlines"]

    text = readme.refresh(README, [monitor("a|b\n<b>", "drift", drifted_columns=hostile[:3], page="")], DAY).decode()
    again = readme.refresh(text.encode(), [monitor("x", "drift", drifted_columns=hostile[3:])], DAY).decode()

    row = text.split("\n")[5]
    assert row.count("|") - row.count(r"\|") == 4
    assert r"\<img" in row
    assert "](https://evil" not in row
    assert again.count("<!-- /monitors -->") == again.count("The end") == 1


def test_line_ends_and_odd_bytes_stay():
    text = README.replace(b"\n", b"\r\n") + b"\xff\r\n"

    table = readme.refresh(text, [monitor()], DAY)

    assert b"\n" not in table.replace(b"\r\n", b"")
    assert table.endswith(b"The end\r\n\xff\r\n")


def test_a_readme_without_a_place_is_refused():
    with pytest.raises(DriftMonitorError, match="no place for the table; add the lines <!-- monitors --> and"):
        readme.refresh(b"# Ours\n", [monitor()], DAY)


def test_a_site_that_is_not_built_is_refused(tmp_path):
    with pytest.raises(DriftMonitorError, match=r"summary\.json: cannot be read; run `python runner\.py publish`"):
        readme.read_monitors(tmp_path)


def git(*arguments):
    return subprocess.run(["git", *map(str, arguments)], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def origin(tmp_path):
    """Give a bare origin whose main branch has a README and another file, and a site beside it."""
    seed, who = tmp_path / "seed", ["-c", "user.name=T", "-c", "user.email=t@example.com"]
    git("init", "-q", "-b", "main", seed)
    (seed / "README.md").write_bytes(README)
    (seed / "other").write_text("kept")
    git("-C", seed, "add", "-A")
    git("-C", seed, *who, "commit", "-q", "-m", "x")
    git("clone", "-q", "--bare", seed, tmp_path / "origin.git")
    (tmp_path / "site/api").mkdir(parents=True)
    (tmp_path / "site/api/summary.json").write_text(json.dumps({"monitors": [monitor()]}))
    return tmp_path / "origin.git"


def clone_of(origin, name):
    git("clone", "-q", "--depth=1", f"file://{origin}", origin.parent / name)
    return Clone(origin.parent / name, os.environ)


def test_one_commit_on_the_branch_and_none_when_there_is_nothing_new(origin, tmp_path):
    clone = clone_of(origin, "a")

    assert readme.push(clone, "main", tmp_path / "site", DAY)
    assert not readme.push(clone, "main", tmp_path / "site", DAY)

    assert git("-C", origin, "diff", "--name-only", "main~1", "main") == "README.md"
    assert git("-C", origin, "rev-list", "--count", "main") == "2"
    assert git("-C", clone.root, "status", "--porcelain") == ""


def test_what_others_pushed_meanwhile_stays(origin, tmp_path):
    clone, other = clone_of(origin, "a"), clone_of(origin, "b")
    tree = other.change_tree("HEAD", [("other", b"changed")])
    git("-C", other.root, "push", "-q", "origin", f"{other.commit(tree, 'theirs', 'HEAD')}:main")

    assert readme.push(clone, "main", tmp_path / "site", DAY)

    assert git("-C", origin, "show", "main:other") == "changed"
    assert "Salary" in git("-C", origin, "show", "main:README.md")


def test_a_refused_push_is_reported(origin, tmp_path):
    hook = origin / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(DriftMonitorError, match="git push: failed"):
        readme.push(clone_of(origin, "a"), "main", tmp_path / "site", DAY)
