"""Read how long a server asks to wait: `Retry-After` in each of its formats."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_SECONDS = 86_400.0  # the next day's run tries again anyway
NUMBER = re.compile(r"\d{1,300}(\.\d*)?", re.ASCII)


def retry_after_seconds(headers: Mapping[str, str], body: Any = None) -> float | None:
    """Return the wait that a reply asks for, or None; the names of `headers` are in lower case.

    The header is a number of seconds, with a fraction in Discord's, or an HTTP date, taken relative to the reply's own
    `Date`. Without the header, the JSON field `retry_after` of Discord and others counts.
    """
    text = headers.get("retry-after", "").strip()
    wait = _seconds(text)
    if wait is None:
        wait = _until(text, headers.get("date", ""))
    if wait is None and isinstance(body, dict):
        wait = _seconds(str(body.get("retry_after", "")))
    return None if wait is None else min(max(wait, 0.0), LONGEST_SECONDS)


def _seconds(text: str) -> float | None:
    return float(text) if NUMBER.fullmatch(text) else None


def _until(text: str, now: str) -> float | None:
    try:
        return (parsedate_to_datetime(text) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
