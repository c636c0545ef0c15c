"""What Slack receives: blocks within Slack's limits, in which nothing from the data is markup."""

import re
from pathlib import Path

import pytest

from driftmonitor.pipeline.channels import Refused, slack
from tests.message_samples import make_message, make_nasty
from tests.servers import Answer, Recorder


def send_to_slack(message, *answers):
    with Recorder(*answers or [Answer(200, b"ok")]) as server:
        slack.send(message, {"SLACK_WEBHOOK": f"{server.url}/services/T/B/x"})
    return server.requests[-1].json()


def test_slack_gets_blocks_with_words_and_links():
    told = send_to_slack(make_message(page_url="https://x.example/a?b=1&c=<d>", title="Pay & <more>"))

    shown = [block["text"]["text"] for block in told["blocks"] if "text" in block]
    assert shown[0] == "Pay &amp; &lt;more&gt; (salary_shift)"
    assert [field["text"] for field in told["blocks"][2]["fields"]] == [
        "Since\n24 Nov 2026", "Drift share\n1 of 4 columns drifted (25%, threshold 10%)",
    ]  # fmt: skip
    assert shown[2] == "• salary: mean rose from 5 to 7.5 (+2.5 SD of the reference)"
    assert shown[3] == (
        "<https://x.example/a?b=1&amp;c=%3Cd%3E/incidents/drift-2026-11-24/|Open the incident> · "
        "<https://owner.github.io/drift/salary_shift/2026-11-24/|Open the report of 24 Nov 2026>"
    )
    assert told["text"].startswith("Pay &amp; &lt;more&gt; (salary_shift): drift started")


def test_slack_limits_hold_and_nothing_of_the_data_is_markup():
    told = send_to_slack(make_nasty())

    assert len(told["blocks"]) <= 50
    assert told["blocks"][0]["type"] == "header"
    assert len(told["blocks"][0]["text"]["text"]) <= 150
    texts = [text for block in told["blocks"][:-1] for text in block.get("fields", [block.get("text")])]
    for text in texts:
        assert text["type"] == "plain_text"
        assert len(text["text"]) <= 2900
        assert not re.search(r"[<>]|&(?!(amp|lt|gt);)|@[a-z]", text["text"])
    assert not re.search(r"[<>]|@[a-z]", told["text"])


def test_slack_shows_the_picture_on_the_site_and_goes_without_if_it_cannot_fetch_it():
    message = make_message(picture=Path("reports/salary_shift/2026-11-24/shift.png"))

    (image,) = [block for block in send_to_slack(message)["blocks"] if block["type"] == "image"]
    without = send_to_slack(message, Answer(400, b"invalid_blocks"), Answer(200, b"ok"))

    assert image["image_url"] == "https://owner.github.io/drift/salary_shift/2026-11-24/shift.png"
    assert image["alt_text"].startswith("Distribution of the worst column. salary: mean rose")
    assert "image" not in [block["type"] for block in without["blocks"]]
    assert "image" not in [block["type"] for block in send_to_slack(make_message())["blocks"]]


def test_slack_that_refuses_a_message_with_and_without_its_picture_has_refused_it():
    with pytest.raises(Refused, match="Slack: answered 400"):
        send_to_slack(make_message(picture=Path("shift.png")), Answer(400, b"invalid_payload"))
