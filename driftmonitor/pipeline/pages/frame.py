"""What all pages share: the stylesheet, script and icon they link, and what decides how a page looks."""

import datetime as dt
import importlib.metadata
from functools import cache
from pathlib import Path
from typing import Any

from driftmonitor import words
from driftmonitor.pipeline.alerts import incidents
from driftmonitor.pipeline.pages.monitor_history import STALE_HOURS
from driftmonitor.pipeline.pages.site_folder import content_key
from driftmonitor.pipeline.pages.templates import asset, environment, templates_digest


def page_links(root: str, recorded_at: dt.datetime | None = None, script: bool = True) -> dict[str, Any]:
    """Return what every page needs, seen from `root`; a page with `recorded_at` says by itself when it is old."""
    return {
        "stylesheet": f"{root}assets/{asset('style.css')[0]}",
        "favicon": f"{root}assets/{asset('favicon.svg')[0]}",
        "script": f"{root}assets/{asset('page.js')[0]}" if script else None,
        "feed": f"{root}feed.xml",
        "recorded_at": recorded_at,
        "stale_hours": STALE_HOURS,
        "stale_at": recorded_at and recorded_at + dt.timedelta(hours=STALE_HOURS),
    }


def template(name: str) -> Any:
    """Return a template of the site."""
    return environment().get_template(name)


@cache
def made_by() -> str:
    """Return what decides how a page looks beside the data: templates, the code that fills them, nbconvert."""
    folders = [Path(__file__).parent, *map(Path, words.__path__)]
    paths = [Path(incidents.__file__), *(path for folder in folders for path in sorted(folder.glob("*.py")))]
    code = b"".join(path.read_bytes() for path in paths)
    return content_key(templates_digest(), code, importlib.metadata.version("nbconvert"))
