"""A monitor's badge, with its date: as shields.io's endpoint reads it, and as a picture of the site's own."""

import json
import unicodedata
from typing import NamedTuple

from driftmonitor.formats import one_line, percent
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.templates import environment, say_day
from driftmonitor.pipeline.pages.wording import state_key

# State -> its word, and a colour on which white is readable (contrast at least 4.5).
LOOKS = {
    "healthy": ("healthy", "#17674e"), "drift": ("drift", "#b54100"), "failed": ("failed", "#7a2d86"),
    "overdue": ("overdue", "#6f5300"), "pending": ("pending", "#6f5300"), "recovering": ("recovering", "#6f5300"),
    "none": ("no runs", "#5a606b"),
}  # fmt: skip
NARROW, WIDE = 6.6, 12.0  # pixels a character at 11 px; the picture's text is fitted to them


class Badge(NamedTuple):
    """What a badge says, left and right, and its colour."""

    label: str
    message: str
    color: str


def make_badge(view: MonitorView) -> Badge:
    """Return a monitor's badge: its state, the share of the last good run, and that run's date."""
    word, color = LOOKS[state_key(view)]
    last = view.runs[-1] if view.runs else None
    dismissed = last is not None and last.verdict != last.status
    told = view.good and not view.good.budgeted and not dismissed and word in ("healthy", "drift")
    share = f" {percent(view.good.drift_share or 0.0)}" if told else ""
    date = f" · {say_day(last.run_date)}" if last else ""
    return Badge(one_line(view.title, 40), f"{word}{share}{date}", color)


def badge_json(badge: Badge) -> str:
    """Return the badge for https://shields.io/badges/endpoint-badge."""
    return json.dumps({"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.color}) + "\n"


def badge_svg(badge: Badge) -> str:
    """Return the badge as a picture."""
    left, right = width(badge.label), width(badge.message)
    return environment().get_template("badge.svg.j2").render(badge=badge, left=left, right=right)


def width(text: str) -> float:
    """Return about how many pixels a text takes; the picture then stretches or squeezes it to that."""
    return round(sum(WIDE if unicodedata.east_asian_width(char) in "WF" else NARROW for char in text), 1)
