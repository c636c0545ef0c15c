"""Newer dependencies are proposed once a month in the repository that is the template, and in no other."""

import pytest


@pytest.mark.slow
def test_newer_locks_become_one_pull_request_that_is_tested_and_none_in_a_users_repository(github):
    fork = github(calm="healthy")
    assert fork.run("locks", schedule="37 4 2 * *").results == {"lock": "skipped", "propose": "skipped"}
    fork.is_template = True

    first = fork.run("locks", schedule="37 4 2 * *")
    fork.git("update-ref", "refs/heads/main", "locks")
    again = fork.run("locks")

    assert first.results == {"lock": "success", "propose": "success"}, first.log
    assert fork.git("diff", "--name-only", "main~1", "main").split() == [
        ".github/uv.txt", "requirements-dev.txt", "requirements.txt"
    ]  # fmt: skip
    assert [path for path, _ in fork.api.posts] == ["pulls", "actions/workflows/tests.yml/dispatches"]
    assert (fork.api.posts[0][1]["head"], fork.api.posts[0][1]["base"]) == ("locks", "main")
    assert again.results == {"lock": "success", "propose": "success"}, again.log
    assert "The locks are up to date." in again.log
