"""Where messages may go: which webhook settings are refused, and that none is printed."""

import pytest

from driftmonitor.pipeline.channels import Refused, address, discord, webhook
from tests.failures import everything_said
from tests.message_samples import make_message

TOKEN = "T0KEN-of-the-webhook"


@pytest.mark.parametrize(
    "value",
    [
        "https://discord.com/api/webhooks/1/t",
        "https://DISCORD.com:443/api/webhooks/1/t",
        "https://canary.discord.com/api/webhooks/1/t",
        "http://127.0.0.1:9/x",
        "http://localhost:9/x",
        "http://[::1]:9/x",
    ],
)
def test_discords_own_hosts_and_this_machine_are_allowed(value):
    assert address.read_address({"DISCORD_WEBHOOK": value}, "DISCORD_WEBHOOK", discord.HOSTS) == value


BAD = [
    "",
    "   ",
    TOKEN,
    f'"https://discord.com/api/webhooks/1/{TOKEN}"',
    f"https://discord.com/api/webhooks/1/{TOKEN}\n",
    f" https://discord.com/api/webhooks/1/{TOKEN}",
    f"https://discord.com/api/webhooks/1/{TOKEN} ",
    f"http://discord.com/api/webhooks/1/{TOKEN}",
    f"https://discord.com.evil.example/{TOKEN}",
    f"https://evil.example/discord.com/{TOKEN}",
    f"https://discord.com@evil.example/{TOKEN}",
    f"https://evil.example\\@discord.com/{TOKEN}",
    f"https://{TOKEN}:x@discord.com/",
    f"https://discord.com:port/{TOKEN}",
    f"https://discord.com:99999/{TOKEN}",
    f"https://[discord.com/{TOKEN}",
    f"https:///{TOKEN}",
    f"ftp://discord.com/{TOKEN}",
    f"http://127.0.0.1.evil.example/{TOKEN}",
    f"http://2130706433/{TOKEN}",
    f"https://dißcord.com/{TOKEN}",
    f"DISCORD_WEBHOOK=https://discord.com/{TOKEN}",
]


@pytest.mark.parametrize("value", BAD)
def test_a_value_that_cannot_be_right_is_refused_unprinted(value):
    with pytest.raises(Refused, match=r"DISCORD_WEBHOOK (is|does not)") as caught:
        discord.send(make_message(), {"DISCORD_WEBHOOK": value})

    assert TOKEN not in everything_said(caught.value)
    assert ";" in str(caught.value)  # what is wrong; what would do
    assert "\n" not in str(caught.value)


def test_an_unset_address_is_refused_with_its_name():
    with pytest.raises(Refused, match="ALERT_WEBHOOK is empty"):
        webhook.send(make_message(), {})
