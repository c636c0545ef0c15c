"""Services that answer without end, slowly or with another address: little is read, and nothing is followed."""

import gzip
import itertools
import re
import resource
import threading
from functools import partial

import pytest

from driftmonitor.config.settings import RetrainSettings
from driftmonitor.pipeline.channels import Refused, Unavailable, apprise_urls, aws_lambda, http, time_limits
from tests.message_samples import make_message
from tests.processes import wait_for
from tests.servers import Answer, Port, Recorder

TOKEN = "AbCdEfGhIjKlMno"
PIECE = b"x" * 65_536


@pytest.fixture(scope="module", autouse=True)
def libraries():
    """Import Apprise and its services, which takes seconds, before anything is timed."""
    apprise_urls.load({"APPRISE_URLS": "json://localhost"})


@pytest.fixture
def hasty(monkeypatch):
    """Short limits, for servers that never come to an end."""
    monkeypatch.setattr(time_limits, "LIMITS", time_limits.Limits(1, 0.5, 0.8, 1.2, 10_000))


def head(status, *headers):
    return "\r\n".join([f"HTTP/1.1 {status} Answer", *headers, "", ""]).encode()


def without_end(first, piece, heard):
    return itertools.chain([first], itertools.repeat(piece))


def bomb(coding, packed, heard):
    return [head(500, f"Content-Encoding: {coding}", f"Content-Length: {len(packed)}"), packed]


SMALL = gzip.compress(b"\0" * 100_000_000)  # 97 kB
SMALLER = gzip.compress(gzip.compress(b"\0" * 300_000_000))  # 1.4 kB
SAYS = {
    "a body without end": partial(without_end, head(500), PIECE),
    "chunks without end": partial(without_end, head(500, "Transfer-Encoding: chunked"), b"10000\r\n" + PIECE + b"\r\n"),
    "a chunk's length without end": partial(without_end, head(500, "Transfer-Encoding: chunked"), b"0" * 65_536),
    "headers without end": partial(without_end, b"HTTP/1.1 500 Answer\r\n", b"X-A: b\r\n" * 1000),
    "a header without end": partial(without_end, b"HTTP/1.1 500 Answer\r\nX-A: ", PIECE),
    "a status without end": partial(without_end, b"HTTP/1.1 500 ", PIECE),
    "100 Continue for ever": partial(without_end, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "gzip": partial(bomb, "gzip", SMALL),
    "gzip in gzip": partial(bomb, "gzip, gzip", SMALLER),
    "nothing": lambda heard: [],
}
SLOWLY = {
    "slow headers": partial(without_end, b"HTTP/1.1 500 Answer\r\nX-A: ", b"x"),
    "a slow body": partial(without_end, head(500), b"x"),
    "100 Continue, slowly": partial(without_end, b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


def by_http(url, monkeypatch):
    http.deliver("It", "POST", f"{url}/{TOKEN}", json={"token": TOKEN})


def by_apprise(url, monkeypatch):
    apprise_urls.send(make_message(), {"APPRISE_URLS": f"{url.replace('http', 'json')}/{TOKEN}"})


def by_lambda(url, monkeypatch):
    settings = {"AWS_ENDPOINT_URL_LAMBDA": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": TOKEN,
                "AWS_EC2_METADATA_DISABLED": "true"}  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    message = make_message(retrain=RetrainSettings(aws_lambda="retrain"))
    aws_lambda.send(message, {"AWS_REGION": "us-east-1"})


CLIENTS = {"http": by_http, "apprise": by_apprise, "lambda": by_lambda}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("say", {**SAYS, **SLOWLY})
def test_an_answer_that_does_not_end_costs_little_and_ends(hasty, monkeypatch, client, say):
    threads, before = threading.active_count(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Port({**SAYS, **SLOWLY}[say], pause_seconds=0.1 if say in SLOWLY else 0.0) as server:
        with pytest.raises((Refused, Unavailable)):
            CLIENTS[client](f"http://{server.address}", monkeypatch)

        assert not server.gave_up
        assert server.pieces < 30 or say not in SLOWLY  # ten a second
        assert server.sent < 8_000_000  # what the system's own buffers hold is among it
        wait_for(lambda: threading.active_count() <= threads + 2)  # the server's own two are left
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120_000


ELSEWHERE = ["{other}/elsewhere", "//{host}/elsewhere", "{self}/again", "/again", "file:///etc/passwd",
             "http://169.254.169.254/latest/meta-data/", "http://localhost:9/",
             "ftp://{host}/x", "data:,x", ""]  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
def test_a_redirect_leads_nowhere_and_is_no_delivery(monkeypatch, client, status):
    with Recorder() as other:
        moved = Answer(status, b"", {"Location": f"{other.url}/elsewhere", "Refresh": f"0; url={other.url}/x"})
        with Recorder(moved) as server, pytest.raises((Refused, Unavailable)):
            CLIENTS[client](server.url, monkeypatch)

    assert other.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("client", ["http", "apprise"])
@pytest.mark.parametrize("place", ELSEWHERE)
def test_wherever_it_leads(monkeypatch, client, place):
    with Recorder() as other, Recorder() as server:
        named = {"other": other.url, "self": server.url, "host": other.url.removeprefix("http://")}
        server.steps = [Answer(307, b"", {"Location": place.format(**named)})]
        with pytest.raises((Refused, Unavailable)):
            CLIENTS[client](server.url, monkeypatch)

    assert other.requests == []
    assert len(server.requests) == 1


SERVICES = [
    "json://{host}/{token}", "xml://{host}/{token}", "form://{host}/{token}", "form://{host}/{token}?method=GET",
    "gotify://{host}/{token}", "gotify://{host}/{token}?redirect=yes", "ntfy://{host}/topic", "mmost://{host}/{token}",
    "hassio://{host}/{token}", "apprise://{host}/{token}", "synology://{host}/{token}", "rocket://u:{token}@{host}/%23room",
    "matrix://u:{token}@{host}/%23room", "ncloud://u:{token}@{host}/me", "signal://{host}/+12025550100/+12025550101",
]  # fmt: skip


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("service", SERVICES)
def test_no_service_of_apprise_follows_a_redirect(service, status):
    with Recorder() as other, Recorder(Answer(status, b"", {"Location": f"{other.url}/elsewhere"})) as server:
        address = service.format(host=server.url.removeprefix("http://"), token=TOKEN)
        with pytest.raises(Unavailable, match="address 1 of 1 did not accept the message"):
            apprise_urls.send(make_message(), {"APPRISE_URLS": address})

    assert server.requests
    assert other.requests == []


def test_a_mail_server_that_does_not_come_to_an_end_is_left(hasty):
    lines = b"250-x\r\n" * 5000
    with Port(lambda heard: itertools.repeat(lines), greeting=b"220 ready\r\n") as server:
        host, port = server.address.split(":")
        address = f"mailto://u:{TOKEN}@{host}:{port}?smtp={host}&from=a@example.com&to=b@example.com&mode=insecure"
        with pytest.raises(Unavailable):
            apprise_urls.send(make_message(), {"APPRISE_URLS": address})

        assert server.heard
        assert server.sent < 8_000_000


def test_an_address_that_hangs_does_not_keep_the_others_from_their_message(hasty):
    with Port(lambda heard: []) as silent, Recorder() as works:
        environ = {
            "APPRISE_URLS": f"json://{silent.address}/a json://{silent.address}/b {works.url.replace('http', 'json')}"
        }
        with pytest.raises(Unavailable, match="address 1 and 2 of 3 did not accept") as caught:
            apprise_urls.send(make_message(), environ)

    assert len(works.requests) == 1
    assert re.fullmatch(r"\S+ 3", caught.value.receipt)


def test_no_answer_is_asked_for_in_packed_form():
    with Recorder() as server:
        by_http(server.url, None)
        by_apprise(server.url, None)

    assert {request.headers["accept-encoding"] for request in server.requests} == {"identity"}
