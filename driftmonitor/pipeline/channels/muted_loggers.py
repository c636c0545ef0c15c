"""Mute the libraries' loggers while a message is sent: urllib3 logs paths, Apprise addresses, botocore headers."""

import contextlib
import contextvars
import logging
from collections.abc import Iterator

_muted: contextvars.ContextVar[bool] = contextvars.ContextVar("muted", default=False)

# A filter on a parent logger does not see its children's records, so each logger has its own.
LOGGERS = (
    *(f"urllib3.{name}" for name in ("connection", "connectionpool", "poolmanager", "response", "util.retry")),
    *(f"botocore.{name}" for name in ("auth", "credentials", "endpoint", "hooks", "httpsession", "parsers")),
    *("apprise", "requests", "requests_oauthlib", "charset_normalizer"),
)


@contextlib.contextmanager
def muted_loggers() -> Iterator[None]:
    """Drop what the libraries log in this block; records of other threads pass."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)


def _passes(_record: logging.LogRecord) -> bool:
    return not _muted.get()


for _name in LOGGERS:
    logging.getLogger(_name).addFilter(_passes)
