"""Merge two copies of a history that went separate ways: the newer run wins, and what was sent stays sent."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from driftmonitor.pipeline.alerts.messages import withdraw
from driftmonitor.pipeline.clock import LATEST
from driftmonitor.pipeline.history.database import Database
from driftmonitor.pipeline.history.outbox_rows import EVENT, FINAL, state_of
from driftmonitor.pipeline.history.sqlite_file import write_to_one_file
from driftmonitor.pipeline.history.tables import ALL, FORGOTTEN
from driftmonitor.pipeline.history.transfer import OF_RUN, Tables, add
from driftmonitor.regular_files import parse_json

RUN = ("monitor", "run_date")
ROW = (*EVENT, "channel")
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
Row = dict[str, Any]


def merge_files(ours: Path, theirs: Path, latest: dt.datetime = LATEST) -> set[tuple[str, Any]]:
    """Merge the history at `theirs` into the one at `ours`; return the keys of the runs taken from there.

    No other process may have `ours` open, because its file is replaced.
    """
    tables = _read(ours), _read(theirs)
    merged = ours.with_name(f".{ours.name}.merged")
    _remove(merged)
    database = Database(merged)
    try:
        database.write(lambda connection: add(connection, merge(*tables, latest)))
    finally:
        database.close()
    write_to_one_file(merged)
    _remove(ours)
    merged.replace(ours)
    return _taken(*tables, latest)


def merge(ours: Tables, theirs: Tables, latest: dt.datetime = LATEST) -> Tables:
    """Return the tables of both. If both have a run, the one recorded later counts, with its rows in other tables.

    A time after `latest` was written by a clock that was ahead, and counts as the earliest.
    """
    taken = _taken(ours, theirs, latest)

    def winners(name: str) -> list[Row]:
        mine = [row for row in ours[name] if _key(row, RUN) not in taken]
        return mine + [row for row in theirs[name] if _key(row, RUN) in taken]

    forgotten = {_key(row, RUN) for row in winners("runs") if row["status"] == FORGOTTEN}
    corrected = {_key(row, EVENT) for row in winners("events")}
    sent = {_key(row, EVENT) for side in (ours, theirs) for row in side["outbox"] if row["said"] or row["lease"]}

    def stays(row: Row) -> bool:
        return _key(row, RUN) not in forgotten or ("event" in row and _key(row, EVENT) in corrected | sent)

    events = _union(ours["events"], theirs["events"], EVENT, lambda a, b: _newer_event(a, b, taken))
    events = [
        _withdraw(row) if _key(row, RUN) in forgotten and _key(row, EVENT) not in corrected else row
        for row in filter(stays, events)
    ]
    outbox = list(filter(stays, _union(ours["outbox"], theirs["outbox"], ROW, _further_delivered)))
    events_by_key = {_key(event, EVENT): event for event in events}
    return {
        "monitors": _union(ours["monitors"], theirs["monitors"], ("name",), lambda a, _: a),
        "runs": winners("runs"),
        **{name: winners(name) for name in sorted(OF_RUN)},
        "labels": list(
            filter(stays, _union(ours["labels"], theirs["labels"], RUN, partial(_later, "labelled_at", latest=latest)))
        ),
        "events": events,
        "outbox": [_with_state(row, events_by_key[_key(row, EVENT)]) for row in outbox],
        "reference_days": _union(
            ours["reference_days"], theirs["reference_days"], ("monitor",), partial(_later, "found_at", latest=latest)
        ),
    }


def _taken(ours: Tables, theirs: Tables, latest: dt.datetime) -> set[tuple[str, Any]]:
    """Return the keys of the runs that were recorded later in theirs."""
    recorded_at = {_key(row, RUN): _known(row["recorded_at"], latest) for row in ours["runs"]}
    return {
        key
        for row in theirs["runs"]
        if (key := _key(row, RUN)) not in recorded_at or _known(row["recorded_at"], latest) > recorded_at[key]
    }


def _newer_event(ours: Row, theirs: Row, taken: set[tuple[str, Any]]) -> Row:
    newer = theirs if _key(ours, RUN) in taken else ours
    return newer | {"spread": ours["spread"] or theirs["spread"]}


def _withdraw(event: Row) -> Row:
    """Return an event of a forgotten run as no longer true: one side sent its message when the other forgot the run."""
    try:
        title = f"{parse_json(event['payload'])['title']}"
    except (ValueError, KeyError, TypeError):  # damaged
        title = event["monitor"]
    return event | {"holds": False, "payload": withdraw(event["event"], event["run_date"], title, "")}


def _known(moment: dt.datetime, latest: dt.datetime) -> dt.datetime:
    return moment if moment <= latest else NEVER


def _later(moment: str, ours: Row, theirs: Row, latest: dt.datetime) -> Row:
    return theirs if _known(theirs[moment], latest) > _known(ours[moment], latest) else ours


def _further_delivered(ours: Row, theirs: Row) -> Row:
    """Return the row that is further on its way: what one side has sent, the other must not send again."""
    rank = {"sent": 2, **dict.fromkeys(FINAL, 2), "leased": 1}

    def progress(row: Row) -> tuple[int, int, int]:
        return row["said"], rank.get(row["state"], 0), row["attempts"]

    return theirs if progress(theirs) > progress(ours) else ours


def _with_state(row: Row, event: Row) -> Row:
    """Return a row of the outbox in the state that the merged event asks for."""
    if row["state"] in ("leased", *FINAL):
        return row
    return row | {"state": state_of(event["holds"], event["mute"], row["heard"])}


def _union(ours: Iterable[Row], theirs: Iterable[Row], key: tuple, choose: Callable[[Row, Row], Row]) -> list[Row]:
    rows = {_key(row, key): row for row in ours}
    for row in theirs:
        mine = rows.get(_key(row, key))
        rows[_key(row, key)] = row if mine is None else choose(mine, row)
    return list(rows.values())


def _key(row: Row, names: Iterable[str]) -> tuple:
    return tuple(row[name] for name in names)


def _read(path: Path) -> Tables:
    database = Database(path)
    try:
        with database.reading() as connection:
            return {table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()] for table in ALL}
    finally:
        database.close()


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
