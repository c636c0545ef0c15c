"""Format numbers, shares, dates, names and errors for people. Nothing here escapes for HTML, Markdown or a chat."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

NAME_LENGTH = 60
# Spaces at an end or in a row, such as do not break, and characters without a width.
UNSEEN_SPACES = re.compile(r"^\s+|\s+$|\s{2,}|[\u00a0\u2000-\u200d\u202f\u2060\u3000\ufeff]")
# Google's and Azure's libraries wrap a message between the call that failed and the line of their source.
STORE_MESSAGE = re.compile(
    r"(?:(?! error_info=).)*(?:last message of |error message was: |Azure Error: )"
    r"(.+?)(?: error_info=.*| RequestId:.*|$)"
)


def p_value(value: float) -> str:
    """Return a p-value with its sign: `p = 0.03`, `p < 0.0001`."""
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.2g}"


def percent(share: float) -> str:
    """Return a share (0 to 1) in percent, with at most one decimal: `25%`, `33.3%`, `less than 0.1%`."""
    if 0 < share < 0.0005:
        return "less than 0.1%"
    text = f"{share * 100:,.1f}"
    return f"{text.removesuffix('.0')}%"


def number(value: float) -> str:
    """Return a number with two significant digits, three from 10 on, and a thousands separator: `2.5`, `75,000`."""
    if value != 0 and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.2e}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 10 else f"{value:.2g}"


def counted(amount: int, noun: str) -> str:
    """Return a count with its noun: `1 column`, `1,000 columns`."""
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def from_to(before: float, after: float) -> str:
    """Return `from 50,000 to 75,000`, with more digits if the two numbers would look the same."""
    return "from {} to {}".format(*numbers_apart(before, after))


def numbers_apart(before: float, after: float, *others: float) -> list[str]:
    """Return the numbers as `number` does, all with more digits if the first two would look the same."""
    values = (before, after, *others)
    texts = [number(value) for value in values]
    if texts[0] != texts[1] or before == after:
        return texts
    largest, difference = max(abs(before), abs(after)), abs(after - before)
    digits = min(math.floor(math.log10(largest)) - math.floor(math.log10(difference)) + 1, 17)
    return [f"{value:,.{digits}g}" for value in values]


@lru_cache(2000)  # pages name the days of a year many times
def say_day(day: dt.date, year: bool = True) -> str:
    """Return a date as people write it: `3 Nov 2026`, or `3 Nov` without the year."""
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def one_line(text: str, limit: int = NAME_LENGTH) -> str:
    """Return `text` on one line, without control characters, cut to `limit`; `(no name)` if nothing is left."""
    if 0 < len(text) <= limit and text.isprintable() and " " not in (text[0], text[-1]) and "  " not in text:
        return text
    text = text[: limit * 4]
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return (line if len(line) <= limit else line[: limit - 1].rstrip() + "…") or "(no name)"


def composed(name: str) -> str:
    """Return a column's name in Unicode's composed form (NFC), so that one name is the same text everywhere."""
    return unicodedata.normalize("NFC", name)


def as_seen(text: str) -> str:
    """Return a name or a category as a reader sees it: without spaces or signs that do not show, and capitals."""
    shown = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    return " ".join(shown.casefold().split())


def show_category(text: str, limit: int = 40) -> str:
    """Return a category on one line, with what no eye would see: spaces at its ends or in a row, and other forms.

    An é of two characters looks like that of one.
    """
    shown = UNSEEN_SPACES.sub(lambda spaces: "␣" * min(len(spaces[0]), 3), text[: limit * 4])
    return one_line(shown, limit) + ("" if unicodedata.is_normalized("NFC", text) else " (decomposed)")


def some_names(names: Iterable[str], most: int = 8, limit: int = 40) -> str:
    """Return the first names, each on one line and cut at `limit`, and how many more there are: `a, b and 3 more`."""
    shown = [one_line(name, limit) for name in names]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most:,} more" if len(shown) > most else "")


def first_line(error: Exception) -> str:
    """Return an error's first paragraph on one line, without its full stop or the wrapping of a cloud library."""
    line = " ".join(str(error).split("\n\n")[0].split())
    wrapped = STORE_MESSAGE.match(line)
    line = (wrapped[1] if wrapped else line).rstrip(".")
    return line if len(line) <= 300 else line[:297] + "..."
