"""One issue for each incident, tested against the part of GitHub that the channel uses."""

import re

import pytest

from driftmonitor.pipeline.channels import Refused, Unavailable, github_issue
from tests.message_samples import DAY, make_message, make_nasty
from tests.servers import Answer, Issues, Recorder


@pytest.fixture
def github():
    """A repository with no issue: (what it holds, the environment that leads there)."""
    issues = Issues()
    with Recorder(issues.answer) as server:
        yield issues, {
            "GITHUB_TOKEN": "ghs_token", "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": server.url,
        }  # fmt: skip


def later(kind, day, **changes):
    return make_message(
        event_id=f"salary_shift:2026-11-{day}:{kind}", kind=kind, run_date=DAY.replace(day=day), **changes
    )


def test_an_incident_is_one_issue_from_its_start_to_its_end(github):
    issues, environ = github

    first = github_issue.send(make_message(), environ)
    second = github_issue.send(later("drift_worsened", 25), environ, first)
    third = github_issue.send(later("drift_ended", 26, columns=(), share=0.0), environ, second)

    assert (first, second, third) == ("1", "1", "1")
    assert issues.issues[0]["title"] == "salary_shift: data drifts"
    assert issues.issues[0]["labels"] == ["drift-monitor"]
    assert issues.issues[0]["state"] == "closed"
    assert [re.search(r"more columns drift|drift ended", said)[0] for said in issues.comments[1]] == [
        "more columns drift", "drift ended",
    ]  # fmt: skip


def test_an_attempt_whose_answer_was_lost_writes_nothing_twice(github):
    issues, environ = github

    for _ in range(2):
        github_issue.send(make_message(), environ)
        github_issue.send(later("drift_worsened", 25), environ, "1")

    assert len(issues.issues) == 1
    assert len(issues.comments[1]) == 1


def test_a_correction_opens_the_closed_issue_again(github):
    issues, environ = github
    github_issue.send(make_message(), environ)
    github_issue.send(later("drift_ended", 25), environ, "1")

    github_issue.send(later("drift_continues", 25, correction=True), environ, "1")

    assert issues.issues[0]["state"] == "open"
    assert issues.comments[1][-1].startswith("Correction: ")


def test_a_reminder_leaves_an_issue_closed_that_a_person_closed(github):
    issues, environ = github
    github_issue.send(make_message(), environ)
    issues.issues[0]["state"] = "closed"

    github_issue.send(later("drift_continues", 30), environ, "1")

    assert issues.issues[0]["state"] == "closed"
    assert len(issues.comments[1]) == 1


def test_failed_runs_have_an_issue_of_their_own(github):
    issues, environ = github
    github_issue.send(make_message(), environ)

    number = github_issue.send(later("run_failed", 25, error="no such file"), environ)
    github_issue.send(later("run_recovered", 26), environ, number)

    assert [issue["state"] for issue in issues.issues] == ["open", "closed"]
    assert issues.issues[1]["title"] == "salary_shift: runs fail"


def test_an_end_without_an_issue_opens_none(github):
    issues, environ = github

    assert github_issue.send(later("drift_ended", 26), environ) is None
    assert issues.issues == []


def test_a_deleted_issue_is_opened_anew(github):
    _, environ = github

    assert github_issue.send(later("drift_worsened", 25), environ, "41") == "1"


def test_the_issue_is_found_behind_a_hundred_others(github):
    issues, environ = github
    for number in range(149):
        issues.open({"title": f"{number}", "body": "of another monitor", "labels": ["drift-monitor"]})
    github_issue.send(make_message(monitor="m149"), environ)

    assert github_issue.send(later("drift_worsened", 25, monitor="m149"), environ) == "150"


def test_github_shows_endless_names_within_its_limits(github):
    issues, environ = github

    github_issue.send(make_nasty(), environ)

    body, title = issues.issues[0]["body"], issues.issues[0]["title"]
    shown = body.split("<!--")[0]
    assert len(title) <= 256
    assert len(body) <= 65_536
    assert not re.search(r"@\w|#\d|(?<!\\)<|(?<!\()https?://|www\.", shown)
    assert "@everyone" not in title


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Answer(401), Refused, "the token is invalid"),
        (Answer(403, {"message": "x"}), Refused, "issues: write"),
        (Answer(404), Refused, "no such repository"),
        (Answer(410), Refused, "issues are disabled"),
        (Answer(403, b"", {"X-RateLimit-Remaining": "0"}), Unavailable, "too many requests"),
        (Answer(403, b"", {"Retry-After": "60"}), Unavailable, "too many requests"),
        (Answer(502), Unavailable, "502"),
        (Answer(200, b"<html>"), Unavailable, "could not be read"),
    ],
)
def test_githubs_refusals_are_distinguished(answer, error, said):
    with Recorder(answer) as server, pytest.raises(error, match=said):
        environ = {"GITHUB_TOKEN": "ghs_token", "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": server.url}
        github_issue.send(make_message(), environ)


@pytest.mark.parametrize(
    "environ",
    [
        {"GITHUB_TOKEN": "a b", "GITHUB_REPOSITORY": "owner/repo"},
        {"GITHUB_TOKEN": "ghs_token\n", "GITHUB_REPOSITORY": "owner/repo"},
        {"GITHUB_TOKEN": "ghs_token", "GITHUB_REPOSITORY": "owner"},
        {"GITHUB_TOKEN": "ghs_token", "GITHUB_REPOSITORY": "owner/.."},
        {"GITHUB_TOKEN": "ghs_token", "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": "http://github.example"},
    ],
)
def test_github_settings_that_cannot_be_right_are_refused_unprinted(environ):
    with pytest.raises(Refused) as caught:
        github_issue.send(make_message(), environ)

    assert "ghs_token" not in str(caught.value)
