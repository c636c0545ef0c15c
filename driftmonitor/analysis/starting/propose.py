"""Propose a monitor of data that nobody has described yet: look once at everything, then decide what to compare."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.rows import text
from driftmonitor.analysis.starting import windows
from driftmonitor.analysis.starting.calendar import find_parts
from driftmonitor.analysis.starting.columns import Known, describe_columns, find_copies, find_frequent
from driftmonitor.analysis.starting.facts import Facts
from driftmonitor.analysis.starting.look import Look
from driftmonitor.analysis.starting.tables import Choose, Tables, name_tables, split_daily
from driftmonitor.config.proposal import ColumnNote, Proposal, is_query
from driftmonitor.formats import counted, one_line

LARGE = 100_000  # rows, from which a side is sampled


def propose(arguments: Sequence[str], given: Mapping[str, Any], today: dt.date, choose: Choose) -> Proposal:
    """Return what to write for the tables that `arguments` name; `given` parameters are taken as they are."""
    tables = name_tables(arguments, choose)
    look = Look(tables, given, choose)
    if tables.are_two:
        return _propose_two(tables, look)
    time = look.find_time(today)
    if time is None and tables.daily:
        tables = split_daily(tables.daily)
        return _propose_two(tables, Look(tables, given, choose))
    if time is None:
        raise DriftMonitorError(
            f"{_where(tables)} has no column of dates, so its rows cannot be split into reference and current; "
            "name a second file: init REFERENCE CURRENT."
        )
    return _propose_windows(tables, look, time, today)


def _propose_two(tables: Tables, look: Look) -> Proposal:
    counts: dict[str, int] = dict(look.overview.ask("SELECT side, count(*) FROM all_rows GROUP BY side"))
    known = _know(look, None, counts["current"])
    notes, unsure = describe_columns(look.overview, look.columns, known)
    unsure = [*([tables.question] if tables.question else []), *unsure]
    comments = {"current": "{date} becomes the run date"} if tables.run_date else {}
    sides = {side: f"{counted(rows, 'row')} of {one_line(tables.looked_at[side], 80)}" for side, rows in counts.items()}
    return Proposal(
        summary=f"{counted(counts['reference'], 'row')} are the reference, {counts['current']:,} the current data.",
        parameters=_parameters(look, tables.written),
        columns=notes, comments=comments, sides={side: sides[side] for side in ("reference", "current")},
        unsure=tuple(unsure), ideas=_ideas(look, notes), run_date=tables.run_date,
    )  # fmt: skip


def _propose_windows(tables: Tables, look: Look, time: Facts, today: dt.date) -> Proposal:
    chosen = windows.choose(_days(look, time))
    where = tables.looked_at["reference"]
    if chosen is None:
        raise DriftMonitorError(
            f"{_where(tables)} has rows of too few days to compare some with others; name a second file."
        )
    known = _know(look, time, chosen.current_rows)
    notes, unsure = describe_columns(look.overview, look.columns, known)
    if look.others:
        unsure.insert(0, f"{', '.join(map(one_line, look.others))} could be the time column, too; windows are cut by "
                         f"{one_line(time.name)}")  # fmt: skip
    if chosen.incomplete is not None:
        unsure.insert(0, f"the newest day has only {counted(chosen.incomplete, 'row')}, so the day before is taken")
    parameters = _parameters(look, {"reference": where}) | {
        "time_column": time.name,
        "reference_window": f"{chosen.first}/{chosen.last}",
        "current_days": chosen.current_days,
    }
    current = f"{chosen.start} to {chosen.run_date}" if chosen.current_days > 1 else f"{chosen.run_date}"
    return Proposal(
        summary=f"{counted(time.rows, 'row')} from {time.low:%Y-%m-%d} to {time.high:%Y-%m-%d}, "
                f"{windows.explain_length(chosen)}.",
        parameters=parameters,
        columns=notes,
        comments={
            "reference": "the current data is taken from the same table",
            "reference_window": f"{counted(chosen.reference_rows, 'row')}; better: the days your model was trained on",
            "current_days": f"the days up to the run date; {windows.explain_length(chosen)}",
        },
        sides={
            "reference": f"{chosen.first} to {chosen.last}, {counted((chosen.last - chosen.first).days + 1, 'day')}, "
                         f"{counted(chosen.reference_rows, 'row')}",
            "current": f"{current}, {counted(chosen.current_days, 'day')}, {counted(chosen.current_rows, 'row')}",
        },
        unsure=tuple(unsure), ideas=_ideas(look, notes),
        run_date=None if chosen.run_date >= today - dt.timedelta(days=1) else chosen.run_date,
    )  # fmt: skip


def _days(look: Look, time: Facts) -> list[tuple[dt.date, int]]:
    moment = time.column
    if "timezone" in look.given and time.kind.endswith("TIME ZONE"):
        moment = f"timezone({text(look.given['timezone'])}, {moment})"
    day = f"CAST(CAST({moment} AS TIMESTAMP) AS DATE)"
    finite = f"isfinite(CAST({time.column} AS TIMESTAMP))"
    query = f"SELECT {day} AS day, count(*) FROM all_rows WHERE {finite} GROUP BY 1 ORDER BY 1"  # noqa: S608
    return [(day, rows) for day, rows in look.overview.ask(query)]


def _know(look: Look, time: Facts | None, current_rows: int) -> Known:
    parts = find_parts(look.overview, look.columns, time) if time else {}
    copies = find_copies(look.overview, look.columns)
    frequent = find_frequent(look.overview, look.columns, current_rows)
    return Known(time, parts, copies, look.stands_in, frequent, current_rows)


def _parameters(look: Look, locations: Mapping[str, str]) -> dict[str, Any]:
    source = "sql" if any(map(is_query, locations.values())) else "files"
    timezone = {"timezone": look.given["timezone"]} if "timezone" in look.given else {}
    return {"source": source, **locations, **({"read": look.read} if look.read else {}), **timezone}


def _ideas(look: Look, notes: Sequence[ColumnNote]) -> tuple[str, ...]:
    """Return what could be added: segments, and a key if a side is sampled."""
    watched = {note.name for note in notes if not note.ignored}
    segments = [
        f.name for f in look.columns if f.name in watched and (f.is_text or f.kind == "BOOLEAN") and len(f.levels) > 1
    ]
    keys = [f.name for f in look.columns if f.distinct == f.rows > LARGE and not f.is_time and not f.fractions]
    ideas = []
    if segments:
        ideas.append(
            f"Segments that are worth a look of their own: {', '.join(one_line(name) for name in segments[:5])}."
        )
    ideas.append(
        "Real data varies from day to day: `monitor: {alert: {rule: budget}}` allows for that (docs/alerts.md)."
    )
    if keys:
        ideas.append(
            f"{one_line(keys[0])} is unique in each row: `sample_key` can name it, so that samples stay the same."
        )
    return tuple(ideas)


def _where(tables: Tables) -> str:
    return one_line(tables.looked_at["reference"], 200)
