"""Show a notebook, or one of its outputs, as plain text where it cannot be formatted. It takes time in proportion."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup

from driftmonitor.pipeline.pages.cpu_limits import TooLong, limited

OUTPUT_SECONDS = 2.0  # on the processor; a table of a thousand rows takes a tenth
MOST_TEXT = 100_000  # characters of one output; the rest is only in the notebook
MOST_OF_ALL = 500_000  # of a whole notebook


def cut(text: str, most: int = MOST_TEXT) -> str:
    """Return the start of a text, and say so if that is not all of it."""
    return text if len(text) <= most else text[:most] + "\n… shortened here; the notebook has the full text"


def remove_tags(html: str) -> str:
    """Return what is between the tags of HTML, in linear time; it is not safe to show unescaped."""
    lines = re.sub(r"<[^<>]*>", " ", html).splitlines()
    return "\n".join(filter(None, map(str.strip, lines)))


def or_as_text(make: Callable[..., Markup], to_text: Callable[[str], str] = str) -> Callable[..., Markup]:
    """Give a filter a time limit; what takes longer is shown as text, without formatting."""

    def make_in_time(text: str, *more: Any) -> Markup:
        try:
            with limited(OUTPUT_SECONDS):
                return make(text, *more)
        except TooLong:
            why = '<p class="aside">This part takes too long to format, so only its text is shown.</p>'
            return Markup("{}<pre>{}</pre>").format(Markup(why), cut(to_text(text)))  # noqa: S704

    return make_in_time


def count_parts(notebook: Any) -> int:
    """Return the number of a notebook's cells and outputs, empty ones included."""
    return sum(1 for _ in _parts(notebook))


def notebook_as_text(notebook: Any) -> Markup:
    """Return the cells and outputs of a notebook, which may be invalid, as escaped text."""
    parts, left = [], MOST_OF_ALL
    for part in filter(None, _parts(notebook)):
        parts.append(cut(part, min(MOST_TEXT, left)))
        left -= len(part) + 10
        if left <= 0:
            break
    return Markup("").join(Markup("<pre>{}</pre>\n").format(part) for part in parts)


def _parts(notebook: Any) -> Iterator[str]:
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    for cell in filter(_is_dict, cells if isinstance(cells, list) else []):
        yield _text(cell.get("source"))
        outputs = cell.get("outputs")
        for output in filter(_is_dict, outputs if isinstance(outputs, list) else []):
            shown = data if _is_dict(data := output.get("data")) else {}
            yield (
                _text(output.get("text"))
                or _text(output.get("evalue"))
                or _text(shown.get("text/plain"))
                or (remove_tags(_text(shown.get("text/html"))[: 3 * MOST_TEXT]))
            )


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict)


def _text(value: Any) -> str:
    """Return text that a notebook holds as one string or as a list of lines."""
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str))
