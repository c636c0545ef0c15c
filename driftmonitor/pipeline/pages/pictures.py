"""Publish the pictures of a run's page as files: inside the page, base64 would make them a third larger."""

import base64
import binascii
import json
import re
import struct

PICTURE = re.compile(r'(?<=<img src=")data:image/(png|jpeg);base64,([A-Za-z0-9+/=]+)(?=")')
TYPES = ("image/png", "image/jpeg")


def read_png_size(content: bytes) -> tuple[int, int] | None:
    """Return a PNG's width and height in pixels, None if it is no PNG."""
    if content[:4] != b"\x89PNG" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def extract_pictures(html: str) -> tuple[str, dict[str, bytes]]:
    """Return the page with links to its pictures, and the pictures by name: picture-1.png, ..."""
    pictures: dict[str, bytes] = {}

    def link(match: re.Match[str]) -> str:
        try:
            content = base64.b64decode(match[2], validate=True)
        except binascii.Error:  # not a picture: the page shows its alt text either way
            return match[0]
        name = f"picture-{len(pictures) + 1}.{match[1]}"
        pictures[name] = content
        return name

    return PICTURE.sub(link, html), pictures


def remove_pictures(notebook: bytes) -> bytes:
    """Return a notebook with text in place of its pictures: the run's page has them, and running it draws them."""
    try:
        data = json.loads(notebook)
        outputs = [output["data"] for cell in data["cells"] for output in cell.get("outputs", []) if "data" in output]
        for shown in outputs:
            removed = [shown.pop(media_type, None) for media_type in TYPES]
            if any(removed):
                shown.setdefault("text/plain", "Picture: see the page of this run.")
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # incomplete: published as it is
        return notebook
