"""Check the channels for `alert --test`: send a test message through each, and report what came of it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from driftmonitor.facts.record import ColumnScore
from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import Channel, Refused, Unavailable, all_channels, opens_issue


@dataclass(frozen=True)
class ChannelCheck:
    """What came of one channel; `delivered` is None if the channel is not configured."""

    channel: str
    delivered: bool | None
    text: str


def check_channels(environ: Mapping[str, str], message: Message) -> list[ChannelCheck]:
    """Send `message` through each configured channel, once, and return a result for every channel there is."""
    return [check_channel(channel, environ, message) for channel in all_channels()]


def check_channel(channel: Channel, environ: Mapping[str, str], message: Message) -> ChannelCheck:
    """Send `message` through one channel if it is configured; an issue that it opens is closed again."""
    if not channel.configured(environ):
        return ChannelCheck(channel.NAME, None, f"not configured: {channel.SETTING} not set")
    try:
        receipt = channel.send(message, environ)
        if receipt and opens_issue(channel):
            channel.send(replace(message, kind="drift_ended", event_id=f"{message.event_id}-end"), environ, receipt)
    except (Refused, Unavailable) as error:
        return ChannelCheck(channel.NAME, False, str(error))
    return ChannelCheck(channel.NAME, True, "delivered")


def make_test_message(run_date: dt.date, now: dt.datetime, page_url: str | None = None) -> Message:
    """Return the message that `alert --test` sends, which says that it is a test."""
    salary = ColumnScore(
        name="salary", kind="numerical", status="drifted", method="ks", p_value=0.0, statistic=0.79, threshold=0.05,
        distance=0.79, effect={"mean_shift_sd": 2.5, "mean": [50_000.0, 75_000.0], "sd": [10_000.0, 10_000.0]},
    )  # fmt: skip
    return Message(
        event_id=f"test:{run_date}:drift_started", kind="drift_started", monitor="test",
        title="This is only a test", run_date=run_date, since=None, state="drifting", share=0.25, threshold=0.1,
        columns=(salary,), column_count=4, quality=(), error=None, page_url=page_url, notebook_url=None,
        picture=None, sent_at=now, correction=False,
    )  # fmt: skip
