"""Make a monitor's badge: as JSON for a shields.io endpoint, and as the site's own SVG."""

import json
import unicodedata
from typing import NamedTuple

from driftmonitor.formats import one_line, percent, say_day
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.templates import get_template
from driftmonitor.pipeline.pages.wording import choose_look

# State -> its word, and a colour on which white is readable (contrast at least 4.5).
LOOKS = {
    "healthy": ("healthy", "#17674e"), "drift": ("drift", "#b54100"), "failed": ("failed", "#7a2d86"),
    "overdue": ("overdue", "#6f5300"), "pending": ("pending", "#6f5300"), "recovering": ("recovering", "#6f5300"),
    "changed": ("changed", "#4d5a75"), "warm_up": ("warm-up", "#4d5a75"), "check_failed": ("check failed", "#b54100"),
    "none": ("no runs", "#5a606b"),
}  # fmt: skip
NARROW, WIDE = 6.6, 12.0  # pixels a character at 11 px; the SVG fits its text to them


class Badge(NamedTuple):
    """A badge's text, left and right, and its colour."""

    label: str
    message: str
    color: str


def make_badge(view: MonitorView) -> Badge:
    """Return a monitor's badge: its state, the drift share of its last successful run, and its last run date."""
    word, color = LOOKS[choose_look(view)]
    last, record = (view.runs[-1] if view.runs else None), view.last_success
    dismissed = last is not None and last.verdict != last.status
    shows_share = record and not record.budgeted and not dismissed and word in ("healthy", "drift")
    share = f" {percent(record.drift_share or 0.0)}" if record and shows_share else ""
    if word == "warm-up" and view.warm_up:
        word = "warm-up {} of {}".format(*view.warm_up)
    date = f" · {say_day(last.run_date)}" if last else ""
    return Badge(one_line(view.title, 40), f"{word}{share}{date}", color)


def badge_json(badge: Badge) -> str:
    """Return the badge for https://shields.io/badges/endpoint-badge."""
    return json.dumps({"schemaVersion": 1, **badge._asdict()}) + "\n"


def badge_svg(badge: Badge) -> str:
    """Return the badge as an SVG."""
    left, right = estimate_width(badge.label), estimate_width(badge.message)
    return get_template("badge.svg.j2").render(badge=badge, left=left, right=right)


def estimate_width(text: str) -> float:
    """Return a text's approximate width in pixels; the SVG stretches or squeezes the text to it."""
    return round(sum(WIDE if unicodedata.east_asian_width(char) in "WF" else NARROW for char in text), 1)
