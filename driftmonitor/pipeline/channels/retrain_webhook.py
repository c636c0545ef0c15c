"""Start retraining by posting to a web address, signed like the generic webhook."""

from collections.abc import Mapping

from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import payload, webhook

NAME = "retrain_webhook"
PURPOSE = "retrain"
SETTING = "RETRAIN_WEBHOOK"
ENVIRONMENT = (SETTING, f"{SETTING}_SECRET")
LIMIT_BYTES = 1_000_000


def configured(environ: Mapping[str, str]) -> bool:
    """Return True: if a monitor asks for a webhook, a missing address must be reported."""
    return True


def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> None:
    """Post the event, the record and the links."""
    request = {
        "type": "retrain",
        "timestamp": f"{message.run_date}T00:00:00Z",
        "data": payload.retraining(message, LIMIT_BYTES),
    }
    webhook.post("The retraining webhook", environ, SETTING, message, request)
