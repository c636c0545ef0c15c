"""Silence for the libraries' loggers while we send: urllib3 logs paths, Apprise addresses, botocore headers."""

import contextlib
import contextvars
import logging
from collections.abc import Iterator

_sending: contextvars.ContextVar[bool] = contextvars.ContextVar("sending", default=False)

# A filter on a parent logger does not see its children's records, so each logger gets its own.
TALKERS = (
    *(f"urllib3.{name}" for name in ("connection", "connectionpool", "poolmanager", "response", "util.retry")),
    *(f"botocore.{name}" for name in ("auth", "credentials", "endpoint", "hooks", "httpsession", "parsers")),
    *("apprise", "requests", "requests_oauthlib", "charset_normalizer"),
)


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Drop what the libraries log in this block; other threads' records pass."""
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)


def _may_speak(_record: logging.LogRecord) -> bool:
    return not _sending.get()


for _name in TALKERS:
    logging.getLogger(_name).addFilter(_may_speak)
