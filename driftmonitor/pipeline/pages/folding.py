"""Fold what the shipped notebook's texts explain, and leave what they ask: a reader of a page asks what was found."""

import re

EXPLAINED = re.compile(r"-(text|reading)$|^checks$")  # ids of the shipped notebook's texts
SETUP = "setup-text"
PARAGRAPHS = re.compile(r"\n\s*\n")


def fold(source: str, cell_id: str) -> tuple[str, str]:
    """Return a text's headings and questions, and the other paragraphs, which are folded.

    A cell that an analyst added is shown in full. One that asks nothing, between cells that show nothing, is left out.
    """
    if cell_id == SETUP:
        return "", ""
    if not EXPLAINED.search(cell_id):
        return source, ""
    paragraphs = PARAGRAPHS.split(source.strip())
    shown = [part for part in paragraphs if part.startswith("#") or "?" in part]
    return "\n\n".join(shown), "\n\n".join(part for part in paragraphs if part not in shown)
