"""What a pull request and a push do on GitHub: every params file is checked, and what the change touches is run."""

import pytest

from driftmonitor.pipeline.github.pull_request import MARK
from tests.workflow_fixtures import Fork
from tests.workflow_repository import commit, make_repository

pytestmark = pytest.mark.xdist_group("check")  # the repository and the pull request are made once


def edit(fork, branch, **files):
    """Push a branch on which files are changed or, if they are None, removed; the main branch stays."""
    for name, text in files.items():
        path = fork.source / name
        path.unlink() if text is None else path.write_text(text)
    commit(fork.source, "Edit")
    fork.git("fetch", "-q", fork.source, f"main:{branch}")


@pytest.fixture(scope="module")
def fork(tmp_path_factory):
    """A user's repository with four monitors, and a secret that no pull request sees."""
    folder = tmp_path_factory.mktemp("check")
    modes = {"calm": "healthy", "rough": "healthy", "old": "healthy", "hot": "drift"}
    made = Fork(folder, make_repository(folder / "source", modes))
    made.secrets["ORDERS_PASSWORD"] = "the-password"
    yield made
    made.api.close()


@pytest.fixture(scope="module")
def proposed(fork):
    """A pull request that makes monitors drift and break, removes one and adds two; and what is commented then."""
    edit(fork, "first", **{"params/calm.yaml": "mode: drift\n", "params/rough.yaml": "mode: crash\n",
                           "params/old.yaml": None, "params/new.yaml": "mode: healthy\n", "README.md": "# Mine\n",
                           "params/locked.yaml": "monitor: {pass_env: [ORDERS_PASSWORD]}\n"})  # fmt: skip
    fork.api.comments.append({"id": 99, "pull_request": 7, "user": {"type": "User"}, "body": f"{MARK}\nforged"})
    run = fork.propose("check", "first", number=7)
    return run, [dict(each) for each in fork.api.comments]


@pytest.mark.slow
def test_a_pull_request_says_monitor_by_monitor_what_it_does(fork, proposed):
    run, comments = proposed

    assert run.results == {"compare": "failure", "comment": "success"}, run.log
    assert "### 4 of 5 monitors are touched, 1 removed, compared with " in run.summary
    assert "| calm | healthy | **DRIFT** |" in run.summary
    assert "| rough | healthy | **FAILED** |" in run.summary
    assert "| new | new | healthy |" in run.summary
    assert "| old | existed | removed |" in run.summary
    assert "| locked | not run | not run: ORDERS_PASSWORD is not set here |" in run.summary
    assert "| hot |" not in run.summary
    assert "- after: 1 of 1 column drifted (100%, threshold 10%). salary: mean rose by 2.5 SD" in run.summary
    assert "- after: RuntimeError: boom." in run.summary
    assert f"[this run](https://github.com/owner/repo/actions/runs/{run.number})" in run.summary
    assert [(each["id"], each["pull_request"]) for each in comments] == [(99, 7), (2, 7)]
    assert comments[1]["body"].strip() == f"{MARK}\n{run.summary}".strip()
    assert "salary" in (fork.artifacts(run) / "pages-1/calm/2026-11-24/index.html").read_text()
    assert not (fork.artifacts(run) / "pages-1/hot").exists()
    assert "params/calm.yaml: ok" in run.log
    assert "drift-state" not in fork.git("branch")


@pytest.mark.slow
def test_without_the_examples_every_check_is_green_and_the_one_comment_is_renewed(fork, proposed):
    files = [f"params/{name}.yaml" for name in ("calm", "hot", "rough", "new", "locked")]
    edit(fork, "second", **dict.fromkeys(files), **{"README.md": "# Mine, without examples\n"})

    renewed = fork.propose("check", "second", number=7)
    foreign = fork.propose("check", "second", number=8, repository="stranger/repo")
    fork.git("update-ref", "refs/heads/main", "second")
    pushed = fork.push("check", before="first")

    assert renewed.results == {"compare": "success", "comment": "success"}, renewed.log
    assert "### 0 of 0 monitors are touched, 4 removed" in renewed.summary
    assert foreign.results == {"compare": "success", "comment": "skipped"}, foreign.log
    assert pushed.results == {"compare": "success", "comment": "skipped"}, pushed.log
    assert f"5 removed, compared with {fork.git('rev-parse', 'first')[:7]}" in pushed.summary
    bodies = [(each["id"], each["body"].strip()) for each in fork.api.comments]
    assert bodies == [(99, f"{MARK}\nforged"), (2, f"{MARK}\n{renewed.summary}".strip())]
    assert set(fork.run("tests", on="push").results.values()) == {"skipped"}
