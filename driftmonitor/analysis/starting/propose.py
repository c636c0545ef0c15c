"""Propose a monitor of data that nobody has described yet: look once at everything, then decide what to compare."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.starting.columns import describe_columns
from driftmonitor.analysis.starting.daily_files import doubt_days, say_days, split_daily
from driftmonitor.analysis.starting.knowing import find_ideas, know, parameters_of
from driftmonitor.analysis.starting.look import Look
from driftmonitor.analysis.starting.one_table import propose_one
from driftmonitor.analysis.starting.tables import Choose, Tables, name_tables
from driftmonitor.config.proposal import Proposal
from driftmonitor.formats import counted, one_line

SIDES = ("reference", "current")
WIDTH = 160  # of a path that is shown
VARIES = "Real data varies from day to day: `monitor: {alert: {rule: budget}}` allows for that (docs/alerts.md)."


def propose(
    arguments: Sequence[str], given: Mapping[str, Any], today: dt.date, choose: Choose, explores: bool = False
) -> Proposal:
    """Return what to write for the tables that `arguments` name; `given` parameters are taken as they are.

    If one `explores`, the last year of one table is left to be compared.
    """
    tables = name_tables(arguments, choose)
    look = Look(tables, given, choose)
    if tables.are_two:
        return _propose_two(tables, look)
    time = look.find_time(today)
    if time is None and tables.daily:
        tables = replace(split_daily(tables.daily), question=tables.question)
        return _propose_two(tables, Look(tables, given, choose))
    time = time or look.make_date()
    if time is None:
        raise DriftMonitorError(
            f"{tables.where} has no column of dates, so its rows cannot be split into reference and current; "
            f"{tables.remedy}."
        )
    return propose_one(tables, look, time, today, explores)


def _propose_two(tables: Tables, look: Look) -> Proposal:
    counts: dict[str, int] = dict(look.overview.ask("SELECT side, count(*) FROM all_rows GROUP BY side"))
    notes, unsure = describe_columns(look.overview, look.columns, know(look, counts["current"]))
    unsure = [*filter(None, (tables.question, doubt_days(tables.reference_days))), *look.layout, *unsure]
    comments = {"current": "{date} becomes the run date"} if tables.run_date else {}
    return Proposal(
        summary=f"{counted(counts['reference'], 'row')} are the reference, {counts['current']:,} the current data.",
        parameters=parameters_of(look, tables.written) | look.knobs,
        columns=notes, comments=comments, sides=_sides(tables, counts),
        unsure=tuple(unsure), ideas=(*find_ideas(look, notes), VARIES), run_date=tables.run_date,
    )  # fmt: skip


def _sides(tables: Tables, counts: dict[str, int]) -> dict[str, str]:
    said = {side: f"{counted(counts[side], 'row')} of {one_line(tables.looked_at[side], WIDTH)}" for side in SIDES}
    if tables.reference_days:
        said["reference"] += f" ({say_days(tables.reference_days)})"
    if tables.run_date:
        said["each day"] = f"{one_line(tables.written['current'], WIDTH)}, where {{...}} is the run date"
    return said | {"alert": "by the share of drifted columns; each run says how many false alarms to expect"}
