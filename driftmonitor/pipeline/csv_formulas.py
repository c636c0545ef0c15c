"""Write text to a CSV so that no spreadsheet takes a part of it for a formula, and read it back.

A spreadsheet may split a cell at a delimiter other than the file's own, such as a semicolon, and take what follows it
for a formula; some take full-width signs for one too. An apostrophe in front of the sign prevents both.
"""

import re

SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
SKIPPED = r"[ \"'\xa0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]*"  # may stand before the sign in a cell
CELL = rf"(?:^|[;|\t\r\n\v\f\x85\u2028\u2029]){SKIPPED}"
BEFORE_A_SIGN = re.compile(rf"^'*(?=[\t\r])|{CELL}(?=[{SIGNS}])")
DEFUSED = re.compile(rf"(^'*)'(?=[\t\r])|({CELL})'(?=[{SIGNS}])")


def defuse(text: str) -> str:
    """Return text with an apostrophe in front of every sign that could begin a formula."""
    return BEFORE_A_SIGN.sub(lambda before: f"{before[0]}'", text)


def restore(text: str) -> str:
    """Return what `defuse` was given."""
    return DEFUSED.sub(lambda before: before[1] or before[2] or "", text)
