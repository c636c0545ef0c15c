"""What Apprise's services receive: plain text, each address once."""

import re

import pytest

from driftmonitor.pipeline.channels import Refused, Unavailable, apprise_urls
from tests.message_samples import make_message, make_nasty
from tests.servers import Answer, Recorder


def test_apprise_sends_plain_text_to_each_address():
    with Recorder() as first, Recorder() as second:
        environ = {"APPRISE_URLS": f"{first.url.replace('http', 'json')}/a\n{second.url.replace('http', 'json')}/b"}
        apprise_urls.send(make_nasty(), environ)

    for server in (first, second):
        told = server.requests[0].json()
        assert len(server.requests) == 1
        assert not re.search(r"@\w|<!", told["title"] + told["message"])


def test_apprise_tries_only_those_again_that_did_not_take_it():
    with Recorder() as first, Recorder(Answer(500), Answer(200)) as second:
        environ = {"APPRISE_URLS": f"{first.url.replace('http', 'json')} {second.url.replace('http', 'json')}"}
        with pytest.raises(Unavailable, match="address 2 of 2 did not accept") as caught:
            apprise_urls.send(make_message(), environ)
        apprise_urls.send(make_message(), environ, caught.value.receipt)

    assert (len(first.requests), len(second.requests)) == (1, 2)


def test_an_apprise_address_that_cannot_be_read_is_named_by_its_place():
    with pytest.raises(Refused, match="address 2 of 2 is invalid") as caught:
        apprise_urls.send(make_message(), {"APPRISE_URLS": "json://localhost nonsense://secret-token"})

    assert "secret-token" not in str(caught.value)
