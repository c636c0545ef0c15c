"""Which names a monitor can have: its params file, its folders and its pages are called so."""

import re

NAME_PATTERN = re.compile(r"[a-z0-9_-]{1,64}")
RESERVED_NAMES = {"api", "assets", "badge"}  # folders of the site


def is_valid(name: str) -> bool:
    """Return whether a monitor can have this name."""
    return NAME_PATTERN.fullmatch(name) is not None and name not in RESERVED_NAMES
