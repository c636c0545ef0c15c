"""Explain the engines' errors to a user: what is wrong and what to do, without a word of the drivers."""

import sqlite3

from sqlalchemy import exc

from driftmonitor.postgres_errors import UNKNOWN_OPTION, explain_state, explain_unreachable


def _state(error: BaseException) -> str:
    """Return PostgreSQL's five-character code of an error, or ''."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def may_succeed_later(error: exc.DBAPIError) -> bool:
    """Return whether the same transaction may soon succeed: after a lost connection, a deadlock or a restart."""
    if isinstance(getattr(error, "orig", None), sqlite3.Error):
        return False  # SQLite has waited already
    state = _state(error)
    refused = not state and isinstance(error, exc.OperationalError)
    return error.connection_invalidated or refused or state in ("40001", "40P01") or state.startswith(("57P", "08"))


SQLITE_REASONS = {
    sqlite3.SQLITE_BUSY: "locked by another process; wait for it to end",
    sqlite3.SQLITE_LOCKED: "locked by another process; wait for it to end",
    sqlite3.SQLITE_FULL: "the disk is full; free some space and run again",
    sqlite3.SQLITE_IOERR: "the disk could not be read or written; free some space or check the disk, and run again",
    sqlite3.SQLITE_CORRUPT: "damaged; restore a copy, or move it away to start a new history",
    sqlite3.SQLITE_NOTADB: "not a SQLite database; restore a copy, or move it away to start a new history",
    sqlite3.SQLITE_READONLY: "cannot be written; allow writing to it and to its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; allow reading and writing in its folder",
    sqlite3.SQLITE_PERM: "cannot be opened; allow reading and writing in its folder",
}

POSTGRES_REASONS = {
    "42501": "this user lacks permission; grant access to the tables, and CREATE on the schema for the first run",
    "42P07": "a table of that name already exists; use a separate database for the history",
    "42P01": "a table is missing; use a separate database for the history",
}


def explain(error: BaseException) -> str | None:
    """Return what is wrong and what to do, or None for a bug in drift-monitor."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return SQLITE_REASONS.get((getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF)
    if isinstance(cause, OSError):
        return f"{cause.strerror or 'cannot be read or written'}; check the disk"
    if state := _state(error):
        return explain_state(state, POSTGRES_REASONS)
    if isinstance(error, exc.ProgrammingError):
        return UNKNOWN_OPTION
    return explain_unreachable(str(cause)) if isinstance(error, exc.OperationalError) else None
