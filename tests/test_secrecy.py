"""No failure, log or traceback reveals a webhook's address."""

import contextlib
import logging
import socket

import pytest
import requests

from driftmonitor.pipeline import channels
from driftmonitor.pipeline.channels import Refused, Unavailable, apprise_urls, github_issue, heartbeat, time_limits
from tests.failures import everything_said
from tests.message_samples import make_message
from tests.servers import Answer, Garbage, Hang, HangUp, Recorder

TOKEN = "T0KEN-of-the-webhook"
CHANNELS = [channel for channel in channels._channels() if channel.SETTING.endswith("_WEBHOOK")]


@pytest.fixture
def hasty(monkeypatch):
    """Short limits, for servers that never answer."""
    monkeypatch.setattr(time_limits, "LIMITS", time_limits.Limits(1, 0.4, 1.0, 1.5, 10_000))


@contextlib.contextmanager
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def played(step):
    with Recorder(step) as server:
        yield server.url


@contextlib.contextmanager
def tls_to_a_plain_port():
    with Recorder() as server:
        yield server.url.replace("http:", "https:")


FAILURES = {
    "no server": closed_port,
    "no TLS": tls_to_a_plain_port,
    "says nothing": lambda: played(Hang()),
    "hangs up": lambda: played(HangUp()),
    "not HTTP": lambda: played(Garbage()),
    "a header that is none": lambda: played(Answer(500, b"", {f"x\x00{TOKEN}": "y\x01"})),
    "moved": lambda: played(Answer(301, b"", {"Location": f"https://elsewhere.example/{TOKEN}"})),
    "breaks off": lambda: played(Answer(500, TOKEN.encode(), cut=True)),
    "trickles": lambda: played(Answer(500, TOKEN.encode(), pause_seconds=0.2, slow_headers=True)),
    "not gzip": lambda: played(Answer(500, TOKEN.encode(), {"Content-Encoding": "gzip"})),
    "says it back": lambda: played(lambda request: Answer(400, request.path.encode())),
    "slow down": lambda: played(Answer(429, {"message": TOKEN}, {"Retry-After": TOKEN})),
    **{f"answers {status}": lambda status=status: played(Answer(status)) for status in (401, 403, 404, 410, 500)},
}


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.NAME)
@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_gives_the_address_away(channel, failure, hasty, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with FAILURES[failure]() as url, pytest.raises((Refused, Unavailable)) as caught:
        channel.send(make_message(), {channel.SETTING: f"{url}/api/{TOKEN}/{TOKEN}?thread_id={TOKEN}"})

    printed = capfd.readouterr()
    assert TOKEN not in everything_said(caught.value)
    assert TOKEN not in caplog.text + printed.out + printed.err


def test_success_gives_the_address_away_neither(caplog):
    caplog.set_level(logging.DEBUG)
    with Recorder(Answer(200, {"id": "1"})) as server:
        for channel in CHANNELS:
            channel.send(make_message(), {channel.SETTING: f"{server.url}/{TOKEN}"})

    assert len(server.requests) == len(CHANNELS) >= 5
    assert TOKEN not in caplog.text


def test_without_our_silence_the_log_would_give_it_away(caplog):
    caplog.set_level(logging.DEBUG)
    with Recorder() as server:
        requests.get(f"{server.url}/{TOKEN}", timeout=5)

    assert TOKEN in caplog.text


@pytest.mark.parametrize("failure", FAILURES)
def test_a_heartbeat_that_fails_keeps_its_address(failure, hasty, caplog):
    caplog.set_level(logging.DEBUG)
    with FAILURES[failure]() as url:
        problem = heartbeat.ping({"HEARTBEAT_URL": f"{url}/{TOKEN}"}, True)

    assert problem.startswith("The heartbeat: ")
    assert TOKEN not in problem + caplog.text


@pytest.mark.parametrize("failure", FAILURES)
def test_apprise_keeps_its_addresses(failure, hasty, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with FAILURES[failure]() as url, pytest.raises(Unavailable) as caught:
        apprise_urls.send(make_message(), {"APPRISE_URLS": f"{url.replace('http', 'json')}/{TOKEN}"})

    printed = capfd.readouterr()
    assert TOKEN not in everything_said(caught.value) + caplog.text + printed.out + printed.err


@pytest.mark.parametrize("failure", FAILURES)
def test_github_keeps_its_token(failure, hasty, caplog):
    caplog.set_level(logging.DEBUG)
    with FAILURES[failure]() as url, pytest.raises((Refused, Unavailable)) as caught:
        environ = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": f"{url}/{TOKEN}"}
        github_issue.send(make_message(), environ)

    assert TOKEN not in everything_said(caught.value) + caplog.text


def test_a_run_whose_services_refuse_shows_that_and_no_address_on_console_database_and_pages(tiny):
    order = []

    def heartbeat_answer(request):
        order.append(request)
        return Answer()

    busy = Answer(429, TOKEN.encode(), {"Retry-After": "900"})
    steps = {"DISCORD_WEBHOOK": Answer(404, TOKEN.encode()), "SLACK_WEBHOOK": busy, "GITHUB_API_URL": Answer(401),
             "ALERT_WEBHOOK": Answer(301, b"", {"Location": f"https://elsewhere.example/{TOKEN}"}),
             "HEARTBEAT_URL": heartbeat_answer}  # fmt: skip
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(Recorder(step)) for name, step in steps.items()}
        environ = {name: f"{server.url}/{TOKEN}" for name, server in servers.items()}
        secrets = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "owner/repo", "ALERT_WEBHOOK_SECRET": "c2VjcmV0IQ=="}
        done = tiny.run("-p", "share", "0.5", environ=environ | secrets)
        again = tiny.run("alert", environ=environ | secrets)

    assert (done.returncode, again.returncode) == (1, 0)
    assert "error: discord refused calm drift_started of 2026-11-24: Discord: answered 404" in done.stderr
    assert "pending for slack: calm drift_started of 2026-11-24: Slack: answered 429" in done.stdout
    assert [request.path for request in order] == [f"/{TOKEN}/fail"]
    assert order[0].body == b"1 monitor, 1 drifting, 0 failed"
    assert [len(server.requests) for server in servers.values()] == [1, 1, 1, 1, 1]
    assert "answered 404 (the webhook was deleted" in (tiny.site / "calm/index.html").read_text()
    kept = [path.read_bytes() for folder in (tiny.state, tiny.site) for path in folder.rglob("*") if path.is_file()]
    assert not [content for content in kept if TOKEN.encode() in content]
    assert TOKEN not in done.stdout + done.stderr + again.stdout + again.stderr
