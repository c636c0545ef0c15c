"""Propose to compare the newest days of one table with the days before."""

import datetime as dt
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.rows import text
from driftmonitor.analysis.starting import window_words, windows
from driftmonitor.analysis.starting.columns import describe_columns
from driftmonitor.analysis.starting.facts import Facts
from driftmonitor.analysis.starting.knowing import find_ideas, know, parameters_of
from driftmonitor.analysis.starting.look import Look
from driftmonitor.analysis.starting.tables import Tables
from driftmonitor.analysis.starting.trends import find_trends
from driftmonitor.analysis.starting.whole_days import Day, find_whole
from driftmonitor.analysis.starting.windows import Windows
from driftmonitor.config.data_settings import parse_window
from driftmonitor.config.proposal import Proposal
from driftmonitor.facts.judgement import FALSE_ALARMS_PER_YEAR
from driftmonitor.formats import counted, one_line


def propose_one(tables: Tables, look: Look, time: Facts, today: dt.date, explores: bool = False) -> Proposal:
    """Return what to write for a table whose rows have a `time`; DriftMonitorError if they are of too few days.

    If one `explores`, the last year of days is left to be compared.
    """
    whole, newest, first = find_whole(_days(look, time))
    days = [(each.day, each.rows) for each in whole]
    given = look.given.get("reference_window")
    chosen = windows.choose(
        windows.leave_a_year(days) if explores and not given else days, parse_window(given) if given else None
    )
    if chosen is None:
        raise DriftMonitorError(
            f"{tables.where} has rows of fewer than two days, so nothing to compare them with; "
            "name a second file: init REFERENCE CURRENT."
        )
    first = first if chosen.first == whole[0].day else []
    trends = find_trends(look.overview, look.columns, time, chosen.first, chosen.run_date)
    notes, unsure = describe_columns(look.overview, look.columns, know(look, chosen.judged_rows, time, trends))
    return Proposal(
        summary=f"{counted(time.rows, 'row')} from {time.low:%Y-%m-%d} to {time.high:%Y-%m-%d}"
        + ("." if explores else f", {window_words.explain_length(chosen)}."),
        parameters=parameters_of(look, look.locations) | _cut(chosen, time) | look.knobs,
        columns=notes,
        comments={
            "reference": "the current data is taken from the same table",
            "reference_window": f"{counted(chosen.reference_rows, 'row')}"
            + ("" if given else "; better the days of your training data"),
            "current_days": f"the days up to the run date: {counted(chosen.current_rows, 'row')}",
            "monitor": f"alerts {window_words.explain_rule(chosen)}",
        },
        sides=_sides(chosen),
        unsure=(*filter(None, [tables.question]), *newest, *first, *_doubts(look, chosen, time), *unsure),
        ideas=find_ideas(look, notes),
        run_date=None if chosen.run_date >= today - dt.timedelta(days=1) else chosen.run_date,
        days=tuple(each.day for each in whole if each.day > chosen.last),
    )


def _cut(chosen: Windows, time: Facts) -> dict[str, Any]:
    """Return the parameters that cut the table, and the alert rule."""
    return {
        "time_column": time.name,
        "reference_window": f"{chosen.first}/{chosen.last}",
        "current_days": chosen.current_days,
        "monitor": {"alert": {"rule": "budget", "false_alarms_per_year": FALSE_ALARMS_PER_YEAR}},
    }


def _sides(chosen: Windows) -> dict[str, str]:
    current = f"{chosen.start} to {chosen.run_date}" if chosen.current_days > 1 else f"{chosen.run_date}"
    return {
        "reference": f"{chosen.first} to {chosen.last}, {counted(chosen.reference_days, 'day')}, "
        f"{counted(chosen.reference_rows, 'row')}",
        "current": f"{current}, {counted(chosen.current_days, 'day')}, {counted(chosen.current_rows, 'row')}",
        "alert": window_words.explain_rule(chosen),
    }


def _doubts(look: Look, chosen: Windows, time: Facts) -> list[str]:
    """Return what is not sure of the time column and the windows."""
    doubts = [
        *look.layout,
        *filter(None, [window_words.explain_left_out(chosen), window_words.explain_few(chosen)]),
    ]
    if look.others:
        others = ", ".join(map(one_line, look.others))
        doubts.append(f"{others} could be the time column, too; windows are cut by {one_line(time.name)}")
    return doubts


def _days(look: Look, time: Facts) -> list[Day]:
    moment = time.column
    if "timezone" in look.given and time.kind.endswith("TIME ZONE"):
        moment = f"timezone({text(look.given['timezone'])}, {moment})"
    moment = f"CAST({moment} AS TIMESTAMP)"
    seconds = f"epoch({moment}) - epoch(date_trunc('day', {moment}))"
    finite = f"isfinite(CAST({time.column} AS TIMESTAMP))"
    asked = f"CAST({moment} AS DATE) AS day, count(*), min({seconds}), max({seconds})"
    query = f"SELECT {asked} FROM all_rows WHERE {finite} GROUP BY 1 ORDER BY 1"  # noqa: S608
    return [Day(*found) for found in look.overview.ask(query)]
