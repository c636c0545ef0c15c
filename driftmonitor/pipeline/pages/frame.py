"""What every page needs beside its data: links to stylesheet, script and icon, and a hash of what makes its look."""

import datetime as dt
import importlib.metadata
from functools import cache
from pathlib import Path
from typing import Any

from driftmonitor import words
from driftmonitor.pipeline.alerts import incidents, stories
from driftmonitor.pipeline.alerts.state import STALE_HOURS
from driftmonitor.pipeline.pages.site_folder import content_key
from driftmonitor.pipeline.pages.templates import asset, templates_digest


def make_frame(root: str, checked_at: dt.datetime | None = None, script: bool = True) -> dict[str, Any]:
    """Return what every template needs, seen from `root`; given `checked_at`, a page says when it is out of date."""
    return {
        "stylesheet": f"{root}assets/{asset('style.css')[0]}",
        "favicon": f"{root}assets/{asset('favicon.svg')[0]}",
        "script": f"{root}assets/{asset('page.js')[0]}" if script else None,
        "map_script": f"{root}assets/{asset('map.js')[0]}",
        "finder_script": f"{root}assets/{asset('finder.js')[0]}",
        "feed": f"{root}feed.xml",
        "checked_at": checked_at,
        "stale_hours": STALE_HOURS,
        "stale_at": checked_at and checked_at + dt.timedelta(hours=STALE_HOURS),
    }


@cache
def look_key() -> str:
    """Return a hash of what decides a page's look beside its data: templates, the code that fills them, nbconvert."""
    folders = [Path(__file__).parent, *map(Path, words.__path__)]
    paths = [
        *map(Path, (incidents.__file__, stories.__file__)),
        *(path for folder in folders for path in sorted(folder.glob("*.py"))),
    ]
    code = b"".join(path.read_bytes() for path in paths)
    return content_key(templates_digest(), code, importlib.metadata.version("nbconvert"))
