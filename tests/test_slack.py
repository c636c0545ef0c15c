"""What Slack gets: blocks within its limits, in which nothing of the data is markup."""

import re

from driftmonitor.pipeline.channels import slack
from tests.message_samples import make_message, make_nasty
from tests.servers import Answer, Recorder


def send_to_slack(message):
    with Recorder(Answer(200, b"ok")) as server:
        slack.send(message, {"SLACK_WEBHOOK": f"{server.url}/services/T/B/x"})
    return server.requests[0].json()


def test_slack_gets_blocks_with_words_and_links():
    told = send_to_slack(make_message(page_url="https://x.example/a?b=1&c=<d>", title="Pay & <more>"))

    shown = [block["text"]["text"] for block in told["blocks"]]
    assert shown[0] == "Pay &amp; &lt;more&gt; (salary_shift)"
    assert shown[2] == "• salary rose by 2.5 reference standard deviations"
    assert shown[3] == (
        "<https://x.example/a?b=1&amp;c=%3Cd%3E|Open the page> · "
        "<https://owner.github.io/drift/salary_shift/2026-11-24/|Open the notebook>"
    )
    assert told["text"].startswith("Pay &amp; &lt;more&gt; (salary_shift) started to drift")


def test_slack_limits_hold_and_nothing_of_the_data_is_markup():
    told = send_to_slack(make_nasty())

    assert len(told["blocks"]) <= 50
    assert told["blocks"][0]["type"] == "header"
    assert len(told["blocks"][0]["text"]["text"]) <= 150
    for block in told["blocks"][:-1]:
        assert block["text"]["type"] == "plain_text"
        assert len(block["text"]["text"]) <= 3000
        assert not re.search(r"[<>]|&(?!(amp|lt|gt);)|@[a-z]", block["text"]["text"])
    assert not re.search(r"[<>]|@[a-z]", told["text"])
