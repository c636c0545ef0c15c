"""Numbers, shares and names as a person reads them. Nothing here escapes for HTML, Markdown or a chat."""

import re

NAME_LENGTH = 60
# What Google's and Azure's libraries tell of an error between the call that failed and where in their source it did.
STORE_SAYS = re.compile(
    r"(?:(?! error_info=).)*(?:last message of |error message was: |Azure Error: )"
    r"(.+?)(?: error_info=.*| RequestId:.*|$)"
)


def p_value(value: float) -> str:
    """Return a p-value as a person reads it: `p = 0.03`, `p < 0.0001`."""
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.2g}"


def percent(share: float) -> str:
    """Return a share (0 to 1) in percent, one decimal at most: `25 %`, `33.3 %`, `less than 0.1 %`."""
    if 0 < share < 0.0005:
        return "less than 0.1 %"
    text = f"{share * 100:,.1f}"
    return f"{text.removesuffix('.0')} %"


def number(value: float) -> str:
    """Return a number with two digits that count, three from 10 up, thousands marked: `0.12`, `2.5`, `75,000`."""
    if value != 0 and not 1e-3 <= abs(value) < 1e9:
        return f"{value:.2e}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 10 else f"{value:.2g}"


def one_line(text: str, limit: int = NAME_LENGTH) -> str:
    """Return `text` on one line without control characters, at most `limit` characters; `(no name)` if none is left."""
    if 0 < len(text) <= limit and text.isprintable() and " " not in (text[0], text[-1]) and "  " not in text:
        return text
    text = text[: limit * 4]
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return (line if len(line) <= limit else line[: limit - 1].rstrip() + "…") or "(no name)"


def first_line(error: Exception) -> str:
    """Return what an error says first, on one line, without a full stop or what a store's library wraps it in."""
    line = " ".join(str(error).split("\n\n")[0].split())
    found = STORE_SAYS.match(line)
    line = (found[1] if found else line).rstrip(".")
    return line if len(line) <= 300 else line[:297] + "..."
