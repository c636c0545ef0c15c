"""The pages' Jinja templates and stylesheet; `environment()` gives them to render.py and pages.py, with autoescape."""

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from driftmonitor.words import one_line, percent

FOLDER = Path(__file__).parent
GENERATOR = "drift-monitor"


@cache
def environment() -> Environment:
    """Return the environment of every page: autoescape on, undefined names refused."""
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["generator"] = GENERATOR
    env.filters |= {"day": say_day, "short": one_line, "percent": percent}
    return env


@cache
def stylesheet() -> tuple[str, bytes]:
    """Return the stylesheet's name, which changes with its content, and its bytes."""
    content = (FOLDER / "style.css").read_bytes()
    return f"style-{hashlib.sha256(content).hexdigest()[:12]}.css", content


@cache
def templates_digest() -> str:
    """Return a hash that changes when any template does."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*.j2")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def say_day(day: dt.date, year: bool = True) -> str:
    """Return a date as people write it: 3 Nov 2026."""
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"
