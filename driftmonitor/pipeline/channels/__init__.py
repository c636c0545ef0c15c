"""The destinations of messages: one file for each channel, which makes one attempt; the outbox does the retries.

A channel is a module of this package that has what `Channel` names. A new channel is one new file.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from driftmonitor.pipeline.alerts.messages import Message

__all__ = ["Channel", "Refused", "Unavailable", "all_channels", "channel_named"]


class Channel(Protocol):
    """What the module of a channel contains. PURPOSE is "alert" or "retrain", SETTING says what it needs in words.

    ENVIRONMENT lists the environment variables that it reads; a test holds them against the workflow.

    `send` makes one attempt and returns a receipt, or None; it is given the receipt of the incident's message before.
    """

    NAME: str
    PURPOSE: str
    SETTING: str
    ENVIRONMENT: tuple[str, ...]

    def configured(self, environ: Mapping[str, str], /) -> bool: ...
    def send(self, message: "Message", environ: Mapping[str, str], receipt: str | None = None, /) -> str | None: ...


class Refused(Exception):  # noqa: N818  it reads as a sentence: send ... except Refused
    """The destination will never accept this message. The text goes to the console and holds no secret."""


class Unavailable(Exception):  # noqa: N818
    """The destination may accept the message later.

    `retry_after_seconds` is what it asked for, if anything. `receipt`, if any, names the part that was delivered; it
    is kept with the message and given to the next attempt.
    """

    def __init__(self, reason: str, retry_after_seconds: float | None = None, receipt: str | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds
        self.receipt = receipt


def all_channels() -> list[Channel]:
    """Return the channels for alerts, by name."""
    return [channel for channel in _channels() if channel.PURPOSE == "alert"]


def channel_named(name: str) -> Channel | None:
    """Return the channel called `name`, for alerts or for retraining, or None."""
    return next((channel for channel in _channels() if name == channel.NAME), None)


def opens_issue(channel: Channel) -> bool:
    """Return whether a channel opens issues, which a test message has to close again."""
    return bool(getattr(channel, "OPENS_ISSUE", False))


def _channels() -> list[Channel]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [cast(Channel, module) for module in modules if hasattr(module, "PURPOSE")]
