"""Explain the engines' errors to a user: what is wrong and what to do.

No text of a driver is shown: PostgreSQL's names host and user, and in a mistyped address a part of the password can
be read as the host.
"""

import sqlite3

from sqlalchemy import exc


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
    "28": "the server refuses this user or password; check the address",
    "3D": "the server has no such database; create it, or check the address",
    "53100": "the server's disk is full; free some space and run again",
    "53": "the server has no memory or connections left; run again later",
    "42501": "this user lacks permission; grant access to the tables, and CREATE on the schema for the first run",
    "42P07": "a table of that name already exists; use a separate database for the history",
    "42P01": "a table is missing; use a separate database for the history",
    "55P03": "locked by another process; wait for it to end",
    "57": "the server is stopping or starting; run again in a moment",
    "08": "the connection was lost; run again",
    "25006": "the server is read-only (a standby); check the address",
    "40": "too many processes write at once; run again",
}

UNREACHABLE = {
    "could not translate host": "unknown host; check the address",
    "failed to resolve": "unknown host; check the address",
    "not known": "unknown host; check the address",
    "authentication failed": POSTGRES_REASONS["28"],
    "no password supplied": POSTGRES_REASONS["28"],
    "does not exist": POSTGRES_REASONS["3D"],
    "refused": "no server answers at this address; start it, or check the address",
    "timeout": "the server does not answer in time; check the address and the firewall",
    "ssl": "the secure connection to the server failed; check sslmode in the address",
    "too many": POSTGRES_REASONS["53"],
    "starting up": POSTGRES_REASONS["57"],
}


def explain(error: BaseException) -> str | None:
    """Return what is wrong and what to do, or None for a bug in drift-monitor."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return SQLITE_REASONS.get((getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF)
    if isinstance(cause, OSError):
        return f"{cause.strerror or 'cannot be read or written'}; check the disk"
    state = _state(error)
    for prefix in sorted(POSTGRES_REASONS, key=len, reverse=True):
        if state.startswith(prefix):
            return POSTGRES_REASONS[prefix]
    if not state and isinstance(error, exc.OperationalError):
        text = str(cause).lower()
        return next((reason for hint, reason in UNREACHABLE.items() if hint in text), "the server cannot be reached")
    return None
