"""The comment in a pull request: one, renewed, and none where there is nothing to say or no right to say it."""

import pytest

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.pipeline.github.pull_request import MARK, renew_comment
from tests.servers import Answer, Recorder
from tests.workflow_api import Api


@pytest.fixture
def api():
    server = Api()
    yield server
    server.close()


def environ(api, permission="write"):
    token = api.give_token({"pull-requests": permission})
    return {"GITHUB_TOKEN": token, "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": api.url}


@pytest.fixture
def text(tmp_path):
    def write(text):
        (tmp_path / "comment.md").write_text(text)
        return tmp_path / "comment.md"

    return write


def test_each_pull_request_has_one_comment_which_is_renewed(api, text):
    for number, words in [(7, "### 1 of 4"), (8, "### 2 of 4"), (7, "### 3 of 4")]:
        renew_comment(environ(api), number, text(words))

    bodies = [(comment["pull_request"], comment["body"]) for comment in api.comments]
    assert bodies == [(7, f"{MARK}\n### 3 of 4"), (8, f"{MARK}\n### 2 of 4")]


def test_the_mark_of_anybody_else_is_not_changed(api, text):
    api.comments.append({"id": 1, "pull_request": 7, "user": {"type": "User"}, "body": f"{MARK}\nmine"})
    api.comments.append({"id": 2, "pull_request": 7, "user": {"type": "Bot"}, "body": f"a quote of {MARK}"})

    assert renew_comment(environ(api), 7, text("### 1 of 4")) == "pull request 7: commented"
    assert [comment["body"][:4] for comment in api.comments] == ["<!--", "a qu", "<!--"]


def test_a_change_that_touches_no_monitor_only_renews(api, text):
    nothing = "### No monitor is touched, compared with 833e095."

    assert "so there is no comment" in renew_comment(environ(api), 7, text(nothing))
    assert api.comments == []
    renew_comment(environ(api), 7, text("### 1 of 4"))
    assert renew_comment(environ(api), 7, text(nothing)) == "pull request 7: comment renewed"


def test_a_token_that_may_not_write_is_no_failure(api, text):
    said = renew_comment(environ(api, "read"), 7, text("### 1 of 4"))

    assert said == (
        "pull request 7: no comment; the run's page has the text. GitHub: answered 403: the token may not do this; "
        "give it the permission `pull-requests: write`."
    )


def test_a_service_that_is_down_and_a_file_that_is_missing_are_failures(text, tmp_path):
    with Recorder(Answer(503)) as server:
        given = {"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": server.url}
        with pytest.raises(OutsideError, match=r"Run the job again\.$"):
            renew_comment(given, 7, text("x"))
    with pytest.raises(DriftMonitorError, match=r"none\.md: cannot be read: .*; run `diff --markdown` first\."):
        renew_comment({}, 7, tmp_path / "none.md")


def test_a_long_text_is_cut_to_what_github_takes(api, text):
    renew_comment(environ(api), 7, text("é" * 100_000))

    assert 60_000 < len(api.comments[0]["body"]) < 65_536
