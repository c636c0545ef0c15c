"""A release: where its version is written, and what `make release` tags or refuses, each in a clone of its own."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from driftmonitor import __version__

ROOT = Path(__file__).parents[1]
RELEASED = (
    "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-26\n\n- It works.\n\n## 1.2.2 - 2026-10-26\n\n- It did not.\n"
)


@pytest.fixture
def clone(tmp_path):
    """A clone, on main and clean, whose version is 1.2.3 and has a section in CHANGELOG.md."""
    source, folder = tmp_path / "source", tmp_path / "clone"
    for name, text in {"driftmonitor/__init__.py": '__version__ = "1.2.3"\n', "CHANGELOG.md": RELEASED}.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    (source / ".github").mkdir()
    for name in ("Makefile", ".github/release"):
        shutil.copy2(ROOT / name, source / name)
    git(source, "init", "-q", "-b", "main")
    commit(source)
    git(tmp_path, "clone", "-q", source, folder)
    return folder


def git(folder, *arguments):
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    done = subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder):
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Change")


def release(folder):
    git(folder, "config", "user.name", "Test")
    git(folder, "config", "user.email", "test@example.com")
    # `make test` is a make too: its own variables would make this one name its folder.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name and name != "MFLAGS"}
    return subprocess.run(["make", "release"], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def refusal(folder):
    """Return the one line that a release is refused with; nothing is tagged."""
    before = git(folder, "tag")
    done = release(folder)
    line, make = done.stderr.splitlines()
    assert done.returncode and make.startswith("make: ***") and not done.stdout
    assert git(folder, "tag") == before
    return line


def test_a_release_is_an_annotated_tag_and_says_how_to_push_it(clone):
    done = release(clone)

    assert done.stdout == "Tagged v1.2.3; push it with: git push origin v1.2.3\n", done.stderr
    assert git(clone, "for-each-ref", "--format=%(objecttype) %(contents:subject)", "refs/tags") == (
        "tag drift-monitor 1.2.3"
    )
    assert git(clone, "for-each-ref", "--format=%(contents:body)", "refs/tags") == "- It works."
    assert git(clone, "rev-parse", "v1.2.3^{}") == git(clone, "rev-parse", "HEAD")
    assert git(clone, "ls-remote", "--tags", "origin") == ""


def test_a_dirty_tree_is_refused(clone):
    (clone / "notes.txt").write_text("not committed")

    assert refusal(clone) == "error: the working tree has changes; commit or remove them and run again."


@pytest.mark.parametrize("heading", ["## Unreleased", "## 1.2.30 - 2026-11-26", "## 1x2.3 - 2026-11-26", "## 1.2.3"])
def test_a_version_without_a_dated_section_is_refused(clone, heading):
    (clone / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n\n- It works.\n")
    commit(clone)

    assert re.fullmatch(
        r"error: CHANGELOG\.md has no section for 1\.2\.3; "
        r"add the line '## 1\.2\.3 - \d{4}-\d\d-\d\d' below Unreleased and run again\.",
        refusal(clone),
    )


@pytest.mark.parametrize("where", ["here", "on the remote"])
def test_a_tag_that_exists_is_refused(clone, where):
    release(clone)
    if where == "on the remote":
        git(clone, "push", "-q", "origin", "v1.2.3")
        git(clone, "tag", "-d", "v1.2.3")

    assert refusal(clone) == (
        "error: the tag v1.2.3 exists; set the next version in driftmonitor/__init__.py and CHANGELOG.md and run again."
    )


@pytest.mark.parametrize(("switch", "what"), [(["-c", "idea"], "idea"), (["--detach"], "a commit without a branch")])
def test_another_branch_than_main_is_refused(clone, switch, what):
    git(clone, "switch", "-q", *switch)

    assert refusal(clone) == f"error: {what} is checked out; switch to main and run again."


def test_changelog_and_project_have_the_packages_version():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(__version__)} - \d{{4}}-\d\d-\d\d", headings[1])
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"] == {"version": {"attr": "driftmonitor.__version__"}}
