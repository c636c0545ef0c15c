"""What HTML of a notebook may reach a page: text, tables and pictures; nothing that acts, loads or restyles.

Column names and categories are data, and data can be anything, so HTML and Markdown outputs pass through here.
The pages' CSP stands behind it.
"""

import re
from functools import cache

import bleach

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "del", "div", "em", "hr", "i", "ins", "kbd", "mark", "p", "pre", "q",
    "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var", "h1", "h2", "h3", "h4", "h5", "h6",
    "dd", "dl", "dt", "li", "ol", "ul", "details", "summary", "figcaption", "figure", "img",
    "caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
}  # fmt: skip
ATTRIBUTES = ("alt", "class", "colspan", "href", "open", "rowspan", "scope", "src", "title")
LINK = re.compile(r"(https?:|mailto:|#)", re.IGNORECASE)
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,", re.IGNORECASE)
CLASSES = re.compile(r"dataframe|highlight|[a-z]{1,3}|")  # pandas' tables and Pygments' tokens
# Elements whose text is not for reading: they go with what is inside.
UNREAD = ("script", "style", "template", "svg", "math", "iframe", "noscript", "textarea", "title", "object", "select")


def clean_html(html: str) -> str:
    """Return `html` with only the tags and attributes above; "" when nothing to see is left."""
    for tag in UNREAD:
        html = _without(html, tag)
    cleaned = _cleaner().clean(html)
    return cleaned if re.sub(r"<(?!img)[^>]*>", "", cleaned).strip() else ""


def _without(html: str, tag: str) -> str:
    """Return `html` without the elements `tag`, in time that grows with its length even when none is closed."""
    closing = re.compile(rf"</{tag}\s*>", re.IGNORECASE)
    kept, position = [], 0
    for opening in re.finditer(rf"<{tag}\b", html, re.IGNORECASE):
        if opening.start() >= position:
            end = closing.search(html, opening.end())
            if not end:
                break
            kept.append(html[position : opening.start()])
            position = end.end()
    return "".join(kept) + html[position:]


@cache
def _cleaner() -> bleach.Cleaner:
    return bleach.Cleaner(tags=TAGS, attributes=_allowed, protocols={"http", "https", "mailto", "data"}, strip=True)


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "href":
        return tag == "a" and bool(LINK.match(value))
    if name == "src":
        return tag == "img" and bool(PICTURE.match(value))
    if name == "class":
        return all(CLASSES.fullmatch(word) for word in value.split())
    return name in ATTRIBUTES
