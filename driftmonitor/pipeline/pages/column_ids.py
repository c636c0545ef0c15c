"""Name the page of a column: an address made from the column's name, the same on every day and every site."""

import hashlib
import re

MOST_PAGES = 500  # of a monitor: of the most severe columns
LONGEST = 40  # characters of the name
PLAIN = re.compile(r"[a-z0-9_]+(-[a-z0-9_]+)*")
OTHER = re.compile(r"[^a-z0-9_]+")


def column_id(name: str) -> str:
    """Return the name of a column's folder: its own if that is plain, otherwise what is plain of it, and a hash."""
    if len(name) <= LONGEST and PLAIN.fullmatch(name):
        return name
    slug = OTHER.sub("-", name.lower()).strip("-")[:LONGEST].strip("-")
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else digest


def link_column(name: str, place: int) -> str:
    """Return the address of a column, relative to its monitor's page: its own page, or else its row in the table.

    `place`: of the column among all, the most severe first. The address of a page takes `?day=2026-11-24`.
    """
    return f"columns/{column_id(name)}/index.html" if place < MOST_PAGES else f"#column-{place}"
