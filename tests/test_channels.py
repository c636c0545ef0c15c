"""Which channels exist, what the workflow gives them, and `alert --test`, which tries them."""

import json
import re
from pathlib import Path

import pytest

from driftmonitor.pipeline import channels
from driftmonitor.pipeline.channels import apprise_urls, channel_check, discord, github_issue, payload, slack, teams
from driftmonitor.pipeline.channels.text import for_console
from tests.message_samples import DAY, NOON, make_message
from tests.servers import Answer, Issues, Recorder
from tests.workflow_runner import read_workflow

ROOT = Path(__file__).parents[1]
SET_BY_GITHUB = {"GITHUB_REPOSITORY"}


@pytest.fixture
def github():
    """A repository with no issue: (what it holds, the environment that leads there)."""
    issues = Issues()
    with Recorder(issues.answer) as server:
        yield issues, {
            "GITHUB_TOKEN": "ghs_token", "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": server.url,
        }  # fmt: skip


def test_channels_are_the_files_that_are_there():
    names = [channel.NAME for channel in channels.all_channels()]

    assert names == sorted(names)
    assert {"apprise", "discord", "github_issue", "slack", "teams", "webhook"} <= set(names)
    assert channels.channel_named("aws_lambda").PURPOSE == "retrain"
    assert channels.channel_named("carrier_pigeon") is None


def test_a_message_names_the_owner_and_mentions_nobody():
    """Neither the owner's name nor a column's in a sentence about where a change comes from is markup anywhere."""
    words = "@everyone <!channel> <@&1>"
    message = make_message(owner=f"@data-team {words}", where=words, story=(words,))

    sent = {
        "discord": discord.build(message)["embeds"][0]["description"],
        "slack": slack.build(message)["blocks"][3]["text"]["text"],
        "issue": github_issue.body(message),
        "teams": json.dumps(teams.build(message), ensure_ascii=False),
        "apprise": apprise_urls.body(message),
    }

    gap = "\u200b"
    for where, text in sent.items():
        assert f"Owner: @{gap}data-team @{gap}everyone" in text, where
        assert not re.search(r"@(?!\u200b)", text), where
        assert "<!channel>" not in text or where == "teams", where  # whose TextRun has no markup
    assert payload.describe(message)["owner"] == message.owner
    assert for_console(message).split("\n")[0].endswith(f"Owner: {message.owner}")


@pytest.mark.parametrize("channel", channels._channels(), ids=lambda channel: channel.NAME)
def test_the_workflow_hands_a_channel_what_it_reads_and_the_docs_name_it(channel):
    """A channel that the schedule never hears of stays silent, and nobody notices."""
    jobs = read_workflow((ROOT / ".github/workflows/drift_check.yml").read_text())["jobs"]
    (step,) = (step for step in jobs["alert"]["steps"] if step["name"] == "Alert")
    docs = "".join((ROOT / "docs" / name).read_text() for name in ("alerts.md", "retraining.md"))

    assert channel.ENVIRONMENT
    for name in set(channel.ENVIRONMENT) - SET_BY_GITHUB:
        assert re.search(rf"\b((secrets|vars)\.{name}|github\.token)\b", step["env"].get(name, "")), name
        assert f"`{name}`" in docs, name


@pytest.mark.parametrize("channel", channels._channels(), ids=lambda channel: channel.NAME)
def test_a_channel_reads_nothing_but_its_environment(channel):
    read = set()

    class Environment(dict):
        def get(self, name, default=None):
            read.add(name)
            return super().get(name, default)

    environ = Environment(dict.fromkeys(channel.ENVIRONMENT, "http://127.0.0.1:9/x y"))
    channel.configured(environ)
    with pytest.raises((channels.Refused, channels.Unavailable)):
        channel.send(make_message(), environ)

    assert read - {"GITHUB_API_URL"} <= set(channel.ENVIRONMENT)


def test_a_test_message_goes_through_each_configured_channel_and_no_other():
    with Recorder(Answer(200, {"id": "1"})) as works, Recorder(Answer(404)) as gone:
        environ = {"DISCORD_WEBHOOK": f"{works.url}/api/webhooks/1/t", "SLACK_WEBHOOK": f"{gone.url}/services/x"}
        checks = channel_check.check_channels(environ, channel_check.make_test_message(DAY, NOON))

    delivered = {each.channel: each.delivered for each in checks if each.delivered is not None}
    assert delivered == {"discord": True, "slack": False}
    assert len(checks) == len(channels.all_channels())
    assert [each.text for each in checks if each.channel == "webhook"] == ["not configured: ALERT_WEBHOOK not set"]
    assert "only a test" in works.requests[0].json()["content"]


def test_the_test_issue_is_closed_again(github):
    issues, environ = github

    channel_check.check_channels(environ, channel_check.make_test_message(DAY, NOON))

    assert [issue["state"] for issue in issues.issues] == ["closed"]
