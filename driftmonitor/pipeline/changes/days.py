"""The day that a changed file is of, if its monitor names daily files by `{date}` or `{date:%Y%m%d}`."""

import datetime as dt
import re
from collections.abc import Iterable
from contextlib import suppress
from fnmatch import translate

PLACEHOLDER = re.compile(r"\{date(?::([^{}]*))?\}")
DIGITS = {"%Y": r"(\d{4})", "%m": r"(\d\d)", "%d": r"(\d\d)"}


def last_day(names: Iterable[str], changed: Iterable[str], until: dt.date) -> dt.date | None:
    """Return the last day, `until` at the latest, whose files changed; None if no changed file is of a day."""
    changed = list(changed)
    days = [day for name in names for path in changed if (day := day_of(name, path)) and day <= until]
    return max(days, default=None)


def day_of(name: str, path: str) -> dt.date | None:
    """Return the day that a name's placeholders have in a path; None if it is not the name of that path."""
    formats = [found[1] or "%Y-%m-%d" for found in PLACEHOLDER.finditer(name)]
    directives = [each for form in formats for each in re.findall("%[Ymd]", form)]
    found = re.fullmatch(_pattern(name, formats), path)
    if not (found and set(directives) == set(DIGITS)):
        return None
    parts = dict(zip(directives, map(int, found.groups()), strict=True))
    with suppress(ValueError):
        return dt.date(parts["%Y"], parts["%m"], parts["%d"])
    return None


def _pattern(name: str, formats: Iterable[str]) -> str:
    """Return the regular expression of a name, with a group for each part of a date."""
    between = [_plain(part) for part in PLACEHOLDER.sub("\0", name).split("\0")]
    dates = ["".join(DIGITS.get(part, re.escape(part)) for part in re.split("(%[Ymd])", form)) for form in formats]
    return between[0] + "".join(date + plain for date, plain in zip(dates, between[1:], strict=True))


def _plain(text: str) -> str:
    """Return the regular expression of a text with wildcards, without groups."""
    return translate(text).removeprefix("(?s:").removesuffix(r")\Z").removesuffix(r")\z")
