"""How long a server asks us to wait: `Retry-After` in each of its spellings."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_SECONDS = 86_400.0  # the next day's run tries again anyway
NUMBER = re.compile(r"\d{1,300}(\.\d*)?", re.ASCII)


def retry_after_seconds(headers: Mapping[str, str], body: Any = None) -> float | None:
    """Return the wait that a reply asks for, or None; `headers` have lower-case names.

    The header may be whole seconds, fractional seconds (Discord) or an HTTP date, which counts from the reply's own
    `Date`. Without it, Discord's and others' JSON field `retry_after` counts.
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
