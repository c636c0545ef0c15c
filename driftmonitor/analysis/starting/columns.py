"""Say of each column what it was read as and which values it has, and propose what not to watch.

What is shown is a span of numbers or dates, or the values of a category with few of them: never free text, and of an
identifier no value at all.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from driftmonitor.analysis.columns import ID_NAME, NEARLY_ALL
from driftmonitor.analysis.sources.overview import Overview
from driftmonitor.analysis.starting.calendar import OTHER
from driftmonitor.analysis.starting.facts import FEW_LEVELS, Facts
from driftmonitor.analysis.starting.missing_words import find_words
from driftmonitor.config.proposal import ColumnNote
from driftmonitor.formats import counted, one_line, percent, show_category, some_names

PADDING = re.compile(r"(column\d+|Unnamed: ?\d+)?")  # how columns without a name are called
FEWEST_FOR_ID = 20  # values, before that they are all different says something
SURE_OF_ID = 1000
ROWS_A_LEVEL = 5  # that a category should have in the current data
HALF = 0.5  # of the rows, whose category should have as many
TREND = "with time"
FIRST = {"d": "day", "m": "month", "y": "year"}  # of dates that are no ISO dates, by strptime's directive


@dataclass(frozen=True)
class Known:
    """What is known of all columns together: the time column, its parts, copies, and how many rows are compared.

    `trends` are the columns of numbers that rise or fall with time. `frequent` is the share of rows whose text is
    frequent enough to be compared, by column with many texts.
    """

    time: Facts | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    trends: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stands_in: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    frequent: Mapping[str, float] = field(default_factory=dict)
    current_rows: int = 0


def describe_columns(
    overview: Overview, columns: Sequence[Facts], known: Known
) -> tuple[tuple[ColumnNote, ...], list[str]]:
    """Return a note on each column, and what is not sure."""
    notes, unsure = [], []
    for facts in columns:
        why, doubt = _why_ignored(facts, known)
        more, doubts = _remarks(overview, facts, known)
        shown = _values(facts, hidden=bool(why) and "identifier" in why)
        words = overview.formats.get(facts.name)
        read_as = f"{facts.read_as}, {FIRST[words[1].lower()]} first" if words else facts.read_as
        role = "the time column" if facts is known.time else why
        notes.append(ColumnNote(facts.name, read_as, shown, tuple(filter(None, (role, *more))), bool(why)))
        unsure += [f"{one_line(facts.name)}: {each}" for each in (doubt, *doubts) if each]
    if known.trends and not _watched(notes, known):
        return describe_columns(overview, columns, replace(known, trends={}))
    refused = (said.rstrip(".") for said in overview.refused)
    return tuple(notes), [*refused, *_say_trends(notes, known), *_stand_ins(known), *unsure, *_say_none(notes, known)]


def _watched(notes: Sequence[ColumnNote], known: Known) -> bool:
    return any(not note.ignored and not (known.time and note.name == known.time.name) for note in notes)


def _say_none(notes: Sequence[ColumnNote], known: Known) -> list[str]:
    return [] if _watched(notes, known) else ["no column is left to compare; remove an `ignore`"]


def _say_trends(notes: Sequence[ColumnNote], known: Known) -> list[str]:
    named = [note.name for note in notes if f"{known.trends.get(note.name)} {TREND}" in note.notes]
    if len(named) == 1:
        why = f"{known.trends[named[0]]} {TREND}, so it always differs from the reference and is ignored"
        return [f"{one_line(named[0])} {why}"]
    why = f"rise or fall {TREND}, so they always differ from the reference and are ignored"
    return [f"{some_names(named, 4)} {why}"] if named else []


def _stand_ins(known: Known) -> list[str]:
    """Return what was taken for a missing value, and in which columns."""
    columns: dict[str, list[str]] = {}
    for name, signs in known.stands_in.items():
        for sign in signs:
            columns.setdefault(str(sign), []).append(name)
    return [
        f"{sign} is read as missing in {some_names(names, 4)}; change `read` if it is a value"
        for sign, names in columns.items()
    ]


def find_frequent(overview: Overview, columns: Sequence[Facts], current_rows: int) -> dict[str, float]:
    """Return, for texts with many values, the share of rows whose text should come often enough in the current data."""
    found = {}
    for facts in columns:
        if facts.is_text and facts.distinct > FEW_LEVELS:
            levels = f"SELECT count(*) AS n FROM all_rows WHERE {facts.column} IS NOT NULL GROUP BY {facts.column}"  # noqa: S608
            often = f"n * {current_rows} >= {ROWS_A_LEVEL} * {facts.rows}"
            query = f"SELECT coalesce(sum(n) FILTER ({often}), 0) / sum(n) FROM ({levels})"  # noqa: S608
            found[facts.name] = float(overview.ask(query)[0][0])
    return found


def _why_ignored(facts: Facts, known: Known) -> tuple[str, str]:
    """Return why a column is not to be watched, "" if it is, and what is not sure of that."""
    if facts is known.time:
        return "", ""
    if not facts.values:
        return ("padding: no name and no value" if PADDING.fullmatch(facts.name) else "empty"), ""
    if facts.distinct == 1:
        return "constant" if facts.values == facts.rows else "", ""
    if facts.name in known.copies:
        return known.copies[facts.name]
    if facts.name in known.parts:
        words = known.parts[facts.name]
        if words.endswith(OTHER) or not known.time:
            return words, f"it looks like {words}, so it changes by nature and is ignored"
        doubt = f"it is {words} of {one_line(known.time.name)}, perhaps in another time zone, so it is ignored"
        return f"{words} of {one_line(known.time.name)}", doubt if words.startswith("nearly") else ""
    if facts.is_time:
        return "dates always differ from the reference", ""
    why, doubt = _identifier(facts, known)
    return (why, doubt) if why or facts.name not in known.trends else (f"{known.trends[facts.name]} {TREND}", "")


def _identifier(facts: Facts, known: Known) -> tuple[str, str]:
    n, distinct = facts.values, facts.distinct
    if facts.is_number and not facts.fractions and n >= FEWEST_FOR_ID:
        fills = distinct == n and float(facts.high) - float(facts.low) + 1 <= 1.05 * n
        if fills or (_is_called_id(facts.name) and distinct > FEW_LEVELS):
            return "identifier", ""
        if distinct == n >= SURE_OF_ID:
            return "identifier: all different", "all its numbers are different, so it is ignored as an identifier"
    if facts.is_text and n >= FEWEST_FOR_ID:
        if distinct > NEARLY_ALL * n:
            return "identifier: nearly all different", ""
        if known.frequent.get(facts.name, 1.0) < HALF:
            why = f"most of its {distinct:,} different texts are rare among {known.current_rows:,} current rows"
            return "too many different texts", f"{why}, so it is ignored"
    return "", ""


def _is_called_id(name: str) -> bool:
    """Return whether a name ends with id: order_id, Customer ID, customerId."""
    return bool(ID_NAME.fullmatch(re.sub(r"[ .-]", "_", name)) or re.search(r"[a-z]I[Dd]$", name))


def _remarks(overview: Overview, facts: Facts, known: Known) -> tuple[list[str], list[str]]:
    """Return what else is to be known of a column, and what is not sure."""
    notes, doubts = [], []
    if signs := known.stands_in.get(facts.name):
        shown = ", ".join(map(str, signs))
        notes.append(f"{shown} read as missing")
    if words := find_words(overview, facts):
        shown = ", ".join(one_line(word, 20) for word in words)
        notes.append(f"{shown} may mean missing")
        doubts.append(f"does {shown} mean missing? Then add it to read.columns, under missing")
    if remark := overview.remarks.get(facts.name):
        doubts.append(remark)
    if facts.name in overview.doubtful:
        notes.append("a few values cannot be read so")
    if side := overview.lacking.get(facts.name):
        notes.append(f"not in {side}")
    return notes, doubts


def _values(facts: Facts, hidden: bool) -> str:
    said = [_span(facts, hidden)] if facts.values else []
    if facts.missing:
        said.append(f"{percent(facts.missing)} missing")
    return ", ".join(filter(None, said))


def _span(facts: Facts, hidden: bool) -> str:
    different = f"{counted(facts.distinct, 'different value')}"
    if hidden:
        return different
    if facts.is_time:
        return f"{facts.low:%Y-%m-%d} to {facts.high:%Y-%m-%d}" if facts.low else ""
    if facts.is_number:
        ends = "" if facts.low is None else " to ".join(dict.fromkeys(_number(end) for end in (facts.low, facts.high)))
        return f"{ends}, {different}" if facts.distinct <= FEW_LEVELS and facts.distinct > 1 else ends
    if len(facts.levels) == facts.distinct and facts.levels:
        return ", ".join(show_category(level, 20) for level in facts.levels)
    return different


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else f"{value}"
