"""The places a message can go: one file a destination, each with one attempt; retries belong to the outbox.

A channel is a module of this package with `NAME`, `PURPOSE` ("alert" or "retrain"), `SETTING` (what it needs in words),
`ENVIRONMENT` (the variables that it reads), `configured(environ)` and `send(message, environ, receipt=None)`. A new
channel is one new file.
"""

import importlib
import pkgutil
from types import ModuleType

from driftmonitor.pipeline.channels.text import say

__all__ = ["Refused", "Unavailable", "all_channels", "channel_named", "say"]


class Refused(Exception):  # noqa: N818  it reads as a sentence: send ... except Refused
    """The destination will never take this message: marked dead, and said. The text holds no secret."""


class Unavailable(Exception):  # noqa: N818
    """The destination may take it later.

    `retry_after_seconds` is what it asked for, if anything. `receipt`, if any, says which part was delivered: keep it
    with the message, and give it to the next attempt.
    """

    def __init__(self, reason: str, retry_after_seconds: float | None = None, receipt: str | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds
        self.receipt = receipt


def all_channels() -> list[ModuleType]:
    """Return the channels that tell people, by name."""
    return [channel for channel in _channels() if channel.PURPOSE == "alert"]


def channel_named(name: str) -> ModuleType | None:
    """Return the channel called `name`, for alerts or for retraining, or None."""
    return next((channel for channel in _channels() if name == channel.NAME), None)


def _channels() -> list[ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [module for module in modules if hasattr(module, "PURPOSE")]
