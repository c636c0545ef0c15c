"""The pictures of a run's page as files beside it, once: inside the page base64 makes them a third larger."""

import base64
import binascii
import json
import re
import struct
from typing import NamedTuple

PICTURE = re.compile(r'(?<=<img src=")data:image/(png|jpeg);base64,([A-Za-z0-9+/=]+)(?=")')
TYPES = ("image/png", "image/jpeg")


class Picture(NamedTuple):
    """A picture on a page: where it is and where it leads, from that page, and its size in pixels."""

    href: str
    page: str
    width: int
    height: int


def png_size(content: bytes) -> tuple[int, int] | None:
    """Return a PNG's width and height in pixels, None for what is no PNG."""
    return struct.unpack(">II", content[16:24]) if content[:4] == b"\x89PNG" and len(content) >= 24 else None


def take_out(html: str) -> tuple[str, dict[str, bytes]]:
    """Return the page with links to its pictures in their place, and the pictures by name: picture-1.png, ..."""
    pictures: dict[str, bytes] = {}

    def link(found: re.Match) -> str:
        try:
            content = base64.b64decode(found[2], validate=True)
        except binascii.Error:  # no picture: the page shows its alt text either way
            return found[0]
        name = f"picture-{len(pictures) + 1}.{found[1]}"
        pictures[name] = content
        return name

    return PICTURE.sub(link, html), pictures


def without_pictures(notebook: bytes) -> bytes:
    """Return a notebook with the alt text of its pictures in their place: they are on the page, or run it."""
    try:
        data = json.loads(notebook)
        outputs = [output["data"] for cell in data["cells"] for output in cell.get("outputs", []) if "data" in output]
        for shown in outputs:
            taken = [shown.pop(media_type, None) for media_type in TYPES]
            if any(taken):
                shown.setdefault("text/plain", "A picture, to be seen on the page of this run.")
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # it was cut short: so be it
        return notebook
