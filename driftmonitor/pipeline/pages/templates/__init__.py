"""The pages' templates and assets, and the times they print: `get_template(name)` returns one with autoescape on."""

import datetime as dt
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from driftmonitor.formats import counted, one_line, say_day

if TYPE_CHECKING:
    from jinja2 import Environment, Template

FOLDER = Path(__file__).parent
GENERATOR = "drift-monitor"
TOGETHER = re.compile(r"(?<=\bp) (?=[<=] \d)|(?<=\bp [<=]) (?=\d)")  # p < 0.05
DATE = re.compile(r"(\d) ([A-Z][a-z]{2}) (\d{4})")
ISO_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
ASSETS = ("style.css", "page.js", "finder.js", "map.js", "column.js", "favicon.svg")


def get_template(name: str) -> "Template":
    """Return one of the site's templates."""
    return _environment().get_template(name)


@cache
def _environment() -> "Environment":
    """Return the environment of every page: autoescape on, undefined names refused."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # a site without changes needs no template

    from driftmonitor.pipeline.pages.templates.kept_templates import keep_compiled

    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_keep_together,
    )
    keep_compiled(env, Path(__file__).read_text(encoding="utf-8"))
    env.globals["generator"] = GENERATOR
    env.filters |= {
        "day": say_day,
        "moment": say_moment,
        "utc": format_utc,
        "short": one_line,
        "whole_dates": _keep_dates,
        "said_dates": _say_dates,
        "counted": counted,
        "capital": lambda text: f"{text[:1].upper()}{text[1:]}",
    }
    return env


def _keep_together(value: object) -> object:
    """Return a text that breaks no line inside a p-value; finished HTML, with its code, is left alone."""
    if type(value) is str and "p " in value:
        return TOGETHER.sub("\u00a0", value)
    return value


def _say_dates(text: str) -> str:
    """Return a text in which dates such as 2026-11-24 are written as people write them."""
    return _keep_dates(ISO_DATE.sub(_say_date, text))


def _say_date(found: re.Match[str]) -> str:
    try:
        return say_day(dt.date.fromisoformat(found[0]))
    except ValueError:  # it only looks like one
        return found[0]


def _keep_dates(text: str) -> str:
    """Return a text that breaks no line inside a date."""
    return DATE.sub("\\1\u00a0\\2\u00a0\\3", text)


@cache
def asset(name: str) -> tuple[str, bytes]:
    """Return an asset's name on the site, which changes with its content, and its bytes."""
    content = (FOLDER / name).read_bytes()
    path = Path(name)
    return f"{path.stem}-{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}", content


@cache
def templates_digest() -> str:
    """Return a hash that changes when any template or asset changes."""
    digest = hashlib.sha256()
    for path in [*sorted(FOLDER.rglob("*.j2")), *(FOLDER / name for name in ASSETS)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def say_moment(at: dt.datetime) -> str:
    """Return a UTC timestamp as people write it: 09:04 UTC on 3 Nov 2026."""
    return f"{at:%H:%M} UTC on {say_day(at.date())}"


def format_utc(at: dt.datetime) -> str:
    """Return a UTC timestamp as machines write it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
