"""Any web address: JSON, signed as Standard Webhooks (standardwebhooks.com) if there is a secret."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import Refused, http, payload
from driftmonitor.pipeline.channels.address import read_address

NAME = "webhook"
PURPOSE = "alert"
SETTING = "ALERT_WEBHOOK"
ENVIRONMENT = (SETTING, f"{SETTING}_SECRET")


def configured(environ: Mapping[str, str]) -> bool:
    """Return whether an address is set."""
    return bool(environ.get(SETTING))


def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Post the message as JSON: {"type": the event's kind, "timestamp": the run date, "data": {...}}."""
    content = {"type": message.kind, "timestamp": f"{message.run_date}T00:00:00Z", "data": payload.describe(message)}
    post("The webhook", environ, SETTING, message, content)


def post(who: str, environ: Mapping[str, str], setting: str, message: Message, content: Any) -> None:
    """Post JSON to the address in `setting`, signed with `<setting>_SECRET` if that is set."""
    url = read_address(environ, setting)
    body = payload.encode(content)
    headers = {"Content-Type": "application/json", "User-Agent": "drift-monitor", "webhook-id": message.event_id}
    if secret := environ.get(f"{setting}_SECRET"):
        # The receiver refuses a timestamp far from its own clock, so it is the time of this attempt.
        headers |= sign(read_key(secret, f"{setting}_SECRET"), message.event_id, int(message.sent_at.timestamp()), body)
    http.deliver(who, "POST", url, data=body, headers=headers)


def read_key(secret: str, setting: str) -> bytes:
    """Return the signing key from the base64 text `secret`, which may start with "whsec_"."""
    try:
        key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise Refused(f"{setting} is not base64; create one with `openssl rand -base64 32` and set it on both sides.")
    return key


def sign(key: bytes, event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that prove the sender: HMAC-SHA256 over "id.timestamp.body"."""
    signed = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{base64.b64encode(signed).decode()}"}
