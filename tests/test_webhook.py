"""What any web address receives: JSON, signed as Standard Webhooks specifies."""

import base64
import hashlib
import hmac

import pytest

from driftmonitor.pipeline.channels import Refused, webhook
from tests.message_samples import make_message, make_nasty
from tests.servers import Recorder

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_webhook_is_signed_as_standard_webhooks_says():
    with Recorder() as server:
        webhook.send(make_message(), {"ALERT_WEBHOOK": f"{server.url}/hook", "ALERT_WEBHOOK_SECRET": SECRET})
    (request,) = server.requests

    sent_id, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    expected = hmac.new(key, f"{sent_id}.{stamp}.".encode() + request.body, hashlib.sha256).digest()
    assert sent_id == "salary_shift:2026-11-24:drift_started"
    assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert request.json()["type"] == "drift_started"
    assert request.json()["data"]["columns"][0]["name"] == "salary"


def test_signature_of_the_standards_own_example():
    key = webhook.read_key(SECRET, "X")

    headers = webhook.sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["whsec_=", "not base64!", "whsec_ä"])
def test_webhook_secret_that_is_not_base64_is_refused_unprinted(secret):
    with pytest.raises(Refused, match="ALERT_WEBHOOK_SECRET is not base64; create one") as caught:
        webhook.send(make_message(), {"ALERT_WEBHOOK": "https://example.com/x", "ALERT_WEBHOOK_SECRET": secret})

    assert secret not in str(caught.value)


def test_webhook_stays_small_and_is_json_with_300_endless_names():
    with Recorder() as server:
        webhook.send(make_nasty(), {"ALERT_WEBHOOK": server.url})

    told = server.requests[0].json()["data"]
    assert (told["drifted_count"], told["column_count"], len(told["columns"])) == (300, 300, 50)
    assert (told["rule"], told["limit"]) == ("share", told["threshold"])
    assert len(server.requests[0].body) < 100_000
