"""Read both sides alike: decide once, over all rows of both, what each column of text is, and convert it on both."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources import tables
from driftmonitor.analysis.sources.column_rules import decide, open_questions
from driftmonitor.analysis.sources.column_types import ColumnType, Marks, Profile, typed
from driftmonitor.analysis.sources.counted_column import Column, Verdict
from driftmonitor.analysis.sources.coverage import Coverage, check_days
from driftmonitor.analysis.sources.day_rows import cut_to_days
from driftmonitor.analysis.sources.number_signs import decimal_sign
from driftmonitor.analysis.sources.profiles import Asked, answer, are_whole, count_spellings, count_values
from driftmonitor.analysis.sources.refused import count_refused, say_refused
from driftmonitor.analysis.sources.request import LeftOut, Request, Side, SideReading
from driftmonitor.analysis.sources.rows import Rows
from driftmonitor.analysis.sources.sampling import take_side
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.analysis.sources.unreadable import find_timeless, find_unreadable
from driftmonitor.analysis.sources.windows import count_timeless, cover
from driftmonitor.analysis.sources.with_duckdb import kept, make_table
from driftmonitor.facts.record import Finding
from driftmonitor.formats import one_line

Explain = Callable[[str], AbstractContextManager[None]]  # by side: errors of DuckDB in words for people
Counts = dict[str, dict[str, Profile]]  # by side and column


@dataclass(frozen=True)
class Sides:
    """Both sides' rows before types are decided, and how an error of DuckDB about one is explained."""

    backend: Backend
    request: Request
    rows: Mapping[str, Rows]
    explain: Explain


def take_sides(sides: Sides, where: Mapping[str, str]) -> dict[str, Side]:
    """Return both sides of one day, read alike; `where` names in an error what each comes from."""
    memory, opened = sides.request.memory, [rows.opened for rows in sides.rows.values()]
    verdicts = memory.recall("verdicts", opened, lambda: decide_columns(sides))
    remarks = say_remarks(verdicts)
    taken: dict[str, Side] = {}
    covered: dict[str, Coverage] = {}
    for side, rows in sides.rows.items():
        other, own = taken.get("reference"), _read_on(side, verdicts)
        about = rows.opened, sides.request.sides[side].window, own, where[side], other and (other.total, other.left_out)
        taking = partial(_take_side, sides, side, verdicts, where[side], other)
        with sides.explain(side):
            taken[side], covered[side] = memory.recall(f"rows taken of {side}", about, taking)
    with sides.explain("reference"):
        remarks += check_days(covered, sides.request.time_column)
    taken["reference"] = replace(taken["reference"], findings=(*remarks, *taken["reference"].findings))
    return taken


def _read_on(side: str, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Return what verdicts say of one side."""
    return {name: verdict.on(side) for name, verdict in verdicts.items() if side in verdict.types}


def say_remarks(verdicts: Mapping[str, Verdict]) -> list[Finding]:
    """Return what readers should know of how columns are read."""
    return [
        Finding(kind="reading", column=name, message=f"{one_line(name)}: {verdict.remark}.")
        for name, verdict in verdicts.items()
        if verdict.remark
    ]


def _take_side(
    sides: Sides, side: str, verdicts: Mapping[str, Verdict], where: str, other: Side | None
) -> tuple[Side, Coverage]:
    """Return one side, and the days on which it has rows; the `other` side may have been taken before."""
    backend, request, rows, read = sides.backend, sides.request, sides.rows[side], _types_of(side, verdicts)
    whole = open_table(sides, side, verdicts)
    within = cut_to_days(request, whole)
    unreadable = find_unreadable(backend, request, rows, within, read)
    with kept(backend, rows, within) as table:
        found = take_side(request, table, where)
        days = cover(request, table, found.days, _order(sides, side, read))
    left_out, findings = _find_left_out(sides, whole, verdicts, found.total, other)
    found = replace(found, unreadable=unreadable.counts, findings=(*findings, *unreadable.findings), left_out=left_out)
    return replace(found, reading=_explain_reading(found.reading, rows, verdicts)), days


def _explain_reading(reading: SideReading | None, rows: Rows, verdicts: Mapping[str, Verdict]) -> SideReading | None:
    """Return what was read with the reasons that only its text shows."""
    why = dict.fromkeys(rows.partitions, "the name of a folder")
    why |= {name: verdict.why for name, verdict in verdicts.items() if verdict.why}
    return reading and replace(reading, why=why)


def _find_left_out(
    sides: Sides, whole: Table, verdicts: Mapping[str, Verdict], inside: int, other: Side | None
) -> tuple[LeftOut | None, list[Finding]]:
    """Return how many rows of a side are left out, and findings for those that are in no window or no rows at all.

    What one table leaves out of two windows was found with the `other` side.
    """
    request, rows = sides.request, sides.rows[whole.side]
    if request.same_table and other and (known := other.left_out):
        return replace(known, outside=other.total + (known.outside or 0) - inside), []
    refused = count_refused(rows.parts)
    findings = say_refused("reference and current" if request.same_table else whole.side, rows.parts)
    if not request.sides[whole.side].window:
        return LeftOut(outside=0, refused=refused) if refused else None, findings
    counting = partial(_count_timeless, whole, request.time_column, verdicts.get(request.time_column))
    total, timeless = request.memory.recall(f"rows of {whole.side} without a time", whole, counting)
    if timeless:
        read = _types_of(whole.side, verdicts)
        findings += find_timeless(sides.backend, request, rows, whole, read, timeless)
    return LeftOut(total - inside - timeless, timeless, refused), findings


def _count_timeless(whole: Table, time_column: str, verdict: Verdict | None) -> tuple[int, int]:
    """Return how many rows a side has, and how many of them have no time; those of text are counted by now."""
    if verdict and not verdict.doubtful and (counts := verdict.counts.get(whole.side)):
        return counts["rows"], counts["rows"] - counts["n"]
    return tables.count_rows(whole), count_timeless(whole, time_column)


def _order(sides: Sides, side: str, read: Mapping[str, ColumnType]) -> str:
    """Return the format of dates that a user gave for all columns, if the time column is read by it."""
    name, settings = sides.request.time_column, sides.rows[side].settings
    given = settings.of_column(side, name).date_format or ""
    return given if name in read and not settings.names_format(side, name) else ""


def open_table(sides: Sides, side: str, verdicts: Mapping[str, Verdict]) -> Table:
    """Return one side's rows, converted as was decided."""
    rows, read = sides.rows[side], _types_of(side, verdicts)
    open_names = {name for name in read if verdicts[name].doubtful} | set(rows.faulty)
    doubtful = {name: read.get(name) or typed(rows.kind_of(name)) for name in rows.names if name in open_names}
    making = partial(make_table, sides.backend, rows, read, doubtful, sides.request)
    return sides.request.memory.recall(f"table of {side}", (rows.opened, read, doubtful), making)


def _types_of(side: str, verdicts: Mapping[str, Verdict]) -> dict[str, ColumnType]:
    return {name: verdict.types[side] for name, verdict in verdicts.items() if side in verdict.types}


def decide_columns(sides: Sides) -> dict[str, Verdict]:
    """Return how each column of text is read: all columns of text files, text beside another type, times."""
    names = {side: [n for n in rows.names if _is_counted(sides, side, n)] for side, rows in sides.rows.items()}
    counts = _count(sides, names, "sights", count_values)
    columns = {name: _describe(sides, name, counts) for name in dict.fromkeys(n for own in names.values() for n in own)}
    questions = {name: found for name, column in columns.items() if (found := open_questions(column))}
    open_names = {side: [n for n in own if n in questions] for side, own in names.items()}
    more = _count(sides, open_names, "answers", answer(questions), questions)
    for side, own in more.items():
        for name, profile in own.items():
            counts[side][name].update(profile)
    decimals = {side: sign for side, own in counts.items() if (sign := _find_decimal(sides.rows[side], own.values()))}
    known = {name: replace(column, decimals=decimals) for name, column in columns.items()}
    return {name: decide(column) for name, column in known.items()}


def _find_decimal(rows: Rows, counts: Iterable[Profile]) -> str:
    """Return the decimal sign that columns of a side show, "" if they show none or two."""
    found = {decimal_sign(profile, rows.commas_in_fields) for profile in counts} - {""}
    return found.pop() if len(found) == 1 else ""


def _is_counted(sides: Sides, side: str, name: str) -> bool:
    """Return whether a column is text whose type is not known yet, or that is beside another type or undecided text."""
    rows = sides.rows[side]
    if rows.is_text(name):
        return True
    others = [own for other, own in sides.rows.items() if other != side and name in own.names]
    is_open = name == sides.request.time_column or any(own.kind_of(name) != "VARCHAR" for own in others)
    return rows.kind_of(name) == "VARCHAR" and is_open


def _beside(sides: Sides, side: str, name: str) -> str | None:
    """Return the type in DuckDB that a column has on the other side, None if that is text of a file."""
    return next((rows.kind_of(name) for other, rows in sides.rows.items() if other != side), None)


def _count(
    sides: Sides,
    names: Mapping[str, list[str]],
    what: str,
    count: Callable[..., dict[str, Profile]],
    questions: Mapping[str, Sequence[str]] | None = None,
) -> Counts:
    """Return the counts of both sides; the same rows are counted once. `questions` are those that `count` asks."""
    found: Counts = {}
    for side, rows in sides.rows.items():
        asked = tuple(_ask(rows, name) for name in names[side])
        first = next(each for each, own in sides.rows.items() if own.opened is rows.opened)  # one table has one count
        about = rows.opened, asked, [(questions or {}).get(each.name) for each in asked]
        with sides.explain(side):
            counts = sides.request.memory.recall(
                f"{what} of {first}", about, partial(count, sides.backend, rows, asked)
            )
        found[side] = {name: profile.copy() for name, profile in counts.items()}
    return found


def _ask(rows: Rows, name: str) -> Asked:
    settings = rows.settings.of_column(rows.side, name)
    marks = Marks(settings.decimal_sign, settings.thousands or "")
    return Asked(name, marks, settings.date_format or "", settings.only_missing is None)


def _describe(sides: Sides, name: str, counts: Counts) -> Column:
    own = {side: sides.rows[side] for side in sides.rows if name in counts[side]}
    asked = {side: _ask(rows, name) for side, rows in own.items()}
    other = next((rows for side, rows in sides.rows.items() if side not in own and name in rows.names), None)
    return Column(
        name=name,
        counts={side: counts[side][name] for side in own},
        beside=next((kind for side in own if (kind := _beside(sides, side, name))), None),
        named=sides.request.kinds.get(name),
        is_time=name == sides.request.time_column,
        marks={side: each.marks for side, each in asked.items()},
        signed=frozenset(side for side, rows in own.items() if rows.settings.names_signs(side, name)),
        formats={side: each.date_format for side, each in asked.items() if each.date_format},
        sure_format=any(rows.settings.names_format(side, name) for side, rows in own.items()),
        commas_in_fields=all(rows.commas_in_fields for rows in own.values()),
        spellings=lambda: count_spellings(sides.backend, list(own.values()), next(iter(asked.values()))),
        beside_is_whole=lambda: are_whole(sides.backend, other, name) if other else None,
    )
