"""What Discord receives: an embed, its figure and its corrections, within Discord's limits."""

import json

import pytest

from driftmonitor.pipeline.channels import discord
from tests.message_samples import make_message, make_nasty
from tests.servers import Answer, Recorder

PNG = b"\x89PNG\r\n\x1a\n picture"


def send_to_discord(message, *answers, receipt=None):
    with Recorder(*answers or [Answer(200, {"id": "777"})]) as server:
        environ = {"DISCORD_WEBHOOK": f"{server.url}/api/webhooks/1/token?thread_id=5"}
        return discord.send(message, environ, receipt), server.requests


def test_discord_gets_an_embed_and_answers_with_its_id():
    receipt, (request,) = send_to_discord(make_message())

    told = request.json()
    assert (request.method, request.path) == ("POST", "/api/webhooks/1/token")
    assert request.query == {"thread_id": ["5"], "wait": ["true"]}
    assert told["allowed_mentions"] == {"parse": []}
    assert told["content"].startswith("salary_shift: drift started on 24 Nov 2026: 1 of 4 columns")
    assert told["embeds"][0]["fields"] == [
        {"name": "Since", "value": "24 Nov 2026", "inline": True},
        {"name": "Drift share", "value": "1 of 4 columns drifted (25%, threshold 10%)", "inline": True},
    ]
    assert "salary: mean rose from 5 to 7.5 (+2.5 SD of the reference)" in told["embeds"][0]["description"]
    assert (
        "[Open the report of 24 Nov 2026](https://owner.github.io/drift/salary_shift/2026-11-24/)"
        in (told["embeds"][0]["description"])
    )
    assert receipt == "salary_shift:2026-11-24:drift_started 777"


def test_discord_gets_the_picture_as_an_attachment_that_the_embed_shows():
    _, (request,) = send_to_discord(make_message(picture=PNG))

    parts = request.parts()
    told = json.loads(parts["payload_json"])
    assert parts["files[0]"] == PNG
    assert told["embeds"][0]["image"] == {"url": "attachment://shift.png"}
    assert told["attachments"][0]["filename"] == "shift.png"
    assert told["attachments"][0]["description"].startswith("Distribution of the worst column. salary: mean rose")


@pytest.mark.parametrize("content", [None, b""])
def test_discord_gets_the_message_without_a_figure_if_there_is_none(content):
    _, (request,) = send_to_discord(make_message(picture=content))

    assert "image" not in request.json()["embeds"][0]


def test_discord_gets_the_message_without_the_figure_if_that_is_too_large():
    _, requests = send_to_discord(make_message(picture=PNG), Answer(413), Answer(200, {"id": "7"}))

    assert len(requests) == 2
    assert "image" not in requests[1].json()["embeds"][0]


def test_a_correction_edits_the_message_it_corrects():
    first, _ = send_to_discord(make_message())
    correction = make_message(
        event_id="salary_shift:2026-11-24:drift_started:1", kind="drift_ended", correction=True, columns=()
    )

    receipt, (request,) = send_to_discord(correction, receipt=first)

    assert (request.method, request.path) == ("PATCH", "/api/webhooks/1/token/messages/777")
    assert request.query == {"thread_id": ["5"]}
    assert request.json()["content"].startswith("Correction: salary_shift")
    assert request.json()["attachments"] == []
    assert receipt == first


def test_a_correction_is_said_anew_if_the_original_was_deleted():
    correction = make_message(event_id="salary_shift:2026-11-24:drift_started:1", correction=True)

    receipt, requests = send_to_discord(
        correction, Answer(404, {"code": 10008}), Answer(200, {"id": "9"}),
        receipt="salary_shift:2026-11-24:drift_started 777",
    )  # fmt: skip

    assert [request.method for request in requests] == ["PATCH", "POST"]
    assert receipt == "salary_shift:2026-11-24:drift_started 9"


def test_no_message_of_another_event_is_edited():
    correction = make_message(event_id="salary_shift:2026-11-24:drift_started:1", correction=True)

    _, (request,) = send_to_discord(correction, receipt="salary_shift:2026-11-20:drift_started 777")

    assert request.method == "POST"


def test_discord_limits_hold_for_300_columns_with_endless_names():
    _, (request,) = send_to_discord(make_nasty())

    told = request.json()
    (embed,) = told["embeds"]
    assert len(told["content"]) <= 2000
    assert len(embed["title"]) <= 256
    assert len(embed["description"]) <= 4096
    assert len(embed["title"] + embed["description"]) + sum(len(str(f)) for f in embed["fields"]) <= 6000
    assert "and 292 more columns" in embed["description"]
