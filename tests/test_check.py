"""What a pull request and a push do on GitHub: every params file is checked, and what the change touches is run."""

import pytest

from driftmonitor.pipeline.github.pull_request import MARK
from tests.workflow_fixtures import Fork
from tests.workflow_repository import commit, make_repository


def edit(fork, branch, **files):
    """Push a branch on which files are changed or, if they are None, removed; the main branch stays."""
    for name, text in files.items():
        path = fork.source / name
        path.unlink() if text is None else path.write_text(text)
    commit(fork.source, "Edit")
    fork.git("fetch", "-q", fork.source, f"main:{branch}")


@pytest.fixture(scope="module")
def fork(tmp_path_factory):
    """A user's repository with three monitors, and a secret that no pull request sees."""
    folder = tmp_path_factory.mktemp("check")
    made = Fork(folder, make_repository(folder / "source", {"calm": "healthy", "old": "healthy", "hot": "drift"}))
    made.secrets["ORDERS_PASSWORD"] = "the-password"
    yield made
    made.api.close()


@pytest.fixture(scope="module")
def proposed(fork):
    """A pull request that makes one monitor drift, removes one and adds two; what was commented; its second version."""
    edit(fork, "first", **{"params/calm.yaml": "mode: drift\n", "params/old.yaml": None, "README.md": "# Mine\n",
                           "params/new.yaml": "mode: healthy\n",
                           "params/locked.yaml": "monitor: {pass_env: [ORDERS_PASSWORD]}\n"})  # fmt: skip
    first = fork.propose("check", "first", number=7)
    comments = [dict(each) for each in fork.api.comments]
    forged = {"id": 99, "pull_request": 7, "user": {"type": "User"}, "body": f"{MARK}\nforged"}
    fork.api.comments.insert(0, forged)
    edit(fork, "second", **{"params/calm.yaml": "mode: crash\n"})
    second = fork.propose("check", "second", number=7)
    return first, comments, second


@pytest.mark.slow
def test_a_pull_request_says_monitor_by_monitor_what_it_does(fork, proposed):
    first, comments, _ = proposed

    assert first.results == {"compare": "success", "comment": "success"}, first.log
    assert "### 3 of 4 monitors are touched, 1 removed, compared with " in first.summary
    assert "| calm | healthy | **DRIFT** |" in first.summary
    assert "| new | new | healthy |" in first.summary
    assert "| old | there | removed |" in first.summary
    assert "| locked | not run | not run: ORDERS_PASSWORD is not set here |" in first.summary
    assert "| hot |" not in first.summary
    assert "- after: 1 of 1 column drifted (100%, threshold 10%). salary: mean rose by 2.5 SD" in first.summary
    assert "params/calm.yaml: ok" in first.log
    assert [each["pull_request"] for each in comments] == [7]
    assert comments[0]["body"].strip() == f"{MARK}\n{first.summary}".strip()
    assert f"[this run](https://github.com/owner/repo/actions/runs/{first.number})" in first.summary
    assert (fork.artifacts(first) / "pages-1/calm/2026-11-24/index.html").read_text().count("salary")
    assert not (fork.artifacts(first) / "pages-1/hot").exists()
    assert "drift-state" not in fork.git("branch")


@pytest.mark.slow
def test_its_next_version_renews_the_one_comment_and_is_red_where_a_monitor_breaks(fork, proposed):
    _, _, second = proposed

    assert second.results == {"compare": "failure", "comment": "success"}, second.log
    assert "| calm | healthy | **FAILED** |" in second.summary
    assert "RuntimeError: boom" in second.summary
    assert [(each["id"], "FAILED" in each["body"]) for each in fork.api.comments] == [(99, False), (1, True)]


@pytest.mark.slow
def test_without_the_examples_a_strangers_pull_request_and_a_push_are_green_and_comment_nothing(fork, proposed):
    files = [f"params/{name}.yaml" for name in ("calm", "hot", "new", "locked")]
    edit(fork, "third", **dict.fromkeys(files), **{"README.md": "# Mine, without examples\n"})
    known = [dict(each) for each in fork.api.comments]

    foreign = fork.propose("check", "third", number=8, repository="stranger/repo")
    fork.git("update-ref", "refs/heads/main", "third")
    pushed = fork.push("check", before="first")

    assert foreign.results == {"compare": "success", "comment": "skipped"}, foreign.log
    assert "### 0 of 0 monitors are touched, 3 removed" in foreign.summary
    assert pushed.results == {"compare": "success", "comment": "skipped"}, pushed.log
    assert f"4 removed, compared with {fork.git('rev-parse', 'first')[:7]}" in pushed.summary
    assert fork.api.comments == known
    assert set(fork.run("tests", on="push").results.values()) == {"skipped"}
