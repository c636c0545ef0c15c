"""`upgrade` merges a later version of the template into a repository that shares no history with it."""

import functools
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from importlib import metadata

import pytest

from driftmonitor.pipeline.upgrades import interpreters
from driftmonitor.pipeline.upgrades import template as template_room
from driftmonitor.pipeline.upgrades import upgrade as upgrade_room
from driftmonitor.pipeline.upgrades.pins import merge_locks
from tests.jobs import ROOT, main
from tests.servers import Port
from tests.upgrade_template import (
    CELLS,
    NEW,
    NEW_CELLS,
    NOTEBOOK,
    OLD,
    cells_of,
    commit,
    git,
    make_cell,
    make_notebook,
    make_repository,
    make_template,
    runner,
    shown,
    snapshot,
    write,
)  # fmt: skip

TRY = upgrade_room._try
NEXT = """
One commit is on the branch upgrade-0.2.0. See it, then push it and open a pull request:
  git diff main upgrade-0.2.0
{more}  git push -u origin upgrade-0.2.0
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def made(template, tmp_path_factory):
    return make_repository(template, tmp_path_factory.mktemp("made") / "mine")


@pytest.fixture
def repository(made, tmp_path):
    """A repository that was made from v0.1.0."""
    return shutil.copytree(made, tmp_path / "mine")


@pytest.fixture
def upgrade(template, capsys, monkeypatch):
    """Run `upgrade` on a repository; return its exit code, stdout and stderr. The monitors run only with `tried`."""

    def run(folder, *arguments, address=f"file://{template}", tried=False):
        if not tried:
            monkeypatch.setattr(upgrade_room, "_try", lambda *_: True)
        state = ["--state", folder.parent / "state", "--date", "2026-11-24"]
        return main(capsys, "upgrade", *arguments, "--into", folder, "--template", address, *state)

    return run


def test_an_untouched_repository_gets_one_commit_with_the_new_version(repository, upgrade):
    before = snapshot(repository)

    code, out, err = upgrade(repository, tried=True)

    assert (code, err) == (0, "")
    assert out == (
        "upgrading from 0.1.0 to 0.2.0; nothing in your folder changes\n"
        "\n## 0.2.0 - 2026-12-24\n\n- Tails are watched.\n\n"
        "new examples, which were not added: params/new_example.yaml\n"
        "trying 0.1.0 and 0.2.0\nrunning 2 before and 2 after the change\n"
        "shop: DRIFT → healthy\n"
        "    before and after: 0 of 0 columns drifted (50%, threshold 10%).\n"
        "the same verdict with both versions: 1 of 2 monitors\n" + NEXT.format(more="")
    )
    assert git(repository, "rev-list", "--count", "main..upgrade-0.2.0") == "1"
    assert git(repository, "log", "-1", "--format=%B", "upgrade-0.2.0").splitlines()[0] == (
        "Upgrade drift-monitor from 0.1.0 to 0.2.0"
    )
    assert shown(repository, "docs/page.md") == NEW["docs/page.md"]
    assert cells_of(shown(repository, NOTEBOOK)) == NEW_CELLS
    assert list(cells_of(shown(repository, NOTEBOOK))) == list(NEW_CELLS)
    after = snapshot(repository)
    assert after[1:] == before[1:]
    assert set(after[0].splitlines()) - set(before[0].splitlines()) == {
        f"{ref} {git(repository, 'rev-parse', ref)}" for ref in ("refs/heads/upgrade-0.2.0", "refs/drift-monitor/0.2.0")
    }
    assert git(repository, "fsck", "--strict") == ""


def edit_cells(cells=CELLS, **changed):
    return {NOTEBOOK: make_notebook({**cells, **changed})}


def test_what_users_do_stays_and_what_is_new_comes(repository, upgrade):
    workflow, engine = (OLD[name] for name in (".github/workflows/drift_check.yml", "driftmonitor/engine.py"))
    mine = {
        "params/shop.yaml": None, "docs/page.md": None, "data/README.md": None, "driftmonitor/old.py": None,
        "README.md": "# Ours\n", "params/ours.yaml": "rows: 5\n", "params/healthy.yaml": "rows: 10\n",
        "data/ours.csv": "a\n1\n", "sql/q.sql": "select 1\n",
        ".github/workflows/drift_check.yml": workflow.replace("0 9", "30 6"),
        "driftmonitor/engine.py": engine.replace("line_20 = 20", "line_20 = 'ours'"),
    }  # fmt: skip
    cells = {
        "title": "# Ours",
        "mine-first": "x = 1",
        **{k: v for k, v in CELLS.items() if k not in ("title", "pictures")},
    }
    cells["comparison"] = cells["comparison"].replace("a = 1", "a = 'ours'")
    cells["mine-last"] = "y = 2"
    commit(repository, mine | {NOTEBOOK: make_notebook(cells)})

    code, out, err = upgrade(repository)

    assert (code, err) == (0, "")
    assert "changed by you" not in out
    assert "still deleted, although the new version changed it: docs/page.md, docs/more.md\n" in out
    for path, text in mine.items():
        if path.startswith(("params", "data", "sql", "README")):
            there = git(repository, "ls-tree", "--name-only", "upgrade-0.2.0", path)
            assert (shown(repository, path) if there else None) == text, path
    workflow, engine = (
        shown(repository, path) for path in (".github/workflows/drift_check.yml", "driftmonitor/engine.py")
    )
    assert "30 6" in workflow
    assert "step15: something" in workflow
    assert "line_3 = 33" in engine
    assert "line_20 = 'ours'" in engine
    merged = cells_of(shown(repository, NOTEBOOK))
    assert list(merged) == [
        "title", "mine-first", "parameters", "data", "data-reading", "tails", "comparison", "verdict", "mine-last"
    ]  # fmt: skip
    assert merged["title"] == "# Ours"
    assert merged["parameters"] == NEW_CELLS["parameters"]
    assert merged["comparison"] == "a = 'ours'\nb = 2\nc = 3\nd = 4\ne = 5\nf = 66"


def test_where_both_changed_the_same_lines_mine_stay_and_are_named(repository, upgrade):
    commit(repository, {
        ".github/workflows/drift_check.yml": OLD[".github/workflows/drift_check.yml"].replace(
            "step15: nothing", "step15: ours"),
        "driftmonitor/old.py": "gone = 'ours'\n", "driftmonitor/fresh.py": "fresh = 'ours'\n",
        **edit_cells({k: v for k, v in CELLS.items() if k != "pictures"},
                     comparison=CELLS["comparison"].replace("f = 6", "f = 'ours'")),
    })  # fmt: skip

    code, out, err = upgrade(repository)

    assert (code, err) == (0, "")
    assert ".github/workflows/drift_check.yml, lines 21-21: changed by you and by the new version; yours stay\n" in out
    assert "driftmonitor/old.py: changed by you, and gone in the new version; it stays\n" in out
    assert "driftmonitor/fresh.py, lines 1-1: changed by you and by the new version; yours stay\n" in out
    assert f"{NOTEBOOK}, cell comparison: changed by you and by the new version; your lines stay\n" in out
    hint = "  git diff upgrade-0.2.0 drift-monitor/0.2.0    # what the new version has where your lines stay\n"
    assert out.endswith(NEXT.format(more=hint))
    assert "step15: ours" in shown(repository, ".github/workflows/drift_check.yml")
    assert shown(repository, "driftmonitor/fresh.py") == "fresh = 'ours'\n"
    assert "fresh = 1" in shown(repository, "driftmonitor/fresh.py", "drift-monitor/0.2.0")
    assert cells_of(shown(repository, NOTEBOOK))["comparison"].endswith("f = 'ours'")
    assert "cell comparison" in git(repository, "log", "-1", "--format=%B", "upgrade-0.2.0")


def test_versions_of_packages_and_actions_that_both_changed_are_the_new_ones(repository, upgrade):
    workflow = ".github/workflows/drift_check.yml"
    commit(repository, {
        "requirements-dev.txt": OLD["requirements-dev.txt"].replace("==1.0", "==1.5") + "mine==3.0\n",
        workflow: OLD[workflow].replace("checkout@aaa # v1", "checkout@ddd # v1.5") + "  - uses: mine/own@eee # v3\n",
    })  # fmt: skip

    _, out, _ = upgrade(repository)

    assert "yours stay" not in out
    assert shown(repository, "requirements-dev.txt") == NEW["requirements-dev.txt"] + "mine==3.0\n"
    assert shown(repository, workflow) == NEW[workflow] + "  - uses: mine/own@eee # v3\n"


def test_a_package_of_mine_without_a_hash_that_the_new_lock_needs_is_named():
    hashed = b"alpha==2.0 \\\n    --hash=sha256:aa\n    # via x\n"

    text, lacking = merge_locks(b"alpha==1.0\n", b"alpha==1.5\nmine==3.0\nours==1 \\\n    --hash=sha256:bb\n", hashed)

    assert text == hashed + b"mine==3.0\nours==1 \\\n    --hash=sha256:bb\n"
    assert lacking == ["mine"]


def test_a_moved_cell_gets_the_new_text_and_stays_where_it_was_put(repository, upgrade):
    moved = {"verdict": CELLS["verdict"], "comparison": CELLS["comparison"]}
    commit(repository, {NOTEBOOK: make_notebook({"title": CELLS["title"], **moved, **CELLS, **moved})})

    upgrade(repository)

    merged = cells_of(shown(repository, NOTEBOOK))
    assert list(merged) == ["title", "verdict", "comparison", "parameters", "data", "data-reading", "tails", "pictures"]
    assert merged["comparison"] == NEW_CELLS["comparison"]


def test_a_notebook_without_ids_is_merged_by_likeness(repository, upgrade):
    cells = [make_cell(*each) for each in CELLS.items()]
    cells.insert(3, make_cell("mine", "z = 3"))
    for cell in cells:
        del cell["id"]
    cells[5]["source"] = [*cells[5]["source"], "\nown = 7"]
    old_format = {"cells": cells, "metadata": {"colab": {}}, "nbformat": 4, "nbformat_minor": 4}
    commit(repository, {NOTEBOOK: json.dumps(old_format)})

    code, _, _ = upgrade(repository)

    merged = json.loads(shown(repository, NOTEBOOK))
    texts = ["".join(cell["source"]) for cell in merged["cells"]]
    assert code == 0
    assert [text for text in texts if text != "z = 3" and "own = 7" not in text] == [
        text for text in NEW_CELLS.values() if "f = 66" not in text
    ]
    assert any("own = 7" in text and "a = 1" in text for text in texts)
    assert merged["metadata"] == {"colab": {}}
    assert merged["nbformat_minor"] == 5
    assert all(cell["id"] for cell in merged["cells"])


def test_a_renamed_notebook_and_line_ends_of_windows_are_merged(repository, upgrade):
    git(repository, "mv", NOTEBOOK, "notebooks/churn.ipynb")
    crlf = OLD["driftmonitor/engine.py"].replace("line_20 = 20", "line_20 = 'ours'").replace("\n", "\r\n")
    commit(repository, {"notebooks/churn.ipynb": make_notebook({**CELLS, "title": "# Churn"})})
    (repository / "driftmonitor/engine.py").write_bytes(crlf.encode())
    commit(repository, {})

    _, out, _ = upgrade(repository)

    assert "yours stay" not in out
    assert cells_of(shown(repository, "notebooks/churn.ipynb")) == {**NEW_CELLS, "title": "# Churn"}
    assert shown(repository, "driftmonitor/engine.py").count("line_3 = 33") == 1
    assert git(repository, "ls-tree", "--name-only", "upgrade-0.2.0", NOTEBOOK) == ""
    raw = subprocess.run(["git", "-C", repository, "show", "upgrade-0.2.0:driftmonitor/engine.py"], capture_output=True)
    assert raw.stdout == crlf.replace("line_3 = 3\r", "line_3 = 33\r").encode()


@pytest.mark.parametrize("broken", ["not json", '{"nbformat": 3}', '{"nbformat": 4, "cells": 1}'])
def test_a_notebook_that_is_none_stays_whole(repository, upgrade, broken):
    commit(repository, {NOTEBOOK: broken})

    _, out, _ = upgrade(repository)

    assert f"{NOTEBOOK}: changed by you and by the new version; yours stays\n" in out
    assert shown(repository, NOTEBOOK) == broken


def test_a_repository_made_between_two_versions_is_merged_from_where_it_was_made(template, tmp_path, upgrade):
    between = make_repository(template, tmp_path / "between", at="v0.2.0~1")
    commit(between, {"README.md": "# Ours\n"})

    _, out, _ = upgrade(between)

    assert "yours stay" not in out  # from v0.1.0 the page would have been changed on both sides
    assert shown(between, "docs/page.md") == NEW["docs/page.md"]


def test_folders_that_were_deleted_stay_deleted(repository, upgrade):
    git(repository, "rm", "-rq", "docs", "notebooks")
    commit(repository, {})

    _, out, _ = upgrade(repository)

    assert f"still deleted, although the new version changed it: docs/page.md, {NOTEBOOK}, docs/more.md\n" in out
    assert git(repository, "ls-tree", "-r", "--name-only", "upgrade-0.2.0", "docs", "notebooks") == ""


def test_the_next_upgrade_follows_a_squash_merge_and_says_what_fails(repository, tmp_path, upgrade):
    later = make_template(tmp_path)
    comparison = NEW_CELLS["comparison"].replace("66", "666")
    work = tmp_path / "seed"
    git(work, "reset", "-q", "--hard", "v0.2.0")
    commit(work, {
        "driftmonitor/__init__.py": '__version__ = "0.3.0"\n', "runner.py": runner("failed"),
        "driftmonitor/engine.py": NEW["driftmonitor/engine.py"].replace("line_3 = 33", "line_3 = 333"),
        NOTEBOOK: make_notebook({**NEW_CELLS, "comparison": comparison}),
    })  # fmt: skip
    git(work, "push", "-q", later, "HEAD:refs/tags/v0.3.0")
    commit(repository, {"README.md": "# Ours\n", **edit_cells(title="# Ours")})
    assert upgrade(repository, "0.2.0")[0] == 0
    git(repository, "merge", "-q", "--squash", "upgrade-0.2.0")
    commit(repository, {"params/ours.yaml": "broken: 1\n", "params/invalid.yaml": "rws: 1\n"}, "Upgrade (#1)")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upgrade_room, "_try", TRY)
        code, out, err = upgrade(repository, address=f"file://{later}", tried=True)

    assert (code, err) == (1, "")
    assert "upgrading from 0.2.0 to 0.3.0" in out
    assert "yours stay" not in out
    assert "shop: healthy → FAILED\n" in out
    assert "ours: FAILED → FAILED\n    before and after: It broke.\n" in out
    assert "params are invalid with 0.3.0: params/invalid.yaml: rws: no such parameter.\n" in out
    assert "line_3 = 333" in shown(repository, "driftmonitor/engine.py", "upgrade-0.3.0")
    merged = cells_of(shown(repository, NOTEBOOK, "upgrade-0.3.0"))
    assert merged == {**NEW_CELLS, "title": "# Ours", "comparison": comparison}
    older = upgrade(repository, "0.1.0", address=f"file://{later}")
    assert older[2] == (
        "error: 0.1.0 is older than this repository's 0.2.0; to go back, revert the commit of the upgrade.\n"
    )


def test_data_that_is_not_in_git_is_there_when_the_new_version_is_tried(repository, upgrade):
    seen = runner("drift", fails="not (root / 'data/secret.csv').exists()")
    commit(repository, {"runner.py": seen, ".gitignore": "data/secret.csv\n"})
    write(repository, {"data/secret.csv": "a\n1\n", "params/untracked.yaml": "rows: 1\n"})

    _, out, _ = upgrade(repository, tried=True)

    assert "the same verdict with both versions: 3 of 3 monitors\n" in out


def test_each_version_is_tried_with_the_packages_of_its_lock_or_not_at_all(repository, upgrade, monkeypatch):
    asked = []
    monkeypatch.setattr(interpreters, "set_up_python", lambda own, folder, lock, environ: asked.append(folder.name))
    there, absent = f"click=={metadata.version('click')}\n", "no-such-package==1.0\n"
    commit(repository, {"requirements.txt": there + absent})
    git(repository, "switch", "-qc", "plain")
    commit(repository, {"requirements.txt": there})

    works = upgrade(repository, tried=True)
    git(repository, "branch", "-D", "upgrade-0.2.0")
    git(repository, "switch", "-q", "main")
    fails = upgrade(repository, tried=True)

    assert works[0] == 0
    assert fails[0] == 1
    assert asked == ["packages-0.1.0", "packages-0.2.0"]
    assert "the packages of 0.1.0 cannot be installed" not in fails[1]
    assert "the packages of 0.2.0 cannot be installed, so no monitor was run; run `make` on the branch.\n" in fails[1]
    assert "One commit is on the branch upgrade-0.2.0." in fails[1]


def test_an_environment_for_a_trial_has_the_users_other_packages_too(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)

    interpreters.fall_back(f"{tmp_path}/bin/python", sys.executable, os.environ)

    where = "import sys, click; print(sys.prefix)"
    found = subprocess.run([tmp_path / "bin/python", "-c", where], capture_output=True, text=True)
    assert found.stdout == f"{tmp_path}\n"


REFUSED = {
    "dirty": ("has changes that are not committed; commit or stash them, and run again.", 2),
    "staged": ("has changes that are not committed; commit or stash them, and run again.", 2),
    "detached": ("no branch is checked out; run `git switch main`, and run again.", 2),
    "no commit": ("has no commit yet; commit your files, and run again.", 2),
    "no git": ("not the folder of a git repository; run upgrade in a clone, or `git init` and commit.", 2),
    "no version": ("driftmonitor/__init__.py names no version; restore it as the template has it.", 2),
    "branch": ("upgrade-0.2.0: this branch exists; merge it, or run `git branch -D upgrade-0.2.0`.", 2),
}
SPOIL = {
    "dirty": lambda folder: write(folder, {"docs/page.md": "x"}),
    "staged": lambda folder: (write(folder, {"new": "x"}), git(folder, "add", "-A")),
    "detached": lambda folder: git(folder, "switch", "-q", "--detach"),
    "no commit": lambda folder: git(folder, "update-ref", "-d", "HEAD"),
    "no git": lambda folder: (folder / ".git").rename(folder.parent / "elsewhere"),
    "no version": lambda folder: commit(folder, {"driftmonitor/__init__.py": "\n"}),
    "branch": lambda folder: git(folder, "branch", "upgrade-0.2.0"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_cannot_be_upgraded_is_refused_in_a_line_and_left_alone(repository, upgrade, how):
    SPOIL[how](repository)
    before = snapshot(repository) if how not in ("no git", "no commit") else None

    code, out, err = upgrade(repository)

    text, expected = REFUSED[how]
    assert (code, out) == (expected, "")
    assert err.startswith("error: ")
    assert err.endswith(f"{text}\n")
    assert err.count("\n") == 1
    assert before is None or snapshot(repository) == before


@pytest.mark.parametrize(
    ("version", "code", "said"),
    [
        ("0.9.0", 2, "error: 0.9.0: the template has no such version; choose one of: 0.2.0, 0.1.0.\n"),
        ("latest", 2, "error: latest: the template has no such version; choose one of: 0.2.0, 0.1.0.\n"),
        ("0.1.0", 0, "drift-monitor 0.1.0: up to date\n"),
        ("v0.1", 0, "drift-monitor 0.1.0: up to date\n"),
    ],
)
def test_versions_that_are_none_to_upgrade_to(repository, upgrade, version, code, said):
    done = upgrade(repository, version)

    assert done[0] == code
    assert "".join(done[1:]) == said


def test_templates_that_cannot_be_reached_or_are_none(repository, upgrade, tmp_path, monkeypatch):
    git(tmp_path, "init", "-q", "empty")
    monkeypatch.setattr(template_room, "ASK_SECONDS", 1.0)
    monkeypatch.delenv("DRIFT_TEMPLATE", raising=False)
    where = "--template, DRIFT_TEMPLATE or template in pyproject.toml"

    absent = upgrade(repository, address=f"file://{tmp_path}/absent")
    closed = upgrade(repository, address="http://user:secret@127.0.0.1:9/template.git")
    empty = upgrade(repository, address=f"file://{tmp_path}/empty")
    option = upgrade(repository, address="--upload-pack=touch x")
    with Port(lambda heard: []) as server:
        silent = upgrade(repository, address=f"git://{server.address}/x.git")

    assert absent[0] == closed[0] == silent[0] == 1
    assert absent[2].startswith("error: the template cannot be read (fatal: ")
    assert absent[2].endswith(f"; check the network, and {where}.\n")
    assert "secret" not in closed[2]
    assert closed[2].count("\n") == 1
    assert silent[2] == "error: the template did not answer; check the network, and run again.\n"
    assert empty[2] == f"error: the template has no version, which is a tag such as v0.1.0; check {where}.\n"
    assert option[2] == f"error: the template's address is invalid; fix it in {where}.\n"


def test_a_version_that_was_never_tagged_is_found_by_its_files_or_refused(template, tmp_path, upgrade):
    between = make_repository(template, tmp_path / "mine", at="v0.2.0~1")
    commit(between, {"driftmonitor/__init__.py": '__version__ = "0.1.7"\n'})

    assert upgrade(between)[0] == 0
    git(between, "checkout", "-q", "--orphan", "fresh")
    commit(between, {})
    git(between, "branch", "-D", "upgrade-0.2.0", "main")
    refused = upgrade(between)

    assert refused[0] == 2
    assert refused[2] == (
        "error: the template has no tag of 0.1.7, the version of this repository; choose another template.\n"
    )


def test_a_shallow_clone_is_upgraded_and_stays_shallow(template, repository, tmp_path, upgrade):
    commit(repository, {"README.md": "# Ours\n"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")

    code, _, err = upgrade(tmp_path / "shallow")

    assert (code, err) == (0, "")
    assert git(tmp_path / "shallow", "rev-list", "--count", "upgrade-0.2.0") == "2"
    assert git(tmp_path / "shallow", "rev-parse", "--is-shallow-repository") == "true"
    assert shown(tmp_path / "shallow", "docs/page.md") == NEW["docs/page.md"]
    git(tmp_path / "shallow", "push", "-q", "origin", "upgrade-0.2.0")
    assert git(repository, "rev-list", "--count", "main..upgrade-0.2.0") == "1"


def test_a_fork_with_the_templates_history_is_upgraded(template, tmp_path, upgrade):
    git(tmp_path, "clone", "-q", template, "fork")
    git(tmp_path / "fork", "reset", "-q", "--hard", "v0.1.0")
    commit(tmp_path / "fork", {"README.md": "# Ours\n"})

    code, _, err = upgrade(tmp_path / "fork")

    assert (code, err) == (0, "")
    assert git(tmp_path / "fork", "rev-list", "--count", "main..upgrade-0.2.0") == "1"


def test_an_upgrade_that_is_killed_leaves_nothing_and_the_next_one_works(template, repository, tmp_path, upgrade):
    commit(repository, {"runner.py": runner("drift", pause=600)})
    before = snapshot(repository)
    started = tmp_path / "temporary"
    started.mkdir()
    command = [sys.executable, ROOT / "runner.py", "upgrade", "--into", repository, "--template", f"file://{template}"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(started)}, start_new_session=True
    )
    for line in process.stdout:
        if line.startswith("running "):
            break

    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    assert snapshot(repository) == before
    commit(repository, {"runner.py": runner("drift")})
    assert upgrade(repository, tried=True)[0] == 0


def test_over_http_and_from_the_address_in_pyproject(template, repository, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("DRIFT_TEMPLATE", raising=False)
    git(template, "update-server-info")
    handler = functools.partial(QuietHandler, directory=str(template.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/template.git"
        commit(repository, {"pyproject.toml": f'[tool.drift-monitor]\ntemplate = "{address}"\n'})
        state = ["--state", tmp_path / "state"]
        checked = main(capsys, "upgrade", "--check", "--into", repository, *state)
        done = main(capsys, "upgrade", "--into", repository, *state)
        server.shutdown()

    assert checked == (0, "drift-monitor 0.1.0; 0.2.0 is available: run `python runner.py upgrade`\n", "")
    assert json.loads((tmp_path / "state/reports/newest_version.json").read_text())["version"] == "0.2.0"
    assert done[0] == 0
    assert "upgrade-0.2.0" in git(repository, "branch")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a line for each."""

    def log_message(self, *_):
        pass


def test_check_says_when_there_is_nothing_newer_and_changes_nothing(template, tmp_path, upgrade):
    new = make_repository(template, tmp_path / "new", at="v0.2.0")
    before = snapshot(new)

    assert upgrade(new, "--check") == (0, "drift-monitor 0.2.0: up to date\n", "")
    assert upgrade(new) == (0, "drift-monitor 0.2.0: up to date\n", "")
    assert snapshot(new) == before
