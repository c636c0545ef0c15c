"""Remove from a notebook's HTML everything but text, tables and pictures: nothing may run, load or restyle.

Column names and categories come from the data and can contain anything, so HTML and Markdown outputs pass through here.
The pages' Content Security Policy is a second barrier.
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
# Elements whose content is not text to read: they are removed with it.
UNREAD = ("script", "style", "template", "svg", "math", "iframe", "noscript", "textarea", "title", "object", "select")


def clean_html(html: str) -> str:
    """Return `html` with only the tags and attributes above; "" if nothing visible is left."""
    for tag in UNREAD:
        html = _remove(html, tag)
    cleaned = _cleaner().clean(html)
    return cleaned if re.sub(r"<(?!img)[^>]*>", "", cleaned).strip() else ""


def _remove(html: str, tag: str) -> str:
    """Return `html` without the elements `tag`, in linear time even if none of them is closed."""
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
