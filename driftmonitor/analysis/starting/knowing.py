"""Put together what is known of all columns, how they are read, and what could be added."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from driftmonitor.analysis.starting.calendar import find_named_parts, find_parts
from driftmonitor.analysis.starting.columns import HALF, Known, find_frequent
from driftmonitor.analysis.starting.copies import find_copies
from driftmonitor.analysis.starting.facts import Facts
from driftmonitor.analysis.starting.look import Look
from driftmonitor.config.proposal import ColumnNote, is_query
from driftmonitor.formats import one_line

MOST = 5  # segments that are proposed
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")  # which YAML takes for something else
LARGE = 100_000  # rows, from which a side is sampled
SCORE_NAME = re.compile(r"(?i)(^|_)(p|prob|proba|score|pred)(_|$)|(score|probability)$")


def know(look: Look, current_rows: int, time: Facts | None = None, trends: Mapping[str, str] | None = None) -> Known:
    """Return what is known of all columns together."""
    parts = find_parts(look.overview, look.columns, time) if time else find_named_parts(look.columns)
    trends = trends or {}
    frequent = find_frequent(look.overview, look.columns, current_rows)
    rare = [name for name, share in frequent.items() if share < HALF]
    times = [facts.name for facts in look.columns if facts.is_time]
    copies = find_copies(look.overview, look.columns, {*parts, *trends, *rare, *times})
    return Known(time, parts, trends, copies, look.stands_in, frequent, current_rows)


def parameters_of(look: Look, locations: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that say what is read, and how."""
    source = "sql" if any(map(is_query, locations.values())) else "files"
    timezone = {"timezone": look.given["timezone"]} if "timezone" in look.given else {}
    return {"source": source, **locations, **({"read": look.read} if look.read else {}), **timezone}


def find_ideas(look: Look, notes: Sequence[ColumnNote]) -> tuple[str, ...]:
    """Return what could be added: a model, segments, and a key if a side is sampled."""
    watched = {note.name for note in notes if not note.ignored}
    score, label = _find_model([f for f in look.columns if f.name in watched])
    watched -= {label}
    segments = [
        f.name for f in look.columns if f.name in watched and (f.is_text or f.kind == "BOOLEAN") and len(f.levels) > 1
    ]
    keys = [f.name for f in look.columns if f.distinct == f.rows > LARGE and not f.is_time and not f.fractions]
    ideas = []
    if score:
        named = f"`score: {_as_yaml(score)}` and " + (f"`label: {_as_yaml(label)}`" if label else "its `label`")
        ideas.append(f"If {one_line(score)} is what a model said, name {named}: docs/model.md.")
    if segments:
        ideas.append(f"To watch each part of the rows too: `segments: [{', '.join(map(_as_yaml, segments[:MOST]))}]`.")
    if keys:
        ideas.append(
            f"{one_line(keys[0])} is unique in each row: `sample_key` can name it, so that samples stay the same."
        )
    return tuple(ideas)


def _find_model(columns: Sequence[Facts]) -> tuple[str, str]:
    """Return the columns that may be a model's score and its label; "" where there is none, or more than one."""
    from_0_to_1 = [f for f in columns if f.is_number and 0 <= f.low <= f.high <= 1]
    scores = [f.name for f in from_0_to_1 if f.fractions and SCORE_NAME.search(f.name)]
    if len(scores) != 1:
        return "", ""
    labels = [f.name for f in columns if f.kind == "BOOLEAN"] + [f.name for f in from_0_to_1 if not f.fractions]
    return scores[0], labels[0] if len(labels) == 1 else ""


def _as_yaml(name: str) -> str:
    """Return a column's name as it can be written in a list of YAML."""
    return name if PLAIN.fullmatch(name) and name.lower() not in WORDS else json.dumps(name, ensure_ascii=False)
