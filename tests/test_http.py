"""Servers that misbehave: what is retried, what is given up, and that nothing hangs or is sent twice."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftmonitor.pipeline.channels import Refused, Unavailable, discord, http, time_limits
from driftmonitor.pipeline.channels.retry_after import retry_after_seconds
from tests.message_samples import make_message
from tests.servers import Answer, Hang, Recorder


@pytest.fixture
def hasty(monkeypatch):
    """Short limits, for servers that never answer."""
    monkeypatch.setattr(time_limits, "LIMITS", time_limits.Limits(1, 0.4, 1.0, 1.5, 10_000))


def post(server):
    return http.deliver("It", "POST", f"{server.url}/hook", json={})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.65"}, 0.65),
        ({}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "99999999"}, 86_400.0),
        ({"Retry-After": "Tue, 24 Nov 2026 09:01:30 GMT", "Date": "Tue, 24 Nov 2026 09:00:00 GMT"}, 90.0),
        ({"Retry-After": "Tue, 24 Nov 2026 08:00:00 GMT", "Date": "Tue, 24 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"Retry-After": "Tue, 24 Nov 2026 09:01:30 GMT"}, None),
    ],
)
def test_a_429_says_how_long_to_wait(headers, seconds):
    with Recorder(Answer(429, b"", headers)) as server, pytest.raises(Unavailable, match="answered 429") as caught:
        post(server)

    assert caught.value.retry_after_seconds == seconds


def test_discords_wait_in_the_body_counts_where_the_header_is_absent():
    with Recorder(Answer(429, {"retry_after": 1.25})) as server, pytest.raises(Unavailable) as caught:
        post(server)

    assert caught.value.retry_after_seconds == 1.25


@given(st.text(), st.text(), st.one_of(st.none(), st.integers(), st.dictionaries(st.text(), st.floats())))
def test_no_header_breaks_the_reading_of_the_wait(text, date, body):
    wait = retry_after_seconds({"retry-after": text, "date": date}, body)

    assert wait is None or 0 <= wait <= 86_400


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_unavailable(status):
    with Recorder(Answer(status)) as server, pytest.raises(Unavailable, match=f"answered {status}"):
        post(server)


@pytest.mark.parametrize("status", [301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422])
def test_what_will_not_pass_is_refused(status):
    with Recorder(Answer(status)) as server, pytest.raises(Refused, match=f"answered {status}"):
        post(server)


def test_five_times_500_then_200_is_six_attempts_of_which_the_last_succeeds():
    with Recorder(*[Answer(500)] * 5, Answer(200)) as server:
        for _ in range(5):
            with pytest.raises(Unavailable):
                post(server)
        post(server)

    assert len(server.requests) == 6


def test_a_redirect_is_not_followed():
    with Recorder() as elsewhere:
        moved = Answer(301, b"", {"Location": f"{elsewhere.url}/x"})
        with Recorder(moved) as server, pytest.raises(Refused, match="it moved; set its new address"):
            post(server)

    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "step",
    [Hang(), Answer(200, b"x" * 10, pause_seconds=0.2, slow_headers=True)],
    ids=["says nothing", "trickles its headers"],
)
def test_a_server_that_does_not_answer_is_left(hasty, step):
    with Recorder(step) as server, pytest.raises(Unavailable, match="no answer"):
        post(server)


def test_a_body_that_trickles_does_not_hold_us_nor_make_us_send_again(hasty):
    with Recorder(Answer(200, b"x" * 1000, pause_seconds=0.1)) as server:
        assert post(server).status == 200


def test_a_message_is_sent_once_though_the_answers_body_breaks_off():
    with Recorder(Answer(200, {"id": "1"}, cut=True)) as server:
        discord.send(make_message(), {"DISCORD_WEBHOOK": f"{server.url}/api/webhooks/1/t"})

    assert len(server.requests) == 1


def test_a_body_without_end_is_cut(hasty):
    with Recorder(Answer(200, b"x" * 5_000_000)) as server:
        assert len(post(server).body) < 200_000


@pytest.mark.parametrize("body", [b"\xff\x00", b"<html>", b"[" * 100_000, b'{"id": {}}', b'{"id": "../../x"}', b"[1]"])
def test_a_garbage_body_is_no_failure_and_no_receipt(body):
    with Recorder(Answer(200, body)) as server:
        assert discord.send(make_message(), {"DISCORD_WEBHOOK": f"{server.url}/api/webhooks/1/t"}) is None


def test_several_exchanges_share_one_limit(hasty):
    @time_limits.bounded
    def send():
        for _ in range(10):
            with contextlib.suppress(Unavailable):
                http.exchange("It", "GET", server.url)

    with Recorder(Hang()) as server:
        send()

    assert len(server.requests) <= 5


def test_the_longest_send_is_shorter_than_the_outboxs_lease():
    from driftmonitor.pipeline.alerts.delivery import LEASE_SECONDS

    assert max(time_limits.LIMITS.send_seconds, time_limits.LIMITS.exchange_seconds) < LEASE_SECONDS


def test_plain_http_to_this_machine_passes_no_proxy(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    with Recorder() as server:
        assert post(server).status == 200


def test_a_netrc_file_does_not_replace_our_headers(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    with Recorder() as server:
        http.deliver("It", "POST", server.url, headers={"Authorization": "Bearer mine"})

    assert server.requests[0].headers["authorization"] == "Bearer mine"


def test_a_user_in_the_address_signs_the_request():
    with Recorder() as server:
        http.deliver("It", "POST", server.url.replace("//", "//me:p%40ss@"))

    assert server.requests[0].headers["authorization"] == "Basic bWU6cEBzcw=="
