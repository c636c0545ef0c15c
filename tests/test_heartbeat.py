"""The heartbeat service is notified when a run is over, and how it went."""

import pytest

from driftmonitor.pipeline.channels import heartbeat
from tests.servers import Answer, Recorder


@pytest.mark.parametrize(("failed", "path"), [(False, "/ping/id"), (True, "/ping/id/fail")])
def test_the_heartbeat_hears_the_outcome(failed, path):
    with Recorder() as server:
        problem = heartbeat.ping({"HEARTBEAT_URL": f"{server.url}/ping/id?a=b"}, failed, "2 monitors, 1 drifting")

    (request,) = server.requests
    assert (problem, request.path, request.query) == (None, path, {"a": ["b"]})
    assert request.body == b"2 monitors, 1 drifting"


def test_a_heartbeat_that_fails_once_is_sent_again():
    with Recorder(Answer(500), Answer(200)) as server:
        assert heartbeat.ping({"HEARTBEAT_URL": server.url}, False) is None

    assert len(server.requests) == 2


@pytest.mark.parametrize(("value", "said"), [(None, None), ("", None), ("x", "HEARTBEAT_URL is not a web address")])
def test_a_heartbeat_never_raises(value, said):
    problem = heartbeat.ping({} if value is None else {"HEARTBEAT_URL": value}, False)

    assert problem is None if said is None else problem.startswith(said)
