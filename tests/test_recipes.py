"""CONTRIBUTING.md's recipes work as they are written (that of a statistic: test_own_statistics.py)."""

import re

from driftmonitor.pipeline import channels
from tests.message_samples import make_message, make_nasty
from tests.servers import Answer, Recorder


def test_the_channel_sends_a_message_and_what_it_reads_must_be_in_the_workflow(follow):
    follow(channels, "ntfy")

    ntfy = channels.channel_named("ntfy")
    with Recorder(Answer(200), Answer(200)) as server:
        for message in (make_message(), make_nasty()):
            ntfy.send(message, {"NTFY_WEBHOOK": f"{server.url}/topic"})

    plain, nasty = (request.body.decode() for request in server.requests)
    assert ntfy in channels.all_channels()
    assert not ntfy.configured({})
    assert plain.startswith("salary_shift")
    assert len(nasty) <= 2000
    assert not re.search(r"@[a-z]|://", nasty)
    assert ntfy.ENVIRONMENT == ("NTFY_WEBHOOK",)
