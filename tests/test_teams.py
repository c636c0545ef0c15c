"""What Teams gets: a card within its limit, in which nothing of the data is markup or a link."""

import json

import pytest

from driftmonitor.facts.judgement import Judgement
from driftmonitor.pipeline.channels import Refused, Unavailable, discord, teams
from tests.message_samples import make_message, make_nasty
from tests.servers import Answer, Recorder


def send_to_teams(message, *answers):
    with Recorder(*answers or [Answer(202)]) as server:
        teams.send(message, {"TEAMS_WEBHOOK": f"{server.url}/powerautomate/x?sig=y"})
    return server.requests[-1].json()


def card(sent):
    (attachment,) = sent["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    return attachment["content"]


def runs(node):
    """Return every text of a card that is shown."""
    if isinstance(node, list):
        return [text for item in node for text in runs(item)]
    if node["type"] == "Container":
        return runs(node["items"])
    assert node["type"] == "RichTextBlock"
    return [run["text"] for run in node["inlines"] if run["type"] == "TextRun"]


def test_teams_gets_a_card_with_words_facts_and_buttons():
    shown = card(send_to_teams(make_message(title="Pay & <more>")))

    texts = runs(shown["body"])
    assert texts[0] == "Pay & <more> (salary_shift)"
    assert shown["body"][0]["style"] == "attention"
    assert texts[1] == shown["fallbackText"]
    assert texts[2] == "Since: 24 Nov 2026"
    assert texts[-1].startswith("• salary")
    assert [(action["type"], action["title"], action["url"]) for action in shown["actions"]] == [
        (
            "Action.OpenUrl",
            "Open the incident",
            "https://owner.github.io/drift/salary_shift/incidents/drift-2026-11-24/",
        ),
        ("Action.OpenUrl", "Open the report of 24 Nov 2026", "https://owner.github.io/drift/salary_shift/2026-11-24/"),
    ]


@pytest.mark.parametrize(
    ("kind", "style"), [("drift_ended", "good"), ("run_recovered", "good"), ("data_missing", "warning")]
)
def test_the_colour_says_whether_the_news_is_good(kind, style):
    assert card(send_to_teams(make_message(kind=kind)))["body"][0]["style"] == style


def test_the_end_of_an_incident_whose_change_lasts_is_no_good_news():
    judged = judgement(changed={"since": "2026-10-12", "signal": "level", "columns": ["salary"], "distance": 0.25})
    message = make_message(kind="drift_ended", judgement=judged)

    shown = card(send_to_teams(message))
    assert shown["body"][0]["style"] == "warning"
    assert (
        "but lasts on 24 Nov 2026: salary still differs from the reference (distance 0.25)." in runs(shown["body"])[1]
    )
    assert discord.colour(message) == discord.AMBER


def judgement(**more):
    known = {"rule": "budget", "false_alarms_per_year": 4, "alarm": False, "mode": "early"}
    return Judgement.model_validate({**known, "pool_days": 30, "pool_needed": 219, **more})


def test_the_limit_holds_and_nothing_of_the_data_pings_or_becomes_a_link():
    sent = send_to_teams(make_nasty())

    assert len(json.dumps(sent)) < 28_000
    texts = runs(card(sent)["body"])
    assert len(texts) < 30
    for text in [*texts, card(sent)["fallbackText"]]:
        assert "\n" not in text
        assert "@" not in text.replace("@\u200b", "")
        assert "://" not in text
        assert "www." not in text


def test_a_text_of_nothing_but_emoji_stays_within_the_limit():
    sent = send_to_teams(make_message(title="😀" * 9000, error="😀" * 9000, kind="run_failed"))

    assert len(json.dumps(sent)) < 28_000


def test_a_correction_is_a_message_of_its_own_and_says_so():
    texts = runs(card(send_to_teams(make_message(kind="drift_ended", correction=True)))["body"])

    assert texts[1].startswith("Correction: ")
    assert any(text.startswith("This corrects an earlier message") for text in texts)


def test_a_flow_that_is_busy_is_tried_again_as_late_as_it_asks():
    with pytest.raises(Unavailable, match="Teams: answered 429") as caught:
        send_to_teams(make_message(), Answer(429, b"", {"Retry-After": "17"}))

    assert caught.value.retry_after_seconds == 17


def test_a_flow_that_is_gone_is_refused_for_good():
    with pytest.raises(Refused, match="Teams: answered 404"):
        send_to_teams(make_message(), Answer(404, b"WorkflowNotFound"))


@pytest.mark.parametrize(
    "address",
    [
        "https://default5c07eb.61.environment.api.powerplatform.com:443/powerautomate/automations/direct/x?sig=y",
        "https://prod-186.westus.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?sig=y",
    ],
)
def test_power_automates_addresses_are_allowed(address):
    assert teams.read_address({"TEAMS_WEBHOOK": address}, "TEAMS_WEBHOOK", teams.HOSTS) == address


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "logic.azure.com.evil.example",
        "evillogic.azure.com",
        "api.powerplatform.com",
        "x@a.logic.azure.com",
    ],
)
def test_any_other_address_is_refused(host):
    with pytest.raises(Refused, match="TEAMS_WEBHOOK "):
        teams.send(make_message(), {"TEAMS_WEBHOOK": f"https://{host}/x?sig=T0KEN"})
