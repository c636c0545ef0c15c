"""Which channels exist, and `alert --test`, which tries them."""

import pytest

from driftmonitor.pipeline import channels
from driftmonitor.pipeline.channels import channel_check
from tests.message_samples import DAY, NOON
from tests.servers import Answer, Issues, Recorder


@pytest.fixture
def github():
    """A repository with no issue: (what it holds, the environment that leads there)."""
    issues = Issues()
    with Recorder(issues.answer) as server:
        yield issues, {
            "GITHUB_TOKEN": "ghs_token", "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": server.url,
        }  # fmt: skip


def test_channels_are_the_files_that_are_there():
    assert [channel.NAME for channel in channels.all_channels()] == [
        "apprise", "discord", "github_issue", "slack", "webhook",
    ]  # fmt: skip
    assert channels.channel_named("aws_lambda").PURPOSE == "retrain"
    assert channels.channel_named("carrier_pigeon") is None


def test_a_test_message_goes_through_each_configured_channel_and_no_other():
    with Recorder(Answer(200, {"id": "1"})) as works, Recorder(Answer(404)) as gone:
        environ = {"DISCORD_WEBHOOK": f"{works.url}/api/webhooks/1/t", "SLACK_WEBHOOK": f"{gone.url}/services/x"}
        checks = channel_check.check_channels(environ, channel_check.make_test_message(DAY, NOON))

    assert {each.channel: each.delivered for each in checks} == {
        "apprise": None, "discord": True, "github_issue": None, "slack": False, "webhook": None,
    }  # fmt: skip
    assert [each.text for each in checks if each.channel == "webhook"] == ["not configured: ALERT_WEBHOOK not set"]
    assert "only a test" in works.requests[0].json()["content"]


def test_the_test_issue_is_closed_again(github):
    issues, environ = github

    channel_check.check_channels(environ, channel_check.make_test_message(DAY, NOON))

    assert [issue["state"] for issue in issues.issues] == ["closed"]
